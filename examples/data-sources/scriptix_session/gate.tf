# Does not wait. If there is no transcript yet, Terraform stops here and prints the reason.
data "scriptix_session" "release_notes" {
  session_id = "fed654cba321"

  lifecycle {
    postcondition {
      condition     = self.status == "completed"
      error_message = "There is no transcript: session ${self.session_id} is ${self.status}${self.error == null ? "" : " (${replace(self.error, "/\\p{C}/", " ")})"}."
    }

    postcondition {
      condition     = self.language == null || self.language == "en"
      error_message = "The release notes must be in English, not ${coalesce(self.language, "an unknown language")}."
    }
  }
}
