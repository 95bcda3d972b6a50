# Waits while Terraform plans, and again while it applies if the session has not finished by then.
ephemeral "scriptix_session" "lecture" {
  session_id          = "def456abc123"
  wait_for_completion = true

  timeouts = {
    open = "30m"
  }
}
