# Counts sessions with one request: total_results is not limited by max_results.
data "scriptix_sessions" "queued" {
  status      = "queued"
  max_results = 1
}

output "queue_length" {
  value = data.scriptix_sessions.queued.total_results
}
