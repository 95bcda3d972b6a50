# One request, no waiting. A session that has failed is no error: status and error tell.
data "scriptix_session" "interview" {
  session_id = "abc123def456"
}

output "interview_status" {
  value = data.scriptix_session.interview.status
}
