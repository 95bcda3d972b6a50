package wait

import (
	"slices"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
)

// beginLastLooks begins the last poll of each wait whose deadline is near.
func (p *polling) beginLastLooks(now time.Time) {
	for _, w := range p.board.waits {
		if w.isDone() || w.lastLook.IsZero() || w.lastLook.After(now) {
			continue
		}
		w.lastLook = time.Time{}
		var entries []*entry
		for _, e := range w.entries {
			if !e.isOver() && e.asked == nil && (e.needsGet || now.Sub(e.getAt) >= MinimumInterval) {
				entries = append(entries, e)
			}
		}
		if len(entries) == 0 {
			continue
		}
		slices.SortStableFunc(entries, func(a, b *entry) int { return a.getAt.Compare(b.getAt) })
		poll := p.begin(entries, now)
		poll.isUrgent = true
		poll.check(now, entries[:min(len(entries), lastLookGets)]...)
	}
}

// beginPolls begins polls for the sessions that are due or nearly due, and returns when the next of the others is due.
// Small waits share a poll of up to a page of sessions. A large wait has its own poll, so that it delays no other wait.
// A wait with unsent requests begins no other poll, unless they are part of a large wait's poll.
func (p *polling) beginPolls(now time.Time) (next time.Time) {
	busy := make(map[*wait]bool)
	for _, poll := range p.polls {
		for _, w := range poll.waits {
			busy[w] = busy[w] || poll.hasUnsent() && (w.isLarge() || !poll.isLarge())
		}
	}
	var together []*entry
	isDue := false
	begin := func() {
		if isDue {
			p.begin(together, now)
		}
		together, isDue = nil, false
	}
	for _, w := range p.board.waits {
		if busy[w] || w.isDone() {
			continue
		}
		entries, due := w.nearlyDue(now)
		if len(together)+len(entries) > scriptix.PageSize {
			begin()
			entries, due = w.nearlyDue(now) // some may have been among them
		}
		together = append(together, entries...)
		isDue = isDue || !due.IsZero() && !due.After(now)
		if due.After(now) {
			next = earliest(next, due)
		}
	}
	begin()
	return next
}

// begin begins a poll for sessions, in the cheapest way.
func (p *polling) begin(entries []*entry, now time.Time) *poll {
	poll := newPoll(entries)
	p.polls = append(p.polls, poll)
	view := p.view(poll, now)
	p.credit += len(entries)
	plan := view.choose()
	for _, w := range poll.waits {
		w.sinceRetry++
		if view.retry {
			w.sinceRetry = 0
		}
	}
	p.verify(poll, plan.way, now)
	switch plan.way {
	case byWindow:
		poll.read(&reading{from: plan.from, to: plan.to})
	case byFilter:
		poll.read(p.filtered(poll.missing())...)
	case byGet:
		poll.getRest()
	}
	return poll
}

// view returns what the planner needs to know about a poll.
func (p *polling) view(poll *poll, now time.Time) view {
	v := view{
		lists:   p.trust.lists(now),
		offsets: p.trust.offsets(now),
		filter:  p.trust.filter(now),
		surplus: p.surplus,
		retry:   poll.waits[0].sinceRetry >= retryEvery && p.credit > 0,
		deep:    poll.waits[0].polls%2 == 1,
	}
	for _, e := range poll.entries {
		if e.needsGet {
			continue
		}
		v.sessions++
		if e.session.Status == scriptix.StatusProcessing {
			v.processing++
		} else {
			v.queued++
		}
		if e.unlisted {
			v.unlisted++
		}
		switch place := e.place; {
		case place == notLooked:
			v.notLooked++
		case place == lost || !v.offsets && place >= scriptix.PageSize:
			v.lost++
		default:
			if v.sessions == 1+v.notLooked+v.lost {
				v.shallowest = place
			}
			v.shallowest, v.deepest = min(v.shallowest, place), max(v.deepest, place)
			v.widen = v.widen || e.misses > 0
		}
	}
	v.finishes = int(p.finishing*float64(v.sessions) + 0.5)
	return v
}

// filtered returns the readings of the filtered lists: of the queued sessions, then of the processing sessions, among
// which those may be that the first list does not show.
func (p *polling) filtered(missing []*entry) []*reading {
	queued := 0
	for _, e := range missing {
		if e.session.Status != scriptix.StatusProcessing {
			queued++
		}
	}
	var readings []*reading
	if queued > 0 {
		readings = append(readings, newFiltered(scriptix.StatusQueued, queued, 0))
	}
	return append(readings, newFiltered(scriptix.StatusProcessing, len(missing)-queued, p.surplus))
}

func newFiltered(status scriptix.Status, sessions, surplus int) *reading {
	pages := max(1, pagesOf(sessions)+surplus)
	return &reading{status: status, to: pages * scriptix.PageSize, limit: pages + sessions/worthwhile, sessions: sessions}
}

// verify adds the own GET of the session whose own GET is longest ago, once a minute while lists are used. On a limited plan
// it adds at most one in ten requests.
func (p *polling) verify(poll *poll, way way, now time.Time) {
	isLimited := p.limits.NextPoll(now).After(now)
	if now.Before(p.verifyAt) || isLimited && p.turn-p.verifiedTurn < verifyShare-1 {
		return
	}
	p.verifyAt, p.verifiedTurn = now.Add(verifyEvery), p.turn
	p.credit++
	if way != byGet { // own GETs verify every session
		poll.check(now, p.board.longestUnread(verifyEvery, now)...)
	}
}
