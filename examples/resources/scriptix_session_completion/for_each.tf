variable "batch" {
  description = "IDs of the sessions of the batch, as the uploads returned them."
  type        = set(string)
  default     = ["abc123def456", "def456abc123"]
}

# Terraform creates ten objects at the same time, unless you set -parallelism. All waits share their polls.
resource "scriptix_session_completion" "batch" {
  for_each = var.batch

  session_id    = each.key
  poll_interval = "30s"
}

output "documents" {
  value = { for id, completion in scriptix_session_completion.batch : id => completion.document.id }
}
