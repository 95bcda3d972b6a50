module "recent" {
  source = "./recent"
}

check "no_recent_failures" {
  assert {
    condition     = length(module.recent.failures) == 0
    error_message = "Failed: ${join(", ", keys(module.recent.failures))}."
  }
}
