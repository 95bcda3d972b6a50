import {
  to = scriptix_session_completions.recordings
  id = "abc123def456,def456abc123"
}

resource "scriptix_session_completions" "recordings" {
  session_ids = ["abc123def456", "def456abc123"]
}
