package provider

import (
	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
)

// documentShape is the transcript of a session.
var documentShape = newShape(
	text("id", func(d *scriptix.Document) *string { return d.ID },
		"ID of the document, as the documents API takes it. Null if the API omits it."),
	text("name", func(d *scriptix.Document) *string { return d.Name },
		"Name of the document, such as `meeting.mp3 Transcript`. Null when the API does not tell it."),
	text("type", func(d *scriptix.Document) *string { return d.Type },
		"Type of the document, such as `transcript`. Null when the API does not tell it."),
)

// listedSessionShape is a session without what is sensitive. Lists use it: one sensitive attribute in a list makes
// Terraform compare every value of the list with every sensitive path, which takes minutes for a few thousand
// sessions.
var listedSessionShape = newShape(
	integer("id", func(s *scriptix.Session) *int64 { return s.ID },
		"Internal number of the session. Null when the API does not tell it."),
	text("session_id", func(s *scriptix.Session) *string { return &s.SessionID },
		"Identifier of the session, as the upload returned it."),
	text("status", func(s *scriptix.Session) *string { return (*string)(&s.Status) },
		"How far the session has come: `queued` (waiting to be processed), `processing` (being transcribed), "+
			"`completed` (finished, the document is there) or `failed` (finished, `error` says why). Other words the API "+
			"may use are handed on as they are."),
	text("filename", func(s *scriptix.Session) *string { return s.Filename },
		"Name of the uploaded file. Null when the API does not tell it."),
	number("duration", func(s *scriptix.Session) *float64 { return s.Duration },
		"Length of the audio in seconds, with fractions; `0` until the session has been processed. Null when the API does "+
			"not tell it, as for some failed sessions."),
	text("language", func(s *scriptix.Session) *string { return s.Language },
		"Language code, such as `en`. Null when the API does not tell it, as for some failed sessions."),
	text("media_type", func(s *scriptix.Session) *string { return s.MediaType },
		"MIME type of the uploaded file, such as `audio/mpeg`. Null when the API does not tell it."),
	text("error", func(s *scriptix.Session) *string { return s.Error },
		"Why the session failed, in the API's words. Null unless `status` is `failed`."),
	text("created_at", func(s *scriptix.Session) *string { return s.CreatedAt },
		"When the file was uploaded, as an RFC 3339 timestamp. Null when the API does not tell it."),
	text("started_at", func(s *scriptix.Session) *string { return s.StartedAt },
		"When processing began, as an RFC 3339 timestamp. Null before that."),
	text("finished_at", func(s *scriptix.Session) *string { return s.FinishedAt },
		"When the session ended, as an RFC 3339 timestamp. Null before that."),
	object("document", documentShape, func(s *scriptix.Session) *scriptix.Document { return s.Document },
		"The transcript. Null unless `status` is `completed`."),
	text("session_mode", func(s *scriptix.Session) *string { return s.SessionMode },
		"What the session does: `decode`, `align` or `upload`. Null when the API does not tell it."),
	integer("custom_model_id", func(s *scriptix.Session) *int64 { return s.CustomModelID },
		"Number of the custom model in use. Null when none is."),
)

// sessionShape is a session with every field that the API has.
var sessionShape = listedSessionShape.with(
	secretText("media_url", func(s *scriptix.Session) *string { return s.MediaURL },
		"Address of the uploaded recording. Sensitive, because whoever has it can hear the recording. Null when the API "+
			"does not tell it."),
)
