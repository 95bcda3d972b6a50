terraform {
  required_version = ">= 1.4" # terraform_data

  required_providers {
    scriptix = {
      source  = "scriptix/scriptix"
      version = "~> 0.1.0"
    }
  }
}

# The token comes from the environment variable SCRIPTIX_API_TOKEN.
provider "scriptix" {}

variable "session_ids" {
  description = "IDs of the sessions to wait for, as the uploads returned them."
  type        = set(string)
}

# The gate: the apply waits here for all sessions. A failed session stops it.
resource "scriptix_session_completions" "recordings" {
  session_ids = var.session_ids

  timeouts = {
    create = "75m"
  }
}

# Replace this with your deployment. It refers to the gate, so Terraform creates it
# only when all sessions have completed.
resource "terraform_data" "deployment" {
  input = { for id, recording in scriptix_session_completions.recordings.sessions : id => recording.document.id }
}
