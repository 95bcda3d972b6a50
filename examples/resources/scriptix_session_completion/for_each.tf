variable "batch" {
  description = "Identifiers of the sessions that belong together, as the uploads returned them."
  type        = set(string)
  default     = ["abc123def456", "def456abc123"]
}

# Terraform creates ten things at a time unless -parallelism says otherwise. However many wait, they share their polling.
resource "scriptix_session_completion" "batch" {
  for_each = var.batch

  session_id    = each.key
  poll_interval = "30s"
}

output "documents" {
  value = { for id, completion in scriptix_session_completion.batch : id => completion.document.id }
}
