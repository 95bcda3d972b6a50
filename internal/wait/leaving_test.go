package wait_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
	"github.com/scriptix/terraform-provider-scriptix/internal/wait"
)

// A wait leaves while its request hangs, and another goes on. The answer to the request comes to nobody.
func TestLeavingWhileARequestHangs(t *testing.T) {
	t.Parallel()
	refused := scriptixtest.Fault{Status: http.StatusForbidden, Latency: 12 * time.Second}
	notFound := scriptixtest.Fault{Status: http.StatusNotFound, Body: scriptixtest.NotFoundJSON, Latency: 12 * time.Second}
	tests := map[string]struct {
		fault   scriptixtest.Fault
		leaving []string // the sessions of the wait that leaves
		cancel  bool     // it is cancelled, and does not time out
	}{
		"until it times out":             {fault: scriptixtest.Fault{Hang: true}, leaving: []string{"a"}},
		"until it fails":                 {fault: scriptixtest.Fault{Reset: true, Latency: 12 * time.Second}, leaving: []string{"a"}},
		"until it is refused":            {fault: refused, leaving: []string{"a"}},
		"until there is no such session": {fault: notFound, leaving: []string{"a"}},
		"until it succeeds":              {fault: scriptixtest.Fault{Latency: 12 * time.Second}, leaving: []string{"a"}},
		"and two are refused":            {fault: refused, leaving: []string{"a", "a2"}},
		"and it is cancelled":            {fault: scriptixtest.Fault{Hang: true}, leaving: []string{"a"}, cancel: true},
		"for a session of both":          {fault: scriptixtest.Fault{Hang: true}, leaving: []string{"a", "b"}},
		"with two waits":                 {fault: refused, leaving: []string{"a", "a"}},
	}
	hanging := map[string]func(*http.Request) bool{
		"a list": scriptixtest.ForList(),
		"a GET":  func(r *http.Request) bool { return !scriptixtest.ForList()(r) && !scriptixtest.ForSession("b")(r) },
	}
	for name, test := range tests {
		for request, isMeant := range hanging {
			t.Run(request+" hangs "+name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					fault := test.fault
					fault.Match = isMeant
					leaveWhileHanging(t, fault, test.leaving, test.cancel)
				})
			})
		}
	}
}

// Requests that hang take up all connections. When their waits leave, the others can ask at once.
func TestLeavingFreesTheConnectionsOfRequestsThatHang(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const left = 8 * time.Second
		w := newWorld(t)
		hanging := w.addSessions(scriptix.DefaultMaxConcurrentRequests, 0, time.Hour)
		w.Add(scriptixtest.Session{SessionID: "quick", Processing: 2 * time.Second})
		w.Inject(
			scriptixtest.Fault{Match: scriptixtest.ForList(), Status: http.StatusForbidden},
			scriptixtest.Fault{Match: func(r *http.Request) bool { return !scriptixtest.ForSession("quick")(r) }, Hang: true},
		)
		ctx, leave := context.WithTimeout(t.Context(), left)
		defer leave()
		var group sync.WaitGroup
		group.Go(func() { _, _ = w.waiter.Wait(ctx, processing(hanging), wait.Options{}) })
		synctest.Wait() // their requests come first
		if _, err := w.waiter.Wait(t.Context(), processing([]string{"quick"}), wait.Options{}); err != nil {
			t.Error(err)
		}
		if took := time.Since(w.began); took > left+wait.MinimumInterval {
			t.Errorf("noticed after %s", took)
		}
		group.Wait()
	})
}

func leaveWhileHanging(t *testing.T, fault scriptixtest.Fault, leaving []string, cancel bool) {
	t.Helper()
	w := newWorld(t)
	for _, sessionID := range []string{"a", "a2", "b"} {
		w.Add(scriptixtest.Session{SessionID: sessionID, Processing: 5 * time.Minute})
	}
	w.Inject(fault)
	if !fault.Match(httptest.NewRequest(http.MethodGet, "/api/v3/speech-to-text/session", http.NoBody)) {
		w.Inject(scriptixtest.Fault{Match: scriptixtest.ForList(), Status: http.StatusForbidden})
	}
	ctx, leave := context.WithTimeout(t.Context(), 8*time.Second)
	defer leave()
	if cancel {
		time.AfterFunc(5*time.Second, leave)
	}
	var group sync.WaitGroup
	for _, sessionID := range leaving {
		group.Go(func() {
			_, err := w.waiter.Wait(ctx, processing([]string{sessionID}), wait.Options{})
			var timedOut *wait.TimeoutError
			var cancelled *wait.CancelledError
			if !errors.As(err, &timedOut) && !errors.As(err, &cancelled) {
				t.Errorf("the wait that leaves: %v", err)
			}
		})
	}
	sessions, err := w.waiter.Wait(t.Context(), processing([]string{"b"}), wait.Options{})
	if err != nil || sessions[0].Status != scriptix.StatusCompleted {
		t.Errorf("the wait that stays: %v, %v", sessions, err)
	}
	if late := time.Since(w.began) - 5*time.Minute; late > 10*time.Second {
		t.Errorf("noticed %s after the end", late)
	}
	group.Wait()
	w.expectSilence(t)
}

// Storms: what a server does wrong with its lists must cost hardly more than own GETs do.
func TestListsThatAreWrongCauseNoStorm(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		options  []scriptixtest.Option
		sessions int
		prepare  func(w *world)
		requests int // in 40 seconds, which are 13 polls, at most
	}{
		"ignored offset, five sessions": {
			options: []scriptixtest.Option{scriptixtest.WithIgnoredOffset()}, sessions: 5, prepare: addFinished(300), requests: 13*5 + 5,
		},
		"ignored offset, 150 sessions at the top": {
			options: []scriptixtest.Option{scriptixtest.WithIgnoredOffset()}, sessions: 150, requests: 13*60 + 10,
		},
		"one malformed stranger on the page": {
			sessions: 20, prepare: func(w *world) { w.Add(scriptixtest.Session{JSON: scriptixtest.MalformedItems()[0]}) }, requests: 13 + 5,
		},
		"a wrong total": {
			options:  []scriptixtest.Option{scriptixtest.WithTotalResults(func(int) int { return 100_000 })},
			sessions: 150, requests: 13*3 + 5,
		},
		"a total of nothing": {
			options:  []scriptixtest.Option{scriptixtest.WithTotalResults(func(int) int { return 0 })},
			sessions: 20, requests: 13 + 5,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, test.options...)
				if test.prepare != nil {
					test.prepare(w)
				}
				sessionIDs := w.addSessions(test.sessions, 0, time.Hour)
				ctx, leave := context.WithTimeout(t.Context(), 40*time.Second)
				defer leave()
				_, err := w.waiter.Wait(ctx, processing(sessionIDs), wait.Options{})
				if _, ok := errors.AsType[*wait.TimeoutError](err); !ok {
					t.Errorf("got %v", err)
				}
				// The last look before the deadline asks for ten by their own GETs.
				if requests := len(w.Requests()); requests > test.requests+10 {
					t.Errorf("%d requests, want at most %d", requests, test.requests+10)
				}
			})
		})
	}
}

// A history of finished sessions costs nothing but its listing, and starves no running one.
func TestWaitingBesideAHistoryOfFinishedSessions(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		addFinished(3000)(w)
		for i := range 5 {
			w.Add(scriptixtest.Session{SessionID: fmt.Sprint("running-", i), Processing: 50 * time.Second})
		}
		sessions, err := w.listThenWait(t.Context())
		if err != nil || len(sessions) != 3005 {
			t.Fatalf("%d sessions, %v", len(sessions), err)
		}
		if took := time.Since(w.began); took > 53*time.Second {
			t.Errorf("took %s", took)
		}
		if requests := len(w.Requests()); requests > 31+17+2 {
			t.Errorf("%d requests", requests)
		}
	})
}

// Two waits need an answer that is under way when a rate limit begins that outlasts both. Both get it, also the one that
// joined after the request was sent.
func TestARateLimitEndsNoWaitWhoseAnswerIsUnderWay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.Add(
			scriptixtest.Session{SessionID: "slow", Processing: 10 * time.Second},
			scriptixtest.Session{SessionID: "limited", Processing: time.Hour},
		)
		w.Inject(
			scriptixtest.Fault{Match: scriptixtest.ForList(), Status: http.StatusForbidden},
			scriptixtest.Fault{Match: scriptixtest.ForSession("slow"), Latency: 20 * time.Second},
			scriptixtest.Fault{
				Match: scriptixtest.ForSession("limited"), Status: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {"120"}},
			},
		)
		var group sync.WaitGroup
		for sessionID, joins := range map[string][]time.Duration{"slow": {0, 4 * time.Second}, "limited": {3 * time.Second}} {
			for _, at := range joins {
				group.Go(func() {
					time.Sleep(at)
					ctx, leave := context.WithTimeout(t.Context(), time.Minute)
					defer leave()
					_, err := w.waiter.Wait(ctx, processing([]string{sessionID}), wait.Options{})
					if isLimited := sessionID == "limited"; isLimited != (err != nil) {
						t.Errorf("the wait for %s, joined at %s: %v", sessionID, at, err)
					}
				})
			}
		}
		group.Wait()
	})
}

// A wait leaves while its page hangs. The page still serves a wait that joined for the same sessions.
func TestAPageServesAWaitThatJoinedWhileItHung(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		sessionIDs := w.addSessions(100, 0, 2*time.Minute)
		w.Inject(scriptixtest.Fault{Match: scriptixtest.ForList(), Times: 1, Latency: 20 * time.Second})
		var group sync.WaitGroup
		group.Go(func() {
			ctx, leave := context.WithCancel(t.Context())
			defer leave()
			time.AfterFunc(12*time.Second, leave)
			_, _ = w.waiter.Wait(ctx, processing(sessionIDs), wait.Options{})
		})
		time.Sleep(9 * time.Second)
		if _, err := w.waiter.Wait(t.Context(), processing(sessionIDs), wait.Options{}); err != nil {
			t.Error(err)
		}
		if requests := len(w.Requests()); requests > 60 {
			t.Errorf("%d requests", requests)
		}
		group.Wait()
	})
}
