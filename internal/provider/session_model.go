package provider

import "github.com/scriptix/terraform-provider-scriptix/internal/scriptix"

// documentShape is the transcript of a session.
var documentShape = newShape(
	text("id", func(d *scriptix.Document) *string { return d.ID },
		"ID of the document, for use with the documents API. Null if the API omits it."),
	text("name", func(d *scriptix.Document) *string { return d.Name },
		"Name of the document, such as `meeting.mp3 Transcript`. Null if the API omits it."),
	text("type", func(d *scriptix.Document) *string { return d.Type },
		"Type of the document, such as `transcript`. Null if the API omits it."),
)

// commonSessionShape is what every block has of a session.
var commonSessionShape = newShape(
	text("session_id", func(s *scriptix.Session) *string { return &s.SessionID },
		"ID of the session, as returned by the upload."),
	text("status", func(s *scriptix.Session) *string { return (*string)(&s.Status) },
		"Status of the session: `queued` (waiting to be processed), `processing` (being transcribed), `completed` (finished, with a "+
			"`document`), or `failed` (finished, with an `error`). If the API uses another word, the provider returns it unchanged."),
	text("filename", func(s *scriptix.Session) *string { return s.Filename },
		"Name of the uploaded file. Null if the API omits it."),
	number("duration", func(s *scriptix.Session) *float64 { return s.Duration },
		"Length of the audio in seconds, with fractions. `0` until the session has been processed. Null if the API omits it, as "+
			"for some failed sessions."),
	text("language", func(s *scriptix.Session) *string { return s.Language },
		"Language code, such as `en`. Null if the API omits it, as for some failed sessions."),
	text("media_type", func(s *scriptix.Session) *string { return s.MediaType },
		"MIME type of the uploaded file, such as `audio/mpeg`. Null if the API omits it."),
	text("error", func(s *scriptix.Session) *string { return s.Error },
		"Reason that the API gives for a failed session. Null unless `status` is `failed`."),
	text("created_at", func(s *scriptix.Session) *string { return s.CreatedAt },
		"Time of the upload, as an RFC 3339 timestamp. Null if the API omits it."),
	text("started_at", func(s *scriptix.Session) *string { return s.StartedAt },
		"Time when processing started, as an RFC 3339 timestamp. Null until then."),
	text("finished_at", func(s *scriptix.Session) *string { return s.FinishedAt },
		"Time when the session finished, as an RFC 3339 timestamp. Null until then."),
	object("document", documentShape, func(s *scriptix.Session) *scriptix.Document { return s.Document },
		"Transcript of the session. Null unless `status` is `completed`."),
	text("session_mode", func(s *scriptix.Session) *string { return s.SessionMode },
		"Mode of the session: `decode`, `align`, or `upload`. Null if the API omits it."),
	integer("custom_model_id", func(s *scriptix.Session) *int64 { return s.CustomModelID },
		"ID of the custom model. Null if the session uses none."),
)

// completionShape is a session as a resource stores it. Its id is the session ID: Terraform prints an id that is a text, as in
// "Creation complete after 6s [id=abc123def456]".
var completionShape = commonSessionShape.with(
	text("id", func(s *scriptix.Session) *string { return &s.SessionID }, "ID of the session, the same as `session_id`."),
)

// listedSessionShape is a session without its sensitive attribute. Lists use it, because one sensitive attribute in a list
// makes Terraform compare every value of the list with every sensitive path. That takes minutes for a few thousand
// sessions.
var listedSessionShape = commonSessionShape.with(
	integer("id", func(s *scriptix.Session) *int64 { return s.ID },
		"Internal number of the session. Null if the API omits it."),
)

// sessionShape is a session with every field of the API.
var sessionShape = listedSessionShape.with(
	secretText("media_url", func(s *scriptix.Session) *string { return s.MediaURL },
		"URL of the uploaded recording. Sensitive, because it gives access to the recording. Null if the API omits it."),
)
