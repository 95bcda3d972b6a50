package wait

import (
	"slices"
	"time"
)

// isOver reports whether nothing more is to be asked about the session: it is settled, or has a fault.
func (e *entry) isOver() bool { return !e.ended.IsZero() }

// isOpen reports whether a wait still needs requests for the session.
func (e *entry) isOpen() bool { return !e.isOver() && len(e.waits) > 0 }

// isDue reports whether to ask for the session now.
func (e *entry) isDue(now time.Time) bool { return !e.due.After(now) }

// isNearlyDue reports whether a page that is read for other sessions asks for this one, too.
func (e *entry) isNearlyDue(now time.Time) bool { return e.due.Sub(now) <= e.interval/2 }

// isAsked reports whether a request under way asks for the session. A last look does not wait for a page that hangs.
func (e *entry) isAsked() bool { return e.asked != nil && (!e.ownGet || !e.asked.isPage) }

// needsGet reports whether no page can show the session: its page fails, or a list has shown that it has finished, but not in
// full.
func (e *entry) needsGet(now time.Time) bool {
	return e.ownGet || e.session.NeedsOwnGet() || e.page.holds(now)
}

// isUnread reports whether a read waits for its first answer.
func (e *entry) isUnread() bool {
	return slices.ContainsFunc(e.waits, func(w *wait) bool { return w.isRead })
}

// smallRead is the number of sessions up to which the GETs of a read ignore the pace beside waits.
const smallRead = 10

// isOfSmallRead reports whether a read waits for few sessions. Its GETs ignore the pace, also after pages that do not show them.
func (e *entry) isOfSmallRead() bool {
	return slices.ContainsFunc(e.waits, func(w *wait) bool { return w.isRead && w.pending <= smallRead })
}

// needsEveryField reports whether a read accepts no list item without some field.
func (e *entry) needsEveryField() bool {
	return slices.ContainsFunc(e.waits, func(w *wait) bool { return w.reading.EveryField })
}
