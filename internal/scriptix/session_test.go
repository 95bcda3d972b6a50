package scriptix_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
)

// The contract's two examples, every field by value.
func completedExample() scriptix.Session {
	return scriptix.Session{
		ID:         new(int64(12345)),
		SessionID:  exampleID,
		Status:     scriptix.StatusCompleted,
		Filename:   new("meeting.mp3"),
		Duration:   new(3600.5),
		Language:   new("en"),
		MediaType:  new("audio/mpeg"),
		MediaURL:   new("https://storage.scriptix.io/media/abc123def456/meeting.mp3"),
		CreatedAt:  new("2025-01-15T10:00:00Z"),
		StartedAt:  new("2025-01-15T10:01:30Z"),
		FinishedAt: new("2025-01-15T10:15:45Z"),
		Document: &scriptix.Document{
			ID:   new("67890"),
			Name: new("meeting.mp3 Transcript"),
			Type: new("transcript"),
		},
		SessionMode: new("decode"),
	}
}

func failedExample() scriptix.Session {
	return scriptix.Session{
		ID:        new(int64(12345)),
		SessionID: exampleID,
		Status:    scriptix.StatusFailed,
		Filename:  new("corrupted.mp3"),
		Error:     new("Audio format could not be decoded. Please check file integrity."),
	}
}

func TestContractExamplesAreDecodedFieldByField(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		text string
		want scriptix.Session
	}{
		"completed":                     {scriptixtest.CompletedSessionJSON, completedExample()},
		"failed, where absent is null":  {scriptixtest.FailedSessionJSON, failedExample()},
		"completed, wrapped":            {`{"result": ` + scriptixtest.CompletedSessionJSON + `}`, completedExample()},
		"failed, wrapped":               {`{"result": ` + scriptixtest.FailedSessionJSON + `}`, failedExample()},
		"completed, wrapped with count": {`{"count": 1, "total_results": 1, "result": ` + scriptixtest.CompletedSessionJSON + `}`, completedExample()},
		"failed, wrapped with count":    {`{"count": 1, "total_results": 1, "result": ` + scriptixtest.FailedSessionJSON + `}`, failedExample()},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := scriptixtest.NewPipeServer(t)
				server.Add(scriptixtest.Session{SessionID: exampleID, JSON: test.text})
				session, err := newClient(t, server).GetSession(t.Context(), exampleID)
				if err != nil {
					t.Fatal(err)
				}
				compare(t, "session", *session, test.want)
			})
		})
	}
}

func TestContractExamplesAreDecodedInLists(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		text string
		want scriptix.Session
	}{
		"completed": {scriptixtest.CompletedSessionJSON, completedExample()},
		"failed":    {scriptixtest.FailedSessionJSON, failedExample()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := scriptixtest.NewPipeServer(t)
				server.Add(scriptixtest.Session{SessionID: exampleID, JSON: test.text})
				page, err := newClient(t, server).SessionPage(t.Context(), "", 0)
				if err != nil {
					t.Fatal(err)
				}
				compare(t, "sessions", page.Sessions, []scriptix.Session{test.want})
				compare(t, "total", page.TotalResults, int64(1))
			})
		})
	}
}

// The fake writes its own JSON, so that this also holds the client against what the fake makes of the contract.
func TestEnvelopesOfTheFakeAreTakenOff(t *testing.T) {
	t.Parallel()
	for name, envelope := range map[string]scriptixtest.Envelope{
		"flat":               scriptixtest.Flat,
		"wrapped":            scriptixtest.Wrapped,
		"wrapped with count": scriptixtest.WrappedWithCount,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := scriptixtest.NewPipeServer(t, scriptixtest.WithEnvelope(envelope))
				server.Add(scriptixtest.Session{
					SessionID: exampleID, ID: 12345, Filename: "meeting.mp3", DocumentID: 67890,
					CreatedAt: time.Date(2025, 1, 15, 10, 0, 0, 0, time.UTC),
					Queued:    90 * time.Second, Processing: 14*time.Minute + 15*time.Second,
				})
				// The bubble's clock starts in the year 2000, before the example's session was created.
				time.Sleep(time.Until(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)))
				session, err := newClient(t, server).GetSession(t.Context(), exampleID)
				if err != nil {
					t.Fatal(err)
				}
				compare(t, "session", *session, completedExample())
			})
		})
	}
}

func TestFieldsAreDecoded(t *testing.T) {
	t.Parallel()
	minimal := scriptix.Session{SessionID: exampleID, Status: scriptix.StatusQueued}
	with := func(change func(*scriptix.Session)) scriptix.Session {
		session := minimal
		change(&session)
		return session
	}
	tests := map[string]struct {
		fields string
		want   scriptix.Session
	}{
		"nothing but what is never missing": {``, minimal},
		"null everywhere": {
			`"id": null, "filename": null, "duration": null, "language": null, "media_type": null, "media_url": null,
			"error": null, "created_at": null, "started_at": null, "finished_at": null, "document": null,
			"session_mode": null, "custom_model_id": null`, minimal,
		},
		"ids that no float64 can hold": {
			`"id": 9007199254740993, "custom_model_id": 9223372036854775807, "document": {"id": 9007199254740993}`,
			with(func(s *scriptix.Session) {
				s.ID, s.CustomModelID = new(int64(9007199254740993)), new(int64(math.MaxInt64))
				s.Document = &scriptix.Document{ID: new("9007199254740993")}
			}),
		},
		"negative id":         {`"id": -9223372036854775808`, with(func(s *scriptix.Session) { s.ID = new(int64(math.MinInt64)) })},
		"zero is not null":    {`"id": 0, "duration": 0`, with(func(s *scriptix.Session) { s.ID, s.Duration = new(int64(0)), new(0.0) })},
		"empty is not null":   {`"filename": "", "error": ""`, with(func(s *scriptix.Session) { s.Filename, s.Error = new(""), new("") })},
		"fractional duration": {`"duration": 0.1`, with(func(s *scriptix.Session) { s.Duration = new(0.1) })},
		"document of nothing": {`"document": {}`, with(func(s *scriptix.Session) { s.Document = &scriptix.Document{} })},
		"document of nulls": {
			`"document": {"id": null, "name": null, "type": null}`,
			with(func(s *scriptix.Session) { s.Document = &scriptix.Document{} }),
		},
		"timestamps stay as they were written": {
			`"created_at": "2025-01-15T10:00:00+00:00", "started_at": "2025-01-15T10:01:30.123456Z", "finished_at": "2025-01-15T12:15:45.000001+02:00"`,
			with(func(s *scriptix.Session) {
				s.CreatedAt, s.StartedAt = new("2025-01-15T10:00:00+00:00"), new("2025-01-15T10:01:30.123456Z")
				s.FinishedAt = new("2025-01-15T12:15:45.000001+02:00")
			}),
		},
		"an error is the session's own": {
			`"error": "Audio file is too short"`,
			with(func(s *scriptix.Session) { s.Error = new("Audio file is too short") }),
		},
		"a result of a flat session is none of ours": {
			`"result": {"session_id": "other", "status": "failed"}`, minimal,
		},
		"a result that is no object": {`"result": [1, "two"]`, minimal},
		"fields nobody documented": {
			`"listed": true, "Listed": true, "webhook_url": "https://example.com", "speakers": [{"name": "A"}], "-": 1`, minimal,
		},
		"text beyond ASCII": {`"filename": "Réunion 会議 \ud83c\udfa4.mp3"`, with(func(s *scriptix.Session) { s.Filename = new("Réunion 会議 🎤.mp3") })},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			body := `{"session_id": "` + exampleID + `", "status": "queued"`
			if test.fields != "" {
				body += ", " + test.fields
			}
			session, err := newStubClient(t, http.StatusOK, nil, body+"}").GetSession(t.Context(), exampleID)
			if err != nil {
				t.Fatal(err)
			}
			compare(t, "session", *session, test.want)
		})
	}
}

func TestOutcome(t *testing.T) {
	t.Parallel()
	const none, empty, some = "none", "empty", "some"
	finished := "2025-01-15T10:15:45Z"
	tests := []struct {
		status   scriptix.Status
		finished bool
		err      string
		want     scriptix.Outcome
	}{
		{scriptix.StatusQueued, false, none, scriptix.Running},
		{scriptix.StatusProcessing, false, none, scriptix.Running},
		{scriptix.StatusCompleted, true, none, scriptix.Completed},
		{scriptix.StatusFailed, true, some, scriptix.Failed},

		// One of the four says it all, whatever the other fields say.
		{scriptix.StatusQueued, true, some, scriptix.Running},
		{scriptix.StatusProcessing, true, none, scriptix.Running},
		{scriptix.StatusCompleted, false, none, scriptix.Completed},
		{scriptix.StatusCompleted, true, some, scriptix.Completed},
		{scriptix.StatusFailed, false, none, scriptix.Failed},

		{"new", false, none, scriptix.Running},
		{"created", false, none, scriptix.Running},
		{"uploaded", false, none, scriptix.Running},
		{"done", false, none, scriptix.Running},
		{"done", false, some, scriptix.Running},
		{"new", true, none, scriptix.Unrecognized},
		{"created", true, none, scriptix.Unrecognized},
		{"uploaded", true, empty, scriptix.Unrecognized},
		{"done", true, none, scriptix.Unrecognized},
		{"done", true, empty, scriptix.Unrecognized},
		{"new", true, some, scriptix.Failed},
		{"created", true, some, scriptix.Failed},
		{"uploaded", true, some, scriptix.Failed},
		{"done", true, some, scriptix.Failed},

		// The API's words are lower case; another case is another word.
		{"Completed", false, none, scriptix.Running},
		{"FAILED", true, none, scriptix.Unrecognized},
	}
	for _, test := range tests {
		session := scriptix.Session{SessionID: exampleID, Status: test.status}
		if test.finished {
			session.FinishedAt = &finished
		}
		switch test.err {
		case empty:
			session.Error = new("")
		case some:
			session.Error = new("Processing timeout")
		}
		if got := session.Outcome(); got != test.want {
			t.Errorf("%s, finished_at set: %t, error: %s: got outcome %d, want %d",
				test.status, test.finished, test.err, got, test.want)
		}
	}
}

func TestStatusesAreThoseOfTheContractInOrder(t *testing.T) {
	t.Parallel()
	compare(t, "statuses", scriptix.Statuses(), []scriptix.Status{"queued", "processing", "completed", "failed"})
}

// Whatever the answer, reading a session gives either an error about the answer or a session that keeps the promises of
// Session's own comments.
func FuzzDecodingOfSession(f *testing.F) {
	f.Add([]byte(scriptixtest.CompletedSessionJSON))
	f.Add([]byte(scriptixtest.FailedSessionJSON))
	f.Add([]byte(`{"result":` + scriptixtest.FailedSessionJSON + `}`))
	f.Add([]byte(`{"count":1,"total_results":1,"result":` + scriptixtest.CompletedSessionJSON + `}`))
	f.Add([]byte(scriptixtest.NotFoundJSON))
	f.Add([]byte("\ufeff" + scriptixtest.CompletedSessionJSON))
	f.Add([]byte(scriptixtest.ProxyPage))
	for _, body := range []string{
		`{"error":"` + scriptixtest.Token + `","message":"` + escaped(scriptixtest.Token) + `","error_code":{},"details":[]}`,
		`{"error_code":"x","result":{"session_id":"abc123def456"}}`, `{"error":"x","message":"y","session_id":""}`,
		"", " ", "null", "[]", "{", "0 1", scriptixtest.FailedSessionJSON + "{}", `"abc123def456"`, `{"session_id":"abc123def456"}`,
		`{"session_id":"abc123def456","status":"done","finished_at":"yesterday"}`, `{"result":{"result":{}}}`,
		`{"session_id":"abc123def456","status":"COMPLETED","Status":"failed","duration":"12 s","document":{"id":{}},"media_url":1}`,
		`{"session_id":"abc123def456","status":"done","finished_at":17,"error":{"code":"` + scriptixtest.Token + `"}}`,
		`{"session_id":"abc123def456","status":"` + escaped(scriptixtest.Token) + `","id":"` + percent(scriptixtest.Token) + `"}`,
		`{"media_url":"https://storage.example/` + scriptixtest.Token + `","session_id":"abc123def456","status":`,
		`{"result":{"session_id":"abc123def456","status":"queued","filename":"` + inJSON(escaped(scriptixtest.Token)) + `"}}`,
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		session, err := newStubClient(t, http.StatusOK, nil, string(body)).GetSession(t.Context(), exampleID)
		if err != nil {
			checkAnswerError(t, err, body)
			return
		}
		if session.SessionID != exampleID {
			t.Errorf("accepted %q as a session of its own GET", body)
		}
		checkPromises(t, session)
	})
}

// checkPromises holds a decoded session against what Session promises of every one.
func checkPromises(t *testing.T, session *scriptix.Session) {
	t.Helper()
	if session.SessionID == "" || session.Status == "" {
		t.Errorf("accepted a session without session_id or status: %+v", session)
	}
	for _, timestamp := range []*string{session.CreatedAt, session.StartedAt, session.FinishedAt} {
		if timestamp == nil {
			continue
		}
		if _, err := time.Parse(time.RFC3339, *timestamp); err != nil {
			t.Errorf("accepted the timestamp %q", *timestamp)
		}
	}
	for _, oddity := range session.UnexpectedFields {
		if oddity.Field == "" || oddity.Expected == "" || oddity.Kind == "" || oddity.Kind == "null" || len(oddity.Value) > 2000 {
			t.Errorf("noted the oddity %+v", oddity)
		}
		if oddity.Field == "media_url" && oddity.Value != "" {
			t.Errorf("noted a media_url: %+v", oddity)
		}
	}
	text, err := json.Marshal(session)
	if err != nil {
		t.Fatal(err)
	}
	hidesToken(t, "session", string(text))
	if outcome := session.Outcome(); outcome < scriptix.Running || outcome > scriptix.Unrecognized {
		t.Errorf("outcome %d of %+v", outcome, session)
	}
}

// checkAnswerError checks what holds for every error about an answer with status 200: it shows no token, and nothing of
// what may be a session.
func checkAnswerError(t *testing.T, failed error, body []byte) {
	t.Helper()
	hidesToken(t, "error", everything(failed))
	if refusal, ok := errors.AsType[*scriptix.APIError](failed); ok {
		if refusal.StatusCode != http.StatusOK || !refusal.FromAPI || refusal.Type+refusal.ErrorCode == "" {
			t.Errorf("the answer is no error of the API: %+v", refusal)
		}
		return
	}
	err := failure[*scriptix.AnswerError](t, failed)
	if len(err.Value) > 2000 || len(err.ContentType) > 2000 {
		t.Errorf("the error repeats %d and %d bytes", len(err.Value), len(err.ContentType))
	}
	if err.NotJSON && err.Value != "" && !bytes.HasPrefix(bytes.TrimSpace(body), []byte("<")) && bytes.ContainsAny(body, `{["`) {
		t.Errorf("the error repeats what may be JSON: %q", err.Value)
	}
}

// Every integer that fits is decoded to itself, and no other.
func FuzzDecodingOfIDs(f *testing.F) {
	f.Add(int64(0))
	f.Add(int64(9007199254740993))
	f.Add(int64(math.MaxInt64))
	f.Add(int64(math.MinInt64))
	f.Fuzz(func(t *testing.T, id int64) {
		text := strconv.FormatInt(id, 10)
		body := `{"session_id":"x","status":"queued","id":` + text + `,"custom_model_id":` + text + `,"document":{"id":` + text + `}}`
		session, err := newStubClient(t, http.StatusOK, nil, body).GetSession(t.Context(), "x")
		if err != nil {
			t.Fatal(err)
		}
		if *session.ID != id || *session.CustomModelID != id || *session.Document.ID != text {
			t.Errorf("%d became %d, %d and %s", id, *session.ID, *session.CustomModelID, *session.Document.ID)
		}
		long := text + "0000000000000000000"
		body = `{"session_id":"x","status":"queued","id":` + long + `,"document":{"id":` + long + `}}`
		session, err = newStubClient(t, http.StatusOK, nil, body).GetSession(t.Context(), "x")
		if err != nil || id == 0 {
			return // a number does not begin with several zeros
		}
		if session.ID != nil || len(session.UnexpectedFields) != 1 || *session.Document.ID != long {
			t.Errorf("%s became %v, with oddities %v", long, session.ID, session.UnexpectedFields)
		}
	})
}
