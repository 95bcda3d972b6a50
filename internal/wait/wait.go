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

// take takes in the answers of one poll and reports whether any was for this wait.
func (w *wait) take(answers []answer, now time.Time) bool {
	if w.err != nil {
		return false
	}
	concerned := false
	for _, answer := range answers {
		if _, pending := w.pending[answer.sessionID]; !pending {
			continue
		}
		concerned = true
		if answer.err != nil {
			w.fail(answer, now)
		} else {
			w.see(answer.session, now)
		}
	}
	if !concerned {
		return false
	}
	w.polls++
	if w.settle() {
		close(w.done)
	}
	return true
}

// fail ends the wait for what cannot pass and for a refusal that outlasts the deadline; anything else is left to
// the next poll.
func (w *wait) fail(answer answer, now time.Time) {
	if endsWait(answer.err) {
		w.err = errors.Join(w.err, &scriptix.SessionError{SessionID: answer.sessionID, Err: answer.err})
		return
	}
	next := w.nextPoll(now)
	if closed := closedGate(answer.err); closed != nil && closed.Until.After(next) {
		next = closed.Until
		if deadline, ok := w.ctx.Deadline(); ok && next.After(deadline) {
			w.err = errors.Join(w.err, closed)
		}
	}
	w.lastFailure = answer.err
	w.pending[answer.sessionID] = next
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
