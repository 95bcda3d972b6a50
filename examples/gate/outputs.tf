output "documents" {
  description = "ID of each transcript's document, by session ID. Known when the gate is open."
  value       = { for id, session in scriptix_session_completion.awaited : id => session.document.id }
}
