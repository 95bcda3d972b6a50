# Planning takes no time. Applying waits here until the session has completed.
resource "scriptix_session_completion" "release_notes" {
  session_id = "fed654cba321"

  timeouts = {
    create = "90m" # three hours of audio take up to 65 minutes
  }
}

# Made when the transcript is there, and not when the session has failed.
resource "terraform_data" "publication" {
  input = scriptix_session_completion.release_notes.document.id
}
