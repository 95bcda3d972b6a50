package main

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
)

// seen returns what the table shows for a subject, without its spaces.
func seen(output, subject string) string {
	for line := range strings.Lines(output) {
		if strings.HasPrefix(line, subject+"  ") {
			return strings.Join(strings.Fields(line), " ")
		}
	}
	return ""
}

func TestEvidence(t *testing.T) {
	t.Parallel()
	const sorted = "list, sort=created_at&direction=asc"
	const filtered = "list, status=completed&sort=created_at&direction=asc"
	const totals = "list, total_results when sorted"
	const completed = "one completed session, list and GET"
	const window = "rate-limit window"
	options := func(all ...scriptixtest.Option) []scriptixtest.Option { return all }
	plan := func(plan scriptixtest.Plan) []scriptixtest.Option { return options(scriptixtest.WithPlan(plan)) }
	tests := map[string]struct {
		options       []scriptixtest.Option
		subject, want string
		judged        verdict
	}{
		"equal":            {nil, completed, "equal", same},
		"abbreviated":      {options(scriptixtest.WithAbbreviatedItems()), completed, "lacks created_at, document, duration, finished_at", addition},
		"sort is ignored":  {nil, sorted, "newest first", addition},
		"sort is obeyed":   {options(scriptixtest.WithSorting()), sorted, "oldest first", addition},
		"sort is unclear":  {options(scriptixtest.WithAbbreviatedItems()), sorted, "fewer than two moments", addition},
		"sort with status": {options(scriptixtest.WithSorting()), filtered, "oldest first", addition},
		"status with sort": {options(scriptixtest.WithSorting()), totals, "153 sessions, and 150 with status=completed", addition},
		"no status with sort": {
			options(scriptixtest.WithSorting(), scriptixtest.WithIgnoredStatusFilter()), totals, "153 sessions, and 153 with status=completed", addition,
		},
		"window of minute": {nil, window, "30 requests in a minute, falling in 9 of 9 answers", same},
		"window of hour":   {plan(scriptixtest.Plan{PerHour: 100}), window, "100 requests in an hour, falling in 9 of 9", same},
		"window of day":    {plan(scriptixtest.Plan{PerDay: 1000}), window, "1000 requests in a day, falling in 9 of 9", same},
		"no window":        {plan(scriptixtest.Unlimited), window, "no such headers", unseen},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, output, messages := checked(t, newAccount(t, test.options...), scriptixtest.Token)
			if line := seen(output, test.subject); !strings.Contains(line, test.want) || !has(output, test.subject, test.judged) {
				t.Errorf("got %q, want %q, %q\n%s%s", line, test.want, test.judged, messages, output)
			}
		})
	}
}

// A media_url may be signed anew for each answer, and numbers have several texts.
func TestListAndGETAreCompared(t *testing.T) {
	t.Parallel()
	const subject = "one failed session, list and GET"
	const listed = `{"session_id":"abc123-failed","status":"failed","error":"x","media_url":"https://storage.scriptix.io/1",%s}`
	const single = `{"status":"failed","session_id":"abc123-failed","error":"x","media_url":"https://storage.scriptix.io/2",%s}`
	tests := map[string]struct {
		listed, single, want string
		judged               verdict
	}{
		"other value": {`"language":"en"`, `"language":"nl"`, "different: language", differs},
		"lost value":  {`"filename":"a"`, `"filename":null`, "different: filename", differs},
		"null":        {`"document":null`, `"id":null`, "equal", same},
		"other text":  {`"document":{"id":1,"name":"a"}`, `"document":{"name":"a", "id":1.0}`, "equal", same},
		"more by GET": {`"document":null`, `"document":{"id":1}`, "the list lacks document", addition},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := newAccount(t)
			server.Add(scriptixtest.Session{SessionID: "abc123-failed", JSON: fmt.Sprintf(listed, test.listed)})
			server.Inject(scriptixtest.Fault{Match: scriptixtest.ForSession("abc123-failed"), Body: fmt.Sprintf(single, test.single)})
			_, output, _ := checked(t, server, scriptixtest.Token)
			if line := seen(output, subject); !strings.Contains(line, test.want) || !has(output, subject, test.judged) {
				t.Errorf("got %q, want %q, %q\n%s", line, test.want, test.judged, output)
			}
		})
	}
}

func TestDocumentIDsAreNumbersOrTexts(t *testing.T) {
	t.Parallel()
	const single = "one completed, document.id"
	for value, judged := range map[string]verdict{`7`: same, `"doc_a"`: same, `7.5`: differs, `null`: differs} {
		server := newAccount(t)
		server.Inject(scriptixtest.Fault{
			Match: scriptixtest.ForSession("abc123-149"),
			Body:  `{"session_id":"abc123-149","status":"completed","document":{"id":` + value + `}}`,
		})
		if _, output, _ := checked(t, server, scriptixtest.Token); !has(output, single, judged) {
			t.Errorf("%s: got %q, want %q", value, seen(output, single), judged)
		}
	}
}

// When all sessions are completed, an API that ignores status=completed looks like one that obeys it.
func TestIgnoredFilterIsFoundAmongEqualSessions(t *testing.T) {
	t.Parallel()
	for ignored, judged := range map[bool]verdict{true: differs, false: same} {
		var options []scriptixtest.Option
		if ignored {
			options = append(options, scriptixtest.WithIgnoredStatusFilter())
		}
		server := scriptixtest.NewServer(t, options...)
		server.Add(scriptixtest.Session{SessionID: "abc123-1"}, scriptixtest.Session{SessionID: "abc123-2"})
		if _, output, _ := checked(t, server, scriptixtest.Token); !has(output, "list, status=failed", judged) {
			t.Errorf("ignored %t: want %q\n%s", ignored, judged, output)
		}
	}
}

func TestHeadersThatDoNotCountDownAreFound(t *testing.T) {
	t.Parallel()
	server := newAccount(t)
	reset := strconv.FormatInt(time.Now().Add(time.Minute).Unix(), 10)
	server.Inject(scriptixtest.Fault{Match: scriptixtest.ForList(), Body: `{"count":0,"total_results":0,"result":[]}`, Header: http.Header{
		"X-Ratelimit-Limit": {"10"}, "X-Ratelimit-Remaining": {"9"}, "X-Ratelimit-Reset": {reset},
	}})
	if _, output, _ := checked(t, server, scriptixtest.Token); !has(output, "rate-limit window", differs) {
		t.Error(output)
	}
}

func isDocument(request *http.Request) bool { return strings.Contains(request.URL.Path, "/document/") }

// The words that people said are in a document, and no value of it may be printed.
func TestShapeOfDocument(t *testing.T) {
	t.Parallel()
	const body = `{"id":"doc_a","filename":"abc123.mp3","Jane":{"age":1},"created":"2026-01-02T03:04:05Z","document":{"segments":[` +
		`{"text":"abc123 said","start":0.5,"words":[{"abc123":1}]},{"text":null,"start":1}]}}`
	server := newAccount(t)
	server.Inject(scriptixtest.Fault{Match: isDocument, Body: body})
	code, output, messages := checkedWith(t, server, scriptixtest.Token, true)
	if code != exitSame {
		t.Errorf("exit code %d: %s", code, messages)
	}
	for subject, want := range map[string]string{
		"document":                          "object (1)",
		"document.id":                       "text (1)",
		"document.filename":                 "text (1)",
		"document.created":                  "timestamp (1)",
		"document.document.segments":        "array (1)",
		"document.document.segments[]":      "object (2)",
		"document.document.segments[].text": "null (1), text (1)",
		"document.(a name of 4 bytes).age":  "integer (1)",
	} {
		if line := seen(output, subject); !strings.Contains(line, want) {
			t.Errorf("%s: got %q, want %q", subject, line, want)
		}
	}
	if strings.Contains(output, "Jane") {
		t.Errorf("a name of a person is printed:\n%s", output)
	}
	if last := server.Requests()[len(server.Requests())-1]; last.Path != "/api/v3/speech-to-text/session/abc123-149/document/100150" {
		t.Errorf("the document is asked for at %s", last.Path)
	}
}

func TestDocumentIsReadOnRequestOnly(t *testing.T) {
	t.Parallel()
	server := newAccount(t)
	checked(t, server, scriptixtest.Token)
	for _, request := range server.Requests() {
		if strings.Contains(request.Path, "/document/") {
			t.Errorf("%s is read", request.Path)
		}
	}
	// The fake has no documents, as the contract names no such endpoint.
	if _, output, _ := checkedWith(t, newAccount(t), scriptixtest.Token, true); !strings.Contains(seen(output, "document"), "status 404") {
		t.Error(output)
	}
}
