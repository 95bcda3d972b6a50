package provider

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-log/tflogtest"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
	"github.com/scriptix/terraform-provider-scriptix/internal/wait"
)

func failedSession(problem *string) scriptix.Session {
	return scriptix.Session{SessionID: "abc", Status: scriptix.StatusFailed, Filename: new("talk.mp3"), Error: problem}
}

// one is the single diagnostic that an error makes of reading session "abc" within 30 minutes.
func one(t *testing.T, err error) diag.Diagnostic {
	t.Helper()
	diagnostics := readFailure(err, sessionSubject("abc"), waitArguments{waits: true, timeout: 30 * time.Minute, timeoutArgument: "timeouts.read"})
	if len(diagnostics) != 1 || diagnostics[0].Severity() != diag.SeverityError {
		t.Fatalf("want one error, got %v", diagnostics)
	}
	return diagnostics[0]
}

// The texts are those of the API's page, whole where it shows them whole.
func TestFailedSessionIsReportedWithTheNextStep(t *testing.T) {
	const (
		convert = "The file is corrupted, or its format is not supported. Convert it to MP3 or WAV, and upload it again."
		longer  = "Scriptix needs at least one second of audio. Upload a longer recording."
		speech  = "The audio quality is too poor to detect the language. Set the language when you upload, or improve the audio."
		problem = "This is an internal problem of Scriptix. Contact Scriptix support with the session ID."
		support = "Contact Scriptix support with the session ID."
	)
	tests := map[string]struct {
		error *string
		want  string
	}{
		"undecodable": {
			new("Audio format could not be decoded. Please check file integrity."),
			`failed: "Audio format could not be decoded. Please check file integrity."` + "\n" + convert,
		},
		"too short":          {new("Audio file is too short"), `failed: "Audio file is too short"` + "\n" + longer},
		"unknown language":   {new("Language detection failed"), `failed: "Language detection failed"` + "\n" + speech},
		"processing timeout": {new("Processing timeout"), `failed: "Processing timeout"` + "\n" + problem},
		"anything else":      {new("Disk is full"), `failed: "Disk is full"` + "\n" + support},
		"nothing":            {nil, "failed, and Scriptix gives no reason. " + support},
		"empty text":         {new(""), "failed, and Scriptix gives no reason. " + support},
		"many lines":         {new("a\n\x1b[31mb"), `failed: "a\n\x1b[31mb"` + "\n" + support},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := one(t, &wait.FailedError{Failed: []scriptix.Session{failedSession(test.error)}})
			want := `Session "abc" ("talk.mp3") ` + test.want + "\n\nTo accept failed sessions, set allow_failed = true, and check their status."
			equal(t, got, summarySessionFailed, want)
		})
	}
}

func equal(t *testing.T, got diag.Diagnostic, summary, detail string) {
	t.Helper()
	if got.Summary() != summary || got.Detail() != detail {
		t.Errorf("got  %s\n%s\n\nwant %s\n%s", got.Summary(), got.Detail(), summary, detail)
	}
}

func TestFailedSessionsAreNamedUpToABound(t *testing.T) {
	failed := &wait.FailedError{Pending: 3}
	for i := range 12 {
		failed.Failed = append(failed.Failed, scriptix.Session{SessionID: fmt.Sprintf("s%02d", i), Status: scriptix.StatusFailed, Error: new("Processing timeout")})
	}
	got := one(t, failed).Detail()
	contains(t, got, `Session "s00" failed`, `Session "s09" failed`, "2 more sessions failed.", "When the wait ended, 3 other sessions had not finished.")
	if strings.Contains(got, `"s10"`) {
		t.Errorf("more than ten sessions are named:\n%s", got)
	}
}

func TestWaitsThatEndedEarlyAreReported(t *testing.T) {
	running := func(number int, status scriptix.Status) []scriptix.Session {
		var sessions []scriptix.Session
		for i := range number {
			sessions = append(sessions, scriptix.Session{SessionID: fmt.Sprintf("s%02d", i), Status: status})
		}
		return sessions
	}
	const (
		again = "Sessions continue by themselves. Run Terraform again to continue the wait."
		knob  = "To wait longer, raise timeouts.read. Scriptix usually takes up to 22 minutes for an hour of audio, and up to 65 minutes for three hours. " +
			"If a session takes longer, contact Scriptix support with its ID. " + again
		manyRuns = `12 of 15 sessions have not finished: "s00" (queued), "s01" (queued), "s02" (queued), "s03" (queued), "s04" (queued), "s05" (queued), "s06" (queued), "s07" (queued), "s08" (queued), "s09" (queued), and 2 more. `
	)
	tests := map[string]struct {
		err             error
		summary, detail string
	}{
		"timed out": {
			&wait.TimeoutError{Progress: wait.Progress{Pending: running(1, "processing"), Waited: 30 * time.Minute, Polls: 201}},
			"Session Still Processing", `Session "s00" has not finished: its status is still processing. The wait reached its timeout of 30m after 201 polls.` + "\n\n" + knob,
		},
		"timed out under a status nobody documented": {
			&wait.TimeoutError{Progress: wait.Progress{Pending: running(1, "up\nloaded"), Polls: 1}},
			"Session Still Processing", `Session "s00" has not finished: its status is still "up\nloaded". The wait reached its timeout of 30m after 1 poll.` + "\n\n" + knob,
		},
		"timed out after a failure": {
			&wait.TimeoutError{Progress: wait.Progress{Pending: running(1, "queued"), Polls: 2, LastFailure: &scriptix.APIError{StatusCode: 503}}},
			"Session Still Processing", `Session "s00" has not finished: its status is still queued. The wait reached its timeout of 30m after 2 polls.` + "\n\n" +
				`The last poll that failed reported: "status 503 Service Unavailable".` + "\n\n" + knob,
		},
		"one of two timed out": {
			&wait.TimeoutError{Progress: wait.Progress{Pending: running(1, "queued"), Finished: 1, Polls: 2}},
			"Session Still Processing", `1 of 2 sessions has not finished: "s00" (queued). The wait reached its timeout of 30m after 2 polls.` + "\n\n" + knob,
		},
		"many timed out": {
			&wait.TimeoutError{Progress: wait.Progress{Pending: running(12, "queued"), Finished: 3, Polls: 5}},
			"Session Still Processing", manyRuns + "The wait reached its timeout of 30m after 5 polls.\n\n" + knob,
		},
		"cancelled": {
			&wait.CancelledError{Progress: wait.Progress{Pending: running(1, "processing"), Waited: 90 * time.Second}},
			"Cancelled", `Session "s00" has not finished: its status is still processing. The wait was interrupted after 1m30s.` + "\n\n" + again,
		},
		"many cancelled": {
			&wait.CancelledError{Progress: wait.Progress{Pending: running(12, "queued"), Finished: 3, Waited: 2 * time.Hour}},
			"Cancelled", manyRuns + "The wait was interrupted after 2h.\n\n" + again,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) { equal(t, one(t, test.err), test.summary, test.detail) })
	}
}

func TestUnfinishedSessionsAreAWarningWhenAllowed(t *testing.T) {
	synctest.Test(t, unfinishedSessionsAreAWarningWhenAllowed) // for its clock, which stands still
}

func unfinishedSessionsAreAWarningWhenAllowed(t *testing.T) {
	t.Helper()
	session := func(id string, status scriptix.Status) scriptix.Session {
		return scriptix.Session{SessionID: id, Status: status}
	}
	var many []scriptix.Session
	for i := range 12 {
		many = append(many, session(fmt.Sprintf("s%02d", i), "queued"))
	}
	closed := func(ownCap bool) *scriptix.RateLimitError {
		return &scriptix.RateLimitError{Until: time.Now().Add(time.Hour), OwnCap: ownCap}
	}
	const (
		advice = "The result has each session as last read, because allow_unfinished is set. Check its status before you use it. " +
			"Sessions continue by themselves. Run Terraform again to wait for the rest."
		failure = `The last poll that failed reported: "status 503 Service Unavailable".`
	)
	tests := map[string]struct {
		err  error
		want []string // the paragraphs, as patterns
	}{
		"timed out": {
			&wait.TimeoutError{Progress: wait.Progress{Pending: []scriptix.Session{session("a", "processing")}, Waited: 30 * time.Minute, Polls: 201}},
			[]string{`Session "a" has not finished: its status is still processing\. The wait reached its timeout of 30m after 201 polls\.`},
		},
		"timed out after a failure": {
			&wait.TimeoutError{Progress: wait.Progress{
				Pending: []scriptix.Session{session("a", "queued")}, Finished: 2, Waited: 29 * time.Minute, Polls: 1,
				LastFailure: &scriptix.APIError{StatusCode: 503},
			}},
			[]string{`1 of 3 sessions has not finished: "a" \(queued\)\. The wait reached its timeout of 30m after 1 poll\.`, failure},
		},
		"many timed out": {
			&wait.TimeoutError{Progress: wait.Progress{Pending: many, Waited: 30 * time.Minute, Polls: 5}},
			[]string{`12 of 12 sessions have not finished: "s00" \(queued\), .*"s09" \(queued\), and 2 more\. The wait reached its timeout of 30m after 5 polls\.`},
		},
		"rate limit": {
			&wait.RateLimitError{
				Progress: wait.Progress{Pending: []scriptix.Session{session("a", "queued")}, Waited: 9 * time.Second, Polls: 2, LastFailure: &scriptix.APIError{StatusCode: 503}},
				Err:      closed(false),
			},
			[]string{`Session "a" has not finished: its status is still queued\. The wait ended after 2 polls in 9s, because Scriptix accepts the next request at .* \(in 1h\), after the timeout of 30m\.`, failure},
		},
		"own cap": {
			&wait.RateLimitError{Progress: wait.Progress{Pending: []scriptix.Session{session("a", "queued")}}, Err: closed(true)},
			[]string{`Session "a" has not finished: its status is still queued\. The wait ended after 0 polls in 0s, because requests_per_minute allows the next request at .*, after the timeout of 30m\.`},
		},
	}
	for name, test := range tests {
		got := underAllowUnfinished(test.err, wait.Options{})
		if len(got) != 1 || got[0].Severity() != diag.SeverityWarning || got[0].Summary() != "Sessions Not Finished" {
			t.Fatalf("%s: want one warning, got %v", name, got)
		}
		pattern := "^" + strings.Join(append(test.want, regexp.QuoteMeta(advice)), "\n\n") + "$"
		if !regexp.MustCompile(pattern).MatchString(got[0].Detail()) {
			t.Errorf("%s: got %s\nwant %s", name, got[0].Detail(), pattern)
		}
	}
}

// underAllowUnfinished returns the diagnostics of an error with allow_unfinished.
func underAllowUnfinished(err error, options wait.Options) diag.Diagnostics {
	arguments := waitArguments{allowUnfinished: true, options: options, timeout: 30 * time.Minute, timeoutArgument: "timeouts.read"}
	return readFailure(err, sessionSubject("abc"), arguments)
}

func TestEveryOtherErrorStaysAnErrorWhenUnfinishedIsAllowed(t *testing.T) {
	listedAsFailed := wait.Progress{Pending: []scriptix.Session{{SessionID: "a", Status: scriptix.StatusQueued}, {SessionID: "b", Status: scriptix.StatusFailed}}}
	for want, err := range map[string]error{
		"Session Failed":     &wait.FailedError{Failed: []scriptix.Session{failedSession(nil)}, Pending: 1},
		"Cancelled":          &wait.CancelledError{Progress: listedAsFailed},
		"Rate Limit Reached": &scriptix.RateLimitError{Until: time.Now().Add(time.Hour)},
		"Reading Timed Out":  &scriptix.RequestError{Err: context.DeadlineExceeded, Ended: true},
		// A list shows a failed session without its details.
		"Session Still Processing": &wait.TimeoutError{Progress: listedAsFailed},
	} {
		got := underAllowUnfinished(err, wait.Options{})
		if len(got) != 1 || got[0].Severity() != diag.SeverityError || got[0].Summary() != want {
			t.Errorf("want the error %q, got %v", want, got)
		}
	}
	got := underAllowUnfinished(&wait.TimeoutError{Progress: listedAsFailed}, wait.Options{AllowFailed: true})
	if len(got) != 1 || got[0].Severity() != diag.SeverityWarning {
		t.Errorf("with allow_failed too, want a warning, got %v", got)
	}
}

const rateLimitAdvice = "If this happens often, let fewer pipelines share the token, or set requests_per_minute in the provider " +
	"block. A longer poll_interval or a larger Scriptix plan helps, too."

func TestRateLimitAdviceFitsTheOperation(t *testing.T) {
	options := scriptix.ListOptions{}
	for name, test := range map[string]struct {
		what      subject
		arguments waitArguments
		want      string
	}{
		"a wait":      {sessionSubject("abc"), waitArguments{waits: true}, "poll_interval"},
		"one session": {sessionSubject("abc"), waitArguments{}, "one scriptix_sessions with session_ids"},
		"a list":      {listSubject(options), waitArguments{}, "A shorter list"},
	} {
		t.Run(name, func(t *testing.T) {
			detail := readFailure(&scriptix.APIError{StatusCode: 429}, test.what, test.arguments)[0].Detail()
			contains(t, detail, test.want)
			if others := strings.Count(detail, "poll_interval") + strings.Count(detail, "scriptix_sessions") + strings.Count(detail, "shorter list"); others != 1 {
				t.Errorf("the advice offers what does not help here: %s", detail)
			}
		})
	}
}

// What Terraform would have to run long, or into the network's own whims, to show.
func TestRequestsWithoutAnAnswerAreReported(t *testing.T) {
	request := func(err, last error) error {
		ended := errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
		return &scriptix.RequestError{Method: "GET", Path: "/p", Attempts: 5, Err: err, Ended: ended, LastFailure: last}
	}
	synctest.Test(t, func(t *testing.T) { // for its clock, which begins in the year 2000
		inAnHour := time.Now().Add(time.Hour)
		waited := wait.Progress{
			Pending: []scriptix.Session{
				{SessionID: "abc", Status: scriptix.StatusProcessing}, {SessionID: "def", Status: scriptix.StatusCompleted},
			},
			Finished: 1, Waited: 90 * time.Second, LastFailure: io.EOF,
		}
		tests := map[string]struct {
			err             error
			summary, detail string
		}{
			"network": {
				request(io.ErrUnexpectedEOF, nil), "Unable to Read Session",
				`Reading session "abc" failed: the request brought no answer: "unexpected EOF". The provider sent the request 5 times.` + "\n\n" +
					"Check that this machine can reach base_url. Check HTTPS_PROXY and NO_PROXY.",
			},
			// An error of the network can pass for the end of the caller's deadline.
			"dial timed out": {
				&scriptix.RequestError{Attempts: 1, Err: context.DeadlineExceeded}, "Unable to Read Session",
				`Reading session "abc" failed: the request brought no answer: "context deadline exceeded". The provider sent the request 1 time.` + "\n\n" +
					"Check that this machine can reach base_url. Check HTTPS_PROXY and NO_PROXY.",
			},
			"company certificate": {
				request(&tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}, nil), "Unable to Read Session",
				`Reading session "abc" failed: the request brought no answer: "tls: failed to verify certificate: x509: certificate signed by unknown authority". The provider sent the request 5 times.` + "\n\n" +
					`If a proxy of your company replaces certificates, see the guide "Networks" of the provider.`,
			},
			"attempt timed out": {
				request(&scriptix.AttemptTimeoutError{Timeout: time.Minute}, nil), "Unable to Read Session",
				`Reading session "abc" failed: Scriptix did not answer within 1m. The provider sent the request 5 times.` + "\n\n" +
					"Run Terraform again, or raise request_timeout in the provider block.",
			},
			"deadline": {
				request(context.DeadlineExceeded, nil), "Reading Timed Out",
				`Reading session "abc" did not end within the timeout of 30m.` + "\n\nRun Terraform again, or raise timeouts.read.",
			},
			"deadline after a failure": {
				request(context.DeadlineExceeded, &scriptix.APIError{StatusCode: 500}), "Reading Timed Out",
				`Reading session "abc" did not end within the timeout of 30m.` + "\n\n" +
					`The last attempt that failed reported: "status 500 Internal Server Error".` + "\n\nRun Terraform again, or raise timeouts.read.",
			},
			"cancelled": {
				request(context.Canceled, io.EOF), "Cancelled", `Reading session "abc" was interrupted. Run Terraform again.`,
			},
			"the API's limit": {
				&scriptix.RateLimitError{Until: inAnHour}, "Rate Limit Reached",
				`Reading session "abc" failed: Scriptix accepts the next request at 2000-01-01 01:00:00 UTC (in 1h), after the timeout of 30m.` + "\n\nRun Terraform again then, or raise timeouts.read. " + rateLimitAdvice,
			},
			"the user's own limit": {
				&scriptix.RateLimitError{Until: inAnHour, OwnCap: true}, "Rate Limit Reached",
				`Reading session "abc" failed: requests_per_minute allows the next request at 2000-01-01 01:00:00 UTC (in 1h), after the timeout of 30m.` + "\n\n" +
					"Raise requests_per_minute in the provider block, or timeouts.read.",
			},
			"a limit in the middle of a wait": {
				&wait.RateLimitError{Progress: waited, Err: &scriptix.RateLimitError{Until: inAnHour}}, "Rate Limit Reached",
				`2 of 3 sessions have not finished: "abc" (processing), "def" (completed in the list, details not read yet). ` +
					`The wait ended after 0 polls in 1m30s, because Scriptix accepts the next request at 2000-01-01 01:00:00 UTC (in 1h), after the timeout of 30m.` + "\n\n" +
					`The last poll that failed reported: "EOF".` + "\n\nSessions continue by themselves. Run Terraform again then, or raise timeouts.read. " + rateLimitAdvice,
			},
			"429 that says until when": {
				&scriptix.APIError{StatusCode: 429, RetryAt: inAnHour, Attempts: 1}, "Rate Limit Reached",
				`Reading session "abc" failed: HTTP 429 (Too Many Requests).` + "\n\n" +
					"Scriptix accepts requests again at 2000-01-01 01:00:00 UTC (in 1h). Run Terraform again then, or raise timeouts.read. " + rateLimitAdvice,
			},
			"429 that does not": {
				&scriptix.APIError{StatusCode: 429, Attempts: 3}, "Rate Limit Reached",
				`Reading session "abc" failed: HTTP 429 (Too Many Requests). The provider sent the request 3 times.` + "\n\n" +
					"Scriptix does not say when it accepts requests again. Run Terraform again in a few minutes. " + rateLimitAdvice,
			},
			"anything else": {
				errors.New("a\nb"), "Unable to Read Session", `Reading session "abc" failed: "a\nb".`,
			},
			"wrapped": {
				fmt.Errorf("outer: %w", request(context.Canceled, nil)), "Cancelled", `Reading session "abc" was interrupted. Run Terraform again.`,
			},
			"of another session": {
				&scriptix.SessionError{SessionID: "x\"y", Err: request(context.Canceled, nil)}, "Cancelled", `Reading session "x\"y" was interrupted. Run Terraform again.`,
			},
		}
		for name, test := range tests {
			t.Log(name)
			equal(t, one(t, test.err), test.summary, test.detail)
		}
	})
}

func TestJoinedErrorsAreReportedOneByOne(t *testing.T) {
	missing := func(id string) error {
		return &scriptix.SessionError{SessionID: id, Err: &scriptix.APIError{StatusCode: 404, FromAPI: true, ErrorCode: "SESSION_NOT_FOUND"}}
	}
	diagnostics := readFailure(errors.Join(missing("a"), missing("b")), selection{byID: true}.subject(), waitArguments{})
	if len(diagnostics) != 2 {
		t.Fatalf("want two errors, got %v", diagnostics)
	}
	for i, id := range []string{"a", "b"} {
		if got := diagnostics[i].Summary(); got != summaryNotFound {
			t.Errorf("summary is %q", got)
		}
		contains(t, diagnostics[i].Detail(), `Reading session "`+id+`" failed: HTTP 404`)
		at, ok := diagnostics[i].(diag.DiagnosticWithPath)
		if !ok || !at.Path().Equal(path.Root("session_ids")) {
			t.Errorf("%v is not on the path of session_ids", diagnostics[i])
		}
	}
}

// Whatever comes from outside, nothing reaches a terminal as it came.
func TestJoinedErrorsAreReportedUpToABound(t *testing.T) {
	t.Parallel()
	var errs []error
	for i := range 1_000 {
		errs = append(errs, &scriptix.SessionError{SessionID: fmt.Sprintf("session-%d", i), Err: &scriptix.APIError{StatusCode: 404, FromAPI: true, ErrorCode: "SESSION_NOT_FOUND"}})
	}
	diagnostics := readFailure(errors.Join(errs...), selection{byID: true}.subject(), waitArguments{})
	if len(diagnostics) != 11 {
		t.Fatalf("%d diagnostics, want ten and one that counts the others", len(diagnostics))
	}
	last := diagnostics[10]
	if last.Summary() != "Unable to List Sessions" || last.Detail() != "Reading the sessions of session_ids failed for 990 more sessions." {
		t.Errorf("the last says %q: %s", last.Summary(), last.Detail())
	}
}

func TestTextsFromOutsideAreMadeHarmless(t *testing.T) {
	evil := "\x1b[2J\r\n" + strings.Repeat("x", 1<<20) + "\u202e\xff"
	for name, err := range map[string]error{
		"session":  &wait.FailedError{Failed: []scriptix.Session{{SessionID: evil, Filename: &evil, Error: &evil}}},
		"status":   &wait.TimeoutError{Progress: wait.Progress{Pending: []scriptix.Session{{SessionID: evil, Status: scriptix.Status(evil)}}, LastFailure: errors.New(evil)}},
		"refusal":  &scriptix.APIError{StatusCode: 400, Type: evil, ErrorCode: evil, Message: evil, Details: evil},
		"no type":  &scriptix.APIError{StatusCode: 400, Type: evil},
		"redirect": &scriptix.RedirectError{StatusCode: 301, Location: evil},
		"answer":   &scriptix.AnswerError{Field: evil, Problem: "is odd", Value: evil},
		"request":  &scriptix.RequestError{Err: errors.New(evil)},
		"other":    errors.New(evil),
		"subject":  &scriptix.SessionError{SessionID: evil, Err: &scriptix.APIError{StatusCode: 403}},
	} {
		t.Run(name, func(t *testing.T) {
			detail := one(t, err).Detail()
			if len(detail) > 10_000 {
				t.Errorf("the detail has %d bytes", len(detail))
			}
			if !utf8.ValidString(detail) {
				t.Errorf("the detail is not UTF-8: %q", detail)
			}
			for _, r := range detail {
				if r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r)) {
					t.Fatalf("the detail holds %q: %q", r, detail)
				}
			}
		})
	}
}

func TestQuoted(t *testing.T) {
	const cut = "… (cut)"
	tests := map[string]struct{ text, want string }{
		"plain":                   {"meeting.mp3", `"meeting.mp3"`},
		"empty":                   {"", `""`},
		"quotes and backslashes":  {`a"b\c`, `"a\"b\\c"`},
		"line breaks and tabs":    {"a\r\n\tb", `"a\r\n\tb"`},
		"escape sequences":        {"\x1b[31mred\x07", `"\x1b[31mred\a"`},
		"reversed text":           {"a\u202eb", `"a\u202eb"`},
		"letters beyond ASCII":    {"Größe 東京 🎧", `"Größe 東京 🎧"`},
		"invalid UTF-8":           {"a\xffb\xc3", `"a\xffb\xc3"`},
		"just fits":               {strings.Repeat("x", 300), `"` + strings.Repeat("x", 300) + `"`},
		"one too long":            {strings.Repeat("x", 301), `"` + strings.Repeat("x", 300) + `"` + cut},
		"a megabyte":              {strings.Repeat("x", 1<<20), `"` + strings.Repeat("x", 300) + `"` + cut},
		"wide, just fits":         {strings.Repeat("🎧", 300), `"` + strings.Repeat("🎧", 300) + `"`},
		"wide, one too long":      {strings.Repeat("🎧", 301), `"` + strings.Repeat("🎧", 300) + `"` + cut},
		"wide, two too long":      {strings.Repeat("🎧", 302), `"` + strings.Repeat("🎧", 300) + `"` + cut},
		"a megabyte of wide text": {strings.Repeat("🎧", 1<<18), `"` + strings.Repeat("🎧", 300) + `"` + cut},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := quoted(test.text)
			if got != test.want {
				t.Errorf("got %d bytes, %s, want %d bytes, %s", len(got), got, len(test.want), test.want)
			}
			if _, err := strconv.Unquote(strings.TrimSuffix(got, cut)); err != nil {
				t.Errorf("%s cannot be read back: %v", got, err)
			}
		})
	}
	// What is cut is bounded even when every byte of it is written as an escape.
	if got := quoted(strings.Repeat("\xff\x00", 1<<19)); len(got) > 4*maxQuotedRunes+len(cut)+2 || !strings.HasSuffix(got, cut) {
		t.Errorf("got %d bytes: %s", len(got), got)
	}
}

func TestDuration(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0:                                     "0s",
		150 * time.Millisecond:                "150ms",
		time.Second:                           "1s",
		1499 * time.Millisecond:               "1s",
		90 * time.Second:                      "1m30s",
		10 * time.Minute:                      "10m",
		10*time.Minute + 200*time.Millisecond: "10m",
		75 * time.Minute:                      "1h15m",
		time.Hour:                             "1h",
		time.Hour + 10*time.Minute:            "1h10m",
		time.Hour + 10*time.Second:            "1h0m10s",
		20 * time.Hour:                        "20h",
		100 * time.Hour:                       "100h",
	} {
		if got := duration(d); got != want {
			t.Errorf("duration of %s: got %s, want %s", d, got, want)
		}
	}
}

func TestCount(t *testing.T) {
	for number, want := range map[int]string{0: "0 polls", 1: "1 poll", 2: "2 polls", 1000: "1000 polls"} {
		if got := count(number, "poll"); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestSecretsAreNotRepeatedByTheirValidators(t *testing.T) {
	for name, err := range map[string]string{
		"token":   validated(apiTokenValidator, "secret token"),
		"address": validated(baseURLValidator, "https://user:secret@api.scriptix.io"),
	} {
		if err == "" || strings.Contains(err, "secret") {
			t.Errorf("%s: the error is missing or repeats the value: %s", name, err)
		}
	}
	contains(t, validated(sessionIDValidator, "a b"), `argument must not contain white space.`)
}

// validated is what a validator says of a value.
func validated(v stringValidator, value string) string {
	var response validator.StringResponse
	v.ValidateString(context.Background(), validator.StringRequest{
		Path: path.Root("argument"), ConfigValue: types.StringValue(value),
	}, &response)
	var details []string
	for _, diagnostic := range response.Diagnostics {
		details = append(details, diagnostic.Summary()+": "+diagnostic.Detail())
	}
	return strings.Join(details, "\n")
}

func TestUnrecognisedStatusOfAFinishedSessionIsAWarning(t *testing.T) {
	api := scriptixtest.NewServer(t)
	api.Add(
		scriptixtest.Session{SessionID: "known"},
		scriptixtest.Session{SessionID: "done", FinalStatus: "done"},
		scriptixtest.Session{SessionID: "archived", FinalStatus: "archived"},
	)
	server := newProtocolServer(t.Context(), t, api)
	tests := map[string]struct {
		dataSource string
		arguments  values
		want       []string // the sessions warned of
	}{
		"awaited":              {"scriptix_session", values{"session_id": stringValue("done"), "wait_for_completion": boolValue(true)}, []string{"done"}},
		"not awaited":          {"scriptix_session", values{"session_id": stringValue("done")}, nil},
		"documented":           {"scriptix_session", values{"session_id": stringValue("known"), "wait_for_completion": boolValue(true)}, nil},
		"of several, awaited":  {"scriptix_sessions", values{"session_ids": stringList("done", "known", "archived"), "wait_for_completion": boolValue(true)}, []string{"done", "archived"}},
		"listed, awaited":      {"scriptix_sessions", values{"wait_for_completion": boolValue(true)}, []string{"archived", "done"}},
		"several, not awaited": {"scriptix_sessions", values{"session_ids": stringList("done", "archived")}, nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			state, warnings := server.read(t.Context(), server.request(test.dataSource, test.arguments))
			if len(state) == 0 {
				t.Error("there is no state")
			}
			if len(warnings) != len(test.want) {
				t.Fatalf("want %d warnings, got %s", len(test.want), texts(warnings))
			}
			for i, id := range test.want {
				if warnings[i].Severity != tfprotov6.DiagnosticSeverityWarning {
					t.Errorf("not a warning: %s", texts(warnings))
				}
				contains(t, texts(warnings[i:i+1]), "Unrecognised Session Status",
					fmt.Sprintf("Session %q has finished with the status %q, which the Scriptix API does not document.", id, id), "returns the session as it is")
			}
		})
	}
}

func TestWarningsOfUnrecognisedStatusesAreBounded(t *testing.T) {
	sessions := make([]scriptix.Session, 1000)
	for i := range sessions {
		sessions[i] = scriptix.Session{SessionID: fmt.Sprint("s", i), Status: "done", FinishedAt: new("2025-01-15T10:00:00Z")}
	}
	if got := len(unrecognizedStatuses(sessions)); got != maxEnumerated {
		t.Errorf("got %d warnings, want %d", got, maxEnumerated)
	}
}

// A list whose pages never add up is returned as it was last read.
func TestListThatNeverSettlesIsAWarning(t *testing.T) {
	api := scriptixtest.NewServer(t)
	api.Inject(scriptixtest.Fault{
		Match: scriptixtest.ForList(),
		Body:  `{"count":1,"total_results":2,"result":[{"session_id":"one","status":"failed"}]}`,
	})
	server := newProtocolServer(t.Context(), t, api)
	for name, test := range map[string]struct {
		arguments values
		subject   string
	}{
		"all":       {nil, "The list of sessions changed while the provider read it"},
		"by status": {values{"status": stringValue("failed")}, "The list of failed sessions changed while the provider read it"},
	} {
		t.Run(name, func(t *testing.T) {
			state, warnings := server.read(t.Context(), server.request("scriptix_sessions", test.arguments))
			if len(warnings) != 1 || warnings[0].Severity != tfprotov6.DiagnosticSeverityWarning {
				t.Fatalf("want one warning, got %s", texts(warnings))
			}
			contains(t, texts(warnings), "Session List Kept Changing", test.subject, "A session may be missing", "created_after")
			contains(t, state["sessions"].String(), `"one"`)
		})
	}
}

// A Ctrl-C arrives as the end of the request's context or as a signal to the provider itself.
func TestReadsEndWhenCancelled(t *testing.T) {
	ways := map[string]func(cancel, interrupt func()) func(){
		"by the request's context": func(cancel, _ func()) func() { return cancel },
		"by a signal":              func(_, interrupt func()) func() { return interrupt },
	}
	for way, end := range ways {
		t.Run("while waiting, "+way, func(t *testing.T) {
			api := scriptixtest.NewServer(t)
			api.Add(scriptixtest.Session{SessionID: "slow", Processing: 1000 * time.Hour})
			waiting := &lineWatcher{text: "Waiting for sessions to finish", seen: make(chan struct{})}
			got := readUntil(t, api, waiting, end)
			contains(t, got, "ERROR: Cancelled", `Session "slow" has not finished: its status is still processing. The wait was interrupted after`,
				"Sessions continue by themselves. Run Terraform again to continue the wait.")
			if got := len(api.Requests()); got != 1 {
				t.Errorf("%d requests were sent, want 1", got)
			}
		})
		t.Run("while reading, "+way, func(t *testing.T) {
			api := scriptixtest.NewServer(t)
			asked := &lineWatcher{seen: make(chan struct{})}
			api.Inject(scriptixtest.Fault{
				Match: func(*http.Request) bool {
					asked.once.Do(func() { close(asked.seen) })
					return true
				},
				Hang: true,
			})
			contains(t, readUntil(t, api, asked, end), "ERROR: Cancelled", `Reading session "slow" was interrupted. Run Terraform again.`)
		})
	}
}

// readUntil reads session "slow" and waits for it, until something has been seen; then it ends the read. A cancelled wait is an
// error though allow_unfinished is set.
func readUntil(t *testing.T, api *scriptixtest.Server, watcher *lineWatcher, end func(cancel, interrupt func()) func()) (diagnostics string) {
	t.Helper()
	interrupted, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	ctx, cancel := context.WithCancel(tflogtest.RootLogger(t.Context(), watcher))
	defer cancel()
	server := newProtocolServer(interrupted, t, api)
	request := server.request("scriptix_session", values{
		"session_id": stringValue("slow"), "wait_for_completion": boolValue(true), "allow_unfinished": boolValue(true),
	})
	go func() {
		<-watcher.seen
		end(cancel, interrupt)()
	}()
	_, errors := server.read(ctx, request)
	return texts(errors)
}

// lineWatcher is a log that tells when a text is written to it.
type lineWatcher struct {
	text string
	once sync.Once
	seen chan struct{}
}

func (w *lineWatcher) Write(line []byte) (int, error) {
	if w.text != "" && strings.Contains(string(line), w.text) {
		w.once.Do(func() { close(w.seen) })
	}
	return len(line), nil
}
