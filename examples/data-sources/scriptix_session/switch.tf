variable "wait" {
  description = "Whether to wait for the lecture. Set it to false for a plan that does not wait."
  type        = bool
  default     = true
}

# The other arguments of the wait can stay when the variable switches the wait off.
data "scriptix_session" "lecture" {
  session_id          = "def456abc123"
  wait_for_completion = var.wait
  poll_interval       = "30s"

  timeouts = {
    read = "2h"
  }
}

# Null until the transcript exists.
output "lecture_document_id" {
  value = try(data.scriptix_session.lecture.document.id, null)
}
