variable "batch" {
  description = "IDs of all sessions to publish, as the uploads returned them."
  type        = set(string)
  default     = ["abc123def456", "def456abc123"]
}

# Terraform creates ten objects at the same time, unless you set -parallelism. All waits share their polls.
resource "scriptix_session_completion" "batch" {
  for_each = var.batch

  session_id    = each.key
  poll_interval = "30s"
}

# A publication stays as long as its ID is in the set. No answer of the API destroys it.
resource "terraform_data" "transcript_page" {
  for_each = var.batch

  input = scriptix_session_completion.batch[each.key].document.id
}
