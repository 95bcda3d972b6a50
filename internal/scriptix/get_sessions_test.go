package scriptix_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
)

func TestGetSessionsKeepsTheOrderAskedFor(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		ask, want []string
	}{
		"one":             {[]string{"b"}, []string{"b"}},
		"in order":        {[]string{"a", "b", "c"}, []string{"a", "b", "c"}},
		"in another":      {[]string{"c", "a", "b"}, []string{"c", "a", "b"}},
		"some twice":      {[]string{"b", "a", "b", "b", "a"}, []string{"b", "a"}},
		"one many times":  {[]string{"a", "a", "a"}, []string{"a"}},
		"case is another": {[]string{"A", "a"}, []string{"A", "a"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := scriptixtest.NewPipeServer(t)
				for _, id := range []string{"a", "b", "c", "A"} {
					server.Add(scriptixtest.Session{SessionID: id})
				}
				// The first one asked for is answered last, and still stands first.
				server.Inject(scriptixtest.Fault{Match: scriptixtest.ForSession(test.ask[0]), Latency: time.Second})
				asked := slices.Clone(test.ask)
				sessions, err := newClient(t, server).GetSessions(t.Context(), asked)
				if err != nil {
					t.Fatal(err)
				}
				compare(t, "sessions", idsOf(sessions), test.want)
				compare(t, "what was passed in", asked, test.ask)
				if requests := len(server.Requests()); requests > len(test.want) {
					t.Errorf("%d requests for %d sessions", requests, len(test.want))
				}
			})
		})
	}
}

func TestGetSessionsOfNoneSendsNothing(t *testing.T) {
	t.Parallel()
	client := newTransportClient(t, func(request *http.Request) (*http.Response, error) {
		t.Errorf("sent %s", request.URL)
		return newResponse(http.StatusOK, nil, "{}"), nil
	})
	for _, none := range [][]string{nil, {}} {
		sessions, err := client.GetSessions(t.Context(), none)
		if err != nil || len(sessions) != 0 {
			t.Errorf("got %v, %v", sessions, err)
		}
	}
}

func TestGetSessionsNamesAllThatAreMissing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := scriptixtest.NewPipeServer(t)
		server.Add(scriptixtest.Session{SessionID: "here"}, scriptixtest.Session{SessionID: "there"})
		sessions, err := newClient(t, server).GetSessions(t.Context(), []string{"lost", "here", "gone", "lost", "there", "never"})
		if len(sessions) != 0 {
			t.Errorf("got %v in spite of the error", idsOf(sessions))
		}
		var missing []string
		for _, one := range joined(t, err) {
			failed := failure[*scriptix.SessionError](t, one)
			missing = append(missing, failed.SessionID)
			compare(t, failed.SessionID, *failure[*scriptix.APIError](t, failed), scriptix.APIError{
				StatusCode: http.StatusNotFound, Type: "Not Found", ErrorCode: "SESSION_NOT_FOUND",
				Message: "Session not found", FromAPI: true, Attempts: 1,
			})
		}
		compare(t, "missing", missing, []string{"lost", "gone", "never"})
		compare(t, "is not found", scriptix.IsNotFound(err), true)
	})
}

// joined returns the errors that errors.Join put together.
func joined(t *testing.T, err error) []error {
	t.Helper()
	var several interface{ Unwrap() []error }
	if !errors.As(err, &several) {
		t.Fatalf("got the error %v (%T), want several joined", err, err)
	}
	return several.Unwrap()
}

func TestGetSessionsEndsWithTheFirstOtherFailure(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault scriptixtest.Fault
		is    func(error) bool
	}{
		"refusal": {scriptixtest.Fault{Status: http.StatusForbidden}, func(err error) bool {
			var refusal *scriptix.APIError
			return errors.As(err, &refusal) && refusal.StatusCode == http.StatusForbidden
		}},
		"no sense": {scriptixtest.Fault{Body: "OK"}, func(err error) bool {
			var answer *scriptix.AnswerError
			return errors.As(err, &answer)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := scriptixtest.NewPipeServer(t)
				test.fault.Match = scriptixtest.ForSession("bad")
				server.Inject(test.fault)
				server.Inject(scriptixtest.Fault{Match: scriptixtest.ForSession("slow"), Latency: time.Hour})
				start := time.Now()
				_, err := newClient(t, server).GetSessions(t.Context(), []string{"slow", "bad"})
				failed := failure[*scriptix.SessionError](t, err)
				compare(t, "session at fault", failed.SessionID, "bad")
				if !test.is(failed) {
					t.Errorf("it failed with %v", failed)
				}
				took(t, start, 0, 0) // the slow one is not waited for
			})
		})
	}
}

// A token may be allowed to read sessions and not to list them, and a page may hold a stranger that is broken.
func TestGetSessionsDoesWithoutAListThatCannotBeHad(t *testing.T) {
	t.Parallel()
	faults := map[string]scriptixtest.Fault{
		"forbidden":         {Status: http.StatusForbidden},
		"not there":         {Status: http.StatusNotFound, Body: scriptixtest.NotFoundJSON},
		"redirected":        {Status: http.StatusFound, Header: http.Header{"Location": {"/elsewhere"}}},
		"something else":    {Body: `{"sessions": []}`},
		"a broken stranger": {Body: `{"count": 1, "total_results": 1, "result": [{"session_id": "x", "status": "queued", "created_at": "now"}]}`},
	}
	for name, fault := range faults {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := scriptixtest.NewPipeServer(t)
				ids := addMany(server, 5, scriptixtest.Session{SessionID: "s"})
				fault.Match = scriptixtest.ForList()
				server.Inject(fault)
				sessions, err := newClient(t, server).GetSessions(t.Context(), ids)
				if err != nil {
					t.Fatal(err)
				}
				compare(t, "sessions", idsOf(sessions), ids)
				compare(t, "requests", len(server.Requests()), 1+5)
			})
		})
	}
}

// What holds for the token as such, or may pass, is no reason to ask for each.
func TestGetSessionsEndsWithAListThatFailsForAll(t *testing.T) {
	t.Parallel()
	for _, status := range []int{http.StatusUnauthorized, http.StatusPaymentRequired, http.StatusServiceUnavailable} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := scriptixtest.NewPipeServer(t)
				ids := addMany(server, 5, scriptixtest.Session{SessionID: "s"})
				server.Inject(scriptixtest.Fault{Match: scriptixtest.ForList(), Status: status})
				_, err := newClient(t, server).GetSessions(t.Context(), ids)
				refusal := failure[*scriptix.APIError](t, err)
				compare(t, "status", refusal.StatusCode, status)
				compare(t, "requests", len(server.Requests()), refusal.Attempts)
			})
		})
	}
}

func TestGetSessionsEndsWithTheContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := scriptixtest.NewPipeServer(t)
		server.Inject(scriptixtest.Fault{Hang: true})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		_, err := newClient(t, server).GetSessions(ctx, []string{"a", "b", "c"})
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("ended with %v", err)
		}
		took(t, start, time.Second, time.Second)
	})
}

func TestGetSessionsStaysWithinTheBound(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := scriptixtest.NewPipeServer(t)
		var ids []string
		for i := range 10 {
			ids = append(ids, fmt.Sprint("s", i))
			// None is listed, so that each must be read by its own GET.
			server.Add(scriptixtest.Session{SessionID: ids[i], Unlisted: true})
		}
		server.Inject(scriptixtest.Fault{Latency: time.Second})
		sessions, err := newClient(t, server, withConcurrency(3)).GetSessions(t.Context(), ids)
		if err != nil {
			t.Fatal(err)
		}
		compare(t, "sessions", idsOf(sessions), ids)
		compare(t, "most in flight", server.MaxInFlight(), 3)
	})
}

func TestGetSessionsRefusesBadIDs(t *testing.T) {
	t.Parallel()
	client := newTransportClient(t, func(request *http.Request) (*http.Response, error) {
		t.Errorf("sent %s", request.URL)
		return nil, errors.New("no network")
	})
	for sessionID, want := range badSessionIDs() {
		_, err := client.GetSessions(t.Context(), []string{sessionID})
		compare(t, "session at fault", failure[*scriptix.SessionError](t, err).SessionID, sessionID)
		if want := fmt.Sprintf("session id %q %s", sessionID, want); errors.Unwrap(errors.Unwrap(err)) == nil || errors.Unwrap(err).Error() != want {
			t.Errorf("got the error %v, want %s", err, want)
		}
	}
}

func TestSessionErrorInWords(t *testing.T) {
	t.Parallel()
	err := &scriptix.SessionError{SessionID: "a\nb", Err: &scriptix.APIError{StatusCode: 404, FromAPI: true}}
	compareWords(t, err, `session "a\nb": status 404 Not Found`)
	compare(t, "not found", scriptix.IsNotFound(err), true)
	compare(t, "nothing is not found", scriptix.IsNotFound(nil), false)
}
