terraform {
  required_version = ">= 1.4" # terraform_data

  required_providers {
    scriptix = {
      source = "scriptix/scriptix"
    }
  }
}

# The token comes from the environment: export SCRIPTIX_API_TOKEN="..."
provider "scriptix" {}

variable "session_ids" {
  description = "Identifiers of the sessions to publish, as the uploads returned them."
  type        = set(string)
}

# The plan waits here, and ends with an error unless all of them are fit to be published.
module "gate" {
  source = "../gate"

  session_ids     = var.session_ids
  minimum_seconds = 60
  languages       = ["en"]
}

# Stands for whatever you publish with.
resource "terraform_data" "publication" {
  for_each = module.gate.documents

  input = each.value
}
