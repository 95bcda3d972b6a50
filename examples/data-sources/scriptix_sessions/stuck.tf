# Lists the sessions of the last day that take longer than three hours of audio usually take.
data "scriptix_sessions" "processing" {
  status        = "processing"
  created_after = timeadd(plantimestamp(), "-24h")
}

output "stuck" {
  value = [
    for session in data.scriptix_sessions.processing.sessions : session.session_id
    if session.started_at != null && timecmp(session.started_at, timeadd(plantimestamp(), "-65m")) < 0
  ]
}
