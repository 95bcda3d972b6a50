variable "release" {
  description = "The release that is being made."
  type        = string
  default     = "2025.1"
}

# Waits again for every release. A session that has failed is no obstacle: its status decides what is done.
resource "scriptix_session_completion" "voicemail" {
  session_id   = "321cba654fed"
  allow_failed = true

  triggers = {
    release = var.release
  }
}

resource "terraform_data" "transcript" {
  input = scriptix_session_completion.voicemail.status == "completed" ? "published" : "left out: ${scriptix_session_completion.voicemail.error}"
}
