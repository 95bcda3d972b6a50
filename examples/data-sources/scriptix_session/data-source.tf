# Sends one request and does not wait. A failed session is not an error: see status and error.
data "scriptix_session" "interview" {
  session_id = "abc123def456"
}

output "interview_status" {
  value = data.scriptix_session.interview.status
}
