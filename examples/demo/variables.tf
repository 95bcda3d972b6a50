variable "awaited_sessions" {
  description = "Identifiers of the sessions that have to complete before anything is published."
  type        = set(string)
  default     = ["board-meeting", "customer-call", "podcast", "town-hall"]
}
