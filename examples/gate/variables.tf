variable "session_ids" {
  description = "IDs of the sessions that have to complete, as the uploads returned them."
  type        = set(string)

  validation {
    condition     = length(var.session_ids) > 0
    error_message = "A gate without sessions is always open: name at least one session."
  }
}

variable "minimum_seconds" {
  description = "Minimum length of each recording. A short recording is often the wrong file."
  type        = number
  default     = 1
}

variable "languages" {
  description = "Language codes to accept. Null accepts all languages."
  type        = set(string)
  default     = null
}

variable "timeout" {
  description = "Time to wait for each session."
  type        = string
  default     = "75m"
}
