package provider

import (
	"context"
	"log/slog"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
	"github.com/scriptix/terraform-provider-scriptix/internal/wait"
)

// A process that is stopped until after the deadline of a wait looks once more when it wakes, and says how old its news is if
// that brings none.
func TestAWaitThatOversleptLooksOnceMore(t *testing.T) {
	t.Parallel()
	const timeout = 10 * time.Minute
	tests := map[string]struct {
		processing time.Duration
		stopped    time.Duration // beyond the deadline
		fault      *scriptixtest.Fault
		requests   int // after the first read
		words      []string
	}{
		"finished meanwhile": {processing: timeout, stopped: time.Minute, requests: 1},
		"still running": {
			processing: time.Hour, stopped: time.Minute, requests: 1,
			words: []string{"Session Still Processing", "The wait reached its timeout of 10m after 7 polls."},
		},
		"unreachable": {
			processing: timeout, stopped: time.Minute, fault: &scriptixtest.Fault{After: 1, Status: http.StatusForbidden}, requests: 1,
			words: []string{"Session Still Processing", "The API last showed it 11m ago.", "after 7 polls."},
		},
		"in time": {
			processing: timeout, stopped: time.Second,
			words: []string{"Session Still Processing", "The API last showed it 10m1s ago."},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				api := scriptixtest.NewPipeServer(t)
				api.Add(scriptixtest.Session{SessionID: "test", Processing: test.processing})
				if test.fault != nil {
					api.Inject(*test.fault)
				}
				connection := stoppedConnection(t, api, test.stopped)
				arguments := waitArguments{waits: true, timeout: timeout, timeoutArgument: "timeouts.read"}
				session, err := connection.session(t.Context(), "test", arguments)
				if test.words == nil {
					if err != nil || session.Status != scriptix.StatusCompleted {
						t.Errorf("got %+v and %v", session, err)
					}
				} else {
					problem := readFailure(err, sessionSubject("test"), arguments)[0]
					saysInOrder(t, problem.Summary()+"\n"+problem.Detail(), test.words...)
				}
				sent(t, api, 1+test.requests)
			})
		})
	}
}

// stoppedConnection waits in a process that is stopped until so long after the deadline.
func stoppedConnection(t *testing.T, api *scriptixtest.Server, late time.Duration) *connection {
	t.Helper()
	token, err := scriptix.NewToken(scriptixtest.Token)
	check(t, err)
	base, err := scriptix.ParseBaseURL(api.URL)
	check(t, err)
	client := scriptix.NewClient(scriptix.Config{
		BaseURL: base, Token: token, MaxConcurrentRequests: 1, RequestTimeout: time.Minute, Transport: api.Transport(),
	})
	waiter := &stoppedWaiter{Waiter: wait.NewWaiter(client.ForPolling(), slog.New(slog.DiscardHandler)), late: late}
	return &connection{client: client, waiter: waiter, interrupted: t.Context()}
}

// stoppedWaiter is stopped in its first wait.
type stoppedWaiter struct {
	*wait.Waiter

	late  time.Duration
	waits int
}

func (w *stoppedWaiter) Wait(ctx context.Context, sessions []scriptix.Session, options wait.Options) ([]scriptix.Session, error) {
	w.waits++
	if w.waits > 1 {
		return w.Waiter.Wait(ctx, sessions, options)
	}
	started := time.Now()
	deadline, _ := ctx.Deadline()
	time.Sleep(time.Until(deadline) + w.late) //nolint:forbidigo // in fake time
	waited := time.Since(started)
	return sessions, &wait.TimeoutError{Progress: wait.Progress{Pending: sessions, Age: waited, Waited: waited, Polls: 7}}
}
