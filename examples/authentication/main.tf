terraform {
  required_version = ">= 1.10" # ephemeral variables

  required_providers {
    scriptix = {
      source = "scriptix/scriptix"
    }
  }
}

# Terraform stores an ephemeral variable neither in a plan nor in the state.
variable "scriptix_api_token" {
  description = "Batch token of the Scriptix account."
  type        = string
  sensitive   = true
  ephemeral   = true
}

provider "scriptix" {
  api_token           = var.scriptix_api_token
  requests_per_minute = 1 # on the Free plan, this leaves 40 requests per hour to other pipelines
}

data "scriptix_sessions" "newest" {
  max_results = 10
}

output "newest" {
  value = { for session in data.scriptix_sessions.newest.sessions : session.session_id => session.status }
}
