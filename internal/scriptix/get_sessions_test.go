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
		"not implemented":   {Status: http.StatusNotImplemented},
		"redirected":        {Status: http.StatusFound, Header: http.Header{"Location": {"/elsewhere"}}},
		"failing":           {Status: http.StatusInternalServerError},
		"unavailable":       {Status: http.StatusServiceUnavailable, Body: scriptixtest.ProxyPage},
		"broken off":        {Truncate: true},
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

// What holds for the token as such is no reason to ask for each.
func TestGetSessionsEndsWithAListThatFailsForAll(t *testing.T) {
	t.Parallel()
	for _, status := range []int{http.StatusUnauthorized, http.StatusPaymentRequired} {
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

// Nothing at a wrong address knows about sessions, and a request for each of them would show nothing else.
func TestGetSessionsEndsAtAWrongAddress(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"empty": "", "HTML": scriptixtest.ProxyPage, "gateway": `{"message":"no Route matched with those values"}`,
	} {
		for _, test := range []struct{ sessions, requests int }{{1, 1}, {3, 1}, {2000, 1}} {
			t.Run(fmt.Sprintf("%s, %d sessions", name, test.sessions), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					server := scriptixtest.NewPipeServer(t)
					ids := addMany(server, test.sessions, scriptixtest.Session{SessionID: "s"})
					server.Inject(scriptixtest.Fault{Status: http.StatusNotFound, Body: body})
					sessions, err := newClient(t, server).GetSessions(t.Context(), ids)
					if sessions != nil {
						t.Errorf("got %d sessions in spite of the error", len(sessions))
					}
					compare(t, "status", failure[*scriptix.APIError](t, err).StatusCode, http.StatusNotFound)
					compare(t, "not found", scriptix.IsNotFound(err), false)
					var several interface{ Unwrap() []error }
					if errors.As(err, &several) {
						t.Errorf("%d errors, want one", len(several.Unwrap()))
					}
					compare(t, "requests", len(server.Requests()), test.requests)
				})
			})
		}
	}
}

// The list is there, and something else answers for single sessions.
func TestGetSessionsEndsIfSingleSessionsCannotBeHad(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := scriptixtest.NewPipeServer(t)
		ids := addMany(server, 2000, scriptixtest.Session{SessionID: "s", Unlisted: true})
		server.Inject(
			scriptixtest.Fault{Match: scriptixtest.ForList(), Latency: time.Second},
			scriptixtest.Fault{Status: http.StatusNotFound, Latency: time.Second},
		)
		_, err := newClient(t, server).GetSessions(t.Context(), ids)
		compare(t, "status", failure[*scriptix.APIError](t, err).StatusCode, http.StatusNotFound)
		if requests, most := len(server.Requests()), 1+scriptix.DefaultMaxConcurrentRequests; requests > most {
			t.Errorf("%d requests, want at most %d", requests, most)
		}
	})
}

// Each world makes lists worth less. The requests are stated: those for pages, and then GETs.
func TestGetSessionsBesideListsThatGoWrong(t *testing.T) {
	t.Parallel()
	constant := func(total int) scriptixtest.Option {
		return scriptixtest.WithTotalResults(func(int) int { return total })
	}
	newest := func(many int) func([]string) []string { return func(all []string) []string { return all[:many] } }
	oldest := func(many int) func([]string) []string {
		return func(all []string) []string { return all[len(all)-many:] }
	}
	for name, test := range map[string]struct {
		option   scriptixtest.Option
		listed   int
		unlisted int // sessions that lists do not show, all of which are asked for
		ids      func(listed []string) []string
		requests int
	}{
		"offset ignored, 5 on the first page":      {scriptixtest.WithIgnoredOffset(), 5000, 0, newest(5), 1},
		"offset ignored, 5 on the second page":     {scriptixtest.WithIgnoredOffset(), 150, 0, oldest(5), 2 + 5},
		"offset ignored, 5 behind many pages":      {scriptixtest.WithIgnoredOffset(), 5000, 0, oldest(5), 1 + 5},
		"offset ignored, 100 behind many pages":    {scriptixtest.WithIgnoredOffset(), 5000, 0, oldest(100), 2 + 100},
		"offset ignored, all of 250":               {scriptixtest.WithIgnoredOffset(), 250, 0, newest(250), 2 + 150},
		"total far too large, 5 on the second":     {constant(100_000), 150, 0, oldest(5), 1 + 5},
		"total too large, all of 150":              {constant(2000), 150, 0, newest(150), 2},
		"total too large, all of 150 and unlisted": {constant(2000), 150, 200, newest(150), 3 + 200},
		"total of zero, 5 on the first page":       {constant(0), 150, 0, newest(5), 1},
		"total of zero, 5 on the second page":      {constant(0), 150, 0, oldest(5), 2},
		"total of zero, 5 on the third page":       {constant(0), 1000, 0, func(all []string) []string { return all[200:205] }, 3},
		"total of zero, one is missing":            {constant(0), 150, 1, newest(2), 1 + 1},
		"total of zero, all of 350":                {constant(0), 350, 0, newest(350), 4},
		"total of the first page, 5 on the second": {constant(100), 150, 0, oldest(5), 1 + 5},
		"total grows, 5 on the second page":        {scriptixtest.WithTotalResults(growing(100)), 150, 0, oldest(5), 2},
		"total grows, unlisted":                    {scriptixtest.WithTotalResults(growing(100)), 150, 5, newest(0), 3 + 5},
		"50 a page, all of 150":                    {scriptixtest.WithMaxPageSize(50), 150, 0, newest(150), 3},
		"50 a page, the oldest 5":                  {scriptixtest.WithMaxPageSize(50), 150, 0, oldest(5), 3},
		"10 a page, all of 150":                    {scriptixtest.WithMaxPageSize(10), 150, 0, newest(150), 15},
		"10 a page, the oldest 5":                  {scriptixtest.WithMaxPageSize(10), 150, 0, oldest(5), 1 + 5},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := scriptixtest.NewPipeServer(t, test.option)
				ids := slices.Concat(
					test.ids(addMany(server, test.listed, scriptixtest.Session{SessionID: "listed"})),
					addMany(server, test.unlisted, scriptixtest.Session{SessionID: "unlisted", Unlisted: true}),
				)
				sessions, err := newClient(t, server).GetSessions(t.Context(), ids)
				if err != nil {
					t.Fatal(err)
				}
				compare(t, "sessions", idsOf(sessions), ids)
				compare(t, "requests", len(server.Requests()), test.requests)
			})
		})
	}
}

func TestGetSessionsEndsAtAnEmptyPage(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := scriptixtest.NewPipeServer(t)
		ids := addMany(server, 400, scriptixtest.Session{SessionID: "s"})
		server.Inject(scriptixtest.Fault{Match: scriptixtest.ForOffset(100), Body: `{"total_results": 400, "result": []}`})
		sessions, err := newClient(t, server).GetSessions(t.Context(), ids[200:])
		if err != nil {
			t.Fatal(err)
		}
		compare(t, "sessions", idsOf(sessions), ids[200:])
		compare(t, "requests", len(server.Requests()), 2+200)
	})
}

// Each page promises one more. No more pages are read than sessions are asked for.
func TestGetSessionsFromAListWithoutEnd(t *testing.T) {
	t.Parallel()
	pages, gets := 0, 0
	client := newTransportClient(t, func(request *http.Request) (*http.Response, error) {
		if request.URL.Path == sessionsPath {
			pages++
			offset := offsetOf(t, request)
			return newPage(offset+2, offset, 1, nil), nil
		}
		gets++
		return newResponse(http.StatusNotFound, nil, scriptixtest.NotFoundJSON), nil
	}, withConcurrency(1))
	_, err := client.GetSessions(t.Context(), []string{"a", "b", "c", "d", "e"})
	compare(t, "not found", len(joined(t, err)), 5)
	compare(t, "pages", pages, 5)
	compare(t, "GETs", gets, 5)
}

// Strangers are skipped whatever they hold, be they few or pages of them.
func TestGetSessionsSkipsMalformedStrangers(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		times    int // that each malformed item is listed, before the sessions
		options  []scriptixtest.Option
		requests int
	}{
		"each once":         {1, nil, 1},
		"two pages of them": {20, nil, 3},
		// No page shows that it repeats another. There are as many pages as sessions at most.
		"two pages of them, offset ignored": {20, []scriptixtest.Option{scriptixtest.WithIgnoredOffset()}, 5 + 5},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := scriptixtest.NewPipeServer(t, test.options...)
				ids := addMany(server, 5, scriptixtest.Session{SessionID: "s"})
				for range test.times {
					for _, malformed := range scriptixtest.MalformedItems() {
						server.Add(scriptixtest.Session{JSON: malformed})
					}
				}
				sessions, err := newClient(t, server).GetSessions(t.Context(), ids)
				if err != nil {
					t.Fatal(err)
				}
				compare(t, "sessions", idsOf(sessions), ids)
				compare(t, "requests", len(server.Requests()), test.requests)
			})
		})
	}
}

func TestGetSessionsReadsAMalformedItemThatIsAskedForByItsGET(t *testing.T) {
	t.Parallel()
	ids := []string{"a", "odd", "b"}
	const odd = `{"session_id": "odd", "status": 4}`
	t.Run("only the list is wrong", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			server := scriptixtest.NewPipeServer(t)
			server.Add(scriptixtest.Session{SessionID: "a"}, scriptixtest.Session{JSON: odd}, scriptixtest.Session{SessionID: "b"},
				scriptixtest.Session{SessionID: "odd", Unlisted: true})
			sessions, err := newClient(t, server).GetSessions(t.Context(), ids)
			if err != nil {
				t.Fatal(err)
			}
			compare(t, "sessions", idsOf(sessions), ids)
			compare(t, "status", sessions[1].Status, scriptix.StatusCompleted)
			compare(t, "requests", len(server.Requests()), 1+1)
		})
	})
	t.Run("its GET is wrong as well", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			server := scriptixtest.NewPipeServer(t)
			server.Add(scriptixtest.Session{SessionID: "a"}, scriptixtest.Session{SessionID: "odd", JSON: odd}, scriptixtest.Session{SessionID: "b"})
			_, err := newClient(t, server).GetSessions(t.Context(), ids)
			compareWords(t, failure[*scriptix.SessionError](t, err), `session "odd": status is a number instead of a string`)
			compare(t, "requests", len(server.Requests()), 1+1)
		})
	})
}

// The contract shows list items with dots. How many sessions are asked for must not decide what is returned.
func TestGetSessionsReturnsFinishedSessionsInFull(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ finished, failed, running, requests int }{
		{1, 0, 0, 1}, {2, 0, 0, 2}, {3, 0, 0, 1 + 3}, {0, 0, 3, 1}, {2, 2, 2, 1 + 4}, {120, 0, 30, 2 + 120},
	} {
		t.Run(fmt.Sprintf("%d completed, %d failed, %d running", test.finished, test.failed, test.running), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := scriptixtest.NewPipeServer(t, scriptixtest.WithAbbreviatedItems())
				finished := slices.Concat(
					addMany(server, test.finished, scriptixtest.Session{SessionID: "completed"}),
					addMany(server, test.failed, scriptixtest.Session{SessionID: "failed", Error: "Processing timeout"}),
				)
				running := addMany(server, test.running, scriptixtest.Session{SessionID: "running", Processing: time.Hour})
				client := newClient(t, server)
				sessions, err := client.GetSessions(t.Context(), slices.Concat(finished, running))
				if err != nil {
					t.Fatal(err)
				}
				compare(t, "requests", len(server.Requests()), test.requests)
				compare(t, "sessions", idsOf(sessions), slices.Concat(finished, running))
				for i, sessionID := range finished {
					alone, err := client.GetSession(t.Context(), sessionID)
					if err != nil {
						t.Fatal(err)
					}
					compare(t, "session, as read alone", sessions[i], *alone)
				}
			})
		})
	}
}

// Requests wait for their turn in the order in which they come. Many must not stand before those of somebody else.
func TestGetSessionsLetsAPollPass(t *testing.T) {
	t.Parallel()
	const latency = 100 * time.Millisecond
	for _, concurrency := range []int{1, 2, 5} {
		t.Run(fmt.Sprint(concurrency), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := scriptixtest.NewPipeServer(t)
				ids := addMany(server, 300, scriptixtest.Session{SessionID: "s", Unlisted: true})
				server.Inject(scriptixtest.Fault{Latency: latency})
				client := newClient(t, server, withConcurrency(concurrency))
				read := make(chan error)
				go func() {
					_, err := client.GetSessions(t.Context(), ids)
					read <- err
				}()
				polling := client.ForPolling()
				for range 5 {
					time.Sleep(latency/2 + 3*latency) // amid the GETs that are under way
					polled := time.Now()
					if _, err := polling.GetSession(t.Context(), ids[0]); err != nil {
						t.Fatal(err)
					}
					took(t, polled, latency, 2*latency)
				}
				if err := <-read; err != nil {
					t.Fatal(err)
				}
				compare(t, "requests", len(server.Requests()), 1+300+5)
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
	err := &scriptix.SessionError{SessionID: "a\nb", Err: &scriptix.APIError{StatusCode: 404, FromAPI: true, ErrorCode: "SESSION_NOT_FOUND"}}
	compareWords(t, err, `session "a\nb": status 404 Not Found, "SESSION_NOT_FOUND"`)
	compare(t, "not found", scriptix.IsNotFound(err), true)
	compare(t, "nothing is not found", scriptix.IsNotFound(nil), false)
}
