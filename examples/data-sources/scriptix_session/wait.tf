# Waits until the session completes. A failed session and a timeout are errors.
data "scriptix_session" "meeting" {
  session_id          = "def456abc123"
  wait_for_completion = true

  # Three hours of audio take up to 65 minutes.
  timeouts = {
    read = "90m"
  }
}

output "meeting_document_id" {
  value = data.scriptix_session.meeting.document.id
}
