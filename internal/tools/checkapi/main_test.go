package main

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// checked runs the command against a fake.
func checked(t *testing.T, server *scriptixtest.Server, token string) (code int, output, messages string) {
	t.Helper()
	return checkedWith(t, server, token, false)
}

func checkedWith(t *testing.T, server *scriptixtest.Server, token string, documents bool) (code int, output, messages string) {
	t.Helper()
	environment := map[string]string{"SCRIPTIX_API_TOKEN": token, "SCRIPTIX_BASE_URL": server.URL}
	var printed, said bytes.Buffer
	code = run(t.Context(), func(name string) string { return environment[name] }, time.Microsecond, documents, &printed, &said)
	for _, request := range server.Requests() {
		if request.Method != http.MethodGet {
			t.Errorf("sent a %s: only reading is allowed", request.Method)
		}
	}
	if sent := len(server.Requests()); sent > maxRequests {
		t.Errorf("%d requests were sent, want at most %d", sent, maxRequests)
	}
	for _, secret := range []string{scriptixtest.Token, "storage.scriptix.io", "abc123"} {
		if strings.Contains(printed.String()+said.String(), secret) {
			t.Errorf("%q is printed:\n%s%s", secret, &said, &printed)
		}
	}
	return code, printed.String(), said.String()
}

// newAccount is a fake with sessions of every status. A run sends its requests at once, so that it needs a larger plan
// than the smallest.
func newAccount(t *testing.T, options ...scriptixtest.Option) *scriptixtest.Server {
	t.Helper()
	server := scriptixtest.NewServer(t, append([]scriptixtest.Option{scriptixtest.WithPlan(scriptixtest.Bronze)}, options...)...)
	now := time.Now()
	for i := range 150 {
		server.Add(scriptixtest.Session{SessionID: fmt.Sprintf("abc123-%d", i), CreatedAt: now.Add(time.Duration(i-1000) * time.Second)})
	}
	server.Add(
		scriptixtest.Session{SessionID: "abc123-failed", Error: "Audio too short", CreatedAt: now.Add(-9 * time.Second)},
		scriptixtest.Session{SessionID: "abc123-queued", Queued: time.Hour, CreatedAt: now.Add(-8 * time.Second)},
		scriptixtest.Session{SessionID: "abc123-running", Processing: time.Hour, CreatedAt: now.Add(-7 * time.Second)},
	)
	return server
}

func TestNothingDiffersFromTheContract(t *testing.T) {
	t.Parallel()
	server := newAccount(t)
	code, output, messages := checked(t, server, scriptixtest.Token)
	if code != exitSame || strings.Contains(output, string(differs)) {
		t.Errorf("exit code %d\n%s%s", code, messages, output)
	}
	for _, subject := range []string{
		"list, count", "list, order", "list without limit", "list, limit=101", "list, offset=1", "list, status=completed",
		"X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset", "listed, status", "one completed session", "one failed session",
		"one completed session, list and GET", "one failed session, list and GET", "listed, document.id", "rate-limit window",
		"wrong session id, error_code", "wrong token, error_code",
	} {
		if !has(output, subject, same) {
			t.Errorf("%q is not found to be as assumed:\n%s", subject, output)
		}
	}
}

// has finds the line of a subject that got a verdict.
func has(output, subject string, judged verdict) bool {
	for line := range strings.Lines(output) {
		if strings.HasPrefix(line, subject+"  ") && strings.HasSuffix(strings.TrimSpace(line), string(judged)) {
			return true
		}
	}
	return false
}

func TestDeviationsAreFound(t *testing.T) {
	t.Parallel()
	const page = `{"count":1,"total_results":1,"result":[%s]}`
	listed := func(session string) scriptixtest.Fault {
		return scriptixtest.Fault{Match: scriptixtest.ForList(), Body: fmt.Sprintf(page, session)}
	}
	anyWrongID := scriptixtest.ForSession("no-such-session-of-the-api-check")
	tests := map[string]struct {
		fault   scriptixtest.Fault
		subject string
	}{
		"status of the list":    {scriptixtest.Fault{Match: scriptixtest.ForList(), Status: 500, Body: "{}"}, "list"},
		"no count":              {scriptixtest.Fault{Match: scriptixtest.ForList(), Body: `{"total_results":0,"result":[]}`}, "list, count"},
		"another envelope":      {scriptixtest.Fault{Match: scriptixtest.ForList(), Body: `{"count":0,"total_results":0,"data":[]}`}, "list, result"},
		"total as text":         {scriptixtest.Fault{Match: scriptixtest.ForList(), Body: `{"count":0,"total_results":"0","result":[]}`}, "list, total_results"},
		"a proxy's page":        {scriptixtest.Fault{Match: scriptixtest.ForList(), Body: scriptixtest.ProxyPage}, "list, result"},
		"new status":            {listed(`{"session_id":"abc123","status":"archived"}`), "listed, status"},
		"no status":             {listed(`{"session_id":"abc123"}`), "listed, status"},
		"id as text":            {listed(`{"session_id":"abc123","status":"queued","id":"7"}`), "listed, id"},
		"fractional id":         {listed(`{"session_id":"abc123","status":"queued","id":7.5}`), "listed, id"},
		"duration as text":      {listed(`{"session_id":"abc123","status":"queued","duration":"1:00"}`), "listed, duration"},
		"timestamp as number":   {listed(`{"session_id":"abc123","status":"queued","created_at":1700000000}`), "listed, created_at"},
		"timestamp of no zone":  {listed(`{"session_id":"abc123","status":"queued","created_at":"2026-01-02T03:04:05"}`), "listed, created_at"},
		"document as text":      {listed(`{"session_id":"abc123","status":"completed","document":"x"}`), "listed, document"},
		"session mode":          {listed(`{"session_id":"abc123","status":"queued","session_mode":"sing"}`), "listed, session_mode"},
		"error of no failure":   {listed(`{"session_id":"abc123","status":"completed","error":"x"}`), "listed, consistency"},
		"finished while queued": {listed(`{"session_id":"abc123","status":"queued","finished_at":"2026-01-02T03:04:05Z"}`), "listed, consistency"},
		"oldest first": {listed(`{"session_id":"a","status":"queued","created_at":"2026-01-02T03:04:05Z"},` +
			`{"session_id":"b","status":"queued","created_at":"2026-01-03T03:04:05Z"}`), "list, order"},
		"filter ignored":              {scriptixtest.Fault{Match: scriptixtest.ForListStatus("completed"), Body: fmt.Sprintf(page, `{"session_id":"abc123","status":"queued"}`)}, "list, status=completed"},
		"header is no number":         {scriptixtest.Fault{Match: scriptixtest.ForList(), Header: http.Header{"X-Ratelimit-Remaining": {"many"}}, Body: fmt.Sprintf(page, "")}, "X-RateLimit-Remaining"},
		"reset in seconds from now":   {scriptixtest.Fault{Match: scriptixtest.ForList(), Header: http.Header{"X-Ratelimit-Reset": {"60"}}, Body: fmt.Sprintf(page, "")}, "X-RateLimit-Reset"},
		"wrong id is an empty answer": {scriptixtest.Fault{Match: anyWrongID, Status: 200, Body: "{}"}, "wrong session id"},
		"wrong id has another code":   {scriptixtest.Fault{Match: anyWrongID, Status: 404, Body: `{"error":"a","message":"b","error_code":"GONE"}`}, "wrong session id, error_code"},
		"wrong id is not JSON":        {scriptixtest.Fault{Match: anyWrongID, Status: 404, Body: scriptixtest.ProxyPage}, "wrong session id, body"},
		"wrong token is forbidden":    {scriptixtest.Fault{Match: withWrongToken, Status: 403, Body: "{}"}, "wrong token"},
		"any token will do":           {scriptixtest.Fault{Match: withWrongToken, Status: 200, Body: "{}"}, "wrong token"},
		"single is something else":    {scriptixtest.Fault{Match: scriptixtest.ForSession("abc123-149"), Body: `{"data":{}}`}, "one completed session"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := newAccount(t)
			server.Inject(test.fault)
			code, output, messages := checked(t, server, scriptixtest.Token)
			if code != exitDifferent || !has(output, test.subject, differs) {
				t.Errorf("exit code %d, want %d and %q to differ\n%s%s", code, exitDifferent, test.subject, messages, output)
			}
		})
	}
}

func withWrongToken(request *http.Request) bool {
	return request.Header.Get("Authorization") == "Bearer "+wrongToken
}

// An account without sessions cannot show much, which is no difference.
func TestAnEmptyAccountShowsNoDifference(t *testing.T) {
	t.Parallel()
	code, output, messages := checked(t, scriptixtest.NewServer(t), scriptixtest.Token)
	if code != exitSame || !has(output, "listed sessions", unseen) || !has(output, "X-RateLimit-Limit", unseen) {
		t.Errorf("exit code %d\n%s%s", code, messages, output)
	}
}

func TestAWrappedSessionIsANote(t *testing.T) {
	t.Parallel()
	code, output, messages := checked(t, newAccount(t, scriptixtest.WithEnvelope(scriptixtest.Wrapped)), scriptixtest.Token)
	if code != exitSame || !has(output, "one completed session", addition) {
		t.Errorf("exit code %d\n%s%s", code, messages, output)
	}
}

func TestWhatCannotBeCheckedIsSaid(t *testing.T) {
	t.Parallel()
	t.Run("no token", func(t *testing.T) {
		t.Parallel()
		server := newAccount(t)
		if code, _, messages := checked(t, server, ""); code != exitNotChecked || !strings.Contains(messages, "SCRIPTIX_API_TOKEN") {
			t.Errorf("exit code %d, %s", code, messages)
		}
		if sent := len(server.Requests()); sent > 0 {
			t.Errorf("%d requests were sent", sent)
		}
	})
	t.Run("refused token", func(t *testing.T) {
		t.Parallel()
		if code, _, messages := checked(t, newAccount(t), "a-token-that-was-revoked"); code != exitNotChecked || !strings.Contains(messages, "refuses the token") {
			t.Errorf("exit code %d, %s", code, messages)
		}
	})
	t.Run("no network", func(t *testing.T) {
		t.Parallel()
		server := newAccount(t)
		server.Inject(scriptixtest.Fault{Reset: true})
		if code, _, messages := checked(t, server, scriptixtest.Token); code != exitNotChecked || !strings.Contains(messages, "brought no answer") {
			t.Errorf("exit code %d, %s", code, messages)
		}
	})
}

// The token would go along.
func TestRedirectsAreNotFollowed(t *testing.T) {
	t.Parallel()
	elsewhere := scriptixtest.NewServer(t)
	server := newAccount(t)
	server.Inject(scriptixtest.Fault{Status: 302, Header: http.Header{"Location": {elsewhere.URL}}, Body: " "})
	if code, output, _ := checked(t, server, scriptixtest.Token); code != exitDifferent || !has(output, "list", differs) {
		t.Errorf("exit code %d\n%s", code, output)
	}
	if sent := len(elsewhere.Requests()); sent > 0 {
		t.Errorf("%d requests went along with the redirect", sent)
	}
}

// What the API says reaches a terminal, so only plain words of it are shown.
func TestHostileTextsAreNotShown(t *testing.T) {
	t.Parallel()
	server := newAccount(t)
	server.Inject(scriptixtest.Fault{Body: `{"count":1,"total_results":1,"result":[{"session_id":"abc123","status":"\u001b[2J` +
		scriptixtest.Token + `","\u202e${path.module}":1}],"error_code":"` + strings.Repeat("A", 1<<20) + `"}`})
	_, output, _ := checked(t, server, scriptixtest.Token)
	if strings.ContainsAny(output, "\x1b\u202e$") || len(output) > 20_000 {
		t.Errorf("%d bytes are printed: %.3000q", len(output), output)
	}
}

// One pause for every request but the first, so that a run stays within the smallest plan.
func TestRequestsArePaced(t *testing.T) {
	t.Parallel()
	if pause*10 < time.Minute {
		t.Errorf("a request every %s is more than 10 a minute", pause)
	}
	const between = 20 * time.Millisecond
	server := newAccount(t)
	environment := map[string]string{"SCRIPTIX_API_TOKEN": scriptixtest.Token, "SCRIPTIX_BASE_URL": server.URL}
	run(t.Context(), func(name string) string { return environment[name] }, between, false, t.Output(), t.Output())
	requests := server.Requests()
	for i := 1; i < len(requests); i++ {
		if apart := requests[i].Time.Sub(requests[i-1].Time); apart < between {
			t.Errorf("request %d came %s after the one before, want at least %s", i, apart, between)
		}
	}
}

// A refusal is sat out once.
func TestATooManyRequestsIsSatOut(t *testing.T) {
	t.Parallel()
	server := newAccount(t)
	server.Inject(scriptixtest.Fault{Times: 1, Status: 429, Header: http.Header{"Retry-After": {"1"}}, Body: scriptixtest.RateLimitedBody})
	if code, output, messages := checked(t, server, scriptixtest.Token); code != exitSame {
		t.Errorf("exit code %d\n%s%s", code, messages, output)
	}
}
