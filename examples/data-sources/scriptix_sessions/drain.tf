# Waits for the sessions that are being processed, and counts the results.
data "scriptix_sessions" "drained" {
  status              = "processing"
  wait_for_completion = true
  allow_failed        = true
}

output "drained" {
  value = {
    for status in ["completed", "failed"] :
    status => length([for session in data.scriptix_sessions.drained.sessions : session if session.status == status])
  }
}
