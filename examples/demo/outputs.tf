output "published" {
  description = "ID of each published document, by session."
  value       = terraform_data.publication.output
}
