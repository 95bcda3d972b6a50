package wait

import (
	"slices"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
)

// join adds a wait for sessions that its caller has just read, or a read. It returns the number of sessions to ask for whose
// place is unknown.
func (b *board) join(w *wait, sessions []scriptix.Session) (placeless int) {
	if w.isRead {
		b.recent.begin(w.started)
	}
	w.entries = make([]*entry, len(sessions))
	w.pending = len(sessions)
	b.waits = append(b.waits, w)
	for i := range sessions {
		seen, isRecent := b.recent.get(sessions[i].SessionID, w.started)
		place := unknown
		if isRecent {
			place = seen.place
		}
		e, isKnown := b.entry(w, sessions[i].SessionID, place)
		w.entries[i] = e
		if w.isRead && !e.isUnread() {
			e.attempts = 0 // those of waits, or of an earlier read
		}
		e.waits = append(e.waits, w)
		switch {
		case e.isOver():
			w.finish(e, w.started)
		case w.isRead && isRecent && seen.session.Settled() && (seen.session.HasDetails() || !w.reading.EveryField):
			e.show(&seen.session, time.Time{}, w.started)
		case w.isRead:
			e.askNow(w.started)
			e.ownGet = e.ownGet || isRecent && w.reading.EveryField && !seen.session.HasDetails()
		case !isKnown || sessions[i].Settled():
			e.show(&sessions[i], time.Time{}, w.started)
		case e.due.After(w.started.Add(w.interval(w.started))):
			e.setDue(w.started) // the caller may have read long ago, so that only a settled session is news
		}
		if e.isOpen() && e.place == unknown {
			placeless++
		}
	}
	return placeless
}

// entry returns the entry of a session for a wait that joins, and whether its state is known. A new one gets the place where
// the list lately showed the session. A fault ends only the waits that had joined before: the session may be there by now.
func (b *board) entry(w *wait, sessionID string, place int) (e *entry, isKnown bool) {
	e, ok := b.entries[sessionID]
	isResult := ok && e.isOver() && e.fault == nil && (!w.reading.EveryField || e.session.HasDetails())
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
		if len(e.waits) == 0 && (!e.isOver() || e.fault != nil) && b.entries[e.session.SessionID] == e {
			delete(b.entries, e.session.SessionID)
		}
	}
	if len(b.waits) == 0 {
		clear(b.entries)
		b.open = nil
	}
}
