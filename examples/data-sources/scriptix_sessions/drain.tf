# Waits for whatever is being processed right now, and counts how it ended.
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
