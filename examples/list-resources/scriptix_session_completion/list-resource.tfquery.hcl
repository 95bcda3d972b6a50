# Sessions of the last seven days that failed, the newest first.
list "scriptix_session_completion" "failed" {
  provider = scriptix
  limit    = 20 # 100 if left out

  config {
    status        = "failed"
    created_after = timeadd(plantimestamp(), "-168h")
  }
}
