package wait

import (
	"context"
	"errors"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
)

// wait is one call of Waiter.Wait. Once it has joined, its Waiter's lock guards it.
type wait struct {
	ctx      context.Context
	options  Options
	started  time.Time
	sessions []scriptix.Session   // as last seen, in the caller's order
	index    map[string]int       // session id -> place in sessions
	pending  map[string]time.Time // session id -> when to ask for it next

	polls       int
	lastFailure error
	err         error
	polled      chan struct{} // tells that there is progress to report
	done        chan struct{} // closed when the wait has its result
}

func newWait(ctx context.Context, sessions []scriptix.Session, options Options) *wait {
	this := &wait{
		ctx:      ctx,
		options:  options,
		started:  time.Now(),
		sessions: append([]scriptix.Session{}, sessions...),
		index:    make(map[string]int, len(sessions)),
		pending:  make(map[string]time.Time, len(sessions)),
		polled:   make(chan struct{}, 1),
		done:     make(chan struct{}),
	}
	for i := range sessions {
		this.index[sessions[i].SessionID] = i
		this.see(&sessions[i], this.started)
	}
	return this
}

// see takes in a session as it was read at the moment given. That it has finished is believed of its own GET
// only; a list that says so is a reason to ask at once.
func (w *wait) see(session *scriptix.Session, now time.Time) {
	finished := session.Outcome() != scriptix.Running
	switch {
	case finished && !session.Listed:
		delete(w.pending, session.SessionID)
	case finished:
		w.pending[session.SessionID] = now
		return
	default:
		w.pending[session.SessionID] = w.nextPoll(now)
	}
	w.sessions[w.index[session.SessionID]] = *session
}

func (w *wait) nextPoll(now time.Time) time.Time {
	if w.options.PollInterval > 0 {
		return now.Add(w.options.PollInterval)
	}
	return now.Add(recommended(now.Sub(w.started)))
}

// slack is how much sooner than due a session may be asked for, together with others.
func (w *wait) slack(now time.Time) time.Duration {
	return w.nextPoll(now).Sub(now) / 2
}

// take takes in what a round brought and reports whether anything was for this wait.
func (w *wait) take(report report, now time.Time) bool {
	if w.err != nil {
		return false
	}
	concerned := false
	for i := range w.sessions {
		sessionID := w.sessions[i].SessionID
		answer, answered := report.answers[sessionID]
		if _, pending := w.pending[sessionID]; !pending || !answered {
			continue
		}
		concerned = true
		if answer.err != nil {
			w.fail(sessionID, answer.err, now)
		} else {
			w.see(answer.session, now)
		}
	}
	if concerned {
		w.polls++
	}
	w.giveUpIfClosed(report.closed)
	switch settled := w.settle(); {
	case settled && (concerned || w.err != nil):
		close(w.done)
	case concerned:
		w.tellProgress()
	}
	return concerned
}

func (w *wait) tellProgress() {
	select {
	case w.polled <- struct{}{}:
	default: // the poll before has not been told of yet: once will do for both
	}
}

// giveUpIfClosed ends the wait when no request can be sent before its deadline.
func (w *wait) giveUpIfClosed(closed *scriptix.RateLimitError) {
	if closed == nil || len(w.pending) == 0 || w.err != nil {
		return
	}
	if deadline, ok := w.ctx.Deadline(); ok && closed.Until.After(deadline) {
		w.err = closed
	}
}

// fail ends the wait for what asking again cannot mend; anything else is left to the next poll, which comes no
// sooner than the API allows.
func (w *wait) fail(sessionID string, err error, now time.Time) {
	if endsWait(err) {
		w.err = errors.Join(w.err, &scriptix.SessionError{SessionID: sessionID, Err: err})
		return
	}
	w.lastFailure = err
	w.pending[sessionID] = w.nextPoll(now)
	if closed := closedGate(err); closed != nil {
		w.pending[sessionID] = later(w.pending[sessionID], closed.Until)
		w.giveUpIfClosed(closed)
	}
}

// settle reports whether the wait has its result, and makes it an error if sessions have failed.
func (w *wait) settle() bool {
	if failed := w.failed(); len(failed) > 0 && !w.options.AllowFailed && w.err == nil {
		w.err = &FailedError{Failed: failed, Pending: len(w.pending)}
	}
	return w.err != nil || len(w.pending) == 0
}

func (w *wait) failed() []scriptix.Session {
	var failed []scriptix.Session
	for _, session := range w.sessions {
		if _, pending := w.pending[session.SessionID]; !pending && session.Outcome() == scriptix.Failed {
			failed = append(failed, session)
		}
	}
	return failed
}

// abandon makes the end of ctx the result of a wait that has none yet.
func (w *wait) abandon(ctx context.Context) {
	if w.err != nil || len(w.pending) == 0 {
		return
	}
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		w.err = &TimeoutError{w.progress()}
		return
	}
	w.err = &CancelledError{w.progress()}
}

func (w *wait) progress() Progress {
	progress := Progress{
		Finished:    len(w.sessions) - len(w.pending),
		Waited:      time.Since(w.started),
		Polls:       w.polls,
		LastFailure: w.lastFailure,
	}
	for _, session := range w.sessions {
		if _, pending := w.pending[session.SessionID]; pending {
			progress.Pending = append(progress.Pending, session)
		}
	}
	return progress
}

func (w *wait) result() ([]scriptix.Session, error) {
	if w.err != nil {
		return nil, w.err
	}
	return w.sessions, nil
}

// attributes tell a log how the wait stands.
func (w *wait) attributes() []any {
	attributes := []any{
		"sessions", len(w.sessions),
		"running", len(w.pending),
		"poll", w.polls,
		"elapsed", time.Since(w.started).Round(time.Millisecond).String(),
	}
	if len(w.sessions) == 1 {
		attributes = append(attributes, "session_id", w.sessions[0].SessionID, "status", string(w.sessions[0].Status))
	}
	if next := w.next(); !next.IsZero() {
		attributes = append(attributes, "next_poll", time.Until(next).Round(time.Millisecond).String())
	}
	if w.lastFailure != nil {
		attributes = append(attributes, "last_failure", w.lastFailure.Error())
	}
	return attributes
}

// next is when the next of the wait's sessions is due; zero when none is.
func (w *wait) next() time.Time {
	var next time.Time
	for _, moment := range w.pending {
		if next.IsZero() || moment.Before(next) {
			next = moment
		}
	}
	return next
}
