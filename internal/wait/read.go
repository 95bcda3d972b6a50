package wait

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
)

const (
	// newFor is how long a session is asked for again that the API does not find: its upload may be a second old.
	newFor = 10 * time.Second
	// recentFor is how long a settled session answers reads that come later: Terraform asks for the next session as soon as
	// one is answered.
	recentFor = 30 * time.Second

	shortestBackoff = 500 * time.Millisecond
	longestBackoff  = 30 * time.Second
)

// Read reads one session. Reading is waiting for the first answer: as many reads as requests are free go out at once as GETs,
// and later ones share pages. A session that has not finished is only answered by a request that is sent after the call. With
// mayBeNew, Read asks again for ten seconds if the API does not find the session.
//
// Read sends a failed request again as scriptix.Client.GetSession does, and fails with the same errors. A list that fails never
// makes it fail.
func (w *Waiter) Read(ctx context.Context, sessionID string, mayBeNew bool) (*scriptix.Session, error) {
	call := newWait(ctx, Options{AllowFailed: true})
	call.lastLook = time.Time{}
	call.read = &reading{mayBeNew: mayBeNew, maxRetries: w.client.MaxRetries()}
	if w.join(call, []scriptix.Session{{SessionID: sessionID}}) { //nolint:contextcheck // as for Wait
		select {
		case <-call.done:
		case <-ctx.Done():
		}
		w.leave(call)
	}
	return call.readResult(sessionID)
}

// reading is what makes a wait end with the first answer.
type reading struct {
	mayBeNew   bool
	maxRetries int
	attempts   int   // own GETs that failed
	failure    error // the last one
}

// failRead notes a failed GET. It returns how long to wait before the next one, unless that ends the read, whose attempts are
// those of its error.
func (w *wait) failRead(failure error, now time.Time) (backoff time.Duration) {
	w.read.attempts++
	w.read.failure = failure
	isNew := scriptix.IsNotFound(failure) && w.isNew(now)
	isRetried := scriptix.Classify(failure) == scriptix.ClassRetryable && w.read.attempts <= w.read.maxRetries
	if !isNew && !isRetried {
		w.end(scriptix.WithAttempts(failure, w.read.attempts))
		return 0
	}
	backoff = doubled(shortestBackoff, w.read.attempts-1, longestBackoff)
	backoff = backoff/2 + rand.N(backoff/2+1)
	if isNew {
		backoff = min(backoff, newFor-now.Sub(w.started))
	}
	return backoff
}

// isNew reports whether the session of a read may have been uploaded so lately that the API does not find it yet.
func (w *wait) isNew(now time.Time) bool {
	return w.read != nil && w.read.mayBeNew && now.Sub(w.started) < newFor
}

// readResult returns what Waiter.Read returns.
func (w *wait) readResult(sessionID string) (*scriptix.Session, error) {
	if session, ok := errors.AsType[*scriptix.SessionError](w.err); ok {
		return nil, session.Err
	}
	switch err := w.err.(type) { //nolint:errorlint // an error that end was given, unwrapped
	case nil:
		return &w.sessions[0], nil
	case *TimeoutError, *CancelledError:
		return nil, scriptix.NewEndedRequestError(w.ctx, sessionID, w.read.attempts, w.read.failure)
	case *RateLimitError:
		if scriptix.IsPostponed(w.read.failure) {
			return nil, scriptix.WithAttempts(w.read.failure, w.read.attempts)
		}
		return nil, err.Err
	default:
		return nil, err
	}
}

// recent are the settled sessions that answers to reads have shown a short while ago.
type recent struct {
	sessions map[string]recentSession
	until    time.Time // when they are forgotten, unless another read comes
}

type recentSession struct {
	scriptix.Session

	at time.Time
}

// begin notes a read. It forgets what is too old.
func (r *recent) begin(now time.Time) {
	if r.sessions == nil || now.After(r.until) {
		r.sessions = make(map[string]recentSession)
	}
	r.until = now.Add(recentFor)
}

// add remembers a session if it is settled and has all details, while reads come.
func (r *recent) add(session *scriptix.Session, now time.Time) {
	if session.Settled() && session.HasDetails() && now.Before(r.until) {
		r.sessions[session.SessionID] = recentSession{*session, now}
	}
}

// get returns a session if it is remembered.
func (r *recent) get(sessionID string, now time.Time) (scriptix.Session, bool) {
	known, ok := r.sessions[sessionID]
	return known.Session, ok && now.Sub(known.at) < recentFor
}
