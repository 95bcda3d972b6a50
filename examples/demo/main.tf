# What "make demo" applies: a pipeline that publishes transcripts when all of them exist.

terraform {
  required_version = ">= 1.4" # terraform_data

  required_providers {
    scriptix = {
      source = "scriptix/scriptix"
    }
  }
}

# The token comes from the environment variable SCRIPTIX_API_TOKEN, so no file contains it.
provider "scriptix" {}

# The gate. The apply waits here until every session has completed, and stops if one has failed.
resource "scriptix_session_completion" "transcript" {
  for_each = var.session_ids

  session_id = each.key

  timeouts = {
    create = "2m"
  }
}

# Stands for what comes after the gate, such as a deployment, a release, or a message.
resource "terraform_data" "publication" {
  input = { for id, session in scriptix_session_completion.transcript : id => session.document.id }
}
