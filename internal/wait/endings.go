package wait

import (
	"slices"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
)

// leave removes a wait, and ends the requests under way that nobody else needs: one that hangs would keep others waiting.
func (p *polling) leave(w *wait) {
	p.board.leave(w)
	for request := range p.underWay {
		request.drop()
	}
	if len(p.board.waits) == 0 {
		p.polls = nil
		clear(p.underWay)
	}
}

// endWaits ends the waits that have come to their end, and those that a rate limit leaves no further request.
func (p *polling) endWaits(now time.Time) {
	closed := p.limits.RateLimited()
	for _, w := range slices.Clone(p.board.waits) {
		isHeldUp := closed != nil && !p.isUnderWay(w)
		switch {
		case w.pending == 0, w.isFailing() && (isHeldUp || p.isThrough(w, now)):
			w.end(nil)
		case isHeldUp && w.isCutOff(closed.Until):
			w.end(&RateLimitError{Progress: w.progress(), Err: closed})
		default:
			continue
		}
		p.leave(w)
	}
}

// endAll ends all waits with an error that holds for all of them.
func (p *polling) endAll(err error) {
	for _, w := range slices.Clone(p.board.waits) {
		w.end(err)
		p.leave(w)
	}
}

// isThrough reports whether a failing wait can end: no page and no GET is still to come that may show another failure. It
// does not wait long for them.
func (p *polling) isThrough(w *wait, now time.Time) bool {
	if now.Sub(w.failingFrom) >= failureGrace {
		return true
	}
	for _, e := range w.entries {
		mayFail := e.needsGet && e.session.Status != scriptix.StatusCompleted
		if e.asked != nil || e.poll != nil && (e.poll.hasPages() || mayFail) {
			return false
		}
	}
	return true
}

// isUnderWay reports whether an answer for the wait is under way.
func (p *polling) isUnderWay(w *wait) bool {
	return slices.ContainsFunc(p.polls, func(poll *poll) bool {
		return poll.isUnderWay() && slices.Contains(poll.waits, w)
	})
}
