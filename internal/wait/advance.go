package wait

import (
	"slices"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
)

// advance starts the next part of a poll when one is complete, and ends the poll after the last part.
func (p *polling) advance(poll *poll, now time.Time) {
	poll.prune()
	for !poll.hasPages() && len(poll.readings) > 0 {
		p.advanceReading(poll, now)
	}
	if poll.failure != nil {
		for _, e := range poll.missing() {
			p.board.postpone(e, poll.failure, now)
		}
		poll.failure = nil
	}
	if !poll.hasUnsent() && !poll.hasPages() {
		poll.getRest()
		poll.prune()
	}
	if poll.isOver() {
		p.end(poll, now)
	}
}

// advanceReading continues when all pages of a reading have come: with more pages of the same list, with the next list, or
// with a list that may show the missing sessions.
func (p *polling) advanceReading(poll *poll, now time.Time) {
	missing := poll.missing()
	if poll.readings[0].pages > 0 {
		p.trust.readingSucceeded()
	}
	if r := poll.readings[0]; r.status == scriptix.StatusProcessing {
		p.surplus = max(0, r.pages-max(1, pagesOf(r.sessions)))
	}
	if len(missing) == 0 || !p.trust.lists(now) {
		poll.stopReading()
		return
	}
	if p.trust.offsets(now) && poll.extend(len(missing)) {
		return
	}
	through := poll.readings[0]
	poll.readings = poll.readings[1:]
	if through.status == "" {
		noteMisses(missing, through)
	}
	if len(poll.readings) > 0 {
		poll.askPages()
		return
	}
	view := p.view(poll, now)
	switch {
	case poll.filters && !poll.topped && len(missing) >= worthwhile:
		poll.read(&reading{to: scriptix.PageSize})
	case poll.filters:
		for _, e := range missing {
			e.needsGet = true // the session has finished: no list shows it as running
		}
	case view.filter && view.filterCost() < len(missing):
		poll.read(p.filtered(missing)...)
	}
}

// noteMisses notes which sessions a window did not show. A session without a known place is not at the top. A session with
// a known place may have moved: a wider window looks for it once.
func noteMisses(missing []*entry, window *reading) {
	if window.last == nil {
		return // no page came
	}
	for _, e := range missing {
		if e.place == notLooked {
			e.place = lost
		}
		if e.place >= 0 {
			e.misses++
		}
		if e.misses > 1 {
			e.place = lost
		}
	}
}

// end ends a poll.
func (p *polling) end(poll *poll, now time.Time) {
	at := slices.Index(p.polls, poll)
	if at < 0 {
		return
	}
	p.polls = slices.Delete(p.polls, at, at+1)
	const weight = 0.2 // of the latest poll in the average
	share := float64(poll.finished) / float64(len(poll.entries))
	p.finishing += weight * (share - p.finishing)
	for _, w := range poll.waits {
		w.polls++
		w.signal(now)
	}
}
