package wait_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
	"github.com/scriptix/terraform-provider-scriptix/internal/wait"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// world is a fake API with a client and a waiter in front of it. Make it inside a synctest bubble.
type world struct {
	*scriptixtest.Server
	client *scriptix.Client
	waiter *wait.Waiter
	began  time.Time
}

func newWorld(t *testing.T, options ...scriptixtest.Option) *world {
	t.Helper()
	return newCappedWorld(t, 0, options...)
}

// newCappedWorld has a cap of the user's own on the requests of a minute; 0 is none.
func newCappedWorld(t *testing.T, requestsPerMinute int, options ...scriptixtest.Option) *world {
	t.Helper()
	server := scriptixtest.NewPipeServer(t, options...)
	base, err := scriptix.ParseBaseURL(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	token, err := scriptix.NewToken(scriptixtest.Token)
	if err != nil {
		t.Fatal(err)
	}
	client := scriptix.NewClient(scriptix.Config{
		BaseURL:               base,
		Token:                 token,
		MaxConcurrentRequests: scriptix.DefaultMaxConcurrentRequests,
		RequestsPerMinute:     requestsPerMinute,
		MaxRetries:            scriptix.DefaultMaxRetries,
		RequestTimeout:        scriptix.DefaultRequestTimeout,
		Transport:             server.Transport(),
	})
	return &world{
		Server: server,
		client: client,
		waiter: wait.NewWaiter(client.ForPolling(), slog.New(slog.DiscardHandler)),
		began:  time.Now(),
	}
}

// readAndWait does what a data source does.
func (w *world) readAndWait(ctx context.Context, options wait.Options, sessionIDs ...string) ([]scriptix.Session, error) {
	sessions, err := w.waiter.Read(ctx, sessionIDs, wait.ReadOptions{})
	if err != nil {
		return nil, err
	}
	return w.waiter.Wait(ctx, sessions, options)
}

// polledAt lists when each request came, in seconds since the world began.
func (w *world) polledAt() []float64 {
	var moments []float64
	for _, request := range w.Requests() {
		moments = append(moments, request.Time.Sub(w.began).Seconds())
	}
	return moments
}

func TestFinishedSessionCostsOneRequest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.Add(scriptixtest.Session{SessionID: "done"})
		sessions, err := w.readAndWait(t.Context(), wait.Options{}, "done")
		if err != nil || sessions[0].Status != scriptix.StatusCompleted {
			t.Fatalf("got %v, %v", sessions, err)
		}
		if requests := len(w.Requests()); requests != 1 {
			t.Errorf("%d requests, want 1", requests)
		}
		if took := time.Since(w.began); took != 0 {
			t.Errorf("took %s, want no wait at all", took)
		}
	})
}

func TestRecommendedScheduleThroughAnHour(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.Add(scriptixtest.Session{SessionID: "long", Queued: 2 * time.Minute, Processing: 58 * time.Minute})
		sessions, err := w.readAndWait(t.Context(), wait.Options{}, "long")
		if err != nil || sessions[0].Status != scriptix.StatusCompleted {
			t.Fatalf("got %v, %v", sessions, err)
		}
		var want []float64
		for moment := 0.0; moment <= 3600; {
			want = append(want, moment)
			switch {
			case moment < 60:
				moment += 3
			case moment < 300:
				moment += 5
			default:
				moment += 10
			}
		}
		if got := w.polledAt(); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("polled at\n%v\nwant\n%v", got, want)
		}
	})
}

func TestPollIntervalReplacesTheSchedule(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.Add(scriptixtest.Session{SessionID: "s", Processing: 65 * time.Second})
		if _, err := w.readAndWait(t.Context(), wait.Options{PollInterval: 20 * time.Second}, "s"); err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(w.polledAt()); got != "[0 20 40 60 80]" {
			t.Errorf("polled at %s", got)
		}
	})
}

func TestSessionIsReturnedAsItsLastGetGaveIt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.Add(scriptixtest.Session{SessionID: "a", Processing: 4 * time.Second}, scriptixtest.Session{SessionID: "b"})
		sessions, err := w.readAndWait(t.Context(), wait.Options{}, "a", "b")
		if err != nil {
			t.Fatal(err)
		}
		if sessions[0].SessionID != "a" || sessions[1].SessionID != "b" {
			t.Errorf("order lost: %q, %q", sessions[0].SessionID, sessions[1].SessionID)
		}
		if sessions[0].Document == nil || sessions[0].FinishedAt == nil || *sessions[0].Duration == 0 {
			t.Errorf("a is not as it was in the end: %+v", sessions[0])
		}
	})
}

func TestFailedSession(t *testing.T) {
	t.Parallel()
	failing := scriptixtest.Session{SessionID: "bad", Processing: 10 * time.Second, Error: "Audio file is too short"}
	slow := scriptixtest.Session{SessionID: "slow", Processing: time.Hour}

	t.Run("ends the wait at once and says how many are left", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			w.Add(failing, slow)
			_, err := w.readAndWait(t.Context(), wait.Options{}, "slow", "bad")
			var failed *wait.FailedError
			if !errors.As(err, &failed) {
				t.Fatalf("got %v", err)
			}
			if len(failed.Failed) != 1 || failed.Failed[0].SessionID != "bad" || failed.Pending != 1 {
				t.Errorf("got %+v", failed)
			}
			if took := time.Since(w.began); took != 12*time.Second {
				t.Errorf("noticed after %s, want the first poll after the failure", took)
			}
		})
	})
	t.Run("takes along those that no list finds running any more", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			w.addSessions(20, 0, time.Hour)
			for _, sessionID := range []string{"bad-1", "bad-2", "bad-3", "bad-4", "bad-5"} {
				bad := failing
				bad.SessionID = sessionID
				w.Add(bad)
			}
			_, err := w.listThenWait(t.Context())
			var failed *wait.FailedError
			if !errors.As(err, &failed) {
				t.Fatalf("got %v", err)
			}
			if len(failed.Failed) != 5 || failed.Pending != 20 {
				t.Errorf("%d failed, %d are pending", len(failed.Failed), failed.Pending)
			}
		})
	})
	t.Run("does not wait for requests that cannot be sent now", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, scriptixtest.WithPlan(scriptixtest.Plan{PerMinute: 6}), scriptixtest.WithAbbreviatedItems())
			for i := range 10 {
				w.Add(scriptixtest.Session{SessionID: fmt.Sprint(i), Processing: 10 * time.Second, Error: "Audio file is too short"})
			}
			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Second) // before the budget is renewed
			defer cancel()
			_, err := w.listThenWait(ctx)
			var failed *wait.FailedError
			if !errors.As(err, &failed) || len(failed.Failed) == 0 || failed.Pending == 0 {
				t.Fatalf("got %v", err)
			}
			if took := time.Since(w.began); took >= 50*time.Second {
				t.Errorf("told after %s", took)
			}
		})
	})
	t.Run("does not wait for what a list has said to have completed", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			w.addSessions(300, 0, 0)
			w.Add(scriptixtest.Session{SessionID: "the-bad-one", Error: "Audio file is too short"})
			listing, err := w.client.ListSessions(t.Context(), scriptix.ListOptions{})
			if err != nil {
				t.Fatal(err)
			}
			w.ResetRequests()
			_, err = w.waiter.Wait(t.Context(), listing.Sessions, wait.Options{})
			var failed *wait.FailedError
			if !errors.As(err, &failed) || failed.Failed[0].SessionID != "the-bad-one" {
				t.Fatalf("got %v", err)
			}
			if requests := len(w.Requests()); requests > 100 {
				t.Errorf("%d requests of 301 before a failure is told that the list had shown", requests)
			}
		})
	})
	for _, test := range []struct {
		name  string
		hangs time.Duration // the GET of the session that failed at the same moment
		named int
		took  time.Duration
	}{
		{"takes along another one whose answer comes soon", 2 * time.Second, 2, 14 * time.Second},
		{"does not wait long for an answer", 20 * time.Second, 1, 15 * time.Second},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				slowly := failing
				slowly.SessionID = "slowly"
				w.Add(failing, slowly)
				isSlow := func(r *http.Request) bool {
					return scriptixtest.ForSession("slowly")(r) && time.Since(w.began) > failing.Processing
				}
				w.Inject(
					scriptixtest.Fault{Match: scriptixtest.ForList(), Status: http.StatusForbidden},
					scriptixtest.Fault{Match: isSlow, Latency: test.hangs},
				)
				_, err := w.waiter.Wait(t.Context(), processing([]string{"bad", "slowly"}), wait.Options{})
				var failed *wait.FailedError
				if !errors.As(err, &failed) || len(failed.Failed) != test.named {
					t.Errorf("got %v", err)
				}
				if took := time.Since(w.began); took != test.took {
					t.Errorf("took %s, want %s", took, test.took)
				}
			})
		})
	}
	t.Run("is a result when allowed", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			w.Add(failing)
			sessions, err := w.readAndWait(t.Context(), wait.Options{AllowFailed: true}, "bad")
			if err != nil || sessions[0].Status != scriptix.StatusFailed || *sessions[0].Error != failing.Error {
				t.Fatalf("got %v, %v", sessions, err)
			}
		})
	})
	t.Run("that had failed before the wait costs no further request", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			w.Add(scriptixtest.Session{SessionID: "bad", Error: "Language detection failed"})
			_, err := w.readAndWait(t.Context(), wait.Options{}, "bad")
			var failed *wait.FailedError
			if !errors.As(err, &failed) || len(w.Requests()) != 1 {
				t.Fatalf("got %v after %d requests", err, len(w.Requests()))
			}
		})
	})
}

func TestStatusesBeyondTheFour(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		session scriptixtest.Session
		failed  bool
		status  scriptix.Status
	}{
		"before the queue is waited through": {
			session: scriptixtest.Session{SessionID: "s", InitialStatus: "uploaded", Initial: 30 * time.Second, Processing: time.Minute},
			status:  scriptix.StatusCompleted,
		},
		"final without an error is returned as it is": {
			session: scriptixtest.Session{SessionID: "s", Processing: time.Minute, FinalStatus: "done"},
			status:  "done",
		},
		"final with an error is a failure": {
			session: scriptixtest.Session{SessionID: "s", Processing: time.Minute, FinalStatus: "aborted", Error: "no space"},
			failed:  true,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.Add(test.session)
				sessions, err := w.readAndWait(t.Context(), wait.Options{}, "s")
				var failed *wait.FailedError
				if errors.As(err, &failed) != test.failed {
					t.Fatalf("got error %v", err)
				}
				if !test.failed && sessions[0].Status != test.status {
					t.Errorf("got status %q, want %q", sessions[0].Status, test.status)
				}
			})
		})
	}
}

func TestDeadlineAndCancelAreTwoOutcomes(t *testing.T) {
	t.Parallel()
	endless := scriptixtest.Session{SessionID: "s", Processing: 24 * time.Hour}

	t.Run("the deadline ends a sleep at once, as a timeout", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			w.Add(endless)
			ctx, cancel := context.WithTimeout(t.Context(), 31*time.Minute+time.Second)
			defer cancel()
			_, err := w.readAndWait(ctx, wait.Options{PollInterval: time.Minute}, "s")
			var timeout *wait.TimeoutError
			if !errors.As(err, &timeout) {
				t.Fatalf("got %v", err)
			}
			if timeout.Polls != 31 || timeout.Waited != 31*time.Minute+time.Second || timeout.Pending[0].Status != "processing" {
				t.Errorf("got %+v", timeout.Progress)
			}
			w.expectSilence(t)
		})
	})
	t.Run("a cancel ends a sleep at once", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			w.Add(endless)
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(100*time.Second, cancel)
			_, err := w.readAndWait(ctx, wait.Options{PollInterval: time.Minute}, "s")
			var cancelled *wait.CancelledError
			if !errors.As(err, &cancelled) || cancelled.Waited != 100*time.Second {
				t.Fatalf("got %v", err)
			}
			w.expectSilence(t)
		})
	})
	t.Run("a cancel ends a request under way", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			w.Add(endless)
			w.Inject(scriptixtest.Fault{After: 1, Hang: true})
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(4*time.Second, cancel)
			_, err := w.readAndWait(ctx, wait.Options{}, "s")
			var cancelled *wait.CancelledError
			if !errors.As(err, &cancelled) || time.Since(w.began) != 4*time.Second {
				t.Fatalf("got %v after %s", err, time.Since(w.began))
			}
			w.expectSilence(t)
		})
	})
}

// expectSilence fails when anything is still sent once the wait has ended.
func (w *world) expectSilence(t *testing.T) {
	t.Helper()
	synctest.Wait()
	w.ResetRequests()
	time.Sleep(time.Hour)
	if requests := w.Requests(); len(requests) != 0 {
		t.Errorf("%d requests after the wait had ended", len(requests))
	}
}

func TestFailuresAfterTheFirstReadAreSurvived(t *testing.T) {
	t.Parallel()
	faults := map[string]scriptixtest.Fault{
		"500":               {Status: 500, Body: `{"message": "oops"}`},
		"503 in HTML":       {Status: 503, Body: "<html>down</html>"},
		"408":               {Status: 408},
		"429":               {Status: 429, Header: http.Header{"Retry-After": {"30"}}},
		"429 with no time":  {Status: 429},
		"connection reset":  {Reset: true},
		"truncated answer":  {Truncate: true},
		"no answer":         {Hang: true},
		"a proxy's 200":     {Status: 200, Body: "<html>sign in</html>"},
		"an empty 200":      {Status: 200, Body: " "},
		"a slow answer":     {Latency: time.Minute},
		"not even HTTP 5xx": {Status: 599},
	}
	for name, fault := range faults {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.Add(scriptixtest.Session{SessionID: "s", Processing: 5 * time.Minute})
				fault.After, fault.Times = 5, 3
				w.Inject(fault)
				sessions, err := w.readAndWait(t.Context(), wait.Options{}, "s")
				if err != nil || sessions[0].Status != scriptix.StatusCompleted {
					t.Fatalf("got %v, %v", sessions, err)
				}
			})
		})
	}
}

func TestTimeoutCarriesTheLastFailure(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.Add(scriptixtest.Session{SessionID: "s", Processing: time.Hour})
		w.Inject(scriptixtest.Fault{After: 1, Status: 503, Body: `{"message": "maintenance"}`})
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		_, err := w.readAndWait(ctx, wait.Options{}, "s")
		var timeout *wait.TimeoutError
		if !errors.As(err, &timeout) || timeout.LastFailure == nil ||
			!strings.Contains(timeout.LastFailure.Error(), "maintenance") {
			t.Fatalf("got %v", err)
		}
	})
}

// A wait says how old the news of its sessions is. A failed request brings none.
func TestTimeoutCarriesTheAgeOfTheLastNews(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.Add(scriptixtest.Session{SessionID: "s", Processing: time.Hour})
		w.Inject(scriptixtest.Fault{After: 4, Status: 503, Body: `{"message": "maintenance"}`})
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		_, err := w.readAndWait(ctx, wait.Options{}, "s")
		timeout, ok := errors.AsType[*wait.TimeoutError](err)
		if !ok {
			t.Fatalf("got %v", err)
		}
		// The first request came at once, and the polls that succeeded after 3, 6, and 9 seconds.
		if want := time.Minute - 9*time.Second; timeout.Age != want {
			t.Errorf("the last news is %s old, want %s", timeout.Age, want)
		}
	})
}

// Only the API's own words end a wait: each of these answers has its shape.
func TestARefusalOfTheAPIEndsTheWait(t *testing.T) {
	t.Parallel()
	faults := map[string]scriptixtest.Fault{
		"403": {Status: 403, Body: `{"error": "Forbidden", "message": "No access to this session"}`},
		"404": {Status: 404, Body: scriptixtest.NotFoundJSON},
	}
	for name, fault := range faults {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.Add(scriptixtest.Session{SessionID: "s", Processing: 10 * time.Minute})
				fault.After = 1
				w.Inject(fault)
				ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
				defer cancel()
				_, err := w.readAndWait(ctx, wait.Options{}, "s")
				var session *scriptix.SessionError
				if !errors.As(err, &session) || session.SessionID != "s" {
					t.Fatalf("got %v", err)
				}
				if polls := len(w.Requests()); polls != 2 {
					t.Errorf("%d requests, want the wait to end with the second", polls)
				}
			})
		})
	}
}

// gatewayAnswers are answers that something in front of the API gives for a while.
var gatewayAnswers = map[string]scriptixtest.Fault{
	"401 in HTML":       {Status: 401, Body: scriptixtest.ProxyPage},
	"402 without body":  {Status: 402},
	"403 without body":  {Status: 403},
	"403 in HTML":       {Status: 403, Body: scriptixtest.ProxyPage},
	"404 in HTML":       {Status: 404, Body: scriptixtest.ProxyPage},
	"404 of a gateway":  {Status: 404, Body: `{"message": "no Route matched with those values"}`},
	"404 about a path":  {Status: 404, Body: `{"error": "Not Found", "message": "No such endpoint"}`},
	"redirect":          {Status: 302, Header: http.Header{"Location": {"https://elsewhere.example/login"}}},
	"400":               {Status: 400},
	"422 with an issue": {Status: 422, Body: scriptixtest.NestedErrorBody},
	"another session":   {Body: `{"session_id": "other", "status": "completed"}`},
	"wrong type":        {Body: `{"session_id": "s", "status": 1}`},
	"no status":         {Body: `{"session_id": "s"}`},
	"a JSON null":       {Body: `null`},
}

// In the middle of a wait, the next poll asks again. From the start, such an answer is an error at once.
func TestAGatewayEndsNoWaitThatHasBegun(t *testing.T) {
	t.Parallel()
	const length, from, to = time.Minute, 5 * time.Second, 12 * time.Second
	for name, fault := range gatewayAnswers {
		for _, count := range []int{1, 5} {
			t.Run(fmt.Sprintf("%s, %d sessions", name, count), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					w := newWorld(t)
					sessionIDs := w.addSessions(count, 0, length)
					during := fault
					during.Match = func(*http.Request) bool { return time.Since(w.began) > from && time.Since(w.began) < to }
					w.Inject(during)
					ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
					defer cancel()
					if _, err := w.waiter.Wait(ctx, processing(sessionIDs), wait.Options{}); err != nil {
						t.Fatal(err)
					}
					if late := time.Since(w.began) - length; late > wait.MinimumInterval {
						t.Errorf("noticed %s after the end", late)
					}
					w.Inject(fault)
					before := len(w.Requests())
					if _, err := w.client.GetSession(ctx, sessionIDs[0]); err == nil || len(w.Requests()) != before+1 {
						t.Errorf("%v after %d requests", err, len(w.Requests())-before)
					}
				})
			})
		}
	}
}

// What the API says of the token holds for all sessions: it is asked once, and said once.
func TestARefusedTokenEndsEveryWaitAtOnce(t *testing.T) {
	t.Parallel()
	for _, status := range []int{http.StatusUnauthorized, http.StatusPaymentRequired} {
		for _, count := range []int{1, 20} {
			t.Run(fmt.Sprintf("%d for %d sessions", status, count), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					w := newWorld(t)
					first, err := w.waiter.Read(t.Context(), w.addSessions(count, 0, time.Hour), wait.ReadOptions{})
					if err != nil {
						t.Fatal(err)
					}
					w.ResetRequests()
					w.Inject(scriptixtest.Fault{Status: status, Body: scriptixtest.KeyRevokedBody})
					ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
					defer cancel()
					_, err = w.waiter.Wait(ctx, first, wait.Options{})
					var refusal *scriptix.APIError
					var session *scriptix.SessionError
					if !errors.As(err, &refusal) || refusal.StatusCode != status || errors.As(err, &session) {
						t.Fatalf("got %v", err)
					}
					if requests := len(w.Requests()); requests != 1 {
						t.Errorf("%d requests, want 1", requests)
					}
				})
			})
		}
	}
}

// All that is at fault is named, in the order asked for, and in one flat list: whoever words it bounds its length.
func TestSessionsAtFaultAreNamedTogether(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		sessionIDs := w.addSessions(30, 0, time.Hour)
		first, err := w.waiter.Read(t.Context(), sessionIDs, wait.ReadOptions{})
		if err != nil {
			t.Fatal(err)
		}
		w.Inject(scriptixtest.Fault{Match: scriptixtest.ForList(), Status: http.StatusForbidden})
		w.Inject(scriptixtest.Fault{
			Match:  func(r *http.Request) bool { return !scriptixtest.ForList()(r) },
			Status: http.StatusNotFound, Body: scriptixtest.NotFoundJSON,
		})
		_, err = w.waiter.Wait(t.Context(), first, wait.Options{})
		joined, ok := err.(interface{ Unwrap() []error })
		if !ok {
			t.Fatalf("got %v", err)
		}
		var named []string
		for _, err := range joined.Unwrap() {
			var session *scriptix.SessionError
			if !errors.As(err, &session) {
				t.Fatalf("got %v", err)
			}
			named = append(named, session.SessionID)
		}
		if !slices.Equal(named, sessionIDs) {
			t.Errorf("named %q", named)
		}
	})
}

func TestFirstReadMustSucceed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.Add(scriptixtest.Session{SessionID: "s", Processing: time.Minute})
		w.Inject(scriptixtest.Fault{Status: 503})
		_, err := w.readAndWait(t.Context(), wait.Options{}, "s")
		var refusal *scriptix.APIError
		if !errors.As(err, &refusal) || refusal.Attempts != 1+scriptix.DefaultMaxRetries {
			t.Fatalf("got %v", err)
		}
	})
}

func TestRefusalBeyondTheDeadlineEndsTheWaitAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.Add(scriptixtest.Session{SessionID: "s", Processing: time.Hour})
		w.Inject(scriptixtest.Fault{After: 3, Times: 1, Status: 429, Header: http.Header{"Retry-After": {"1800"}}})
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Minute)
		defer cancel()
		_, err := w.readAndWait(ctx, wait.Options{}, "s")
		var closed *wait.RateLimitError
		if !errors.As(err, &closed) {
			t.Fatalf("got %v", err)
		}
		if want := w.began.Add(9*time.Second + 30*time.Minute); !closed.Err.Until.Equal(want) {
			t.Errorf("until %s, want %s", closed.Err.Until, want)
		}
		if took := time.Since(w.began); took != 9*time.Second {
			t.Errorf("ended after %s, want at once", took)
		}
	})
}

func TestWaitsForTheSameSessionShareItsPolls(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.Add(scriptixtest.Session{SessionID: "s", Processing: 59 * time.Second})
		const waits = 10
		done := make(chan error, waits)
		for range waits {
			go func() {
				_, err := w.readAndWait(t.Context(), wait.Options{}, "s")
				done <- err
			}()
		}
		for range waits {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		polls := slices.DeleteFunc(w.polledAt(), func(moment float64) bool { return moment == 0 })
		if reads := len(w.Requests()) - len(polls); len(polls) != 20 || reads > waits {
			t.Errorf("%d polls and %d reads, want 20 polls, and at most %d reads", len(polls), reads, waits)
		}
	})
}

func TestJoiningDoesNotWaitForASlowerPoll(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.Add(
			scriptixtest.Session{SessionID: "slow", Processing: time.Hour},
			scriptixtest.Session{SessionID: "quick", Processing: 80 * time.Second},
		)
		done := make(chan error, 1)
		go func() {
			_, err := w.readAndWait(t.Context(), wait.Options{PollInterval: 20 * time.Minute}, "slow")
			done <- err
		}()
		time.Sleep(time.Minute)
		if _, err := w.readAndWait(t.Context(), wait.Options{}, "quick"); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(w.began); took != 81*time.Second {
			t.Errorf("noticed after %s, want the first poll of its own schedule after the end", took)
		}
		if err := <-done; err != nil {
			t.Error(err)
		}
		if took := time.Since(w.began); took != time.Hour {
			t.Errorf("the slow one was noticed after %s", took)
		}
	})
}

// A session is asked for by the shortest interval of its waits, whichever joined first.
func TestJoiningHastensTheSessionOfASlowerWait(t *testing.T) {
	t.Parallel()
	for _, isSlowFirst := range []bool{true, false} {
		t.Run(fmt.Sprintf("slow first: %t", isSlowFirst), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				const length = 80 * time.Second
				w := newWorld(t)
				w.Add(scriptixtest.Session{SessionID: "s", Processing: length})
				slow, quick := wait.Options{PollInterval: 20 * time.Minute}, wait.Options{}
				first, second := quick, slow
				if isSlowFirst {
					first, second = slow, quick
				}
				var group sync.WaitGroup
				group.Go(func() {
					if _, err := w.waiter.Wait(t.Context(), processing([]string{"s"}), first); err != nil {
						t.Error(err)
					}
				})
				time.Sleep(30 * time.Second)
				if _, err := w.waiter.Wait(t.Context(), processing([]string{"s"}), second); err != nil {
					t.Error(err)
				}
				group.Wait()
				if late := time.Since(w.began) - length; late > 5*time.Second {
					t.Errorf("noticed %s after the end", late)
				}
			})
		})
	}
}

func TestLeavingDisturbsNoOtherWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.Add(
			scriptixtest.Session{SessionID: "a", Processing: 20 * time.Minute},
			scriptixtest.Session{SessionID: "b", Processing: 10 * time.Minute},
		)
		impatient, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		left := make(chan error, 1)
		go func() {
			_, err := w.readAndWait(impatient, wait.Options{}, "a", "b")
			left <- err
		}()
		time.Sleep(30 * time.Second)
		sessions, err := w.readAndWait(t.Context(), wait.Options{}, "b")
		if err != nil || sessions[0].Status != scriptix.StatusCompleted {
			t.Fatalf("got %v, %v", sessions, err)
		}
		var timeout *wait.TimeoutError
		if err := <-left; !errors.As(err, &timeout) || len(timeout.Pending) != 2 {
			t.Errorf("got %v", err)
		}
		if late := time.Since(w.began) - 10*time.Minute; late > 10*time.Second {
			t.Errorf("completion was noticed %s late", late)
		}
		w.expectSilence(t)
	})
}

// The race detector is what fails this one.
func TestJoiningWhileTheLastWaitLeavesInTheMiddleOfARound(t *testing.T) {
	t.Parallel()
	for range 20 {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			leaving := w.addSessions(3, 0, time.Hour)
			w.Add(scriptixtest.Session{SessionID: "done"})
			first, err := w.waiter.Read(t.Context(), leaving, wait.ReadOptions{})
			if err != nil {
				t.Fatal(err)
			}
			w.Inject(scriptixtest.Fault{Latency: 100 * time.Millisecond})
			ctx, cancel := context.WithTimeout(t.Context(), 3050*time.Millisecond)
			defer cancel()
			left := make(chan error, 1)
			go func() {
				_, err := w.waiter.Wait(ctx, first, wait.Options{})
				left <- err
			}()
			<-ctx.Done()
			<-left
			// A list has said that it is completed, so that it is asked for at once.
			listed := scriptix.Session{SessionID: "done", Status: scriptix.StatusCompleted}
			if _, err := w.waiter.Wait(t.Context(), []scriptix.Session{listed}, wait.Options{}); err != nil {
				t.Error(err)
			}
		})
	}
}

// What the last wait left behind in the middle of reading lists must not keep the next from reading them.
func TestAWaiterCanBeUsedAgainAfterListsThatWereNotReadToTheEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		first, err := w.waiter.Read(t.Context(), w.addSessions(20, 0, time.Minute), wait.ReadOptions{})
		if err != nil {
			t.Fatal(err)
		}
		w.Inject(scriptixtest.Fault{Match: scriptixtest.ForList(), Times: 1, Hang: true})
		impatient, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		if _, err := w.waiter.Wait(impatient, first, wait.Options{}); err == nil {
			t.Fatal("the first wait has ended by itself")
		}
		patient, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
		defer cancel()
		if _, err := w.waiter.Wait(patient, first, wait.Options{}); err != nil {
			t.Error(err)
		}
	})
}

func TestAWaiterCanBeUsedAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.Add(scriptixtest.Session{SessionID: "a", Processing: time.Minute})
		if _, err := w.readAndWait(t.Context(), wait.Options{}, "a"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		w.Add(scriptixtest.Session{SessionID: "b", Processing: time.Minute})
		if _, err := w.readAndWait(t.Context(), wait.Options{}, "b"); err != nil {
			t.Fatal(err)
		}
	})
}

func TestProgressIsReportedWhenCountsChangeAndOtherwiseEvery30Seconds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.Add(
			scriptixtest.Session{SessionID: "short", Processing: 5 * time.Second},
			scriptixtest.Session{SessionID: "middle", Queued: 7 * time.Second, Processing: time.Minute},
			scriptixtest.Session{SessionID: "long", Processing: 75 * time.Second},
		)
		var reported []string
		options := wait.Options{Progress: func(progress wait.Progress) {
			reported = append(reported, fmt.Sprintf("%d of %d after %s, poll %d",
				progress.Finished, progress.Finished+len(progress.Pending), progress.Waited, progress.Polls))
		}}
		if _, err := w.readAndWait(t.Context(), options, "short", "middle", "long"); err != nil {
			t.Fatal(err)
		}
		want := []string{
			"0 of 3 after 0s, poll 0",     // the start
			"1 of 3 after 6s, poll 2",     // short has finished
			"1 of 3 after 9s, poll 3",     // middle is being processed
			"1 of 3 after 39s, poll 13",   // nothing has changed for 30 seconds
			"2 of 3 after 1m10s, poll 22", // middle has finished
		}
		if !slices.Equal(reported, want) {
			t.Errorf("reported\n%q\nwant\n%q", reported, want)
		}
	})
}

func TestALongPollIsReportedInParts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, scriptixtest.WithAbbreviatedItems())
		w.addSessions(300, 0, 0)
		listing, err := w.client.ListSessions(t.Context(), scriptix.ListOptions{})
		if err != nil {
			t.Fatal(err)
		}
		w.Inject(scriptixtest.Fault{Latency: 80 * time.Millisecond})
		reports := 0
		options := wait.Options{Progress: func(progress wait.Progress) {
			reports++
			if progress.Polls != 0 {
				t.Errorf("%d polls, though the first is not over", progress.Polls)
			}
		}}
		if _, err := w.waiter.Wait(t.Context(), listing.Sessions, options); err != nil {
			t.Fatal(err)
		}
		if reports != 1+3 { // 300 own GETs through two connections take 12 s, and 3 s pass between two reports
			t.Errorf("%d reports", reports)
		}
	})
}

func TestNoSessionsIsNoWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		sessions, err := w.waiter.Wait(t.Context(), nil, wait.Options{})
		if err != nil || len(sessions) != 0 || len(w.Requests()) != 0 {
			t.Errorf("got %v, %v after %d requests", sessions, err, len(w.Requests()))
		}
	})
}

// A log that nobody reads does not keep a wait from ending, whether it is this wait's log or another's.
func TestAStalledLogDelaysNoCancel(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.addSessions(2, 0, time.Hour)
		stalled := make(chan struct{})
		w.waiter = wait.NewWaiter(w.client.ForPolling(), slog.New(stalledHandler{slog.DiscardHandler, stalled}))
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(10*time.Second, cancel)
		var group sync.WaitGroup
		for _, sessionID := range []string{"session-000", "session-001"} {
			group.Go(func() {
				_, err := w.readAndWait(ctx, wait.Options{}, sessionID)
				if _, ok := errors.AsType[*wait.CancelledError](err); !ok {
					t.Errorf("got %v", err)
				}
			})
		}
		group.Wait()
		if took := time.Since(w.began); took > 13*time.Second {
			t.Errorf("the waits ended %s after their cancel", took-10*time.Second)
		}
		close(stalled)
	})
}

// A log that nobody reads does not keep a finished wait from returning.
func TestAStalledLogDelaysNoResult(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.addSessions(1, 0, 10*time.Second)
		stalled := make(chan struct{})
		w.waiter = wait.NewWaiter(w.client.ForPolling(), slog.New(stalledHandler{slog.DiscardHandler, stalled}))
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		if _, err := w.readAndWait(ctx, wait.Options{}, "session-000"); err != nil {
			t.Error(err)
		}
		if took := time.Since(w.began); took > 16*time.Second {
			t.Errorf("the wait returned after %s", took)
		}
		close(stalled)
	})
}

// stalledHandler writes nothing until its channel is closed.
type stalledHandler struct {
	slog.Handler
	stalled chan struct{}
}

func (h stalledHandler) Enabled(context.Context, slog.Level) bool { return true }

func (h stalledHandler) Handle(context.Context, slog.Record) error {
	<-h.stalled
	return nil
}

func TestLogTellsTheStoryOfAWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.Add(scriptixtest.Session{SessionID: "s", Processing: 4 * time.Second})
		var log strings.Builder
		w.waiter = wait.NewWaiter(w.client.ForPolling(), slog.New(slog.NewTextHandler(&log, nil)))
		if _, err := w.readAndWait(t.Context(), wait.Options{}, "s"); err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{
			`msg="Waiting for sessions to finish" sessions=1 running=1`,
			`session_id=s status=processing`,
			`msg="Waiting ended" sessions=1 running=0`,
		} {
			if !strings.Contains(log.String(), want) {
				t.Errorf("the log lacks\n%s\nit is\n%s", want, log.String())
			}
		}
	})
}
