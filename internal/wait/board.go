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
	recent  recent
}

// join adds a wait for sessions that its caller has just read, or a read.
func (b *board) join(w *wait, sessions []scriptix.Session) {
	if w.isRead {
		b.recent.begin(w.started)
	}
	w.entries = make([]*entry, len(sessions))
	w.pending = len(sessions)
	b.waits = append(b.waits, w)
	for i := range sessions {
		seen, isRecent := b.recent.get(sessions[i].SessionID, w.started)
		e, isKnown := b.entry(w, sessions[i].SessionID, seen.place)
		w.entries[i] = e
		e.waits = append(e.waits, w)
		switch {
		case e.isOver:
			w.finish(e, w.started)
		case w.isRead && seen.session.Settled() && (seen.session.HasDetails() || !w.reading.EveryField):
			e.show(&seen.session, time.Time{}, w.started)
		case w.isRead:
			e.askNow(w.started)
			e.ownGet = e.ownGet || isRecent && w.reading.EveryField && !seen.session.HasDetails()
		case !isKnown || sessions[i].Settled():
			e.show(&sessions[i], time.Time{}, w.started)
		case e.due.After(w.started.Add(w.interval(w.started))):
			e.setDue(w.started) // the caller may have read long ago, so that only a settled session is news
		}
	}
}

// entry returns the entry of a session for a wait that joins, and whether its state is known. A new one gets the place where
// the list lately showed the session.
func (b *board) entry(w *wait, sessionID string, place int) (e *entry, isKnown bool) {
	e, ok := b.entries[sessionID]
	isResult := ok && e.isOver && (!w.reading.EveryField || e.session.HasDetails())
	if ok && e.isOpen() || isResult {
		return e, e.session.Status != ""
	}
	e = &entry{session: scriptix.Session{SessionID: sessionID}, place: place, getSent: w.started, getAt: w.started}
	b.entries[sessionID] = e
	b.open = append(b.open, e)
	return e, false
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
		if len(e.waits) == 0 && (!e.isOver || e.fault != nil) && b.entries[e.session.SessionID] == e {
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
