# Lists the newest failed sessions with their reasons.
data "scriptix_sessions" "failed" {
  status      = "failed"
  max_results = 100
}

output "failures" {
  value = { for session in data.scriptix_sessions.failed.sessions : session.session_id => session.error }
}
