# One request tells how many there are, however many that is: total_results counts beyond max_results.
data "scriptix_sessions" "queued" {
  status      = "queued"
  max_results = 1
}

output "queue_length" {
  value = data.scriptix_sessions.queued.total_results
}
