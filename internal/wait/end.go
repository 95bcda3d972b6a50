package wait

import (
	"slices"
	"time"
)

const (
	// lastLookGets is the number of sessions that the last look before a deadline asks for by own GETs.
	lastLookGets = 10
	// failureGrace is how long a failed wait stays open for other sessions that may have failed too.
	failureGrace = 3 * time.Second
	// justRead is how long an own GET makes a last look superfluous.
	justRead = 3 * time.Second
)

// endWaits ends each wait that is complete, has failed, or can send no request before its deadline. While a request is under
// way, for whichever wait, its answer may show that the rate limit has more left.
func (l *loop) endWaits(now time.Time) {
	limited := l.limits.RateLimited()
	isHeldUp := limited != nil && len(l.underWay) == 0
	for _, w := range slices.Clone(l.board.waits) {
		switch {
		case w.isDone(): // a read that has failed
		case w.ctx.Err() != nil: // its caller has not left yet
			w.endWithContext()
		case w.pending == 0, w.isFailing() && (isHeldUp || w.isThrough(now)):
			w.end(nil)
		case !w.isRead && w.isPastDeadline(now): // its context ends a moment later
			w.endLate()
		case isHeldUp && w.isCutOff(limited.Until):
			w.endLimited(limited)
		default:
			continue
		}
		l.leave(w)
	}
}

// isCutOff reports whether the wait still needs a request before its deadline, and none can be sent before until.
func (w *wait) isCutOff(until time.Time) bool {
	deadline, ok := w.ctx.Deadline()
	if !ok || !until.After(deadline) {
		return false
	}
	if !w.lastLook.IsZero() {
		return true
	}
	return slices.ContainsFunc(w.entries, func(e *entry) bool { return !e.isOver() && e.due.Before(deadline) })
}

func (w *wait) isPastDeadline(now time.Time) bool {
	deadline, ok := w.ctx.Deadline()
	return ok && now.After(deadline)
}

// endAll ends all waits with the same error. Each read waits for its own answer.
func (l *loop) endAll(err error) {
	for _, w := range slices.Clone(l.board.waits) {
		if !w.isRead {
			w.end(err)
			l.leave(w)
		}
	}
}

// leave removes a wait, and cancels the requests that no other wait needs: a request that hangs would delay others.
func (l *loop) leave(w *wait) {
	l.board.leave(w)
	for r := range l.underWay {
		if !r.isNeeded() {
			r.cancel()
			delete(l.underWay, r)
		}
	}
}

// isNeeded reports whether a wait still needs the answer, even if another request asks for the session meanwhile.
func (r *request) isNeeded() bool { return slices.ContainsFunc(r.entries, (*entry).isOpen) }

// nextEnding returns when the next wait may have to end, or to look for the last time.
func (l *loop) nextEnding() time.Time {
	var next time.Time
	for _, w := range l.board.waits {
		next = earliest(next, w.lastLook)
		if w.isFailing() {
			next = earliest(next, w.failingFrom.Add(failureGrace))
		}
	}
	return next
}

// isThrough reports whether a failing wait can end: nothing is left to ask for now, or the grace period is over.
func (w *wait) isThrough(now time.Time) bool {
	if now.Sub(w.failingFrom) >= failureGrace {
		return true
	}
	return !slices.ContainsFunc(w.entries, func(e *entry) bool { return !e.isOver() && (e.asked != nil || e.isDue(now)) })
}

// beginLastLooks begins the last look of each wait whose deadline is near: own GETs for some sessions, pages for the others.
func (l *loop) beginLastLooks(now time.Time) {
	for _, w := range l.board.waits {
		if w.lastLook.IsZero() || w.lastLook.After(now) {
			continue
		}
		w.lastLook = time.Time{}
		for i, e := range w.toLookAt(now) {
			e.ownGet = e.ownGet || i < lastLookGets
			if e.ownGet || e.place != unknown && !l.trust.list.holds(now) && !e.needsGet(now) {
				e.isUrgent = true
				e.due = earliest(e.due, now)
			}
		}
	}
}

// toLookAt returns the sessions to look at before the deadline, those first whose own GET is longest ago. It leaves out those
// that their own GETs have just shown, or are about to show.
func (w *wait) toLookAt(now time.Time) []*entry {
	var entries []*entry
	for _, e := range w.entries {
		isBeingRead := e.asked != nil && !e.asked.isPage
		if !e.isOver() && !isBeingRead && (e.needsGet(now) || now.Sub(e.getAt) >= justRead) {
			entries = append(entries, e)
		}
	}
	slices.SortStableFunc(entries, func(a, b *entry) int { return a.getAt.Compare(b.getAt) })
	return entries
}
