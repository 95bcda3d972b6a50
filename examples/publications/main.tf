terraform {
  required_version = ">= 1.4" # terraform_data

  required_providers {
    scriptix = {
      source  = "scriptix/scriptix"
      version = "~> 0.1.0"
    }
  }
}

provider "scriptix" {}

# The file belongs into version control. An upload adds its ID, and nobody removes one.
locals {
  session_ids = toset(jsondecode(file("${path.module}/sessions.json")))
}

resource "scriptix_session_completion" "recording" {
  for_each = local.session_ids

  session_id = each.key
}

# Replace this with what you publish.
resource "terraform_data" "publication" {
  for_each = local.session_ids

  input = scriptix_session_completion.recording[each.key].document.id

  lifecycle {
    prevent_destroy = true # an ID that disappears from the file is an error
  }
}
