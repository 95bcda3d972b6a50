variable "episodes" {
  description = "IDs of all sessions to publish, as the uploads returned them."
  type        = list(string)
  default     = ["abc123def456", "def456abc123"]
}

# Waits for at most 20 minutes, then continues with the sessions that are ready.
data "scriptix_sessions" "episodes" {
  session_ids         = var.episodes
  wait_for_completion = true
  allow_unfinished    = true

  timeouts = {
    read = "20m"
  }

  lifecycle {
    postcondition {
      condition     = anytrue([for session in self.sessions : session.document != null])
      error_message = "No transcript is ready after 20 minutes: run Terraform again."
    }
  }
}

# Creates one publication for each transcript that exists. The next run keeps these and adds the others.
# An ID that you remove from the list destroys its publication.
resource "terraform_data" "publication" {
  for_each = {
    for session in data.scriptix_sessions.episodes.sessions : session.session_id => session.document.id
    if session.document != null
  }

  input = each.value
}

output "unpublished" {
  value = [for session in data.scriptix_sessions.episodes.sessions : session.session_id if session.document == null]
}
