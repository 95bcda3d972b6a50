package wait_test

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
	"github.com/scriptix/terraform-provider-scriptix/internal/wait"
)

// isDeep matches every page of a list but the first.
func isDeep(r *http.Request) bool { return scriptixtest.ForList()(r) && !scriptixtest.ForOffset(0)(r) }

// A page that keeps failing, while others come, makes no wait blind to its sessions.
func TestAPageThatKeepsFailingHidesNoEnd(t *testing.T) {
	t.Parallel()
	const length = 10 * time.Minute
	tests := map[string]struct {
		fault scriptixtest.Fault
		late  time.Duration
	}{
		"500":       {scriptixtest.Fault{Match: isDeep, Status: http.StatusInternalServerError}, 0},
		"503":       {scriptixtest.Fault{Match: isDeep, Status: http.StatusServiceUnavailable, Body: scriptixtest.ProxyPage}, 0},
		"truncated": {scriptixtest.Fault{Match: isDeep, Truncate: true}, 0},
		"slow 504":  {scriptixtest.Fault{Match: isDeep, Status: http.StatusGatewayTimeout, Latency: 20 * time.Second}, 40 * time.Second},
		"hangs":     {scriptixtest.Fault{Match: isDeep, Hang: true}, time.Minute},
		"malformed": {scriptixtest.Fault{Match: isDeep, Body: `{"count":1,"total_results":1,"result":7}`}, 0},
	}
	for name, test := range tests {
		for _, count := range []int{60, 200} {
			t.Run(fmt.Sprintf("%s, %d sessions", name, count), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					w := newWorld(t)
					sessionIDs := w.addSessions(count, 0, length) // these are older, so that they are on deep pages
					for i := range 100 {
						id := fmt.Sprintf("endless-%03d", i)
						sessionIDs = append(sessionIDs, id)
						w.Add(scriptixtest.Session{SessionID: id, Processing: 100 * time.Hour})
					}
					w.Inject(test.fault, scriptixtest.Fault{Latency: costLatency})
					ctx, leave := context.WithTimeout(t.Context(), time.Hour)
					defer leave()
					var known time.Duration
					_, _ = w.waiter.Wait(ctx, processing(sessionIDs), wait.Options{Progress: func(progress wait.Progress) {
						if len(progress.Pending) == 100 && known == 0 {
							known = time.Since(w.began)
							leave()
						}
					}})
					// One interval; two more until the page has failed twice; and the GETs.
					bound := 30*time.Second + time.Duration(count)*costLatency/2 + test.late
					if late := known - length; known == 0 || late > bound {
						t.Errorf("noticed %s after the end, want at most %s", late, bound)
					}
				})
			})
		}
	}
}

// One of two filtered lists that keeps failing hides no end either.
func TestAFilteredListThatKeepsFailingHidesNoEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const length = 10 * time.Minute
		w := newWorld(t)
		sessionIDs := addScattered(30, 120)(w, length-uploadedBefore)
		w.Add(scriptixtest.Session{SessionID: "queued", Queued: 10 * time.Hour})
		w.Inject(
			scriptixtest.Fault{Match: scriptixtest.ForListStatus("processing"), Status: http.StatusInternalServerError},
			scriptixtest.Fault{Latency: costLatency},
		)
		ctx, leave := context.WithTimeout(t.Context(), time.Hour)
		defer leave()
		var known time.Duration
		sessions := append(processing(sessionIDs), scriptix.Session{SessionID: "queued", Status: scriptix.StatusQueued})
		_, _ = w.waiter.Wait(ctx, sessions, wait.Options{Progress: func(progress wait.Progress) {
			if len(progress.Pending) == 1 && known == 0 {
				known = time.Since(w.began)
				leave()
			}
		}})
		if late := known - length; known == 0 || late > 30*time.Second {
			t.Errorf("noticed %s after the end", late)
		}
	})
}

// The answers of two pages count separately: one that fails takes nothing away from the other.
func TestAnAnswerCountsWhateverBecomesOfItsNeighbors(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		sessionIDs := w.addSessions(200, 0, 8500*time.Millisecond)
		var fails atomic.Bool
		w.Inject(
			scriptixtest.Fault{
				Match:  func(r *http.Request) bool { return fails.Load() && scriptixtest.ForOffset(0)(r) },
				Status: http.StatusInternalServerError,
			},
			scriptixtest.Fault{Match: isDeep, Latency: time.Second}, scriptixtest.Fault{Latency: costLatency},
		)
		time.AfterFunc(8*time.Second, func() { fails.Store(true) })
		ctx, cancel := context.WithTimeout(t.Context(), 21*time.Second)
		defer cancel()
		if _, err := w.waiter.Wait(ctx, processing(sessionIDs), wait.Options{}); err != nil {
			t.Error(err)
		}
	})
}

// A caller that is slow to take in progress keeps nobody asking after its deadline or its cancellation.
func TestProgressThatBlocksStopsThePolls(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(context.Context) (context.Context, context.CancelFunc){
		"at the deadline": func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, time.Minute)
		},
		"when it is canceled": func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(ctx)
			time.AfterFunc(time.Minute, cancel)
			return ctx, cancel
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.Add(scriptixtest.Session{SessionID: "s", Processing: time.Hour})
				ctx, cancel := end(t.Context())
				defer cancel()
				reports := 0
				_, err := w.readAndWait(ctx, wait.Options{Progress: func(wait.Progress) {
					reports++
					if reports == 2 {
						time.Sleep(10 * time.Minute)
					}
				}}, "s")
				if !isError[*wait.TimeoutError](err) && !isError[*wait.CancelledError](err) {
					t.Errorf("got %v", err)
				}
				requests := w.Requests()
				if last := requests[len(requests)-1].Time.Sub(w.began); last > time.Minute {
					t.Errorf("a request was sent after %s", last)
				}
			})
		})
	}
}

// A last look ignores the pace: the session that ended since the last paced request is found.
func TestALastLookIgnoresThePace(t *testing.T) {
	t.Parallel()
	for offset := range 12 {
		t.Run(fmt.Sprint(offset), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, scriptixtest.WithPlan(scriptixtest.Free))
				deadline := 20*time.Minute + time.Duration(offset)*3*time.Second
				w.Add(scriptixtest.Session{SessionID: "s", Processing: deadline - 6*time.Second})
				ctx, cancel := context.WithTimeout(t.Context(), deadline)
				defer cancel()
				if _, err := w.readAndWait(ctx, wait.Options{}, "s"); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// On a slow plan whose lists are refused, a small wait is served in every other turn beside a large one.
func TestASmallWaitIsServedBesideALargeOneOnASlowPlan(t *testing.T) {
	t.Parallel()
	for _, count := range []int{60, 300} {
		t.Run(fmt.Sprint(count), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				const length = 30 * time.Minute
				w := newWorld(t, scriptixtest.WithPlan(scriptixtest.Free))
				large := w.addSessions(count, 0, 24*time.Hour)
				w.Add(scriptixtest.Session{SessionID: "small", Processing: length})
				w.Inject(scriptixtest.Fault{Match: scriptixtest.ForList(), Status: http.StatusForbidden}, scriptixtest.Fault{Latency: costLatency})
				if _, err := w.client.GetSession(t.Context(), "small"); err != nil { // shows the plan
					t.Fatal(err)
				}
				ctx, leave := context.WithTimeout(t.Context(), 3*time.Hour)
				defer leave()
				var group sync.WaitGroup
				group.Go(func() { _, _ = w.waiter.Wait(ctx, processing(large), wait.Options{}) })
				if _, err := w.waiter.Wait(ctx, processing([]string{"small"}), wait.Options{}); err != nil {
					t.Error(err)
				}
				const pace = time.Hour * 10 / 9 / 100
				if late := time.Since(w.began) - length; late > 2*pace+10*time.Second {
					t.Errorf("noticed %s after the end", late)
				}
				leave()
				group.Wait()
			})
		})
	}
}

// A last look does not wait for a page that hangs.
func TestALastLookDoesNotWaitForAPageThatHangs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		sessionIDs := w.addSessions(5, 0, 55*time.Second)
		hangs := func(r *http.Request) bool { return scriptixtest.ForList()(r) && time.Since(w.began) > 50*time.Second }
		w.Inject(scriptixtest.Fault{Match: hangs, Hang: true}, scriptixtest.Fault{Latency: costLatency})
		ctx, cancel := context.WithTimeout(t.Context(), 62*time.Second)
		defer cancel()
		if _, err := w.waiter.Wait(ctx, processing(sessionIDs), wait.Options{}); err != nil {
			t.Error(err)
		}
	})
}
