package wait

import (
	"context"
	"slices"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
)

const (
	// newFor is how long a session is asked for again that the API does not find: its upload may be a second old.
	newFor = 10 * time.Second
	// mostNew is the number of sessions of a read up to which they may be new uploads. If the API does not find more of them,
	// the token is wrong, and each would cost requests.
	mostNew = 10
)

// ReadOptions are the options of one read.
type ReadOptions struct {
	EveryField bool // accept only answers with every field, and not list items without some, which are enough for a wait
	MayBeNew   bool // ask again for ten seconds if the API does not find a session
}

// Read reads sessions and returns them in the given order, each once. Reading is waiting for the first answer: reads that come
// together share pages of the list, and a session alone is one GET. A session that has not finished is only answered by a
// request that is sent after the call.
//
// Read sends a failed GET again as scriptix.Client.GetSession does. A list that fails never makes it fail. If sessions do not
// exist, the error joins a *scriptix.SessionError for each of them. Any other failure is a *scriptix.SessionError, and ends the
// call at once.
func (w *Waiter) Read(ctx context.Context, sessionIDs []string, options ReadOptions) ([]scriptix.Session, error) {
	call := newWait(ctx, Options{AllowFailed: true})
	call.isRead, call.reading, call.lastLook = true, options, time.Time{}
	if w.join(call, unread(sessionIDs)) { //nolint:contextcheck // as for Wait
		select {
		case <-call.done:
		case <-ctx.Done():
		}
		w.leave(call)
	}
	return call.result()
}

// unread returns sessions of which nothing is known, each once.
func unread(sessionIDs []string) []scriptix.Session {
	seen := make(map[string]bool, len(sessionIDs))
	var sessions []scriptix.Session
	for _, sessionID := range sessionIDs {
		if !seen[sessionID] {
			seen[sessionID] = true
			sessions = append(sessions, scriptix.Session{SessionID: sessionID})
		}
	}
	return sessions
}

// isNew reports whether the sessions of a read may have been uploaded so lately that the API does not find them yet.
func (w *wait) isNew(now time.Time) bool {
	if !w.reading.MayBeNew || now.Sub(w.started) >= newFor {
		return false
	}
	failed := 0
	for _, e := range w.entries {
		if e.attempts > 0 || e.fault != nil {
			failed++
		}
	}
	return failed <= mostNew
}

// cutShort returns the error of a read that ends before each session is answered: because of a rate limit, or of its context.
func (w *wait) cutShort(limited *scriptix.RateLimitError) error {
	e := w.entries[slices.IndexFunc(w.entries, func(e *entry) bool { return !e.isOver && slices.Contains(e.waits, w) })]
	failure := &scriptix.SessionError{SessionID: e.session.SessionID, Err: limited}
	switch {
	case limited == nil:
		failure.Err = scriptix.NewEndedRequestError(w.ctx, e.session.SessionID, e.attempts, w.lastFailure)
	case scriptix.IsPostponed(w.lastFailure):
		failure.Err = scriptix.WithAttempts(w.lastFailure, e.attempts)
	}
	return failure
}
