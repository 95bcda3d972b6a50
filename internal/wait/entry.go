package wait

import (
	"math/rand/v2"
	"slices"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
)

// unknown is the place of a session that the latest page did not show where it was expected, or that no page has shown yet.
const unknown = -1

const (
	// shortestBackoff and longestBackoff bound the time between two GETs of a read.
	shortestBackoff = 500 * time.Millisecond
	longestBackoff  = 30 * time.Second
)

// entry is the only owner of what is known about one awaited session. All waits for the session share it.
type entry struct {
	session scriptix.Session
	waits   []*wait
	isOver  bool  // it has finished, or has a fault
	fault   error // an error that no later request can change

	due         time.Time     // when to ask next
	interval    time.Duration // from the last answer, or the start of its wait, to due
	asked       *request      // the latest request under way that asks for it; nil: none
	answered    time.Time     // when a request for it was last answered, or failed
	shown       time.Time     // when an answer last showed it
	attempts    int           // own GETs of a read that failed since an answer last showed it
	isPostponed bool          // the API rejected the latest request because of a rate limit
	isUrgent    bool          // its next request ignores the pace
	ownGet      bool          // its next request is its own GET

	place        int       // in the list, when last seen there
	misses       int       // pages in a row that did not show it at its place
	unfiltered   int       // filtered lists in a row that did not show it
	pageFailedAt time.Time // when the latest page failed that was to show it; zero: none since one did
	getsUntil    time.Time // until then own GETs replace its page, which fails
	replacements int       // how often they have in a row

	getSent time.Time // when its own GET was last sent; at first, when it joined
	getAt   time.Time // when its own GET was last answered; at first, when it joined
	ended   time.Time // when its own GET showed that it is settled; zero: it has not
}

// isOpen reports whether a wait still needs requests for the session.
func (e *entry) isOpen() bool { return !e.isOver && len(e.waits) > 0 }

// isDue reports whether to ask for the session now.
func (e *entry) isDue(now time.Time) bool { return !e.due.After(now) }

// isNearlyDue reports whether a page that is read for other sessions asks for this one, too.
func (e *entry) isNearlyDue(now time.Time) bool { return e.due.Sub(now) <= e.interval/2 }

// isAsked reports whether a request under way asks for the session. A last look does not wait for a page that hangs.
func (e *entry) isAsked() bool { return e.asked != nil && (!e.ownGet || !e.asked.isPage) }

// needsGet reports whether no page can show the session: its page fails, or a list has shown that it has finished, but not in
// full.
func (e *entry) needsGet(now time.Time) bool {
	return e.ownGet || e.session.NeedsOwnGet() || now.Before(e.getsUntil)
}

// send notes that a request for the session is being sent.
func (e *entry) send(r *request, turn int, now time.Time) {
	e.asked = r
	e.isUrgent, e.ownGet = false, false
	if !r.isPage {
		e.getSent = now
	}
	for _, w := range e.waits {
		w.servedAt = turn
	}
}

// release notes that a request is no longer under way. The session is asked for again if it is still due.
func (e *entry) release(r *request) {
	if e.asked == r {
		e.asked = nil
	}
}

// showOwn takes in its own GET.
func (e *entry) showOwn(session *scriptix.Session, sentAt, now time.Time) {
	e.getAt = now
	if session.Settled() {
		e.ended = now
	}
	e.show(session, sentAt, now)
}

// showListed takes in an item of a page.
func (e *entry) showListed(item *scriptix.Session, place int, page *request, now time.Time) {
	if place != unknown {
		e.place, e.misses = place, 0
	}
	e.pageFailedAt, e.replacements = time.Time{}, 0
	e.release(page)
	if e.needsEveryField() && !item.HasDetails() {
		e.ownGet, e.due = true, now
		return
	}
	e.show(item, page.sentAt, now)
}

// filter returns the status whose filtered list may show the session; "" if none does. A session that is no longer queued is
// processed.
func (e *entry) filter() scriptix.Status {
	switch {
	case e.session.Status == scriptix.StatusQueued && e.unfiltered == 0:
		return scriptix.StatusQueued
	case e.session.Status == scriptix.StatusQueued && e.unfiltered == 1,
		e.session.Status == scriptix.StatusProcessing && e.unfiltered == 0:
		return scriptix.StatusProcessing
	}
	return ""
}

// show merges what an answer shows, and sets when to ask next.
func (e *entry) show(shown *scriptix.Session, sentAt, now time.Time) {
	e.session = e.session.Update(*shown)
	e.shown, e.answered, e.isPostponed, e.unfiltered, e.attempts = now, now, false, 0, 0
	switch {
	case e.session.Settled():
		e.end(now)
	case e.session.NeedsOwnGet():
		e.due = earliest(e.due, now)
	default:
		e.answerReads(sentAt, now)
	}
}

// answerReads finishes the session for the reads that the answer is for. For the others, which began after the request, it is
// asked for again at once.
func (e *entry) answerReads(sentAt, now time.Time) {
	e.waits = slices.DeleteFunc(e.waits, func(w *wait) bool {
		isAnswered := w.isRead && !sentAt.Before(w.started)
		if isAnswered {
			w.finish(e, now)
		}
		return isAnswered
	})
	switch {
	case len(e.waits) == 0:
	case !e.isUnread():
		e.setDue(now)
	case e.asked == nil:
		e.askNow(now)
	}
}

// isUnread reports whether a read waits for its first answer.
func (e *entry) isUnread() bool {
	return slices.ContainsFunc(e.waits, func(w *wait) bool { return w.isRead })
}

// needsEveryField reports whether a read accepts no list item without some field.
func (e *entry) needsEveryField() bool {
	return slices.ContainsFunc(e.waits, func(w *wait) bool { return w.reading.EveryField })
}

// askNow makes the next request for the session urgent.
func (e *entry) askNow(now time.Time) { e.isUrgent, e.due, e.asked = true, now, nil }

// setDue sets when to ask next, by the shortest interval of its waits.
func (e *entry) setDue(now time.Time) {
	e.interval = e.waits[0].interval(now)
	for _, w := range e.waits[1:] {
		e.interval = min(e.interval, w.interval(now))
	}
	e.due = now.Add(e.interval)
}

// postpone leaves the session to the next poll after a failed request. After a rate limit it is asked for as soon as requests
// can be sent, but only once: the API may ask for ever to come back soon.
func (e *entry) postpone(failure error, maxRetries int, now time.Time) {
	if !e.isOpen() {
		return // the request was canceled, because nobody needed it any more
	}
	e.attempts++
	e.answered = now
	for _, w := range e.waits {
		w.lastFailure = failure
	}
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

// endFailedReads ends the reads of a session that do not send its failed GET again.
func (e *entry) endFailedReads(failure error, maxRetries int) {
	isRetried := scriptix.Classify(failure) == scriptix.ClassRetryable && e.attempts <= maxRetries
	e.waits = slices.DeleteFunc(e.waits, func(w *wait) bool {
		if !w.isRead || isRetried || scriptix.IsNotFound(failure) { // an upload that may be new
			return false
		}
		w.end(&scriptix.SessionError{SessionID: e.session.SessionID, Err: scriptix.WithAttempts(failure, e.attempts)})
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

// isNew reports whether the session may be new for all its waits.
func (e *entry) isNew(now time.Time) bool {
	return !slices.ContainsFunc(e.waits, func(w *wait) bool { return !w.isNew(now) })
}

// usesGets makes own GETs replace the page of the session for a while: longer each time that the page fails again.
func (e *entry) usesGets(first time.Duration, now time.Time) {
	e.getsUntil = now.Add(max(first, doubled(time.Minute, e.replacements, longestSuspension)))
	e.replacements++
}

// blame ends the session with an error that no later request can change.
func (e *entry) blame(err error, now time.Time) {
	if !e.isOpen() {
		return
	}
	e.fault = &scriptix.SessionError{SessionID: e.session.SessionID, Err: err}
	e.end(now)
}

func (e *entry) end(now time.Time) {
	e.isOver = true
	for _, w := range e.waits {
		w.finish(e, now)
	}
}

// comesBefore reports whether to ask for a session before another one that is due.
func (e *entry) comesBefore(other *entry, byWait bool) bool {
	switch {
	case e.isUrgent != other.isUrgent:
		return e.isUrgent
	case byWait && e.servedAt() != other.servedAt():
		return e.servedAt() < other.servedAt()
	case !e.due.Equal(other.due):
		return e.due.Before(other.due)
	}
	return e.place < other.place
}

// servedAt returns the turn of the latest request for one of its waits, the one that was served longest ago.
func (e *entry) servedAt() int {
	turn := e.waits[0].servedAt
	for _, w := range e.waits[1:] {
		turn = min(turn, w.servedAt)
	}
	return turn
}
