terraform {
  required_version = ">= 1.3" # document.name

  required_providers {
    scriptix = {
      source = "scriptix/scriptix"
    }
  }
}

# The token comes from the environment variable SCRIPTIX_API_TOKEN.
provider "scriptix" {}

# The apply waits here until the session completes. A failed session stops it.
resource "scriptix_session_completion" "meeting" {
  session_id = "abc123def456"
}

output "transcript" {
  value = scriptix_session_completion.meeting.document.name
}
