terraform {
  required_version = ">= 1.5" # plantimestamp

  required_providers {
    scriptix = {
      source = "scriptix/scriptix"
    }
  }
}

data "scriptix_sessions" "failed" {
  status        = "failed"
  created_after = timeadd(plantimestamp(), "-24h")
}

output "failures" {
  description = "Reason of each failure, by session ID."
  value = {
    for session in data.scriptix_sessions.failed.sessions :
    session.session_id => replace(coalesce(session.error, "no reason given"), "/\\p{C}/", " ")
  }
}
