output "transcripts" {
  description = "The transcripts that were published, by session."
  value = {
    for id, session in data.scriptix_session.awaited : id => {
      filename = session.filename
      minutes  = ceil(session.duration / 60)
      document = "${session.document.name} (document ${session.document.id})"
    }
  }
}

output "failed" {
  description = "Why sessions have failed, by session."
  value       = { for session in data.scriptix_sessions.failed.sessions : session.session_id => session.error }
}
