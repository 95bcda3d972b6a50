package wait

import (
	"slices"
	"time"
)

// next returns the requests to send now, at most as many as are free, and when to call it again even if nothing happens;
// zero: never.
func (p *polling) next(free int, now time.Time) (requests []*request, wake time.Time) {
	p.endWaits(now)
	for _, poll := range slices.Clone(p.polls) {
		p.advance(poll, now) // an answer that another poll asked for may have left it nothing to ask
	}
	p.beginLastLooks(now)
	for len(requests) < free {
		limited := p.limits.RateLimited()
		if limited != nil {
			wake = limited.Until
			break
		}
		r := p.nextOf((*poll).hasUrgent, now)
		if r == nil {
			if paceEnds := p.limits.NextPoll(p.lastSent); paceEnds.After(now) {
				wake = paceEnds
				break
			}
			due := p.beginPolls(now)
			if r = p.nextOf(func(*poll) bool { return true }, now); r == nil {
				wake = due
				break
			}
		}
		requests = append(requests, r)
	}
	return requests, earliest(wake, p.nextEvent())
}

// nextEvent returns when the next wait may have to end or to look for the last time.
func (p *polling) nextEvent() time.Time {
	var next time.Time
	for _, w := range p.board.waits {
		next = earliest(next, w.lastLook)
		if w.isFailing() {
			next = earliest(next, w.failingFrom.Add(failureGrace))
		}
	}
	return next
}

// nextOf takes the next request out of one of the polls that isMeant accepts. Every other turn goes to the poll that was
// served longest ago, so that a large poll delays no small one. The other turns go to the oldest poll, so that many small
// polls delay no large one.
func (p *polling) nextOf(isMeant func(*poll) bool, now time.Time) *request {
	var chosen *poll
	for _, poll := range p.polls {
		poll.prune() // the request before this one may be for the same session
		if !isMeant(poll) || !poll.hasUnsent() {
			continue
		}
		if chosen == nil || p.turn%2 == 0 && poll.servedAt < chosen.servedAt {
			chosen = poll
		}
	}
	if chosen == nil {
		return nil
	}
	r := chosen.next(now)
	p.sent(r, now)
	p.advance(chosen, now)
	return r
}

func (p *polling) sent(r *request, now time.Time) {
	p.underWay[r] = struct{}{}
	p.turn++
	p.credit--
	p.lastSent = now
	r.poll.servedAt = p.turn
	for _, w := range r.poll.waits {
		w.servedAt = p.turn
	}
}
