# Checks the session in every run. Terraform prints a warning and continues.
data "scriptix_session" "keynote" {
  session_id = "abc123def456"
}

check "keynote_is_transcribed" {
  assert {
    condition     = data.scriptix_session.keynote.status == "completed"
    error_message = "The keynote is ${data.scriptix_session.keynote.status}."
  }
}
