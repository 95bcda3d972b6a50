ephemeral "scriptix_session" "meeting" {
  session_id = "abc123def456"
}

# The program gets the URL of the recording. Terraform stores the URL neither in the state nor in a plan.
resource "terraform_data" "archive" {
  provisioner "local-exec" {
    command = "curl --fail --silent --show-error --output meeting.mp3 \"$RECORDING_URL\""

    environment = {
      RECORDING_URL = ephemeral.scriptix_session.meeting.media_url
    }
  }
}
