package wait

import (
	"context"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
)

// Wait returns when all sessions have finished, in the given order, as the API last showed them in full. The caller has just
// read the sessions, each of them once. A settled session costs no request.
//
// It returns *FailedError when a session has failed and that is not allowed, *TimeoutError at the deadline of ctx,
// *CancelledError when ctx is canceled, and *RateLimitError when polls are due but no request can be sent before the
// deadline. When no later request can succeed, it returns one *scriptix.SessionError for each session, joined, or the error
// with which the API refused the token. After a failure the wait ends with the present poll, at most three seconds later.
//
// With *TimeoutError and *RateLimitError it also returns the sessions as last read, and the caller decides whether to use
// them. With every other error it returns none.
func (w *Waiter) Wait(ctx context.Context, sessions []scriptix.Session, options Options) ([]scriptix.Session, error) {
	call := newWait(ctx, options)
	if !w.join(call, sessions) { //nolint:contextcheck // the poll loop serves other waits too, and outlives this one for them
		return call.result()
	}
	w.follow(ctx, call)
	w.leave(call)
	w.logEnd(ctx, call)
	return call.result()
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
