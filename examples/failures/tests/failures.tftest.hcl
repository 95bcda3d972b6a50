mock_provider "scriptix" {}

run "warns_of_a_failure" {
  command = plan

  override_module {
    target  = module.recent
    outputs = { failures = { voicemail = "Audio file is too short" } }
  }

  expect_failures = [check.no_recent_failures]
}

run "is_quiet_without_failures" {
  command = plan

  override_module {
    target  = module.recent
    outputs = { failures = {} }
  }
}
