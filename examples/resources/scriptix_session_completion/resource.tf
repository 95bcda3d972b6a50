# The plan does not wait. The apply waits here until the session completes.
resource "scriptix_session_completion" "release_notes" {
  session_id = "fed654cba321"

  timeouts = {
    create = "90m" # three hours of audio take up to 65 minutes
  }
}

# Terraform creates this when the transcript exists, and not if the session failed.
resource "terraform_data" "publication" {
  input = scriptix_session_completion.release_notes.document.id
}
