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
	isRead   bool // it ends with the first answer for each session, see Waiter.Read
	reading  ReadOptions
	started  time.Time
	entries  []*entry  // in the caller's order
	lastLook time.Time // zero: none, or it has begun

	pending     int       // sessions that are not over
	servedAt    int       // turn of the latest request for it, see loop
	polls       int       // complete polls
	pollFrom    time.Time // since when the present poll has gone on
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
	w.signaledAt, w.pollFrom = w.started, w.started
	return w
}

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
		if e.isOver && e.session.Outcome() == scriptix.Failed {
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
	switch {
	case w.isDone():
	case w.pending == 0, w.isFailing():
		w.end(nil)
	case w.isRead:
		w.end(w.cutShort(nil))
	case errors.Is(w.ctx.Err(), context.DeadlineExceeded):
		w.end(&TimeoutError{w.progress()})
	default:
		w.end(&CancelledError{w.progress()})
	}
}

// countPlaceless returns the number of its sessions to ask for whose place is unknown.
func (w *wait) countPlaceless() int {
	count := 0
	for _, e := range w.entries {
		if e.isOpen() && e.place == unknown {
			count++
		}
	}
	return count
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
	now := time.Now()
	progress := Progress{
		Waited:      now.Sub(w.started),
		Polls:       w.polls,
		LastFailure: w.lastFailure,
	}
	for _, e := range w.entries {
		if e.isOver {
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

// isUnderWay reports whether a request for the wait is under way.
func (w *wait) isUnderWay() bool {
	return slices.ContainsFunc(w.entries, func(e *entry) bool { return e.asked != nil })
}

// countPoll counts a poll that is complete: each session was answered. It signals progress then, and in a poll that takes long.
func (w *wait) countPoll(now time.Time) {
	isOpen := func(e *entry) bool {
		return !e.isOver && (e.session.NeedsOwnGet() || !e.answered.After(w.pollFrom))
	}
	isComplete := !slices.ContainsFunc(w.entries, isOpen)
	if isComplete {
		w.polls++
		w.pollFrom = now
	}
	if isComplete || now.Sub(w.signaledAt) >= MinimumInterval {
		w.signal(now)
	}
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
	return slices.ContainsFunc(w.entries, func(e *entry) bool { return !e.isOver && e.due.Before(deadline) })
}

func (w *wait) isPastDeadline(now time.Time) bool {
	deadline, ok := w.ctx.Deadline()
	return ok && now.After(deadline)
}
