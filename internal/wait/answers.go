package wait

import (
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
)

// take takes in the answer to a request: a page, a session, or an error. What it does not show stays due.
func (l *loop) take(r *request, page *scriptix.Page, session *scriptix.Session, err error, now time.Time) {
	delete(l.underWay, r)
	wasNeeded := r.isNeeded()
	switch {
	case err != nil:
		l.failed(r, err, now)
	case r.isPage:
		l.showPage(r, page, now)
	default:
		l.showSession(r, session, now)
	}
	for _, e := range r.entries {
		e.release(r)
		e.isUrgent = e.isUrgent || err == nil && e.isOfSmallRead()
	}
	if err == nil && wasNeeded && r.hasFinished() {
		l.lastSent = time.Time{} // nothing that it asked for is left to ask for again, so no pause is needed
	}
	for _, w := range l.board.waits {
		w.countPoll(now)
	}
	l.endWaits(now)
}

// showSession takes in the own GET of a session.
func (l *loop) showSession(r *request, session *scriptix.Session, now time.Time) {
	l.trust.getAt = now
	l.board.recent.add(session, unknown, now)
	if e := l.board.entries[r.id]; e != nil && e.isOpen() {
		e.showOwn(session, r.sentAt, now)
	}
}

// showPage updates every session on a page that a wait or a read needs.
func (l *loop) showPage(r *request, page *scriptix.Page, now time.Time) {
	l.trust.pageCame(page, r.status != "", r.sentAt)
	found, shift := 0, 0
	for i := range page.Sessions {
		place := page.Place(i)
		if r.status != "" {
			place = unknown
		}
		l.board.recent.add(&page.Sessions[i], place, now)
		e := l.board.entries[page.Sessions[i].SessionID]
		switch {
		case e == nil || !e.isOpen() && !e.isOver(): // its reads have their answers, which nothing changes
			continue
		case e.isOver():
			l.trust.compare(e, &page.Sessions[i], r.sentAt, now)
			continue
		case e.place == unknown:
			found++
		case place != unknown:
			shift = place - e.place
		}
		e.showListed(&page.Sessions[i], place, r, now)
	}
	if r.searches {
		l.search.searched(page, found, now)
	}
	if r.status != "" {
		l.missedByFilter(r, now)
		return
	}
	for _, e := range r.entries {
		if e.asked == r && e.place != unknown {
			e.missedBy(page, shift)
		}
	}
}

// missedBy notes that a page does not show a session at its place. If the others have moved, it has moved as well, and one more
// page may show it.
func (e *entry) missedBy(page *scriptix.Page, shift int) {
	e.place += shift
	e.misses++
	isOnPage := e.place >= page.Offset && e.place < page.Next()
	if e.misses > 1 || e.place < 0 || isOnPage {
		e.place = unknown
	}
}

// failed takes in a failed request. Only the API's own words end a wait.
func (l *loop) failed(r *request, err error, now time.Time) {
	class := scriptix.Classify(err)
	if class == scriptix.ClassTokenRefused && scriptix.EndsWait(err) {
		l.endAll(err)
	}
	switch {
	case class == scriptix.ClassNotSent:
	case r.isPage && scriptix.RefusesList(err): // own GETs replace it at once
		l.trust.list.begin(l.turnOfGets(now), now)
	case r.isPage:
		l.pageFailed(r, err, now)
	case class == scriptix.ClassTokenRefused, class == scriptix.ClassNotFound && r.entries[0].isNew(now), !scriptix.EndsWait(err):
		r.entries[0].postpone(err, l.limits.MaxRetries(), now)
	default:
		r.entries[0].blame(err, now)
	}
}

// pageFailed notes a page that failed with those sessions that missed their answer. The own GET of one of them shows whether
// the API answers at all. If it does, own GETs replace a page that fails again. They replace it for reads at once, unless a rate
// limit refused it.
func (l *loop) pageFailed(r *request, err error, now time.Time) {
	var probe *entry
	hasReads := false
	for _, e := range r.entries {
		if e.asked != r || !e.isOpen() {
			continue
		}
		if e.isUnread() && scriptix.IsPostponed(err) && !e.isPostponed { // own GETs would meet the same limit
			e.isPostponed = true
			e.noteFailure(err)
			continue
		}
		if e.isUnread() {
			e.ownGet, e.pageFailedAt, hasReads = true, now, true
			continue
		}
		if l.trust.getsSince(e.pageFailedAt) {
			e.page.begin(l.turnOfGets(now), now)
			continue
		}
		e.postpone(err, l.limits.MaxRetries(), now)
		e.pageFailedAt = now
		if probe == nil || e.getSent.Before(probe.getSent) {
			probe = e
		}
	}
	if probe != nil && !scriptix.IsPostponed(err) {
		probe.ownGet, probe.due = true, now
	}
	if hasReads && r.searches {
		l.search.giveUp()
	}
}

// turnOfGets returns the time that own GETs of all sessions take at the present pace, at most an hour: near the end of a
// window the pace says little.
func (l *loop) turnOfGets(now time.Time) time.Duration {
	return min(time.Duration(len(l.board.open))*l.limits.NextPoll(now).Sub(now), time.Hour)
}
