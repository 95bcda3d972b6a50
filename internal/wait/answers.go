package wait

import (
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
)

// takePage takes in the answer to a request for a page.
func (p *polling) takePage(r *request, page *scriptix.Page, err error, now time.Time) {
	poll := r.poll
	poll.answered(r)
	delete(p.underWay, r)
	switch {
	case !r.isAwaited():
	case err == nil:
		p.showPage(r, page, now)
	case isPutOff(r, err):
		poll.putBack(r, err)
		return
	case refusesToken(err):
		p.endAll(err)
		return
	case endsWait(err):
		// The API answers, but has no lists: own GETs replace them at once.
		p.trust.pageFailed(err, p.turnOfGets(now), now)
		poll.stopReading()
	default:
		poll.failure = err
		poll.stopReading()
		if p.trust.pageFailed(err, p.turnOfGets(now), now) && !poll.hasUnsent() {
			poll.check(now, p.board.longestUnread(0, now)...)
		}
	}
	p.answered(poll, now)
}

// answered continues a poll after an answer. It also signals progress of a poll that takes long.
func (p *polling) answered(poll *poll, now time.Time) {
	for _, w := range poll.waits {
		if now.Sub(w.signaledAt) >= MinimumInterval {
			w.signal(now)
		}
	}
	p.advance(poll, now)
	p.endWaits(now)
}

// showPage updates every awaited session on a page.
func (p *polling) showPage(r *request, page *scriptix.Page, now time.Time) {
	p.trust.examine(page, r.status, r.sentAt, now)
	if !p.trust.offsets(now) {
		page.Offset = 0
	}
	running, missing := 0, len(r.poll.missing())
	found := p.board.takePage(page, r.status == "", r.sentAt, now)
	for _, e := range found {
		switch {
		case e.session.Settled():
			r.poll.finished++
		case r.status != "" && e.session.Outcome() == scriptix.Running:
			e.unlisted = false
			running++
		default:
			running++
		}
	}
	if len(found) > 0 && running == 0 {
		p.lastSent = time.Time{} // the page leaves nothing to ask for again, so no pause is needed
	}
	if len(r.poll.readings) > 0 {
		r.poll.showed(page, missing-len(r.poll.missing()))
	}
}

// takeGet takes in the answer to the own GET of a session.
func (p *polling) takeGet(r *request, session *scriptix.Session, err error, now time.Time) {
	poll, e := r.poll, r.entry
	poll.answered(r)
	delete(p.underWay, r)
	e.asked = nil
	switch {
	case !r.isAwaited():
	case err == nil:
		p.trust.getShowed(session, now)
		if poll.filters && e.poll == poll {
			e.unlisted = session.Outcome() == scriptix.Running
		}
		p.board.takeGet(e, session, now)
		if e.isOver() {
			poll.finished++
			p.lastSent = time.Time{}
		}
	case refusesToken(err):
		p.endAll(err)
		return
	case e.isOver():
	case isPutOff(r, err):
		poll.putBack(r, err)
		return
	case endsWait(err):
		p.board.blame(e, err, now)
	default:
		e.triedAt = now
		p.board.postpone(e, err, now)
	}
	p.answered(poll, now)
}

// turnOfGets returns the time that own GETs of all sessions take at the present pace, at most an hour: near the end of a
// window the pace says little.
func (p *polling) turnOfGets(now time.Time) time.Duration {
	pace := max(0, p.limits.NextPoll(now).Sub(now))
	return min(time.Duration(len(p.board.entries))*min(pace, time.Hour), time.Hour)
}
