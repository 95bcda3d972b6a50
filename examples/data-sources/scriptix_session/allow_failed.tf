# Waits, and continues even if the session has failed.
data "scriptix_session" "voicemail" {
  session_id          = "321cba654fed"
  wait_for_completion = true
  allow_failed        = true
}

output "voicemail" {
  value = (
    data.scriptix_session.voicemail.status == "completed"
    ? data.scriptix_session.voicemail.document.name
    : "not transcribed: ${replace(coalesce(data.scriptix_session.voicemail.error, "no reason given"), "/\\p{C}/", " ")}"
  )
}
