# A gate: whatever uses its output happens only when every session has completed and passed the tests below.
# The provider polls for all sessions that Terraform reads at a time together.
data "scriptix_session" "awaited" {
  for_each = var.session_ids

  session_id          = each.key
  wait_for_completion = var.wait

  timeouts = {
    read = var.timeout
  }

  lifecycle {
    postcondition {
      condition     = self.status == "completed"
      error_message = "Session ${self.session_id} is ${self.status}, not completed."
    }

    postcondition {
      condition     = self.status != "completed" || coalesce(self.duration, 0) >= var.minimum_seconds
      error_message = "Session ${self.session_id} has only ${coalesce(self.duration, 0)} seconds of audio: was the right file uploaded?"
    }

    postcondition {
      condition     = self.status != "completed" || var.languages == null || try(contains(var.languages, self.language), false)
      error_message = "Session ${self.session_id} is in the language ${coalesce(self.language, "unknown")}."
    }
  }
}
