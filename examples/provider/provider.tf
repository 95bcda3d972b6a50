terraform {
  required_providers {
    scriptix = {
      source = "scriptix/scriptix"
    }
  }
}

# The token comes from the environment: export SCRIPTIX_API_TOKEN="..."
provider "scriptix" {}

# Waits until the recording has been transcribed, and stops Terraform if that failed.
data "scriptix_session" "meeting" {
  session_id          = "abc123def456"
  wait_for_completion = true
}

output "transcript" {
  value = data.scriptix_session.meeting.document.name
}
