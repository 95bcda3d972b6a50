package wait_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
	"github.com/scriptix/terraform-provider-scriptix/internal/wait"
)

const fairnessLatency = 80 * time.Millisecond

// A wait that has thousands of sessions to ask for must not make others wait until it is through with them.
func TestALargeWaitDoesNotHoldUpASmallOne(t *testing.T) {
	t.Parallel()
	const large = 2000
	tests := map[string]func(session *scriptixtest.Session){
		"of sessions that the list shows completed": func(*scriptixtest.Session) {},
		"of sessions that no list shows": func(session *scriptixtest.Session) {
			session.Processing, session.Unlisted = time.Hour, true
		},
		"of sessions that fill twenty pages of a list": func(session *scriptixtest.Session) { session.Processing = time.Hour },
	}
	for name, change := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				sessions := make([]scriptix.Session, large)
				for i, sessionID := range w.addSessions(large, 0, 0) {
					session := scriptixtest.Session{SessionID: sessionID}
					change(&session)
					w.Add(session)
					status := scriptix.StatusCompleted
					if session.Processing > 0 {
						status = scriptix.StatusProcessing
					}
					sessions[i] = scriptix.Session{SessionID: sessionID, Status: status}
				}
				const length = 10 * time.Second
				w.Add(scriptixtest.Session{SessionID: "small", Processing: length})
				w.Inject(scriptixtest.Fault{Latency: fairnessLatency})
				ctx, leave := context.WithTimeout(t.Context(), time.Minute)
				defer leave()
				var group sync.WaitGroup
				group.Go(func() {
					_, _ = w.waiter.Wait(ctx, sessions, wait.Options{}) // it ends with its context, or before
				})
				time.Sleep(900 * time.Millisecond) // the polls of the two are not to come at the same moment
				if _, err := w.readAndWait(ctx, wait.Options{}, "small"); err != nil {
					t.Fatal(err)
				}
				// One interval; then one request each that is under way, of the lists, and of the large wait's turn.
				if late := time.Since(w.began) - length; late > 3*time.Second+5*fairnessLatency {
					t.Errorf("noticed %s after the end", late)
				}
				leave()
				group.Wait()
			})
		})
	}
}

// A small wait does not queue for a session that a large wait has in its queue.
func TestASmallWaitDoesNotQueueForASessionOfALargeOne(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		large := w.addSessions(300, 0, 24*time.Hour)
		w.Add(scriptixtest.Session{SessionID: "shared", Processing: 24 * time.Hour})
		w.Inject(
			scriptixtest.Fault{Match: scriptixtest.ForList(), Status: http.StatusForbidden},
			scriptixtest.Fault{Latency: fairnessLatency},
		)
		ctx, leave := context.WithTimeout(t.Context(), 2*time.Minute)
		defer leave()
		var group sync.WaitGroup
		group.Go(func() { _, _ = w.waiter.Wait(ctx, processing(append(large, "shared")), wait.Options{}) })
		_, _ = w.waiter.Wait(ctx, processing([]string{"shared"}), wait.Options{PollInterval: wait.MinimumInterval})
		if gap := w.longestGap([]string{"shared"}); gap > 2*wait.MinimumInterval {
			t.Errorf("the session was not asked for in %s", gap)
		}
		group.Wait()
	})
}

// A request that hangs must not hold up what others ask.
func TestAHangingRequestHoldsUpItsOwnSessionOnly(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		const length = 10 * time.Second
		w.Add(
			scriptixtest.Session{SessionID: "hanging", Processing: time.Hour},
			scriptixtest.Session{SessionID: "quick", Processing: length},
		)
		w.Inject(scriptixtest.Fault{
			Match: func(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "/hanging") }, Hang: true,
		})
		ctx, leave := context.WithTimeout(t.Context(), time.Minute)
		defer leave()
		var group sync.WaitGroup
		group.Go(func() { _, _ = w.waiter.Wait(ctx, processing([]string{"hanging"}), wait.Options{}) })
		if _, err := w.readAndWait(ctx, wait.Options{}, "quick"); err != nil {
			t.Fatal(err)
		}
		if late := time.Since(w.began) - length; late > wait.MinimumInterval {
			t.Errorf("noticed %s after the end", late)
		}
		leave()
		group.Wait()
	})
}

// Nor does it when requests come one by one, because the plan allows few.
func TestAHangingRequestHoldsUpNoPacedOnes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, scriptixtest.WithPlan(scriptixtest.Plan{PerMinute: 60}))
		sessionIDs := []string{"hanging", "steady"}
		for _, sessionID := range sessionIDs {
			w.Add(scriptixtest.Session{SessionID: sessionID, Processing: time.Hour})
		}
		w.Inject(scriptixtest.Fault{Match: scriptixtest.ForList(), Status: http.StatusForbidden}, scriptixtest.Fault{
			Match: func(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "/hanging") }, Hang: true,
		})
		ctx, leave := context.WithTimeout(t.Context(), 10*time.Minute)
		defer leave()
		var group sync.WaitGroup
		for i := range sessionIDs {
			group.Go(func() { _, _ = w.waiter.Wait(ctx, processing(sessionIDs[i:i+1]), wait.Options{}) })
		}
		group.Wait()
		if gap := w.longestGap(sessionIDs[1:]); gap > 15*time.Second {
			t.Errorf("the steady one was not asked for in %s", gap)
		}
	})
}

// Nor must many small waits keep a large one from its turn.
func TestManySmallWaitsDoNotHoldUpALargeOne(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.Inject(scriptixtest.Fault{Match: scriptixtest.ForList(), Status: http.StatusForbidden})
		w.Inject(scriptixtest.Fault{Latency: fairnessLatency})
		ctx, leave := context.WithTimeout(t.Context(), 90*time.Second)
		defer leave()
		sessionIDs := w.addSessions(200, 0, time.Hour)
		sessions := processing(sessionIDs)
		var group sync.WaitGroup
		for i := range 150 {
			group.Go(func() {
				_, _ = w.waiter.Wait(ctx, sessions[i:i+1], wait.Options{PollInterval: wait.MinimumInterval})
			})
		}
		group.Go(func() { _, _ = w.waiter.Wait(ctx, sessions[150:], wait.Options{}) })
		group.Wait()
		// All are due all the time. In every other turn, each of them comes once in 200 requests through two connections.
		const longest = 2 * 200 * fairnessLatency / 2
		if gap := w.longestGap(sessionIDs[150:]); gap > longest+wait.MinimumInterval {
			t.Errorf("a session of the large wait was not asked for in %s", gap)
		}
	})
}

// When the plan does not leave enough to ask for all, they take turns.
func TestUnderAShortBudgetNoSessionIsForgotten(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, scriptixtest.WithPlan(scriptixtest.Plan{PerMinute: 12}))
		sessionIDs := w.addSessions(50, 0, 0)
		for _, sessionID := range sessionIDs {
			w.Add(scriptixtest.Session{SessionID: sessionID, Processing: 24 * time.Hour, Unlisted: true})
		}
		ctx, leave := context.WithTimeout(t.Context(), 2*time.Hour)
		defer leave()
		_, _ = w.waiter.Wait(ctx, processing(sessionIDs), wait.Options{})
		// Spending evenly leaves one request of each minute unspent; of the nine, lists take one in ten.
		if gap := w.longestGap(sessionIDs); gap > 7*time.Minute {
			t.Errorf("a session was not asked for in %s", gap)
		}
		if refusals := w.refusals(); refusals > 1 {
			t.Errorf("%d answers with status 429", refusals)
		}
	})
}

// processing is what a caller has read of sessions that are being processed.
func processing(sessionIDs []string) []scriptix.Session {
	sessions := make([]scriptix.Session, len(sessionIDs))
	for i, sessionID := range sessionIDs {
		sessions[i] = scriptix.Session{SessionID: sessionID, Status: scriptix.StatusProcessing}
	}
	return sessions
}

// longestGap is the longest time without an answered GET of one of the sessions.
func (w *world) longestGap(sessionIDs []string) time.Duration {
	askedAt := make(map[string]time.Time)
	for _, sessionID := range sessionIDs {
		askedAt[sessionID] = w.began
	}
	longest := time.Duration(0)
	for _, request := range w.Requests() {
		if slices.Contains(sessionIDs, request.SessionID) && request.Answered == http.StatusOK {
			longest = max(longest, request.Time.Sub(askedAt[request.SessionID]))
			askedAt[request.SessionID] = request.Time
		}
	}
	for _, at := range askedAt {
		longest = max(longest, time.Since(at))
	}
	return longest
}
