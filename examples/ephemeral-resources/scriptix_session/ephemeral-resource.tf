ephemeral "scriptix_session" "meeting" {
  session_id = "abc123def456"
}

# A program gets the recording's address. Neither the state nor a saved plan does.
resource "terraform_data" "archive" {
  provisioner "local-exec" {
    command = "curl --fail --silent --show-error --output meeting.mp3 \"$RECORDING_URL\""

    environment = {
      RECORDING_URL = ephemeral.scriptix_session.meeting.media_url
    }
  }
}
