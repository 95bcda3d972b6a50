# What "make demo" runs: a pipeline that publishes transcripts, and only when all of them are there.

terraform {
  required_version = ">= 1.4" # terraform_data

  required_providers {
    scriptix = {
      source = "scriptix/scriptix"
    }
  }
}

# The token comes from the environment variable SCRIPTIX_API_TOKEN, so that it is written nowhere.
provider "scriptix" {}

# The gate. It opens when every session has completed, and stops everything when one has failed.
data "scriptix_session" "awaited" {
  for_each = var.awaited_sessions

  session_id          = each.key
  wait_for_completion = true

  timeouts = {
    read = "2m"
  }
}

# Stands for whatever comes after the gate: a deployment, a release, a message.
resource "terraform_data" "publication" {
  for_each = data.scriptix_session.awaited

  input = {
    filename = each.value.filename
    document = each.value.document.id
  }
}

# A list never fails because a session has: here status and error are data.
data "scriptix_sessions" "failed" {
  status = "failed"

  depends_on = [data.scriptix_session.awaited]
}
