package wait_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
	"github.com/scriptix/terraform-provider-scriptix/internal/wait"
)

// sessionIDsOf returns the IDs of sessions.
func sessionIDsOf(sessions []scriptix.Session) []string {
	sessionIDs := make([]string, len(sessions))
	for i := range sessions {
		sessionIDs[i] = sessions[i].SessionID
	}
	return sessionIDs
}

// addMany adds sessions and returns their IDs in the order of the list: the newest first.
func (w *world) addMany(many int, session scriptixtest.Session) []string {
	sessionIDs := make([]string, many)
	for i := range many {
		added := session
		added.SessionID = fmt.Sprintf("%s-%d", session.SessionID, i)
		w.Add(added)
		sessionIDs[many-1-i] = added.SessionID
	}
	return sessionIDs
}

func TestManyAreReadInTheOrderAskedFor(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ ask, want []string }{
		"none":            {nil, nil},
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
				w := newWorld(t)
				for _, sessionID := range []string{"a", "b", "c", "A"} {
					w.Add(scriptixtest.Session{SessionID: sessionID})
				}
				if len(test.ask) > 0 { // the first one asked for is answered last, and still stands first
					w.Inject(scriptixtest.Fault{Match: scriptixtest.ForSession(test.ask[0]), Latency: time.Second})
				}
				asked := slices.Clone(test.ask)
				sessions, err := w.waiter.Read(t.Context(), asked, wait.ReadOptions{})
				if err != nil || !slices.Equal(sessionIDsOf(sessions), test.want) {
					t.Errorf("got %v, %v, want %v", sessionIDsOf(sessions), err, test.want)
				}
				if !slices.Equal(asked, test.ask) {
					t.Errorf("what was passed in is now %v", asked)
				}
				if requests := len(w.Requests()); requests > len(test.want) {
					t.Errorf("%d requests for %d sessions", requests, len(test.want))
				}
			})
		})
	}
}

// Each world makes lists worth more or less. The requests are stated: those for pages, and then GETs.
func TestReadingManyTakesTheCheaperWay(t *testing.T) {
	t.Parallel()
	total := func(total int) scriptixtest.Option {
		return scriptixtest.WithTotalResults(func(int) int { return total })
	}
	growing := scriptixtest.WithTotalResults(func(actual int) int { return actual + 100 })
	newest := func(many int) func([]string) []string { return func(all []string) []string { return all[:many] } }
	oldest := func(many int) func([]string) []string {
		return func(all []string) []string { return all[len(all)-many:] }
	}
	some := func(from, to int) func([]string) []string { return func(all []string) []string { return all[from:to] } }
	tests := map[string]struct {
		listed   int
		ids      func(listed []string) []string
		unlisted int // sessions that lists do not show, all of which are asked for
		option   scriptixtest.Option
		requests int
	}{
		"two":                                 {1000, newest(2), 0, nil, 2},
		"the newest 3 of 1,000":               {1000, newest(3), 0, nil, 1},
		"50 of 60":                            {60, newest(50), 0, nil, 1},
		"the newest 100 of 1,000":             {1000, newest(100), 0, nil, 1},
		"all of 250":                          {250, newest(250), 0, nil, 3},
		"all of 1,000":                        {1000, newest(1000), 0, nil, 10},
		"the oldest 5 of 1,000":               {1000, oldest(5), 0, nil, 2},
		"5 in the middle of 1,000":            {1000, some(500, 505), 0, nil, 2 + 5},
		"100 in the middle of 1,000":          {1000, some(500, 600), 0, nil, 7},
		"the newest and 50 on the next page":  {150, func(all []string) []string { return append([]string{all[0]}, all[100:]...) }, 0, nil, 2},
		"the oldest 100 of 300":               {300, oldest(100), 0, nil, 2},
		"offset ignored, 5 on the first page": {5000, newest(5), 0, scriptixtest.WithIgnoredOffset(), 1},
		"offset ignored, 5 behind many":       {5000, oldest(5), 0, scriptixtest.WithIgnoredOffset(), 2 + 5},
		"offset ignored, 100 behind many":     {5000, oldest(100), 0, scriptixtest.WithIgnoredOffset(), 2 + 100},
		"offset ignored, all of 250":          {250, newest(250), 0, scriptixtest.WithIgnoredOffset(), 2 + 150},
		"total far too large, 5 on the next":  {150, oldest(5), 0, total(100_000), 2 + 5},
		"total too large, all of 150":         {150, newest(150), 0, total(2000), 2},
		"total too large, half are unlisted":  {150, newest(150), 200, total(2000), 4 + 200},
		"total of zero, 5 on the first page":  {150, newest(5), 0, total(0), 1},
		"total of zero, 5 on the second page": {150, oldest(5), 0, total(0), 2},
		"total of zero, all of 350":           {350, newest(350), 0, total(0), 4},
		"total grows, 5 on the second page":   {150, oldest(5), 0, growing, 2 + 5},
		"total grows, 5 are unlisted":         {150, newest(0), 5, growing, 2 + 5},
		"50 a page, all of 150":               {150, newest(150), 0, scriptixtest.WithMaxPageSize(50), 3},
		"10 a page, all of 150":               {150, newest(150), 0, scriptixtest.WithMaxPageSize(10), 15},
		"10 a page, the oldest 5":             {150, oldest(5), 0, scriptixtest.WithMaxPageSize(10), 2 + 5},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var options []scriptixtest.Option
				if test.option != nil {
					options = append(options, test.option)
				}
				w := newWorld(t, options...)
				sessionIDs := slices.Concat(
					test.ids(w.addMany(test.listed, scriptixtest.Session{SessionID: "listed"})),
					w.addMany(test.unlisted, scriptixtest.Session{SessionID: "unlisted", Unlisted: true}),
				)
				sessions, err := w.waiter.Read(t.Context(), sessionIDs, wait.ReadOptions{})
				if err != nil || !slices.Equal(sessionIDsOf(sessions), sessionIDs) {
					t.Fatalf("got %v, %v", sessionIDsOf(sessions), err)
				}
				if requests := len(w.Requests()); requests != test.requests {
					t.Errorf("%d requests, want %d", requests, test.requests)
				}
			})
		})
	}
}

// joined returns the errors that were joined.
func joined(t *testing.T, err error) []error {
	t.Helper()
	several, ok := err.(interface{ Unwrap() []error })
	if !ok {
		t.Fatalf("got %v (%T), want several errors", err, err)
	}
	return several.Unwrap()
}

func TestReadingManyNamesAllThatAreMissing(t *testing.T) {
	t.Parallel()
	for _, latency := range []time.Duration{0, time.Second, 10 * time.Second} {
		t.Run(latency.String(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.Add(scriptixtest.Session{SessionID: "here"}, scriptixtest.Session{SessionID: "there"})
				w.Inject(scriptixtest.Fault{Latency: latency})
				sessions, err := w.waiter.Read(t.Context(), []string{"lost", "here", "gone", "lost", "there", "never"}, wait.ReadOptions{})
				if len(sessions) != 0 {
					t.Errorf("got %v in spite of the error", sessionIDsOf(sessions))
				}
				var missing []string
				for _, one := range joined(t, err) {
					session, ok := errors.AsType[*scriptix.SessionError](one)
					if !ok || !scriptix.IsNotFound(one) {
						t.Fatalf("got %v", one)
					}
					missing = append(missing, session.SessionID)
				}
				if !slices.Equal(missing, []string{"lost", "gone", "never"}) {
					t.Errorf("missing are %v", missing)
				}
			})
		})
	}
}

// A few sessions may be new uploads. If the API does not find more of them, the token is wrong, and each costs one request.
func TestReadingManyAsksAgainForAFewThatMayBeNew(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		missing  int
		appear   time.Duration
		requests int // at most
		isFound  bool
	}{
		"a few that appear": {10, time.Second, 10 * 4, true},
		"a few that do not": {3, time.Hour, 3 * 10, false},
		"many":              {60, time.Hour, 2 + 60 + 2*10, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				sessionIDs := w.addMany(200, scriptixtest.Session{SessionID: "old"})[:5]
				for i := range test.missing {
					sessionID := fmt.Sprint("new-", i)
					sessionIDs = append(sessionIDs, sessionID)
					time.AfterFunc(test.appear, func() { w.Add(scriptixtest.Session{SessionID: sessionID}) })
				}
				w.Inject(scriptixtest.Fault{Latency: costLatency})
				_, err := w.waiter.Read(t.Context(), sessionIDs, wait.ReadOptions{MayBeNew: true})
				if test.isFound != (err == nil) || err != nil && len(joined(t, err)) != test.missing {
					t.Errorf("got %v", err)
				}
				if requests := len(w.Requests()); requests > test.requests {
					t.Errorf("%d requests, want at most %d", requests, test.requests)
				}
				if took := time.Since(w.began); took > newUploads+time.Second {
					t.Errorf("took %s", took)
				}
				time.Sleep(2 * test.appear)
			})
		})
	}
}

// newUploads is how long a read asks again for sessions that the API does not find.
const newUploads = 10 * time.Second

// A failure that is not about a missing session ends the read, and names the session. Answers that are under way do not count.
func TestReadingManyEndsWithTheFirstOtherFailure(t *testing.T) {
	t.Parallel()
	faults := map[string]scriptixtest.Fault{
		"refused by the API": {Status: http.StatusForbidden, Body: `{"error":"Forbidden","message":"No access","error_code":"FORBIDDEN"}`},
		"refused by another": {Status: http.StatusForbidden},
		"no sense":           {Body: "OK"},
		"wrong address":      {Status: http.StatusNotFound},
	}
	for name, fault := range faults {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				fault.Match = scriptixtest.ForSession("bad")
				w.Inject(fault, scriptixtest.Fault{Match: scriptixtest.ForSession("slow"), Latency: 20 * time.Second})
				_, err := w.waiter.Read(t.Context(), []string{"slow", "bad"}, wait.ReadOptions{})
				session, ok := errors.AsType[*scriptix.SessionError](err)
				if !ok || session.SessionID != "bad" {
					t.Errorf("got %v", err)
				}
				if took := time.Since(w.began); took > 0 {
					t.Errorf("took %s", took)
				}
			})
		})
	}
}

// What holds for all requests is not asked for each session.
func TestReadingManyEndsIfNoSessionCanBeHad(t *testing.T) {
	t.Parallel()
	faults := map[string]scriptixtest.Fault{
		"the token is refused":     {Status: http.StatusUnauthorized, Body: scriptixtest.KeyRevokedBody},
		"the token's quota":        {Status: http.StatusPaymentRequired, Body: scriptixtest.KeyRevokedBody},
		"an empty 404":             {Status: http.StatusNotFound},
		"a 404 of HTML":            {Status: http.StatusNotFound, Body: scriptixtest.ProxyPage},
		"a 404 of a gateway":       {Status: http.StatusNotFound, Body: `{"message":"no Route matched with those values"}`},
		"single sessions are gone": {Match: func(request *http.Request) bool { return !scriptixtest.ForList()(request) }, Status: http.StatusNotFound},
	}
	for name, fault := range faults {
		for _, count := range []int{1, 3, 2000} {
			t.Run(fmt.Sprintf("%s, %d sessions", name, count), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					w := newWorld(t)
					sessionIDs := w.addMany(count, scriptixtest.Session{SessionID: "s", Unlisted: true})
					w.Inject(fault, scriptixtest.Fault{Latency: time.Second})
					sessions, err := w.waiter.Read(t.Context(), sessionIDs, wait.ReadOptions{})
					if sessions != nil || err == nil || scriptix.IsNotFound(err) {
						t.Errorf("got %d sessions, %v", len(sessions), err)
					}
					if requests := len(w.Requests()); requests > 1+scriptix.DefaultMaxConcurrentRequests {
						t.Errorf("%d requests", requests)
					}
				})
			})
		}
	}
}

// A token may be allowed to read sessions and not to list them.
func TestReadingManyDoesWithoutAListThatCannotBeHad(t *testing.T) {
	t.Parallel()
	faults := map[string]scriptixtest.Fault{
		"forbidden":       {Status: http.StatusForbidden},
		"unauthorized":    {Status: http.StatusUnauthorized},
		"not there":       {Status: http.StatusNotFound, Body: scriptixtest.NotFoundJSON},
		"not implemented": {Status: http.StatusNotImplemented},
		"redirected":      {Status: http.StatusFound, Header: http.Header{"Location": {"/elsewhere"}}},
		"failing":         {Status: http.StatusInternalServerError},
		"unavailable":     {Status: http.StatusServiceUnavailable, Body: scriptixtest.ProxyPage},
		"broken off":      {Truncate: true},
		"something else":  {Body: `{"sessions": []}`},
		"an empty page":   {Body: `{"count": 0, "total_results": 400, "result": []}`},
		"an odd stranger": {Body: `{"count": 1, "total_results": 1, "result": [{"session_id": "x", "status": "queued", "created_at": "now"}]}`},
		"odd strangers":   {Body: `{"count": 2, "total_results": 2, "result": [7, {"session_id": 4}]}`},
	}
	for name, fault := range faults {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				sessionIDs := w.addMany(5, scriptixtest.Session{SessionID: "s"})
				fault.Match = scriptixtest.ForList()
				w.Inject(fault)
				sessions, err := w.waiter.Read(t.Context(), sessionIDs, wait.ReadOptions{})
				if err != nil || !slices.Equal(sessionIDsOf(sessions), sessionIDs) {
					t.Fatalf("got %v, %v", sessionIDsOf(sessions), err)
				}
				if requests := len(w.Requests()); requests > 2+5 || time.Since(w.began) > 0 {
					t.Errorf("%d requests in %s", requests, time.Since(w.began))
				}
			})
		})
	}
}

// How many sessions are asked for does not decide what a finished one is returned with: list items may be abbreviated.
func TestReadingManyReturnsFinishedSessionsInFull(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ finished, failed, running, requests int }{
		{1, 0, 0, 1}, {2, 0, 0, 2}, {3, 0, 0, 1 + 3}, {0, 0, 3, 1}, {2, 2, 2, 1 + 4}, {120, 0, 30, 2 + 120},
	} {
		t.Run(fmt.Sprintf("%d completed, %d failed, %d running", test.finished, test.failed, test.running), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, scriptixtest.WithAbbreviatedItems())
				finished := slices.Concat(
					w.addMany(test.finished, scriptixtest.Session{SessionID: "completed"}),
					w.addMany(test.failed, scriptixtest.Session{SessionID: "failed", Error: "Processing timeout"}),
				)
				sessionIDs := slices.Concat(finished, w.addMany(test.running, scriptixtest.Session{SessionID: "running", Processing: time.Hour}))
				sessions, err := w.waiter.Read(t.Context(), sessionIDs, wait.ReadOptions{})
				if err != nil || !slices.Equal(sessionIDsOf(sessions), sessionIDs) {
					t.Fatalf("got %v, %v", sessionIDsOf(sessions), err)
				}
				if requests := len(w.Requests()); requests != test.requests {
					t.Errorf("%d requests, want %d", requests, test.requests)
				}
				for i, sessionID := range finished {
					alone, err := w.client.GetSession(t.Context(), sessionID)
					if err != nil || !reflect.DeepEqual(sessions[i], *alone) {
						t.Errorf("got %+v, alone it is %+v, %v", sessions[i], alone, err)
					}
				}
			})
		})
	}
}

// A session whose list item is malformed is read by its GET.
func TestReadingManyReadsAMalformedItemByItsGet(t *testing.T) {
	t.Parallel()
	const odd = `{"session_id": "odd", "status": 4}`
	for name, isOddAlone := range map[string]bool{"only in the list": false, "everywhere": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.Add(scriptixtest.Session{SessionID: "a"}, scriptixtest.Session{SessionID: "b"})
				if isOddAlone {
					w.Add(scriptixtest.Session{SessionID: "odd", JSON: odd})
				} else {
					w.Add(scriptixtest.Session{JSON: odd}, scriptixtest.Session{SessionID: "odd", Unlisted: true})
				}
				sessions, err := w.waiter.Read(t.Context(), []string{"a", "odd", "b"}, wait.ReadOptions{})
				switch {
				case isOddAlone && (err == nil || err.Error() != `session "odd": status is a number instead of a string`):
					t.Errorf("got %v", err)
				case !isOddAlone && (err != nil || sessions[1].Status != scriptix.StatusCompleted):
					t.Errorf("got %v, %v", sessions, err)
				}
				if requests := len(w.Requests()); requests > 2+1 {
					t.Errorf("%d requests", requests)
				}
			})
		})
	}
}

// Many reads must not stand before the poll of somebody else.
func TestReadingManyLetsAPollPass(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.Add(scriptixtest.Session{SessionID: "awaited", Processing: 4 * time.Second, Unlisted: true})
		sessionIDs := w.addMany(300, scriptixtest.Session{SessionID: "s", Unlisted: true})
		w.Inject(scriptixtest.Fault{Latency: 100 * time.Millisecond})
		waited := make(chan time.Duration)
		go func() {
			if _, err := w.readAndWait(t.Context(), wait.Options{}, "awaited"); err != nil {
				t.Error(err)
			}
			waited <- time.Since(w.began)
		}()
		synctest.Wait()
		if _, err := w.waiter.Read(t.Context(), sessionIDs, wait.ReadOptions{}); err != nil {
			t.Error(err)
		}
		if took := <-waited; took > 8*time.Second {
			t.Errorf("the wait took %s", took)
		}
	})
}

func TestReadingManyEndsWithItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.Inject(scriptixtest.Fault{Hang: true})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := w.waiter.Read(ctx, []string{"a", "b", "c"}, wait.ReadOptions{})
		session, ok := errors.AsType[*scriptix.SessionError](err)
		if !ok || session.SessionID != "a" || !errors.Is(err, context.DeadlineExceeded) || time.Since(w.began) != time.Second {
			t.Errorf("ended with %v after %s", err, time.Since(w.began))
		}
	})
}

func TestReadingManyRefusesABadID(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		_, err := w.waiter.Read(t.Context(), []string{"a/b"}, wait.ReadOptions{})
		if session, ok := errors.AsType[*scriptix.SessionError](err); !ok || session.SessionID != "a/b" || len(w.Requests()) > 0 {
			t.Errorf("got %v, %d requests", err, len(w.Requests()))
		}
	})
}

// The pace makes the limit last for waits. Without one, a read takes what the limit leaves.
func TestReadingManyIgnoresThePace(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		count int
		took  time.Duration
	}{"what the minute allows": {8, 0}, "more": {25, 2 * time.Minute}}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, scriptixtest.WithPlan(scriptixtest.Free))
				sessionIDs := w.addMany(test.count, scriptixtest.Session{SessionID: "s", Unlisted: true})
				if _, err := w.waiter.Read(t.Context(), sessionIDs, wait.ReadOptions{}); err != nil {
					t.Error(err)
				}
				if took := time.Since(w.began); took != test.took || w.refusals() > 0 {
					t.Errorf("took %s, %d requests were refused", took, w.refusals())
				}
			})
		})
	}
}

// A rate limit that refuses a page would refuse the GETs as well, and they are many.
func TestReadingManySendsAPageAgainThatARateLimitRefused(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ refusals, requests int }{"once": {1, 2}, "always": {0, 2 + 50}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				sessionIDs := w.addMany(50, scriptixtest.Session{SessionID: "s"})
				w.Inject(scriptixtest.Fault{
					Match: scriptixtest.ForList(), Times: test.refusals, Status: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {"10"}},
				})
				if _, err := w.waiter.Read(t.Context(), sessionIDs, wait.ReadOptions{}); err != nil {
					t.Error(err)
				}
				if requests := len(w.Requests()); requests != test.requests {
					t.Errorf("%d requests, want %d", requests, test.requests)
				}
			})
		})
	}
}

// A rate limit may last beyond the deadline. The error has the words of the API.
func TestReadingManyEndsWithTheRateLimitOfAPage(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		sessionIDs := w.addMany(5, scriptixtest.Session{SessionID: "s"})
		w.Inject(scriptixtest.Fault{
			Status: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {"3600"}},
			Body: `{"error":"Too Many Requests","message":"Slow down","error_code":"RATE_LIMITED"}`,
		})
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		_, err := w.waiter.Read(ctx, sessionIDs, wait.ReadOptions{})
		refusal, ok := errors.AsType[*scriptix.APIError](err)
		if !ok || refusal.Message != "Slow down" || refusal.Attempts != 1 || len(w.Requests()) != 1 || time.Since(w.began) > 0 {
			t.Errorf("got %v, %d requests, %s", err, len(w.Requests()), time.Since(w.began))
		}
	})
}

// The pace of a wait delays no second attempt of a read.
func TestAFailedReadBesideAWaitIsSentAgainSoon(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, scriptixtest.WithPlan(scriptixtest.Free))
		w.Add(scriptixtest.Session{SessionID: "awaited", Processing: time.Hour}, scriptixtest.Session{SessionID: "s", Unlisted: true})
		ctx, leave := context.WithTimeout(t.Context(), 10*time.Minute)
		defer leave()
		var group sync.WaitGroup
		group.Go(func() { _, _ = w.readAndWait(ctx, wait.Options{}, "awaited") })
		time.Sleep(5 * time.Minute)
		w.Inject(scriptixtest.Fault{Match: scriptixtest.ForSession("s"), Times: 1, Status: http.StatusServiceUnavailable})
		began := time.Now()
		if _, err := w.waiter.Read(ctx, []string{"s"}, wait.ReadOptions{}); err != nil || time.Since(began) > time.Second {
			t.Errorf("ended with %v after %s", err, time.Since(began))
		}
		leave()
		group.Wait()
	})
}

// No page of this list is the last, and each promises one more. The budget of the search ends it.
func TestReadingManyEndsInAListWithoutEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, scriptixtest.WithMaxPageSize(1), scriptixtest.WithTotalResults(func(actual int) int { return actual + 1000 }))
		w.addMany(500, scriptixtest.Session{SessionID: "listed"})
		sessionIDs := w.addMany(20, scriptixtest.Session{SessionID: "unlisted", Unlisted: true})
		sessions, err := w.waiter.Read(t.Context(), sessionIDs, wait.ReadOptions{})
		if err != nil || !slices.Equal(sessionIDsOf(sessions), sessionIDs) {
			t.Errorf("got %v, %v", sessionIDsOf(sessions), err)
		}
		if requests := len(w.Requests()); requests > len(sessionIDs)+len(sessionIDs)/2 {
			t.Errorf("%d requests", requests)
		}
	})
}

// Strangers are skipped whatever they hold, be they few or pages of them.
func TestReadingManySkipsMalformedStrangers(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		times    int // that each malformed item is listed, before the sessions
		option   scriptixtest.Option
		requests int // at most
	}{
		"each once":                         {1, scriptixtest.WithMaxPageSize(100), 1},
		"two pages of them":                 {20, scriptixtest.WithMaxPageSize(100), 3},
		"two pages of them, offset ignored": {20, scriptixtest.WithIgnoredOffset(), 3 + 5},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, test.option)
				sessionIDs := w.addMany(5, scriptixtest.Session{SessionID: "s"})
				for range test.times {
					for _, malformed := range scriptixtest.MalformedItems() {
						w.Add(scriptixtest.Session{JSON: malformed})
					}
				}
				sessions, err := w.waiter.Read(t.Context(), sessionIDs, wait.ReadOptions{})
				if err != nil || !slices.Equal(sessionIDsOf(sessions), sessionIDs) {
					t.Fatalf("got %v, %v", sessionIDsOf(sessions), err)
				}
				if requests := len(w.Requests()); requests > test.requests {
					t.Errorf("%d requests, want at most %d", requests, test.requests)
				}
			})
		})
	}
}

func TestReadingManyUsesTheConnectionsThatAreAllowed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		sessionIDs := w.addMany(10, scriptixtest.Session{SessionID: "s", Unlisted: true})
		w.Inject(scriptixtest.Fault{Latency: time.Second})
		if _, err := w.waiter.Read(t.Context(), sessionIDs, wait.ReadOptions{}); err != nil {
			t.Error(err)
		}
		if most := w.MaxInFlight(); most != scriptix.DefaultMaxConcurrentRequests {
			t.Errorf("%d requests at the same time", most)
		}
	})
}
