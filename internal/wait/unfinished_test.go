package wait_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
	"github.com/scriptix/terraform-provider-scriptix/internal/wait"
)

// addBatch adds sessions that differ in how far they are after a minute, and returns their IDs.
func (w *world) addBatch() []string {
	w.Add(
		scriptixtest.Session{SessionID: "queued", Queued: time.Hour},
		scriptixtest.Session{SessionID: "completed", Processing: 20 * time.Second},
		scriptixtest.Session{SessionID: "processing", Queued: 30 * time.Second, Processing: time.Hour},
	)
	return []string{"queued", "completed", "processing"}
}

// hasBatch fails unless these are the sessions of addBatch after a minute, in the order asked for.
func hasBatch(t *testing.T, sessions []scriptix.Session) {
	t.Helper()
	if len(sessions) != 3 {
		t.Fatalf("got %d sessions, want 3: %+v", len(sessions), sessions)
	}
	for i, want := range []string{"queued", "completed", "processing"} {
		if sessions[i].SessionID != want || sessions[i].Status != scriptix.Status(want) {
			t.Errorf("session %d is %q and %q, want %q", i, sessions[i].SessionID, sessions[i].Status, want)
		}
	}
	if sessions[1].Document == nil || sessions[0].Document != nil {
		t.Error("only the completed session has a document")
	}
}

func TestTimeoutReturnsTheSessionsAsLastRead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		sessions, err := w.readAndWait(ctx, wait.Options{}, w.addBatch()...)
		var timeout *wait.TimeoutError
		if !errors.As(err, &timeout) || len(timeout.Pending) != 2 || timeout.Finished != 1 {
			t.Fatalf("got %v", err)
		}
		hasBatch(t, sessions)
	})
}

func TestTimeoutBeforeTheFirstPollReturnsTheSessionsAsGiven(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.Add(scriptixtest.Session{SessionID: "s", Processing: time.Hour})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		sessions, err := w.readAndWait(ctx, wait.Options{}, "s")
		var timeout *wait.TimeoutError
		if !errors.As(err, &timeout) || timeout.Polls != 0 || timeout.Waited != time.Second {
			t.Fatalf("got %v", err)
		}
		if len(sessions) != 1 || sessions[0].Status != scriptix.StatusProcessing {
			t.Errorf("got %+v", sessions)
		}
	})
}

func TestRateLimitReturnsTheSessionsAsLastRead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		sessionIDs := w.addBatch()
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Minute)
		defer cancel()
		time.AfterFunc(time.Minute, func() {
			w.Inject(scriptixtest.Fault{Status: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {"1800"}}})
		})
		sessions, err := w.readAndWait(ctx, wait.Options{}, sessionIDs...)
		var closed *wait.RateLimitError
		if !errors.As(err, &closed) || len(closed.Pending) != 2 {
			t.Fatalf("got %v", err)
		}
		hasBatch(t, sessions)
		if took := time.Since(w.began); took > 70*time.Second {
			t.Errorf("ended after %s, want the first poll that was refused", took)
		}
	})
}

// The sessions that a wait returned stay as they are when another wait for them continues.
func TestUnfinishedSessionsAreACopy(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.Add(scriptixtest.Session{SessionID: "s", Processing: 2 * time.Minute})
		patient := make(chan error, 1)
		go func() {
			_, err := w.readAndWait(t.Context(), wait.Options{}, "s")
			patient <- err
		}()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		sessions, err := w.readAndWait(ctx, wait.Options{}, "s")
		var timeout *wait.TimeoutError
		if !errors.As(err, &timeout) {
			t.Fatalf("got %v", err)
		}
		if err := <-patient; err != nil {
			t.Fatal(err)
		}
		if sessions[0].Status != scriptix.StatusProcessing || timeout.Pending[0].Status != scriptix.StatusProcessing {
			t.Errorf("the sessions changed after the wait: %+v", sessions)
		}
	})
}

func TestEveryOtherErrorReturnsNoSessions(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		fault  scriptixtest.Fault
		cancel bool
		isWant func(error) bool
	}{
		"a failed session": {isWant: isError[*wait.FailedError]},
		"a cancel":         {cancel: true, isWant: isError[*wait.CancelledError]},
		"a deleted session": {
			fault:  scriptixtest.Fault{After: 2, Status: http.StatusNotFound, Body: scriptixtest.NotFoundJSON},
			isWant: isError[*scriptix.SessionError],
		},
		"a refused token": {
			fault:  scriptixtest.Fault{After: 2, Status: http.StatusUnauthorized, Body: scriptixtest.KeyRevokedBody},
			isWant: isError[*scriptix.APIError],
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.Add(
					scriptixtest.Session{SessionID: "slow", Processing: time.Hour},
					scriptixtest.Session{SessionID: "bad", Processing: 10 * time.Second, Error: "Audio file is too short"},
				)
				if test.fault.Status != 0 {
					w.Inject(test.fault)
				}
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				if test.cancel {
					time.AfterFunc(5*time.Second, cancel)
				}
				sessions, err := w.readAndWait(ctx, wait.Options{}, "slow", "bad")
				if !test.isWant(err) {
					t.Errorf("got %v", err)
				}
				if sessions != nil {
					t.Errorf("got sessions as well: %+v", sessions)
				}
			})
		})
	}
}

func isError[E error](err error) bool {
	var target E
	return errors.As(err, &target)
}

// Another wait that has just found a session deleted still waits for the answer to a request. A wait that joins must fail
// as well, and not time out.
func TestJoiningADeletedSessionFails(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.Add(
			scriptixtest.Session{SessionID: "deleted", Processing: time.Hour},
			scriptixtest.Session{SessionID: "hanging", Processing: time.Hour},
		)
		w.Inject(scriptixtest.Fault{Match: scriptixtest.ForList(), Status: http.StatusForbidden})
		w.Inject(scriptixtest.Fault{
			Match: scriptixtest.ForSession("deleted"), Status: http.StatusNotFound, Body: scriptixtest.NotFoundJSON,
		})
		w.Inject(scriptixtest.Fault{Match: scriptixtest.ForSession("hanging"), Hang: true})
		first := make(chan error, 1)
		go func() {
			_, err := w.waiter.Wait(t.Context(), processing([]string{"deleted", "hanging"}), wait.Options{})
			first <- err
		}()
		for !w.hasSeen("deleted") || !w.hasSeen("hanging") {
			time.Sleep(100 * time.Millisecond)
		}
		synctest.Wait()
		if len(first) > 0 {
			t.Fatal("the first wait has ended, so that there is nothing to join")
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		sessions, err := w.waiter.Wait(ctx, processing([]string{"deleted", "hanging"}), wait.Options{})
		if !isError[*scriptix.SessionError](err) || sessions != nil {
			t.Errorf("got %v, %v", sessions, err)
		}
		if err := <-first; !isError[*scriptix.SessionError](err) {
			t.Errorf("the first wait: %v", err)
		}
	})
}

// hasSeen reports whether the session was asked for by its own GET.
func (w *world) hasSeen(sessionID string) bool {
	for _, request := range w.Requests() {
		if request.Path == "/api/v3/speech-to-text/session/"+sessionID {
			return true
		}
	}
	return false
}
