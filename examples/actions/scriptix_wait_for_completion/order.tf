# Represents the upload, which provides the ID of the session.
resource "terraform_data" "upload" {
  input = "fed654cba321"
}

action "scriptix_wait_for_completion" "uploaded" {
  config {
    # This reference makes the action wait for the upload.
    session_ids = [terraform_data.upload.output]
  }
}

resource "terraform_data" "release" {
  triggers_replace = terraform_data.upload.output

  lifecycle {
    # Avoids a cycle below Terraform 1.16 when a run replaces both resources.
    create_before_destroy = true

    action_trigger {
      events  = [before_create]
      actions = [action.scriptix_wait_for_completion.uploaded]
    }
  }
}
