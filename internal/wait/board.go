package wait

import (
	"slices"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
)

// board holds all waits and the sessions that they wait for.
type board struct {
	waits   []*wait           // in the order in which they joined
	open    []*entry          // the sessions to ask for
	nearly  []*entry          // those of nearlyDue
	entries map[string]*entry // by session id; the settled ones stay until the last wait has left
}

// join adds a wait for sessions that its caller has just read, or a read.
func (b *board) join(w *wait, sessions []scriptix.Session) {
	w.entries = make([]*entry, len(sessions))
	w.pending = len(sessions)
	for i := range sessions {
		e, isKnown := b.entries[sessions[i].SessionID]
		if isKnown && w.read != nil && e.isOver && !e.session.HasDetails() {
			isKnown = false // what was enough for a wait is not enough for a read
		}
		if !isKnown {
			e = &entry{session: sessions[i], place: unknown, getSent: w.started, getAt: w.started}
			b.entries[e.session.SessionID] = e
			b.open = append(b.open, e)
		}
		w.entries[i] = e
		if e.session.Status == "" { // only a read has asked for it
			e.session, e.shown = e.session.Update(sessions[i]), w.started
		}
		e.waits = append(e.waits, w)
		switch {
		case e.isOver:
			w.finish(e, w.started)
		case w.read != nil && !sessions[i].Settled():
			e.askNow(w.started)
		case !isKnown || sessions[i].Settled():
			e.show(&sessions[i], time.Time{}, w.started)
		case e.due.After(w.started.Add(w.interval(w.started))):
			e.setDue(w.started) // the caller may have read long ago, so that only a settled session is news
		}
	}
	b.waits = append(b.waits, w)
}

// leave removes a wait, and each unsettled session that no other wait needs. Later answers about it are ignored.
func (b *board) leave(w *wait) {
	at := slices.Index(b.waits, w)
	if at < 0 {
		return
	}
	b.waits = slices.Delete(b.waits, at, at+1)
	for _, e := range w.entries {
		e.waits = slices.DeleteFunc(e.waits, func(other *wait) bool { return other == w })
		if len(e.waits) == 0 && (!e.isOver || e.fault != nil) {
			delete(b.entries, e.session.SessionID)
		}
	}
	if len(b.waits) == 0 {
		clear(b.entries)
	}
	b.tidy()
}

// tidy removes the sessions that need no more requests from those to ask for.
func (b *board) tidy() {
	b.open = slices.DeleteFunc(b.open, func(e *entry) bool { return !e.isOpen() })
}

// mostOverdue returns the session to ask for next, or else when the next one is due. Urgent ones come first. Then comes the
// session that is most overdue; or, in every other turn, that of the wait that was served longest ago, so that a large wait
// delays no small one.
func (b *board) mostOverdue(byWait bool, now time.Time) (first *entry, next time.Time) {
	b.tidy()
	for _, e := range b.open {
		switch {
		case e.isAsked():
		case !e.isDue(now):
			next = earliest(next, e.due)
		case first == nil || e.comesBefore(first, byWait):
			first = e
		}
	}
	return first, next
}

// nearlyDue returns the sessions that one page can ask for together. The next call overwrites them.
func (b *board) nearlyDue(now time.Time) []*entry {
	b.nearly = b.nearly[:0]
	for _, e := range b.open {
		if e.isOpen() && e.asked == nil && !e.needsGet(now) && e.isNearlyDue(now) {
			b.nearly = append(b.nearly, e)
		}
	}
	return b.nearly
}

// longestUnread returns the running session whose own GET is longest ago, at least age; nil if there is none.
func (b *board) longestUnread(age time.Duration, now time.Time) *entry {
	var oldest *entry
	for _, e := range b.open {
		if !e.isOpen() || e.asked != nil || e.needsGet(now) || now.Sub(e.getSent) < age {
			continue
		}
		if oldest == nil || e.getSent.Before(oldest.getSent) {
			oldest = e
		}
	}
	return oldest
}
