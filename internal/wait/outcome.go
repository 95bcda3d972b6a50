package wait

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
)

// finish notes that nothing more is to be asked about one of its sessions. A failed session or a fault ends the wait soon.
func (w *wait) finish(e *entry, now time.Time) {
	w.pending--
	isFailure := e.fault != nil || e.session.Outcome() == scriptix.Failed && !w.options.AllowFailed
	switch {
	case isFailure && w.isRead && !scriptix.IsNotFound(e.fault): // the other answers would be no use
		w.end(nil)
	case isFailure && !w.isRead && w.failingFrom.IsZero():
		w.failingFrom = now
	}
}

// isFailing reports whether one of its sessions has failed or has a fault.
func (w *wait) isFailing() bool { return !w.failingFrom.IsZero() }

// isDone reports whether the wait has its result.
func (w *wait) isDone() bool {
	select {
	case <-w.done:
		return true
	default:
		return false
	}
}

// end sets the result: err, or the outcome of its sessions. The result is a copy that no later answer changes.
func (w *wait) end(err error) {
	if w.isDone() {
		return
	}
	w.err = err
	if w.err == nil {
		w.err = w.faults()
	}
	if failed := w.failed(); w.err == nil && len(failed) > 0 {
		w.err = &FailedError{Failed: failed, Pending: w.pending}
	}
	w.sessions = make([]scriptix.Session, len(w.entries))
	for i, e := range w.entries {
		w.sessions[i] = e.session
	}
	close(w.done)
}

// endWithContext ends a wait whose context has ended.
func (w *wait) endWithContext() {
	switch {
	case w.isDone():
	case w.pending == 0, w.isFailing():
		w.end(nil)
	case w.isRead:
		e := w.unanswered()
		w.endRead(e, scriptix.NewEndedRequestError(w.ctx, e.session.SessionID, e.attempts, w.lastFailure))
	case errors.Is(w.ctx.Err(), context.DeadlineExceeded):
		w.endLate()
	default:
		w.end(&CancelledError{w.progress()})
	}
}

// endLate ends a wait whose deadline is over.
func (w *wait) endLate() { w.end(&TimeoutError{w.progress()}) }

// endLimited ends a wait or a read that a rate limit allows no request before its deadline.
func (w *wait) endLimited(limited *scriptix.RateLimitError) {
	switch {
	case !w.isRead:
		w.end(&RateLimitError{Progress: w.progress(), Err: limited})
	case scriptix.IsPostponed(w.lastFailure):
		w.endRead(w.unanswered(), w.lastFailure)
	default:
		w.endRead(w.unanswered(), limited)
	}
}

// endRead ends a read because of one of its sessions. The request that failed may have been that of another one.
func (w *wait) endRead(e *entry, err error) {
	if e.attempts > 0 {
		err = scriptix.WithAttempts(err, e.attempts)
	}
	w.end(&scriptix.SessionError{SessionID: e.session.SessionID, Err: err})
}

// unanswered returns the first session of a read without an answer.
func (w *wait) unanswered() *entry {
	return w.entries[slices.IndexFunc(w.entries, func(e *entry) bool { return !e.isOver() && slices.Contains(e.waits, w) })]
}

// failed returns the failed sessions in the caller's order, or none if failure is allowed.
func (w *wait) failed() []scriptix.Session {
	if w.options.AllowFailed {
		return nil
	}
	var failed []scriptix.Session
	for _, e := range w.entries {
		if e.isOver() && e.session.Outcome() == scriptix.Failed {
			failed = append(failed, e.session)
		}
	}
	return failed
}

// faults returns the errors that no later request can change, in the caller's order.
func (w *wait) faults() error {
	var faults []error
	for _, e := range w.entries {
		if e.fault != nil {
			faults = append(faults, e.fault)
		}
	}
	return errors.Join(faults...)
}

func (w *wait) progress() Progress {
	now := time.Now()
	progress := Progress{
		Waited:      now.Sub(w.started),
		Polls:       w.polls,
		LastFailure: w.lastFailure,
		Pending:     make([]scriptix.Session, 0, w.pending),
	}
	for _, e := range w.entries {
		if e.isOver() {
			progress.Finished++
		} else {
			progress.Pending = append(progress.Pending, e.session)
			progress.Age = max(progress.Age, now.Sub(e.shown))
		}
	}
	return progress
}

// result returns what Waiter.Wait returns.
func (w *wait) result() ([]scriptix.Session, error) {
	switch w.err.(type) { //nolint:errorlint // an error that end was given, unwrapped
	case nil, *TimeoutError, *RateLimitError:
		return w.sessions, w.err
	}
	return nil, w.err
}
