# Waits during the plan. Waits again during the apply if the session has not finished.
ephemeral "scriptix_session" "lecture" {
  session_id          = "def456abc123"
  wait_for_completion = true

  timeouts = {
    open = "30m"
  }
}
