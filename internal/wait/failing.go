package wait

import (
	"math/rand/v2"
	"slices"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
)

const (
	// shortestBackoff and longestBackoff bound the time between two GETs of a read.
	shortestBackoff = 500 * time.Millisecond
	longestBackoff  = 30 * time.Second
)

// postpone leaves the session to the next poll after a failed request. After a rate limit it is asked for as soon as requests
// can be sent, but only once: the API may ask for ever to come back soon.
func (e *entry) postpone(failure error, maxRetries int, now time.Time) {
	if !e.isOpen() {
		return // the request was canceled, because nobody needed it any more
	}
	e.attempts++
	e.answered = now
	e.noteFailure(failure)
	e.endFailedReads(failure, maxRetries)
	if !e.isOpen() {
		return
	}
	wasPostponed := e.isPostponed
	e.isPostponed = scriptix.IsPostponed(failure)
	e.isUrgent = e.isUnread()
	switch {
	case e.isPostponed && !wasPostponed:
	case e.isUnread():
		e.due = now.Add(e.backoff(now))
	default:
		e.setDue(now)
	}
}

// noteFailure notes the failure for what its waits report.
func (e *entry) noteFailure(failure error) {
	for _, w := range e.waits {
		w.lastFailure = failure
	}
}

// endFailedReads ends the reads of a session that do not send its failed GET again.
func (e *entry) endFailedReads(failure error, maxRetries int) {
	isRetried := scriptix.Classify(failure) == scriptix.ClassRetryable && e.attempts <= maxRetries
	e.waits = slices.DeleteFunc(e.waits, func(w *wait) bool {
		if !w.isRead || isRetried || scriptix.IsNotFound(failure) { // an upload that may be new
			return false
		}
		w.endRead(e, failure)
		return true
	})
}

// backoff returns how long reads wait after a failed GET. A session that may be new is asked for until it no longer may.
func (e *entry) backoff(now time.Time) time.Duration {
	backoff := doubled(shortestBackoff, e.attempts-1, longestBackoff)
	backoff = backoff/2 + rand.N(backoff/2+1)
	for _, w := range e.waits {
		if w.isRead && w.isNew(now) {
			backoff = min(backoff, newFor-now.Sub(w.started))
		}
	}
	return backoff
}

// blame ends the session with an error that no later request can change.
func (e *entry) blame(err error, now time.Time) {
	if !e.isOpen() {
		return
	}
	e.fault = &scriptix.SessionError{SessionID: e.session.SessionID, Err: err}
	e.end(now)
}

// isNew reports whether the session may be new for all its waits.
func (e *entry) isNew(now time.Time) bool {
	return !slices.ContainsFunc(e.waits, func(w *wait) bool { return !w.isNew(now) })
}
