package wait

import (
	"slices"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
)

// showOwn takes in its own GET.
func (e *entry) showOwn(session *scriptix.Session, sentAt, now time.Time) {
	e.getAt = now
	e.show(session, sentAt, now)
}

// showListed takes in an item of a page.
func (e *entry) showListed(item *scriptix.Session, place int, page *request, now time.Time) {
	if place != unknown {
		e.place, e.misses = place, 0
	}
	e.pageFailedAt = time.Time{}
	e.page.forget()
	e.release(page)
	if !e.isEnough(item) {
		e.ownGet, e.due = true, now
		return
	}
	e.show(item, page.sentAt, now)
}

// isEnough reports whether an item of a page can answer the reads of the session. An item that is older than what is known adds
// nothing.
func (e *entry) isEnough(item *scriptix.Session) bool {
	if !e.needsEveryField() {
		return true
	}
	updated := e.session.Update(*item)
	return updated.HasDetails()
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
	case e.isUrgent && e.ownGet && !e.isUnread(): // its last look has begun, and no page replaces that
		e.due = now
	case !e.isUnread():
		e.setDue(now)
	case e.asked == nil:
		e.askNow(now)
	}
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

func (e *entry) end(now time.Time) {
	e.ended = now
	for _, w := range e.waits {
		w.finish(e, now)
	}
}

// release notes that a request is no longer under way. The session is asked for again if it is still due.
func (e *entry) release(r *request) {
	if e.asked == r {
		e.asked = nil
	}
}
