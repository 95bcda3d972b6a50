package scriptix

import "slices"

// Status is how far a session has come, in the API's own word.
type Status string

// The four statuses of the API's page. Other words have been seen in the wild, so a Status may hold any text.
const (
	StatusQueued     Status = "queued"     // uploaded, waiting to be processed
	StatusProcessing Status = "processing" // being transcribed
	StatusCompleted  Status = "completed"  // finished, the document is there
	StatusFailed     Status = "failed"     // finished, Session.Error says why
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

// Session is one transcription job. A nil field was null or missing in the answer: the API's page shows
// answers in which every field but SessionID and Status is missing. A field of another type or form is nil, too.
type Session struct {
	ID            *int64    // internal number of the session
	SessionID     string    // never empty
	Status        Status    // never empty
	Filename      *string   // as uploaded
	Duration      *float64  // seconds of audio, 0 until processed
	Language      *string   // language code
	MediaType     *string   // MIME type of the upload
	MediaURL      *string   // leads to the recording itself: treat as a secret
	Error         *string   // why the session failed
	CreatedAt     *string   // RFC 3339, as the API wrote it
	StartedAt     *string   // RFC 3339; nil before processing
	FinishedAt    *string   // RFC 3339; nil before the end
	Document      *Document // nil unless completed
	SessionMode   *string   // decode, align or upload
	CustomModelID *int64    // nil when no custom model was used

	// Oddities are the fields that held something else than the API's page promises; nil in the normal case.
	Oddities []Oddity

	ownGet bool // read by its own GET, which shows all there is, and not in a list
}

// Document is the transcript of a completed session.
type Document struct {
	ID   *string // a number as the API wrote it, or a text: the API's pages show both
	Name *string
	Type *string
}

// Outcome says what a session's fields mean for somebody who waits for it.
type Outcome int

// The outcomes of a session.
const (
	Running      Outcome = iota // not finished; statuses nobody documented count as this while finished_at is null
	Completed                   // finished successfully
	Failed                      // finished, and failed
	Unrecognised                // finished, under a status that nobody documented and without an error
)

// Outcome judges the session. A status beyond the four of the API's page is final only once finished_at
// is set; then an error makes it Failed, of whatever type it is, and none makes it Unrecognised.
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
	if s.Error != nil && *s.Error != "" || s.hasOdd("error") {
		return Failed
	}
	return Unrecognised
}

// hasOdd reports whether a field held something else than the API's page promises.
func (s *Session) hasOdd(field string) bool {
	return slices.ContainsFunc(s.Oddities, func(oddity Oddity) bool { return oddity.Field == field })
}
