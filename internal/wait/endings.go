package wait

import (
	"slices"
	"time"
)

// leave removes a wait and cancels the requests that no other wait needs: a request that hangs would delay others.
func (p *polling) leave(w *wait) {
	p.board.leave(w)
	for r := range p.underWay {
		if !r.isAwaited() {
			r.cancel()
		}
	}
	if len(p.board.waits) == 0 {
		p.polls = nil
		clear(p.underWay)
	}
}

// endWaits ends each wait that is complete, has failed, or can send no request before its deadline.
func (p *polling) endWaits(now time.Time) {
	limited := p.limits.RateLimited()
	for _, w := range slices.Clone(p.board.waits) {
		isHeldUp := limited != nil && !p.isUnderWay(w)
		switch {
		case w.pending == 0, w.isFailing() && (isHeldUp || p.isThrough(w, now)):
			w.end(nil)
		case isHeldUp && w.isCutOff(limited.Until):
			w.end(&RateLimitError{Progress: w.progress(), Err: limited})
		default:
			continue
		}
		p.leave(w)
	}
}

// endAll ends all waits with the same error.
func (p *polling) endAll(err error) {
	for _, w := range slices.Clone(p.board.waits) {
		w.end(err)
		p.leave(w)
	}
}

// isThrough reports whether a failing wait can end: its polls are complete, or the grace period is over.
func (p *polling) isThrough(w *wait, now time.Time) bool {
	if now.Sub(w.failingFrom) >= failureGrace {
		return true
	}
	return !slices.ContainsFunc(w.entries, func(e *entry) bool { return e.asked != nil || e.poll != nil })
}

// isUnderWay reports whether a request for the wait is under way.
func (p *polling) isUnderWay(w *wait) bool {
	return slices.ContainsFunc(w.entries, func(e *entry) bool {
		return e.asked != nil || e.poll != nil && e.poll.underWay > 0
	})
}
