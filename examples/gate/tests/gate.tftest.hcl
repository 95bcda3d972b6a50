# Terraform makes the provider up, so that these tests need no account, no token and no network.
mock_provider "scriptix" {
  mock_data "scriptix_session" {
    defaults = {
      status   = "completed"
      duration = 3600.5
      language = "en"
      document = { id = "67890", name = "meeting.mp3 Transcript", type = "transcript" }
    }
  }
}

variables {
  session_ids = ["interview", "keynote"]
}

run "opens_when_all_sessions_have_completed" {
  assert {
    condition     = output.documents == { interview = "67890", keynote = "67890" }
    error_message = "The gate must hand on the documents of all sessions."
  }
}

run "stays_closed_while_a_session_is_processed" {
  command = plan

  variables {
    wait = false
  }

  override_data {
    target = data.scriptix_session.awaited
    values = {
      status   = "processing"
      duration = 0
    }
  }

  expect_failures = [data.scriptix_session.awaited]
}

run "stays_closed_for_a_recording_that_is_too_short" {
  command = plan

  variables {
    minimum_seconds = 600
  }

  override_data {
    target = data.scriptix_session.awaited
    values = {
      duration = 300
    }
  }

  expect_failures = [data.scriptix_session.awaited]
}

run "stays_closed_for_another_language" {
  command = plan

  variables {
    languages = ["en"]
  }

  override_data {
    target = data.scriptix_session.awaited
    values = {
      language = "nl"
    }
  }

  expect_failures = [data.scriptix_session.awaited]
}

run "refuses_to_guard_nothing" {
  command = plan

  variables {
    session_ids = []
  }

  expect_failures = [var.session_ids]
}
