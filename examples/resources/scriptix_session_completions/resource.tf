variable "recordings" {
  description = "IDs of all sessions to publish, as the uploads returned them."
  type        = set(string)
  default     = ["abc123def456", "def456abc123"]
}

# The plan does not wait. The apply waits here until all sessions complete.
resource "scriptix_session_completions" "recordings" {
  session_ids = var.recordings

  timeouts = {
    create = "90m" # three hours of audio take up to 65 minutes
    update = "90m"
  }
}

# Publishes each transcript by itself. An ID that you add leaves the other publications as they are.
resource "terraform_data" "recording" {
  for_each = var.recordings # terraform import refuses a for_each over a resource that does not exist yet

  input = scriptix_session_completions.recordings.sessions[each.key].document.id
}

output "recordings" {
  value = { for id, session in scriptix_session_completions.recordings.sessions : id => session.document.id }
}
