variable "session_ids" {
  description = "Identifiers of the sessions that have to complete, as the uploads returned them."
  type        = set(string)

  validation {
    condition     = length(var.session_ids) > 0
    error_message = "A gate without sessions would be open for everybody: name at least one."
  }
}

variable "minimum_seconds" {
  description = "How long each recording has to be. A short one is often the wrong file."
  type        = number
  default     = 1
}

variable "languages" {
  description = "Language codes that are accepted; null accepts all."
  type        = set(string)
  default     = null
}

variable "wait" {
  description = "Whether to wait. Without waiting, the gate is closed unless every session has completed already."
  type        = bool
  default     = true
}

variable "timeout" {
  description = "How long to wait for each session."
  type        = string
  default     = "75m"
}
