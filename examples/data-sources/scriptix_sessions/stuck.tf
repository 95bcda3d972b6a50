# Lists what is still queued or processing after 65 minutes, the usual maximum for three hours of audio.
data "scriptix_sessions" "stuck" {
  for_each = toset(["queued", "processing"])

  status         = each.key
  created_before = timeadd(plantimestamp(), "-65m")
}

output "stuck" {
  value = {
    for session in flatten([for list in data.scriptix_sessions.stuck : list.sessions]) :
    session.session_id => session.status
  }
}
