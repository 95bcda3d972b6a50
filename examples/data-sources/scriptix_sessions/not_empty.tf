# A new token sees no sessions. The postcondition stops Terraform before an empty list reaches anything.
data "scriptix_sessions" "archive" {
  status = "completed"

  lifecycle {
    postcondition {
      condition     = length(self.sessions) > 0
      error_message = "The list is empty: is this the token that the recordings were uploaded with?"
    }
  }
}

output "archive" {
  value = { for session in data.scriptix_sessions.archive.sessions : session.session_id => session.filename }
}
