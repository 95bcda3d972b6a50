# Waits for at most 30 minutes, then continues. A session that is still queued stops Terraform.
data "scriptix_session" "panel" {
  session_id          = "def456abc123"
  wait_for_completion = true
  allow_unfinished    = true

  timeouts = {
    read = "30m"
  }

  lifecycle {
    postcondition {
      condition     = self.status != "queued"
      error_message = "Session ${self.session_id} is still queued after 30 minutes."
    }
  }
}

# Null until the transcript exists.
output "panel_document_id" {
  value = try(data.scriptix_session.panel.document.id, null)
}
