variable "batch" {
  description = "IDs of the sessions of the batch, as the uploads returned them."
  type        = list(string)
  default     = ["abc123def456", "def456abc123"]
}

action "scriptix_wait_for_completion" "batch" {
  config {
    session_ids = var.batch

    timeouts = {
      invoke = "90m"
    }
  }
}

# The action runs before Terraform creates the publication. A failed session prevents the creation.
resource "terraform_data" "publication" {
  input = var.batch

  lifecycle {
    action_trigger {
      events  = [before_create, before_update]
      actions = [action.scriptix_wait_for_completion.batch]
    }
  }
}
