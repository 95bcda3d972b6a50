package scriptixtest_test

import (
	"bytes"
	"encoding/json"
	"math"
	"net/http"
	"reflect"
	"testing"
	"testing/synctest"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
)

func TestSessionFollowsTheClock(t *testing.T) {
	type moment struct {
		at     time.Duration
		status string
	}
	tests := map[string]struct {
		session scriptixtest.Session
		moments []moment
	}{
		"finished at once": {
			scriptixtest.Session{},
			[]moment{{0, "completed"}},
		},
		"completes": {
			scriptixtest.Session{Queued: 10 * time.Second, Processing: time.Minute},
			[]moment{
				{0, "queued"},
				{10*time.Second - 1, "queued"},
				{10 * time.Second, "processing"},
				{70*time.Second - 1, "processing"},
				{70 * time.Second, "completed"},
			},
		},
		"fails": {
			scriptixtest.Session{Processing: time.Second, Error: "Audio file is too short"},
			[]moment{{0, "processing"}, {time.Second, "failed"}},
		},
		"fails at once": {
			scriptixtest.Session{Error: "Audio file is too short"},
			[]moment{{0, "failed"}},
		},
		"never leaves the queue": {
			scriptixtest.Session{Queued: math.MaxInt64, Processing: math.MaxInt64},
			[]moment{{0, "queued"}, {1000 * time.Hour, "queued"}},
		},
		"other words": {
			scriptixtest.Session{InitialStatus: "uploaded", Initial: time.Second, Queued: time.Second, FinalStatus: "done"},
			[]moment{{0, "uploaded"}, {time.Second, "queued"}, {2 * time.Second, "done"}},
		},
		"another word for failed": {
			scriptixtest.Session{Error: "Processing timeout", FinalStatus: "broken"},
			[]moment{{0, "broken"}},
		},
		"created earlier": {
			scriptixtest.Session{CreatedAt: time.Date(1999, 12, 31, 23, 59, 50, 0, time.UTC), Processing: 15 * time.Second},
			[]moment{{0, "processing"}, {5 * time.Second, "completed"}},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				server := scriptixtest.NewPipeServer(t)
				test.session.SessionID = "one"
				server.Add(test.session)
				c := newClient(t, server)
				for _, moment := range test.moments {
					pass(time.Until(start.Add(moment.at)))
					equal(t, "status after "+moment.at.String(), c.fields("one")["status"], any(moment.status))
				}
			})
		})
	}
}

// The bubble's clock starts at midnight of 2000-01-01 UTC.
func TestSessionShowsWhatHasHappened(t *testing.T) {
	const absent = "absent"
	document := map[string]any{"id": 100001.0, "name": "one.mp3 Transcript", "type": "transcript"}
	tests := map[string]struct {
		at   time.Duration
		fate string
		want map[string]any
	}{
		"new": {0, "", map[string]any{
			"duration": 0.0, "error": nil, "created_at": "2000-01-01T00:00:00Z", "started_at": nil, "finished_at": nil, "document": absent,
		}},
		"queued": {7 * time.Second, "", map[string]any{"started_at": nil, "finished_at": nil}},
		"processing": {20 * time.Second, "", map[string]any{
			"duration": 0.0, "error": nil, "created_at": "2000-01-01T00:00:00Z", "started_at": "2000-01-01T00:00:15Z", "finished_at": nil, "document": absent,
		}},
		"about to fail": {20 * time.Second, "Processing timeout", map[string]any{
			"error": nil, "finished_at": nil,
		}},
		"completed": {time.Hour, "", map[string]any{
			"duration": 3600.5, "error": nil, "started_at": "2000-01-01T00:00:15Z", "finished_at": "2000-01-01T00:01:15Z", "document": document,
		}},
		"failed": {time.Hour, "Processing timeout", map[string]any{
			"duration": 0.0, "error": "Processing timeout", "started_at": "2000-01-01T00:00:15Z", "finished_at": "2000-01-01T00:01:15Z", "document": absent,
		}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server := scriptixtest.NewPipeServer(t)
				server.Add(scriptixtest.Session{
					SessionID: "one", InitialStatus: "new", Initial: 5 * time.Second,
					Queued: 10 * time.Second, Processing: time.Minute, Error: test.fate,
				})
				pass(test.at)
				got := newClient(t, server).fields("one")
				for name, want := range test.want {
					value, present := got[name]
					if !present {
						value = absent
					}
					if !reflect.DeepEqual(value, want) {
						t.Errorf("%s: got %v, want %v", name, value, want)
					}
				}
			})
		})
	}
}

func TestSessionCanBeTheContractsExample(t *testing.T) {
	server := scriptixtest.NewServer(t)
	server.Add(scriptixtest.Session{
		SessionID:  "abc123def456",
		ID:         12345,
		Filename:   "meeting.mp3",
		CreatedAt:  time.Date(2025, 1, 15, 11, 0, 0, 0, time.FixedZone("CET", 3600)),
		Queued:     90 * time.Second,
		Processing: 14*time.Minute + 15*time.Second,
		DocumentID: 67890,
	})

	var want bytes.Buffer
	if err := json.Compact(&want, []byte(scriptixtest.CompletedSessionJSON)); err != nil {
		t.Fatal(err)
	}
	// The example has its document before session_mode, and so must the fake: the texts are compared.
	equal(t, "session", newClient(t, server).session("abc123def456").body, want.String())
}

func TestSessionDetailsCanBeChosen(t *testing.T) {
	model := int64(7)
	server := scriptixtest.NewServer(t)
	server.Add(scriptixtest.Session{SessionID: "first"}, scriptixtest.Session{
		SessionID: "one", ID: 1 << 53, Filename: "a.wav", Language: "nl", Duration: 1.25, MediaType: "audio/wav",
		MediaURL: "https://example.com/a.wav", SessionMode: "align", CustomModelID: &model,
		DocumentID: 8, DocumentName: "A", DocumentType: "subtitle",
	}, scriptixtest.Session{SessionID: "third"}, scriptixtest.Session{SessionID: "text", DocumentID: 8, DocumentText: "doc_8"})
	c := newClient(t, server)

	got := c.fields("one")
	want := map[string]any{
		"id": float64(1 << 53), "filename": "a.wav", "language": "nl", "duration": 1.25, "media_type": "audio/wav",
		"media_url": "https://example.com/a.wav", "session_mode": "align", "custom_model_id": 7.0,
		"document": map[string]any{"id": 8.0, "name": "A", "type": "subtitle"},
	}
	for name, value := range want {
		if !reflect.DeepEqual(got[name], value) {
			t.Errorf("%s: got %v, want %v", name, got[name], value)
		}
	}
	equal(t, "id by default", c.fields("third")["id"], any(3.0))
	wanted := any(map[string]any{"id": "doc_8", "name": "text.mp3 Transcript", "type": "transcript"})
	if got := c.fields("text")["document"]; !reflect.DeepEqual(got, wanted) {
		t.Errorf("document with a text: got %v, want %v", got, wanted)
	}
}

func TestSessionComesAndGoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := scriptixtest.NewPipeServer(t)
		server.Add(scriptixtest.Session{SessionID: "one", CreatedAt: time.Now().Add(time.Minute)})
		c := newClient(t, server)

		check := func(when string, status, listed int) {
			t.Helper()
			answer := c.session("one")
			equal(t, "status "+when, answer.status, status)
			equal(t, "listed "+when, c.list("").TotalResults, listed)
			if status == http.StatusNotFound {
				equal(t, "body "+when, answer.body, scriptixtest.NotFoundJSON)
			}
		}
		check("before creation", http.StatusNotFound, 0)
		server.Remove("one")
		pass(time.Minute)
		check("after creation", http.StatusOK, 1)
		server.Remove("one")
		server.Remove("unknown")
		check("after removal", http.StatusNotFound, 0)
		server.Add(scriptixtest.Session{SessionID: "one"})
		check("added again", http.StatusOK, 1)
		server.Add(scriptixtest.Session{SessionID: "one", Error: "replaced"})
		check("replaced", http.StatusOK, 1)
		equal(t, "error", c.fields("one")["error"], any("replaced"))
	})
}

func TestSessionUnlisted(t *testing.T) {
	server := scriptixtest.NewServer(t)
	server.Add(scriptixtest.Session{SessionID: "one", Unlisted: true})
	c := newClient(t, server)

	equal(t, "status", c.session("one").status, http.StatusOK)
	equal(t, "listed", c.list("").TotalResults, 0)
}

func TestSessionWithExactText(t *testing.T) {
	const broken = "{\"session_id\": \"odd\",\n \"status\": "
	server := scriptixtest.NewServer(t, scriptixtest.WithEnvelope(scriptixtest.Wrapped))
	server.Add(
		scriptixtest.Session{SessionID: "abc123def456", JSON: scriptixtest.FailedSessionJSON},
		scriptixtest.Session{SessionID: "odd", JSON: broken},
	)
	c := newClient(t, server)

	equal(t, "by id", c.session("abc123def456").body, scriptixtest.FailedSessionJSON)
	equal(t, "by id, no JSON", c.session("odd").body, broken)
	equal(t, "in the list", c.get(sessionsPath+"?status=failed").body,
		`{"count":1,"total_results":1,"result":[`+scriptixtest.FailedSessionJSON+`]}`)
	equal(t, "both in the list", c.get(sessionsPath).body,
		`{"count":2,"total_results":2,"result":[`+broken+`,`+scriptixtest.FailedSessionJSON+`]}`)
}

func TestSessionInEnvelope(t *testing.T) {
	tests := map[string]struct {
		options       []scriptixtest.Option
		before, after string
	}{
		"default":          {nil, "", ""},
		"flat":             {[]scriptixtest.Option{scriptixtest.WithEnvelope(scriptixtest.Flat)}, "", ""},
		"wrapped":          {[]scriptixtest.Option{scriptixtest.WithEnvelope(scriptixtest.Wrapped)}, `{"result":`, `}`},
		"wrapped, counted": {[]scriptixtest.Option{scriptixtest.WithEnvelope(scriptixtest.WrappedWithCount)}, `{"count":1,"total_results":1,"result":`, `}`},
	}
	session := scriptixtest.Session{SessionID: "one", CreatedAt: time.Date(2025, 1, 15, 10, 0, 0, 0, time.UTC)}
	plain := scriptixtest.NewServer(t)
	plain.Add(session)
	flat := newClient(t, plain).session("one").body
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			server := scriptixtest.NewServer(t, test.options...)
			server.Add(session)
			c := newClient(t, server)

			equal(t, "by id", c.session("one").body, test.before+flat+test.after)
			equal(t, "in the list", c.get(sessionsPath).body, `{"count":1,"total_results":1,"result":[`+flat+`]}`)
		})
	}
}

// A media_url is an address, whatever the ID and the filename hold.
func TestMediaURLIsEscaped(t *testing.T) {
	server := scriptixtest.NewServer(t)
	server.Add(scriptixtest.Session{SessionID: "a%b", Filename: "what?.mp3"})
	got := newClient(t, server).fields("a%25b")["media_url"]
	equal(t, "media_url", got, any("https://storage.scriptix.io/media/a%25b/what%3F.mp3"))
}
