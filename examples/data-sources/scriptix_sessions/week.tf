# Lists the failed sessions of the last seven days.
data "scriptix_sessions" "failed_this_week" {
  status        = "failed"
  created_after = timeadd(plantimestamp(), "-168h")
}

output "failed_this_week" {
  value = {
    for session in data.scriptix_sessions.failed_this_week.sessions :
    session.session_id => replace(coalesce(session.error, "no reason given"), "/\\p{C}/", " ")
  }
}
