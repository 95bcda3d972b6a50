package scriptix

import (
	"slices"
	"time"
)

// Status is the status of a session, in the API's own word.
type Status string

// The four statuses of the API's page. Other pages of the API have other words, so a Status may hold any text.
const (
	StatusQueued     Status = "queued"     // uploaded, waiting to be processed
	StatusProcessing Status = "processing" // being transcribed
	StatusCompleted  Status = "completed"  // finished with a document
	StatusFailed     Status = "failed"     // finished without one; Session.Error says why
)

// Statuses lists the statuses of the API's page in the order in which a session passes through them.
func Statuses() []Status {
	return []Status{StatusQueued, StatusProcessing, StatusCompleted, StatusFailed}
}

// documented reports whether the status is one of the four of the API's page.
func (s Status) documented() bool {
	switch s {
	case StatusQueued, StatusProcessing, StatusCompleted, StatusFailed:
		return true
	}
	return false
}

// Session is one transcription job. A field is nil if the answer has null, another type or form, or no such field. Every
// field but SessionID and Status may be missing.
type Session struct {
	ID            *int64    // internal number of the session
	SessionID     string    // never empty
	Status        Status    // never empty
	Filename      *string   // as uploaded
	Duration      *float64  // seconds of audio, 0 until processed
	Language      *string   // language code
	MediaType     *string   // MIME type of the upload
	MediaURL      *string   // leads to the recording: treat as a secret
	Error         *string   // why the session failed
	CreatedAt     *string   // RFC 3339, as the API wrote it
	StartedAt     *string   // RFC 3339; nil before processing
	FinishedAt    *string   // RFC 3339; nil before the end
	Document      *Document // nil unless completed
	SessionMode   *string   // decode, align or upload
	CustomModelID *int64    // nil if no custom model was used

	UnexpectedFields []UnexpectedField // nil in the normal case

	ownGet bool // read by its own GET, which shows every field, and not in a list
}

// Document is the transcript of a completed session.
type Document struct {
	ID   *string // a number as the API wrote it, or a string: the API's pages show both
	Name *string
	Type *string
}

// Outcome says what the fields of a session mean for a wait.
type Outcome int

// The outcomes of a session.
const (
	Running      Outcome = iota // not finished
	Completed                   // finished successfully
	Failed                      // finished, and failed
	Unrecognized                // finished without an error, under an undocumented status
)

// Outcome returns the outcome of the session. An undocumented status is final only if finished_at is set. Then an error of
// any type means Failed, and no error means Unrecognized.
func (s *Session) Outcome() Outcome {
	switch s.Status {
	case StatusCompleted:
		return Completed
	case StatusFailed:
		return Failed
	case StatusQueued, StatusProcessing:
		return Running
	}
	if s.FinishedAt == nil {
		return Running
	}
	if s.Error != nil && *s.Error != "" || s.hasUnexpected("error") {
		return Failed
	}
	return Unrecognized
}

// hasUnexpected reports whether a field has an unexpected value.
func (s *Session) hasUnexpected(field string) bool {
	return slices.ContainsFunc(s.UnexpectedFields, func(f UnexpectedField) bool { return f.Field == field })
}

// created returns when the session was uploaded. It is not known if the answer has no created_at.
func (s *Session) created() (moment time.Time, known bool) {
	if s.CreatedAt == nil {
		return time.Time{}, false
	}
	moment, err := time.Parse(time.RFC3339, *s.CreatedAt)
	return moment, err == nil
}
