variable "release" {
  description = "Version of the release."
  type        = string
  default     = "2025.1"
}

# Waits again for every release. Accepts a failed session: its status decides what to publish.
resource "scriptix_session_completion" "voicemail" {
  session_id   = "321cba654fed"
  allow_failed = true

  triggers = {
    release = var.release
  }
}

resource "terraform_data" "transcript" {
  input = (
    scriptix_session_completion.voicemail.status == "completed"
    ? "published"
    : "not published: ${coalesce(scriptix_session_completion.voicemail.error, "no reason given")}"
  )
}
