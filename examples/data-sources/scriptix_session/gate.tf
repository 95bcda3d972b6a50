# Does not wait: either the transcript is there now, or Terraform stops here and says why.
data "scriptix_session" "release_notes" {
  session_id = "fed654cba321"

  lifecycle {
    postcondition {
      condition     = self.status == "completed"
      error_message = "The transcript is not there: session ${self.session_id} is ${self.status}${self.error == null ? "" : " (${replace(self.error, "/\\p{C}/", " ")})"}."
    }

    postcondition {
      condition     = self.language == null || self.language == "en"
      error_message = "The release notes must be in English, not ${coalesce(self.language, "an unknown language")}."
    }
  }
}
