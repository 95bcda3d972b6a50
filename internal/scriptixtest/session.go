package scriptixtest

import (
	"cmp"
	"net/url"
	"time"
)

// The statuses of the contract. Sessions go from queued to processing, and end as completed or failed.
const (
	statusQueued     = "queued"
	statusProcessing = "processing"
	statusCompleted  = "completed"
	statusFailed     = "failed"
)

// Session is one transcription session and its complete future. Its state at any moment follows from these fields and the
// clock alone.
//
// Only SessionID is required. A Session with nothing else is completed as soon as it is added. A session with JSON needs
// no SessionID. Then nobody can read, replace, or remove it, and only lists show it.
type Session struct {
	SessionID string // as in the path, unescaped

	Queued     time.Duration // how long it is queued
	Processing time.Duration // how long it is processed after that; both zero: finished at once
	Error      string        // if set, the session fails with this text; otherwise it completes
	CreatedAt  time.Time     // zero: when added; before this moment the session does not exist
	Unlisted   bool          // never appears in lists, but can be read by its ID
	Token      string        // that created it, and the only one that sees it; default: the token of the API

	// Stuck, if set, stops the row in lists this long after creation. Lists show the session as it was at that moment, even
	// after its removal. Reading it by its ID shows it as it is. Use 1 for the state at creation.
	Stuck time.Duration

	// JSON, if set, is the answer to reading the session by its ID and the element in lists, byte for byte and without an
	// envelope. It need not be valid JSON. The timeline is ignored, but CreatedAt and Unlisted still say when the session
	// exists and whether it is listed. Filters compare the status in the text. It is a choice that a text without a string
	// as its status matches no filter.
	JSON string

	// Statuses that other pages of the API have.
	InitialStatus string        // status during Initial, such as "new" or "uploaded"
	Initial       time.Duration // how long InitialStatus lasts before the session is queued
	FinalStatus   string        // replaces completed or failed, such as "done"; nothing else changes

	// Details of the session object. The zero value of each means its default.
	ID            int64   // default: 1 for the session added first, 2 for the next, and so on
	Filename      string  // default: SessionID and ".mp3"
	Language      string  // default: "en"
	Duration      float64 // of the audio, in seconds; shown once completed; default: 3600.5, as in the contract's example
	MediaType     string  // default: "audio/mpeg"
	MediaURL      string  // default: shaped like the contract's example
	SessionMode   string  // decode, align or upload; default: "decode"
	CustomModelID *int64  // default: null
	DocumentID    int64   // default: ID + 100000, as a number, which the contract shows
	DocumentText  string  // shown as the document's id instead: other pages of the API show a UUID and "doc_…"
	DocumentName  string  // default: Filename and " Transcript"
	DocumentType  string  // default: "transcript"
}

// sessionObject is the contract's session object, its fields in the contract's order.
type sessionObject struct {
	ID            int64           `json:"id"`
	SessionID     string          `json:"session_id"`
	Status        string          `json:"status"`
	Filename      string          `json:"filename"`
	Duration      float64         `json:"duration"`
	Language      string          `json:"language"`
	MediaType     string          `json:"media_type"`
	MediaURL      string          `json:"media_url,omitempty"`
	Error         *string         `json:"error"`
	CreatedAt     string          `json:"created_at"`
	StartedAt     *string         `json:"started_at"`
	FinishedAt    *string         `json:"finished_at"`
	Document      *documentObject `json:"document,omitempty"` // "present when status is completed"
	SessionMode   string          `json:"session_mode"`
	CustomModelID *int64          `json:"custom_model_id"`
}

// abbreviatedObject has the fields that the contract's list example prints before its dots.
type abbreviatedObject struct {
	ID        int64  `json:"id"`
	SessionID string `json:"session_id"`
	Status    string `json:"status"`
	Filename  string `json:"filename"`
}

type documentObject struct {
	ID   any    `json:"id"` // a number, or a text
	Name string `json:"name"`
	Type string `json:"type"`
}

// phase is one of the stages that every session passes in turn.
type phase int

const (
	phaseInitial phase = iota
	phaseQueued
	phaseProcessing
	phaseFinished
)

// setDefaults sets the details that have the zero value. The number counts the sessions that were added.
func (s *Session) setDefaults(number int64) {
	s.ID = cmp.Or(s.ID, number)
	s.Filename = cmp.Or(s.Filename, s.SessionID+".mp3")
	s.Language = cmp.Or(s.Language, "en")
	s.Duration = cmp.Or(s.Duration, 3600.5)
	s.MediaType = cmp.Or(s.MediaType, "audio/mpeg")
	s.MediaURL = cmp.Or(s.MediaURL, "https://storage.scriptix.io/media/"+url.PathEscape(s.SessionID)+"/"+url.PathEscape(s.Filename))
	s.SessionMode = cmp.Or(s.SessionMode, "decode")
	s.DocumentID = cmp.Or(s.DocumentID, s.ID+100000)
	s.DocumentName = cmp.Or(s.DocumentName, s.Filename+" Transcript")
	s.DocumentType = cmp.Or(s.DocumentType, "transcript")
}

// phaseAt returns the phase of the session at a moment. It subtracts instead of adding, so that a phase may have the length
// of the longest time.Duration.
func (s *Session) phaseAt(moment time.Time) phase {
	elapsed := moment.Sub(s.CreatedAt)
	for current, length := range [...]time.Duration{s.Initial, s.Queued, s.Processing} {
		if elapsed < length {
			return phase(current)
		}
		elapsed -= length
	}
	return phaseFinished
}

func (s *Session) statusAt(moment time.Time) string {
	switch s.phaseAt(moment) {
	case phaseInitial:
		return s.InitialStatus
	case phaseQueued:
		return statusQueued
	case phaseProcessing:
		return statusProcessing
	case phaseFinished:
	}
	if s.Error != "" {
		return cmp.Or(s.FinalStatus, statusFailed)
	}
	return cmp.Or(s.FinalStatus, statusCompleted)
}

// objectAt returns the session object at a moment. Its timestamps are off by skew.
//
// It is a choice that a failed session keeps a duration of 0: the contract says "0 until processed".
func (s *Session) objectAt(moment time.Time, skew time.Duration) sessionObject {
	current := s.phaseAt(moment)
	object := sessionObject{
		ID:            s.ID,
		SessionID:     s.SessionID,
		Status:        s.statusAt(moment),
		Filename:      s.Filename,
		Language:      s.Language,
		MediaType:     s.MediaType,
		MediaURL:      s.MediaURL,
		CreatedAt:     timestamp(s.CreatedAt.Add(skew)),
		SessionMode:   s.SessionMode,
		CustomModelID: s.CustomModelID,
	}
	if current >= phaseProcessing {
		started := timestamp(s.CreatedAt.Add(s.Initial + s.Queued + skew))
		object.StartedAt = &started
	}
	if current == phaseFinished {
		finished := timestamp(s.CreatedAt.Add(s.Initial + s.Queued + s.Processing + skew))
		object.FinishedAt = &finished
	}
	switch {
	case current != phaseFinished:
	case s.Error != "":
		object.Error = &s.Error
	default:
		object.Duration = s.Duration
		object.Document = &documentObject{ID: s.DocumentID, Name: s.DocumentName, Type: s.DocumentType}
		if s.DocumentText != "" {
			object.Document.ID = s.DocumentText
		}
	}
	return object
}

// abbreviatedAt returns the fields of the contract's list example.
func (s *Session) abbreviatedAt(moment time.Time) abbreviatedObject {
	return abbreviatedObject{ID: s.ID, SessionID: s.SessionID, Status: s.statusAt(moment), Filename: s.Filename}
}

// timestamp formats a moment as the contract's examples do: RFC 3339, in UTC, to the second.
func timestamp(moment time.Time) string {
	return moment.UTC().Format(time.RFC3339)
}
