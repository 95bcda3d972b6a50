variable "wait" {
  description = "Whether to wait for the lecture. Set it to false for a plan that only looks."
  type        = bool
  default     = true
}

# What belongs to the wait may stay where it is when the variable switches the wait off.
data "scriptix_session" "lecture" {
  session_id          = "def456abc123"
  wait_for_completion = var.wait
  poll_interval       = "30s"

  timeouts = {
    read = "2h"
  }
}

# Null while there is no transcript.
output "lecture_document_id" {
  value = try(data.scriptix_session.lecture.document.id, null)
}
