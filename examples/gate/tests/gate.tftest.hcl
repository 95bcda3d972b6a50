# Terraform mocks the provider: these tests need no account, no token, and no network.
mock_provider "scriptix" {
  mock_resource "scriptix_session_completion" {
    defaults = {
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
    error_message = "The gate must return the documents of all sessions."
  }
}

# This run and the next one plan with the sessions of the first run.
run "stays_closed_for_a_short_recording" {
  command = plan

  variables {
    minimum_seconds = 7200
  }

  expect_failures = [scriptix_session_completion.awaited]
}

run "stays_closed_for_another_language" {
  command = plan

  variables {
    languages = ["nl"]
  }

  expect_failures = [scriptix_session_completion.awaited]
}

run "refuses_an_empty_set" {
  command = plan

  variables {
    session_ids = []
  }

  expect_failures = [var.session_ids]
}
