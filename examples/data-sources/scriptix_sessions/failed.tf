# Lists the sessions that failed in the last two hours. Run it every hour to find each of them.
data "scriptix_sessions" "recent_failures" {
  status      = "failed"
  max_results = 100
}

output "recent_failures" {
  value = {
    for session in data.scriptix_sessions.recent_failures.sessions :
    session.session_id => replace(coalesce(session.error, "no reason given"), "/\\p{C}/", " ")
    if try(timecmp(session.finished_at, timeadd(plantimestamp(), "-2h")) > 0, true)
  }
}
