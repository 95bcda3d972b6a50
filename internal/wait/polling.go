package wait

import (
	"context"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
)

// Client is what a Waiter asks. It must report failures at once, and must not sit out a closed gate: the Waiter asks
// again by itself. See scriptix.Client.ForPolling.
type Client interface {
	GetSession(ctx context.Context, sessionID string) (*scriptix.Session, error)
	FindSessions(ctx context.Context, status scriptix.Status, sessionIDs []string, offset int) (scriptix.Found, error)
	Pace(requests int) time.Duration
	Closed() *scriptix.RateLimitError
	MaxConcurrentRequests() int
}

// getsPerListRequest is how many own GETs come before lists are read again, for each request that the lists took, as
// long as own GETs are wanting: these bring results, and lists bring at best more of them.
const getsPerListRequest = 10

// lastLookMargin leaves time for the last poll before a deadline.
const lastLookMargin = 5 * time.Second

// polling is the state of the poll loop. The Waiter's lock guards it.
type polling struct {
	lists     *lists
	listing   bool      // the lists are being read
	listCost  int       // how many requests that took last
	getsFirst int       // own GETs to send before the lists are read again
	requests  int       // how many were sent in all
	owed      int       // requests that will come again, and for which no pause has been made yet
	listsOwed int       // the same for those of lists: these pause only once nothing is left to ask
	notBefore time.Time // the next request comes no sooner, to spend the API's budget evenly
	paced     bool      // there is such a budget: requests come one by one
}

// inquiry asks the API, and returns how the Waiter takes in the answer.
type inquiry func(ctx context.Context) (takeIn func(now time.Time))

// answer is what asking for one session brought: the session or an error.
type answer struct {
	session *scriptix.Session
	err     error
}

// poll asks for whatever is due, for all waits, until the last of them has left. It takes in each answer as it comes, so
// that nobody waits for more than what is ahead in the queue.
func (w *Waiter) poll(ctx context.Context) {
	answers := make(chan func(time.Time))
	underWay := 0
	for ctx.Err() == nil {
		inquiries, next := w.choose(w.client.MaxConcurrentRequests()-underWay, time.Now())
		for _, ask := range inquiries {
			underWay++
			go func() { answers <- ask(ctx) }()
		}
		if takeIn := w.await(ctx, answers, next); takeIn != nil {
			underWay--
			w.takeIn(ctx, takeIn)
		}
	}
	for ; underWay > 0; underWay-- {
		<-answers
	}
}

// await lasts until an answer has come, which it returns, or until the moment given, a new wait, or the end of ctx. A
// zero moment never comes.
func (w *Waiter) await(ctx context.Context, answers <-chan func(time.Time), until time.Time) func(time.Time) {
	var alarm <-chan time.Time
	if !until.IsZero() {
		timer := time.NewTimer(time.Until(until))
		defer timer.Stop()
		alarm = timer.C
	}
	select {
	case takeIn := <-answers:
		return takeIn
	case <-alarm:
	case <-w.joined:
	case <-ctx.Done():
	}
	return nil
}

// choose decides what is asked now, in at most as many inquiries as are free, and when there may be more to ask; zero
// when nothing but an answer or a new wait can change that.
func (w *Waiter) choose(free int, now time.Time) (inquiries []inquiry, next time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for len(inquiries) < free {
		if pausedUntil := w.paused(now); !pausedUntil.IsZero() {
			return inquiries, pausedUntil
		}
		ask := w.chooseOne(now)
		if ask == nil {
			if w.pauseForLists(now) {
				continue
			}
			return inquiries, w.agenda.next(now)
		}
		oneByOne := w.polling.paced && w.polling.owed > 0
		w.polling.owed = 0
		inquiries = append(inquiries, ask)
		if oneByOne { // the next may come after the same pause, though the answer to this one may not
			return inquiries, now.Add(w.client.Pace(1))
		}
	}
	return inquiries, time.Time{}
}

// paused is until when nothing is asked; zero when something can be. A wait that this leaves no poll ends, and so does one
// in which sessions have failed.
func (w *Waiter) paused(now time.Time) time.Time {
	if closed := w.client.Closed(); closed != nil {
		w.concludeFailures()
		for this := range w.waits {
			if !w.isAsking(this) && this.giveUpIfClosed(closed) {
				w.conclude(this)
			}
		}
		return closed.Until
	}
	if w.polling.notBefore.After(now) {
		w.concludeFailures()
		return w.polling.notBefore
	}
	return time.Time{}
}

// chooseOne is the next inquiry; nil when nothing is due. What becomes due while the lists cannot be read does not wait
// for them if its own GETs cost no more than they do; and what is few beside many pages never does.
func (w *Waiter) chooseOne(now time.Time) inquiry {
	next := w.agenda.pick(now)
	due := w.agenda.due(now)
	listsMay := !w.polling.listing && (next == nil || w.polling.getsFirst <= 0)
	switch {
	case due == 0:
	case listsMay && !areFew(due, w.polling.listCost) && w.polling.lists.wanted():
		return w.askLists(now)
	case listsMay || due <= max(1, w.polling.listCost):
		w.agenda.leaveToGets(now)
		next = w.agenda.pick(now)
	}
	if next == nil {
		return nil
	}
	return w.askFor(next)
}

// areFew reports whether so many own GETs add hardly anything to what reading the lists costs, and may save the sessions
// the time that many pages take.
func areFew(sessions, listCost int) bool { return sessions*getsPerListRequest <= listCost }

// askFor is the own GET of a session.
func (w *Waiter) askFor(entry *awaited) inquiry {
	w.agenda.picked(entry)
	return func(ctx context.Context) func(time.Time) {
		session, err := w.client.GetSession(ctx, entry.sessionID)
		return func(now time.Time) {
			entry.asking = false
			if isClosed(err) {
				return // it was not sent, and will be when the gate opens
			}
			entry.needsGet = err != nil && entry.listedFinished()
			w.polling.requests++
			w.polling.getsFirst--
			if err != nil || session.Outcome() == scriptix.Running {
				w.owe(1, now)
			}
			w.deliver(map[string]answer{entry.sessionID: {session, err}}, now)
		}
	}
}

// askLists reads the lists for all sessions that they may tell of.
func (w *Waiter) askLists(now time.Time) inquiry {
	asked, from := w.polling.lists.rest(w.agenda.forLists(now, w.polling.listCost))
	w.agenda.listing(asked, now)
	w.polling.listing = true
	return func(ctx context.Context) func(time.Time) {
		reading := w.polling.lists.read(ctx, asked, from)
		return func(answered time.Time) { w.takeInLists(reading, now, answered) }
	}
}

// takeInLists takes in what the lists told that were read from a moment on, and leaves the other sessions to their own
// GETs.
func (w *Waiter) takeInLists(reading reading, began, now time.Time) {
	w.polling.listing = false
	w.agenda.listed(reading)
	w.polling.requests += reading.requests
	w.polling.listsOwed += reading.requests
	w.polling.listCost = reading.requests
	w.polling.getsFirst = getsPerListRequest * reading.requests
	answers := make(map[string]answer, len(reading.asked))
	for sessionID, session := range reading.running {
		if entry, known := w.agenda.sessions[sessionID]; known && !entry.confirmed().After(began) {
			answers[sessionID] = answer{session: &session}
		}
	}
	lists := w.polling.lists
	switch {
	case reading.requests == 0 && reading.err == nil:
		w.agenda.leaveToGets(now)
	case isClosed(reading.err): // the rest is read when the gate opens
		lists.cut = &cut{reading.missing(), reading.stopped}
	case reading.err == nil:
		lists.failures = 0
		w.agenda.needGet(reading.missing()...)
	case endsWait(reading.err) && !refusesToken(reading.err):
		lists.refused = true
		w.agenda.needGet(reading.missing()...)
	default:
		// The failure of the lists is the answer for each session that they were to tell of, so that an API in trouble
		// is not sent a GET for each as well. A rate limit says nothing about lists.
		if tellsWhen(reading.err) {
			lists.cut = &cut{reading.missing(), reading.stopped}
		} else {
			lists.failed()
		}
		for _, sessionID := range reading.missing() {
			answers[sessionID] = answer{err: reading.err}
		}
	}
	for _, sessionID := range lists.doubted(reading, w.agenda, now) {
		delete(answers, sessionID)
		w.agenda.needGet(sessionID)
	}
	w.deliver(answers, now)
}

// takeIn takes in an answer, unless the last wait has left.
func (w *Waiter) takeIn(ctx context.Context, takeIn func(time.Time)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if ctx.Err() == nil {
		takeIn(time.Now())
	}
}

// deliver hands answers to every wait that they are for.
func (w *Waiter) deliver(answers map[string]answer, now time.Time) {
	for this := range w.waits {
		if !this.take(answers, now) {
			continue
		}
		if this.endsPoll(now) {
			w.tell(this)
		}
		if this.isOver() || this.failing() && !w.agenda.mayFail(this, now) {
			w.conclude(this)
		}
	}
	for sessionID := range answers {
		if entry, known := w.agenda.sessions[sessionID]; known {
			w.agenda.forgetFinished(entry)
		}
	}
}

// tell logs a poll, or a part of one, in the name of its wait, and lets the caller know.
func (w *Waiter) tell(this *wait) {
	sent := w.polling.requests - this.requestsBefore
	this.requestsBefore = w.polling.requests
	w.logger.InfoContext(this.ctx, "Polled sessions", append(this.attributes(), "requests", sent)...)
	if !this.isOver() {
		this.tellProgress()
	}
}

// conclude ends a wait: it has its result.
func (w *Waiter) conclude(this *wait) {
	this.conclude()
	w.agenda.remove(this)
	close(this.done)
}

// concludeFailures ends the waits in which sessions have failed: no more can be learnt for now.
func (w *Waiter) concludeFailures() {
	for this := range w.waits {
		if !this.concluded && this.failing() && !w.isAsking(this) {
			w.conclude(this)
		}
	}
}

// isAsking reports whether an answer is under way that may concern the wait.
func (w *Waiter) isAsking(this *wait) bool { return w.polling.listing || w.agenda.isAsking(this) }

// owe makes up for requests that will have to be sent again, by a pause.
func (w *Waiter) owe(requests int, now time.Time) {
	w.polling.owed += requests
	w.pace(w.client.Pace(w.polling.owed), now)
}

// pauseForLists makes up for the requests of lists, and reports whether there were any. It comes when nothing is left
// to ask, so that the end of a session is not noticed later for it.
func (w *Waiter) pauseForLists(now time.Time) bool {
	requests := w.polling.listsOwed
	w.polling.listsOwed = 0
	if requests > 0 {
		w.owe(requests, now)
	}
	return requests > 0
}

// pace holds the next request back, but not beyond the last moment at which it can be of use.
func (w *Waiter) pace(pause time.Duration, now time.Time) {
	w.polling.paced = pause > 0
	w.polling.notBefore = now.Add(pause)
	if last := w.lastLook(); last.After(now) && last.Before(w.polling.notBefore) {
		w.polling.notBefore = last
	}
}

// lastLook is the last moment at which a request can still tell a wait something: shortly before the latest deadline.
// A pace that reaches beyond it would leave the last request unspent. It is zero when a wait has no deadline.
func (w *Waiter) lastLook() time.Time {
	var latest time.Time
	for this := range w.waits {
		deadline, ok := this.ctx.Deadline()
		if !ok && !this.concluded {
			return time.Time{}
		}
		latest = later(latest, deadline)
	}
	return latest.Add(-lastLookMargin)
}
