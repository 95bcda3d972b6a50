# What has been processed for longer than three hours of audio usually take.
data "scriptix_sessions" "processing" {
  status = "processing"
}

output "stuck" {
  value = [
    for session in data.scriptix_sessions.processing.sessions : session.session_id
    if session.started_at != null && timecmp(session.started_at, timeadd(plantimestamp(), "-65m")) < 0
  ]
}
