package wait_test

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
	"github.com/scriptix/terraform-provider-scriptix/internal/wait"
)

// A list that is refused each time, with a time to come back, is left aside: own GETs show the end.
func TestListsThatAskToComeBackForEverHideNoEnd(t *testing.T) {
	t.Parallel()
	for _, status := range []int{http.StatusTooManyRequests, http.StatusServiceUnavailable} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				sessionIDs := w.addSessions(2, 0, time.Minute)
				w.Inject(scriptixtest.Fault{Match: scriptixtest.ForList(), Status: status, Header: http.Header{"Retry-After": {"30"}}})
				ctx, cancel := context.WithTimeout(t.Context(), 75*time.Minute)
				defer cancel()
				if _, err := w.waiter.Wait(ctx, processing(sessionIDs), wait.Options{}); err != nil {
					t.Fatal(err)
				}
				if late := time.Since(w.began) - time.Minute; late > 5*time.Minute {
					t.Errorf("noticed %s after the end", late)
				}
			})
		})
	}
}

// A session that is refused each time keeps no other waiting for ever, whatever else is asked for.
func TestASessionThatAsksToComeBackForEverHidesNoOther(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.Add(
			scriptixtest.Session{SessionID: "refused", Processing: 24 * time.Hour},
			scriptixtest.Session{SessionID: "other", Processing: 5 * time.Minute},
		)
		w.Inject(
			scriptixtest.Fault{Match: scriptixtest.ForList(), Status: http.StatusForbidden},
			scriptixtest.Fault{Match: scriptixtest.ForSession("refused"), Status: http.StatusServiceUnavailable, Header: http.Header{"Retry-After": {"60"}}},
		)
		ctx, leave := context.WithTimeout(t.Context(), time.Hour)
		defer leave()
		var group sync.WaitGroup
		group.Go(func() { _, _ = w.waiter.Wait(ctx, processing([]string{"refused"}), wait.Options{}) })
		if _, err := w.waiter.Wait(ctx, processing([]string{"other"}), wait.Options{}); err != nil {
			t.Error(err)
		}
		if late := time.Since(w.began) - 5*time.Minute; late > 3*time.Minute {
			t.Errorf("noticed %s after the end", late)
		}
		leave()
		group.Wait()
	})
}

// However soon the API asks to come back, the schedule is kept.
func TestAShortRetryAfterCausesNoStorm(t *testing.T) {
	t.Parallel()
	for _, sessions := range []int{1, 100} {
		t.Run(fmt.Sprint(sessions), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				sessionIDs := w.addSessions(sessions, 0, time.Hour)
				w.Inject(scriptixtest.Fault{Status: http.StatusServiceUnavailable, Header: http.Header{"Retry-After": {"1"}}})
				ctx, leave := context.WithTimeout(t.Context(), 10*time.Minute)
				defer leave()
				_, _ = w.waiter.Wait(ctx, processing(sessionIDs), wait.Options{})
				if requests := len(w.Requests()); requests > 2*98+20 {
					t.Errorf("%d requests in ten minutes", requests)
				}
			})
		})
	}
}

// What one wait reads when it begins may be all that another waits for.
func TestAWaitThatEndsAtOnceEndsAnotherForItsSession(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.Add(scriptixtest.Session{SessionID: "s", Processing: 30 * time.Second})
		var group sync.WaitGroup
		group.Go(func() {
			if _, err := w.readAndWait(t.Context(), wait.Options{PollInterval: 30 * time.Minute}, "s"); err != nil {
				t.Error(err)
			}
			if took := time.Since(w.began); took > time.Minute {
				t.Errorf("the wait with the long interval took %s", took)
			}
		})
		time.Sleep(time.Minute)
		if _, err := w.readAndWait(t.Context(), wait.Options{}, "s"); err != nil {
			t.Error(err)
		}
		group.Wait()
	})
}

// The last look of a large wait spends ten requests, and leaves the rest of a small plan to others.
func TestALastLookLeavesRequestsToOthers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, scriptixtest.WithPlan(scriptixtest.Free))
		large := w.addSessions(60, 0, 24*time.Hour)
		w.Add(scriptixtest.Session{SessionID: "small", Processing: 15 * time.Minute})
		w.Inject(scriptixtest.Fault{Match: scriptixtest.ForList(), Status: http.StatusForbidden})
		if _, err := w.client.GetSession(t.Context(), "small"); err != nil { // shows the plan
			t.Fatal(err)
		}
		impatient, leave := context.WithTimeout(t.Context(), 10*time.Minute)
		defer leave()
		var group sync.WaitGroup
		group.Go(func() { _, _ = w.waiter.Wait(impatient, processing(large), wait.Options{}) })
		sessions, err := w.waiter.Wait(t.Context(), processing([]string{"small"}), wait.Options{})
		if err != nil || sessions[0].Status != scriptix.StatusCompleted {
			t.Errorf("%v, %v", sessions, err)
		}
		if late := time.Since(w.began) - 15*time.Minute; late > 10*time.Minute {
			t.Errorf("noticed %s after the end", late)
		}
		group.Wait()
	})
}
