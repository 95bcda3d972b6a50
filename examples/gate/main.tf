# The gate opens when every session has completed and passes the conditions below.
resource "scriptix_session_completion" "awaited" {
  for_each = var.session_ids

  session_id = each.key

  timeouts = {
    create = var.timeout
  }

  lifecycle {
    postcondition {
      condition     = coalesce(self.duration, 0) >= var.minimum_seconds
      error_message = "Session ${self.session_id} has only ${coalesce(self.duration, 0)} seconds of audio: was the right file uploaded?"
    }

    postcondition {
      condition     = var.languages == null || try(contains(var.languages, self.language), false)
      error_message = "Session ${self.session_id} is in the language ${coalesce(self.language, "unknown")}."
    }
  }
}
