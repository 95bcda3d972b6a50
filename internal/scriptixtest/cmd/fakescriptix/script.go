package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
)

// scriptedSession is one element of a script.
type scriptedSession struct {
	SessionID  string   `json:"session_id"`
	Filename   string   `json:"filename"`   // default: the session's id and ".mp3"
	Language   string   `json:"language"`   // default: "en"
	Duration   float64  `json:"duration"`   // of the audio, in seconds; default: an hour and a little
	Queued     duration `json:"queued"`     // default: "0s"
	Processing duration `json:"processing"` // default: "0s"
	Error      string   `json:"error"`      // default: the session completes
	CreatedAt  moment   `json:"created_at"` // default: the first request
}

// duration is a string such as "2s" or "1m30s" in JSON.
type duration time.Duration

// UnmarshalText reads what time.ParseDuration reads, except negative durations.
func (d *duration) UnmarshalText(text []byte) error {
	value, err := time.ParseDuration(string(text))
	if err != nil {
		return err
	}
	if value < 0 {
		return fmt.Errorf("duration %q is negative", text)
	}
	*d = duration(value)
	return nil
}

// moment is a timestamp such as "2025-01-15T10:00:00Z" in JSON, or its distance from now, such as "-3h".
type moment time.Time

// UnmarshalText reads RFC 3339 and what time.ParseDuration reads.
func (m *moment) UnmarshalText(text []byte) error {
	if distance, err := time.ParseDuration(string(text)); err == nil {
		*m = moment(time.Now().Add(distance))
		return nil
	}
	value, err := time.Parse(time.RFC3339, string(text))
	if err != nil {
		return fmt.Errorf("%q is neither a timestamp, such as \"2025-01-15T10:00:00Z\", nor a distance from now, such as \"-3h\"", text)
	}
	*m = moment(value)
	return nil
}

// readScript reads a JSON list of sessions. The last one is the newest.
func readScript(path string) ([]scriptixtest.Session, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var scripted []scriptedSession
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&scripted); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if decoder.More() {
		return nil, fmt.Errorf("%s: there is more than one list", path)
	}
	sessions := make([]scriptixtest.Session, 0, len(scripted))
	for i, session := range scripted {
		if session.SessionID == "" {
			return nil, fmt.Errorf("%s: session %d has no session_id", path, i+1)
		}
		sessions = append(sessions, session.session())
	}
	return sessions, nil
}

func (s scriptedSession) session() scriptixtest.Session {
	return scriptixtest.Session{
		SessionID:  s.SessionID,
		Filename:   s.Filename,
		Language:   s.Language,
		Duration:   s.Duration,
		Queued:     time.Duration(s.Queued),
		Processing: time.Duration(s.Processing),
		Error:      s.Error,
		CreatedAt:  time.Time(s.CreatedAt),
	}
}
