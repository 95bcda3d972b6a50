package wait

import (
	"context"
	"errors"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
)

// wait is one call of Waiter.Wait. Once it has joined, its Waiter's lock guards it.
type wait struct {
	ctx       context.Context
	options   Options
	started   time.Time
	sessions  []scriptix.Session // as last seen, in the caller's order
	index     map[string]int     // session id -> place in sessions, and in the others of that length
	due       []time.Time        // when to ask for each next; zero: it has finished
	confirmed []time.Time        // when the own GET of each last said that it was running, or the wait began
	faults    []error            // what ends the wait and is about one session; mostly nil
	running   int                // how many have not finished

	servedAt       int       // when one of its sessions was last picked, see agenda
	polls          int       // how often all that was due had been asked for
	pollBegan      time.Time // with the first answer of the poll, or of its part, that goes on; zero: none does
	requestsBefore int       // how many the Waiter had sent by the end of the one before
	lastFailure    error
	err            error
	concluded      bool
	polled         chan struct{} // tells that there is progress to report
	done           chan struct{} // closed when the wait has its result
}

func newWait(ctx context.Context, sessions []scriptix.Session, options Options) *wait {
	now := time.Now()
	this := &wait{
		ctx:       ctx,
		options:   options,
		started:   now,
		sessions:  append([]scriptix.Session{}, sessions...),
		index:     make(map[string]int, len(sessions)),
		due:       make([]time.Time, len(sessions)),
		confirmed: make([]time.Time, len(sessions)),
		faults:    make([]error, len(sessions)),
		running:   len(sessions),
		polled:    make(chan struct{}, 1),
		done:      make(chan struct{}),
	}
	for at := range sessions {
		this.index[sessions[at].SessionID] = at
		this.confirmed[at] = now
		this.see(at, &sessions[at], now)
	}
	return this
}

// see takes in a session as it was read at the moment given. That it has finished is believed of its own GET
// only; a list that says so is a reason to ask at once.
func (w *wait) see(at int, session *scriptix.Session, now time.Time) {
	w.sessions[at] = *session
	finished := session.Outcome() != scriptix.Running
	switch {
	case finished && !session.Listed:
		w.due[at] = time.Time{}
		w.running--
		return
	case finished:
		w.due[at] = now
		return
	case !session.Listed:
		w.confirmed[at] = now
	}
	w.due[at] = w.nextPoll(now)
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

// take takes in answers and reports whether any was for this wait.
func (w *wait) take(answers map[string]answer, now time.Time) bool {
	concerned := false
	for sessionID, answer := range answers {
		at, awaited := w.index[sessionID]
		if !awaited || w.concluded || w.due[at].IsZero() {
			continue
		}
		concerned = true
		if answer.err != nil {
			w.fail(at, answer.err, now)
		} else {
			w.see(at, answer.session, now)
		}
	}
	return concerned
}

// fail notes what asking again cannot mend; anything else is left to the next poll. That the token is refused is no
// session's fault.
func (w *wait) fail(at int, err error, now time.Time) {
	switch {
	case refusesToken(err):
		w.err = err
	case endsWait(err):
		w.faults[at] = &scriptix.SessionError{SessionID: w.sessions[at].SessionID, Err: err}
		w.due[at] = time.Time{}
	default:
		w.lastFailure = err
		w.due[at] = w.nextPoll(now)
	}
}

// endsPoll counts a poll when nothing is due any more, and reports whether there is something to tell: that, or a part
// of a poll that takes long.
func (w *wait) endsPoll(now time.Time) bool {
	w.pollBegan = earlier(w.pollBegan, now)
	next := w.next()
	goesOn := !next.IsZero() && !next.After(now)
	if goesOn && now.Sub(w.pollBegan) < MinimumInterval {
		return false
	}
	w.pollBegan = time.Time{}
	if !goesOn {
		w.polls++
	}
	return true
}

func (w *wait) tellProgress() {
	select {
	case w.polled <- struct{}{}:
	default: // the poll before has not been told of yet: once will do for both
	}
}

// giveUpIfClosed makes it the result of the wait, and reports so, that no poll can be sent before its deadline, though
// some would still come.
func (w *wait) giveUpIfClosed(closed *scriptix.RateLimitError) bool {
	deadline, ok := w.ctx.Deadline()
	if w.concluded || !ok || !closed.Until.After(deadline) || w.next().After(deadline) {
		return false
	}
	w.err = &RateLimitError{Progress: w.progress(), Err: closed}
	return true
}

// isOver reports whether there is nothing more to ask.
func (w *wait) isOver() bool { return w.err != nil || w.running == 0 }

// failing reports whether a session has failed, unless that is allowed, or is at fault.
func (w *wait) failing() bool {
	return len(w.failed()) > 0 && !w.options.AllowFailed || errors.Join(w.faults...) != nil
}

func (w *wait) failed() []scriptix.Session {
	var failed []scriptix.Session
	for at := range w.sessions {
		if w.due[at].IsZero() && w.sessions[at].Outcome() == scriptix.Failed {
			failed = append(failed, w.sessions[at])
		}
	}
	return failed
}

// pending counts the sessions that have not even finished by the word of a list.
func (w *wait) pending() int {
	pending := 0
	for at := range w.sessions {
		if !w.due[at].IsZero() && w.sessions[at].Outcome() == scriptix.Running {
			pending++
		}
	}
	return pending
}

// conclude gives the wait its result: an error if sessions have failed or are at fault.
func (w *wait) conclude() {
	w.concluded = true
	if w.err == nil {
		w.err = errors.Join(w.faults...)
	}
	if failed := w.failed(); len(failed) > 0 && !w.options.AllowFailed && w.err == nil {
		w.err = &FailedError{Failed: failed, Pending: w.pending()}
	}
}

// abandon makes the end of ctx the result of a wait that has none yet.
func (w *wait) abandon(ctx context.Context) {
	if w.concluded {
		return
	}
	w.conclude()
	if w.err != nil || w.running == 0 {
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
		Finished:    len(w.sessions) - w.running,
		Waited:      time.Since(w.started),
		Polls:       w.polls,
		LastFailure: w.lastFailure,
	}
	for at := range w.sessions {
		if !w.due[at].IsZero() {
			progress.Pending = append(progress.Pending, w.sessions[at])
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
		"running", w.running,
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
	for _, due := range w.due {
		next = earlier(next, due)
	}
	return next
}
