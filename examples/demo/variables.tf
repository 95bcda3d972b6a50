variable "session_ids" {
  description = "IDs of the sessions that must complete before anything is published."
  type        = set(string)
  default     = ["board-meeting", "customer-call", "podcast", "town-hall"]
}
