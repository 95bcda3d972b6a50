# The default of variables.tf, and two sessions that take longer. One of them fails.
session_ids = ["board-meeting", "customer-call", "podcast", "town-hall", "interview", "voicemail"]
