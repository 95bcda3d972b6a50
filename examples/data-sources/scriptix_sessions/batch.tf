variable "batch" {
  description = "IDs of the sessions of the batch, as the uploads returned them."
  type        = list(string)
  default     = ["abc123def456", "def456abc123"]
}

# Waits until all sessions of the batch complete. A failed session is an error.
data "scriptix_sessions" "batch" {
  session_ids         = var.batch
  wait_for_completion = true
}

output "documents" {
  value = { for session in data.scriptix_sessions.batch.sessions : session.session_id => session.document.id }
}
