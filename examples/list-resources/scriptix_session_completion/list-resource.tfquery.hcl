# Finds the failed sessions of the last seven days, newest first.
list "scriptix_session_completion" "failed" {
  provider = scriptix
  limit    = 20 # defaults to 100

  config {
    status        = "failed"
    created_after = timeadd(plantimestamp(), "-168h")
  }
}
