package wait

import (
	"slices"
	"time"
)

// mostOverdue returns the session to ask for next, or else when the next one is due. Urgent ones come first. Then comes the
// session that is most overdue; or, in every other turn, that of the wait that was served longest ago, so that a large wait
// delays no small one.
func (b *board) mostOverdue(byWait bool, now time.Time) (first *entry, next time.Time) {
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

// dropClosed removes the sessions that need no more requests from those to ask for.
func (b *board) dropClosed() {
	b.open = slices.DeleteFunc(b.open, func(e *entry) bool { return !e.isOpen() })
}

// nextUrgent returns when the next session is due that ignores the pace; zero: none is.
func (b *board) nextUrgent() time.Time {
	var next time.Time
	for _, e := range b.open {
		if e.isUrgent && !e.isAsked() {
			next = earliest(next, e.due)
		}
	}
	return next
}

// hasWaits reports whether there are waits, and not only reads.
func (b *board) hasWaits() bool {
	return slices.ContainsFunc(b.waits, func(w *wait) bool { return !w.isRead })
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

// nearlyDue returns the sessions that one page can ask for together. The next call overwrites them.
func (b *board) nearlyDue(now time.Time) []*entry {
	b.nearly = b.nearly[:0]
	for _, e := range b.open {
		if e.asked == nil && e.isNearlyDue(now) && !e.needsGet(now) {
			b.nearly = append(b.nearly, e)
		}
	}
	return b.nearly
}

// longestUnread returns the running session whose own GET is longest ago; nil if there is none.
func (b *board) longestUnread(now time.Time) *entry {
	var oldest *entry
	for _, e := range b.open {
		if e.asked != nil || e.needsGet(now) {
			continue
		}
		if oldest == nil || e.getSent.Before(oldest.getSent) {
			oldest = e
		}
	}
	return oldest
}
