output "documents" {
  description = "ID of each transcript's document, by session. There is an output only when the gate is open."
  value       = { for id, session in data.scriptix_session.awaited : id => session.document.id }
}
