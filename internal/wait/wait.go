package wait

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
)

// lastLookMargin is the time between the last look of a wait and its deadline. No pace delays the last look.
const lastLookMargin = 5 * time.Second

// wait is one call of Waiter.Wait. Once it has joined the board, the Waiter's lock guards it.
type wait struct {
	ctx      context.Context
	options  Options
	started  time.Time
	entries  []*entry  // in the caller's order
	lastLook time.Time // zero: none, or it has begun

	pending     int       // sessions that are not over
	servedAt    int       // turn of the latest request for it, see polling
	sinceRetry  int       // polls since the more expensive way was last tried
	polls       int       // complete polls
	signaledAt  time.Time // when the caller was last signaled
	failingFrom time.Time // when the first session failed or got a fault; zero: none
	lastFailure error

	err      error
	sessions []scriptix.Session // as last read, once the wait has ended
	changed  chan struct{}      // signals that there may be progress to report
	done     chan struct{}      // closed when the wait has ended
}

func newWait(ctx context.Context, options Options) *wait {
	w := &wait{
		ctx:     ctx,
		options: options,
		started: time.Now(),
		changed: make(chan struct{}, 1),
		done:    make(chan struct{}),
	}
	if deadline, ok := ctx.Deadline(); ok && deadline.Add(-lastLookMargin).After(w.started) {
		w.lastLook = deadline.Add(-lastLookMargin)
	}
	w.signaledAt = w.started
	return w
}

// isLarge reports whether the wait has polls of its own, because its sessions fill more than a page.
func (w *wait) isLarge() bool { return len(w.entries) > scriptix.PageSize }

// interval returns the time from one poll of a session to the next.
func (w *wait) interval(now time.Time) time.Duration {
	if w.options.PollInterval > 0 {
		return w.options.PollInterval
	}
	return recommended(now.Sub(w.started))
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

// finish notes that one of its sessions is over. A failed session or a fault ends the wait soon.
func (w *wait) finish(e *entry, now time.Time) {
	w.pending--
	isFailure := e.fault != nil || e.session.Outcome() == scriptix.Failed && !w.options.AllowFailed
	if isFailure && w.failingFrom.IsZero() {
		w.failingFrom = now
	}
}

// isFailing reports whether one of its sessions has failed or has a fault.
func (w *wait) isFailing() bool { return !w.failingFrom.IsZero() }

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

// isDone reports whether the wait has its result.
func (w *wait) isDone() bool {
	select {
	case <-w.done:
		return true
	default:
		return false
	}
}

// endWithContext ends a wait whose context has ended.
func (w *wait) endWithContext() {
	if w.pending == 0 || w.isFailing() {
		w.end(nil)
		return
	}
	if errors.Is(w.ctx.Err(), context.DeadlineExceeded) {
		w.end(&TimeoutError{w.progress()})
		return
	}
	w.end(&CancelledError{w.progress()})
}

// signal tells the caller's goroutine that there may be progress to report.
func (w *wait) signal(now time.Time) {
	w.signaledAt = now
	select {
	case w.changed <- struct{}{}:
	default: // the previous signal is still unread, and covers this one
	}
}

func (w *wait) progress() Progress {
	progress := Progress{
		Waited:      time.Since(w.started),
		Polls:       w.polls,
		LastFailure: w.lastFailure,
	}
	for _, e := range w.entries {
		if e.isOver() {
			progress.Finished++
		} else {
			progress.Pending = append(progress.Pending, e.session)
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

// nearlyDue returns the sessions that a poll can take now, and when the first session is due.
func (w *wait) nearlyDue(now time.Time) (entries []*entry, due time.Time) {
	for _, e := range w.entries {
		if !w.canTake(e) {
			continue
		}
		due = earliest(due, e.due)
		if e.isNearlyDue(now) {
			entries = append(entries, e)
		}
	}
	return entries, due
}

// canTake reports whether a poll for the wait can take a session. A small wait can take it out of a large poll that sends own
// GETs, because those take long.
func (w *wait) canTake(e *entry) bool {
	if e.isOver() || e.asked != nil {
		return false
	}
	return e.poll == nil || !w.isLarge() && e.poll.isLarge() && !e.poll.hasPages()
}

// isCutOff reports whether the wait still needs a request before its deadline, and none can be sent before until.
func (w *wait) isCutOff(until time.Time) bool {
	deadline, ok := w.ctx.Deadline()
	if !ok || !until.After(deadline) {
		return false
	}
	if !w.lastLook.IsZero() {
		return true
	}
	return slices.ContainsFunc(w.entries, func(e *entry) bool { return !e.isOver() && e.due.Before(deadline) })
}
