# What "make demo" shows last: a report on all sessions of the account. A failed session is data here, not an error.

terraform {
  required_version = ">= 1.0"

  required_providers {
    scriptix = {
      source = "scriptix/scriptix"
    }
  }
}

provider "scriptix" {}

data "scriptix_sessions" "all" {}

output "report" {
  description = "What became of each session."
  value = {
    for session in data.scriptix_sessions.all.sessions : session.session_id => (
      session.document == null
      ? join(": ", compact([session.status, session.error]))
      : "${session.status}: ${ceil(session.duration / 60)} minutes, document ${session.document.id}"
    )
  }
}
