import {
  to = scriptix_session_completion.release_notes
  id = "fed654cba321"
}

resource "scriptix_session_completion" "release_notes" {
  session_id = "fed654cba321"
}
