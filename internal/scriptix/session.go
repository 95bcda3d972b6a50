package scriptix

import (
	"encoding/json"
	"time"
)

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

// Session is one transcription job. A nil field was null or missing in the answer: the API's page shows
// answers in which every field but SessionID and Status is missing.
type Session struct {
	ID            *int64    `json:"id"`              // internal number of the session
	SessionID     string    `json:"session_id"`      // never empty
	Status        Status    `json:"status"`          // never empty
	Filename      *string   `json:"filename"`        // as uploaded
	Duration      *float64  `json:"duration"`        // seconds of audio, 0 until processed
	Language      *string   `json:"language"`        // language code
	MediaType     *string   `json:"media_type"`      // MIME type of the upload
	MediaURL      *string   `json:"media_url"`       // leads to the recording itself: treat as a secret
	Error         *string   `json:"error"`           // why the session failed
	CreatedAt     *string   `json:"created_at"`      // RFC 3339, as the API wrote it
	StartedAt     *string   `json:"started_at"`      // RFC 3339; nil before processing
	FinishedAt    *string   `json:"finished_at"`     // RFC 3339; nil before the end
	Document      *Document `json:"document"`        // nil unless completed
	SessionMode   *string   `json:"session_mode"`    // decode, align or upload
	CustomModelID *int64    `json:"custom_model_id"` // nil when no custom model was used

	ownGet bool // read by its own GET, which shows all there is, and not in a list
}

// Document is the transcript of a completed session.
type Document struct {
	ID   *int64  `json:"id"`
	Name *string `json:"name"`
	Type *string `json:"type"`
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
// is set; then an error makes it Failed, and none makes it Unrecognised.
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
	if s.Error != nil && *s.Error != "" {
		return Failed
	}
	return Unrecognised
}

// decodeSession reads the answer to the GET of one session, flat or in the envelope {"result": {…}}.
// An error is always an *AnswerError.
func decodeSession(body []byte, sessionID string) (*Session, error) {
	var answer struct {
		Session
		Result json.RawMessage `json:"result"`
	}
	if err := decodeJSON(body, &answer); err != nil {
		return nil, err
	}
	session := &answer.Session
	if session.SessionID == "" && isObject(answer.Result) {
		*session = Session{}
		if err := decodeJSON(answer.Result, session); err != nil {
			return nil, err
		}
	}
	if err := session.check(); err != nil {
		return nil, err
	}
	if session.SessionID != sessionID {
		return nil, &AnswerError{Field: "session_id", Problem: "is that of another session", Value: session.SessionID}
	}
	session.ownGet = true
	return session, nil
}

// check holds the session against what the API's page promises of every session.
func (s *Session) check() error {
	if s.SessionID == "" {
		return &AnswerError{Field: "session_id", Problem: "is missing"}
	}
	if s.Status == "" {
		return &AnswerError{Field: "status", Problem: "is missing"}
	}
	timestamps := []struct {
		field string
		value *string
	}{{"created_at", s.CreatedAt}, {"started_at", s.StartedAt}, {"finished_at", s.FinishedAt}}
	for _, timestamp := range timestamps {
		if timestamp.value == nil {
			continue
		}
		if _, err := time.Parse(time.RFC3339, *timestamp.value); err != nil {
			return &AnswerError{Field: timestamp.field, Problem: "is not an RFC 3339 timestamp", Value: *timestamp.value}
		}
	}
	return nil
}
