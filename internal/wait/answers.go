package wait

import (
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
)

// takePage takes in the answer to a request for a page.
func (p *polling) takePage(request *ask, page *scriptix.Page, err error, now time.Time) {
	poll := request.poll
	poll.pagesUnderWay--
	delete(p.underWay, request)
	switch {
	case request.isDropped:
	case err == nil:
		p.showPage(request, page, now)
	case isPutOff(request, err):
		poll.putBack(request, err)
		return
	case refusesToken(err):
		p.endAll(err)
		return
	case endsWait(err):
		// The API answers, but has no lists: own GETs replace them at once.
		p.trust.pageFailed(err, p.turnOfGets(now), now)
		poll.drop()
	default:
		poll.failure = err
		if p.trust.pageFailed(err, p.turnOfGets(now), now) && len(poll.checks) == 0 {
			if e := p.board.longestUnread(0, now); e != nil {
				poll.checks = append(poll.checks, e)
			}
		}
		poll.drop()
	}
	p.answered(poll, now)
}

// answered goes on after an answer. A poll that takes long is reported in parts.
func (p *polling) answered(poll *poll, now time.Time) {
	for _, w := range poll.waits {
		if now.Sub(w.signaledAt) >= MinimumInterval {
			w.signal(now)
		}
	}
	p.advance(poll, now)
	p.endWaits(now)
}

// showPage shows a page to everybody who awaits a session on it.
func (p *polling) showPage(request *ask, page *scriptix.Page, now time.Time) {
	p.trust.examine(page, request.status, request.sentAt, now)
	if !p.trust.offsets(now) {
		page.Offset = 0
	}
	running, missing := 0, len(request.poll.missing())
	found := p.board.takePage(page, request.status == "", request.sentAt, now)
	for _, e := range found {
		switch {
		case e.session.Settled():
			request.poll.finished++
		case request.status != "" && e.session.Outcome() == scriptix.Running:
			e.unlisted = false
			running++
		default:
			running++
		}
	}
	if len(found) > 0 && running == 0 {
		p.lastSent = time.Time{} // nobody asks for these again, so that no pause is owed
	}
	if len(request.poll.readings) > 0 {
		request.poll.showed(page, missing-len(request.poll.missing()))
	}
}

// takeGet takes in the answer to the own GET of a session. The session may have left meanwhile, and come back.
func (p *polling) takeGet(request *ask, session *scriptix.Session, err error, now time.Time) {
	poll, e := request.poll, request.entry
	poll.getsUnderWay--
	delete(p.underWay, request)
	isAwaited := e.asked == request
	if isAwaited {
		e.asked = nil
	}
	switch {
	case request.isDropped:
	case err == nil:
		p.trust.getShowed(session, now)
		if !isAwaited {
			break
		}
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
	case !isAwaited || e.isOver():
	case isPutOff(request, err):
		poll.putBack(request, err)
		return
	case endsWait(err):
		p.board.blame(e, err, now)
	default:
		e.triedAt = now
		p.board.postpone(e, err, now)
	}
	p.answered(poll, now)
}

// turnOfGets returns how long it takes to ask for all sessions by their own GETs, an hour at most: near the end of a window
// the pace says little.
func (p *polling) turnOfGets(now time.Time) time.Duration {
	pace := max(0, p.limits.NextPoll(now).Sub(now))
	return min(time.Duration(len(p.board.entries))*min(pace, time.Hour), time.Hour)
}
