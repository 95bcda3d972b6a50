variable "batch" {
  description = "Identifiers of the sessions that belong together, as the uploads returned them."
  type        = list(string)
  default     = ["abc123def456", "def456abc123"]
}

# Waits until every session of the batch has completed. One that fails is an error.
data "scriptix_sessions" "batch" {
  session_ids         = var.batch
  wait_for_completion = true
}

output "documents" {
  value = { for session in data.scriptix_sessions.batch.sessions : session.session_id => session.document.id }
}
