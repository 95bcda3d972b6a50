package wait

import (
	"math"
	"slices"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
)

// reading is one part of a poll: some pages of one list.
type reading struct {
	status   scriptix.Status // empty: a window of the unfiltered list
	from, to int             // the offsets of its first page and behind its last
	sessions int             // that it should show
	limit    int             // of pages
	last     *scriptix.Page  // the deepest page so far
	found    int             // missing sessions on the deepest page
	pages    int             // pages so far
}

// poll asks for some sessions once. It reads all pages of its plan, then more pages if that is worthwhile, and then asks for
// the rest by own GETs. It owns its requests until they are answered: one that meets a rate limit is sent again, and the
// others stay queued.
type poll struct {
	entries  []*entry // this poll asks for those whose entry.poll it is
	waits    []*wait
	isUrgent bool // a last look
	servedAt int  // turn of its latest request; before the first one, the earliest servedAt of its waits

	readings []*reading // the first one is under way
	filters  bool       // it reads, or has read, the filtered lists
	topped   bool       // it reads, or has read, the top of the unfiltered list
	failure  error      // of a page

	queue    []*request // not sent yet: checks, then pages; own GETs come after the last page
	pages    int        // in the queue or under way
	underWay int        // requests that were sent and not answered
	finished int        // sessions that it found finished
}

// newPoll returns a poll for sessions. A session that two waits share may occur twice.
func newPoll(entries []*entry) *poll {
	p := &poll{servedAt: math.MaxInt}
	isIn := make(map[*wait]bool)
	for _, e := range entries {
		if e.poll == p {
			continue
		}
		e.poll = p
		p.entries = append(p.entries, e)
		for _, w := range e.waits {
			if !isIn[w] {
				isIn[w] = true
				p.waits = append(p.waits, w)
				p.servedAt = min(p.servedAt, w.servedAt)
			}
		}
	}
	return p
}

// isLarge reports whether the poll is one of a large wait.
func (p *poll) isLarge() bool { return len(p.entries) > scriptix.PageSize }

// hasUnsent reports whether the poll has requests to send now.
func (p *poll) hasUnsent() bool { return len(p.queue) > 0 }

// hasUrgent reports whether the next request ignores the pace, as the pages and checks of a last look do.
func (p *poll) hasUrgent() bool { return p.isUrgent && p.hasUnsent() && p.queue[0].isUrgent() }

// hasPages reports whether pages are still to come.
func (p *poll) hasPages() bool { return p.pages > 0 }

// isOver reports whether the poll has no request left and expects no answer.
func (p *poll) isOver() bool { return !p.hasUnsent() && p.underWay == 0 }

// isMissing reports whether lists can show the session but have not shown it yet.
func (p *poll) isMissing(e *entry) bool { return e.poll == p && e.asked == nil && !e.needsGet }

// missing returns the sessions that the pages have not shown.
func (p *poll) missing() []*entry {
	var missing []*entry
	for _, e := range p.entries {
		if p.isMissing(e) {
			missing = append(missing, e)
		}
	}
	return missing
}

// prune drops requests from the head of the queue until one is still wanted.
func (p *poll) prune() {
	for p.hasUnsent() && !p.isWanted(p.queue[0]) {
		if p.queue[0].entry == nil {
			p.pages--
		}
		p.queue = p.queue[1:]
	}
}

// isWanted reports whether a request is still worth sending: no other answer has replaced it.
func (p *poll) isWanted(r *request) bool {
	switch e := r.entry; {
	case e == nil:
		return slices.ContainsFunc(p.entries, p.isMissing)
	case e.isOver() || e.asked != nil || len(e.waits) == 0:
		return false
	default:
		return e.poll == p || r.isCheck && e.getAt.Before(r.since) && e.triedAt.Before(r.since)
	}
}

// next takes the next request out of the queue, which must not be empty.
func (p *poll) next(now time.Time) *request {
	r := p.queue[0]
	p.queue = p.queue[1:]
	p.underWay++
	r.sentAt = now
	if r.entry != nil {
		r.id, r.entry.asked = r.entry.session.SessionID, r
	}
	return r
}

// answered notes that a request is no longer under way.
func (p *poll) answered(r *request) {
	p.underWay--
	if r.entry == nil {
		p.pages--
	}
}

// putBack queues a request again that a rate limit rejected.
func (p *poll) putBack(r *request, err error) {
	r.isAgain = r.isAgain || scriptix.Classify(err) != scriptix.ClassNotSent
	if r.entry == nil {
		p.pages++
	}
	p.queue = slices.Insert(p.queue, 0, r)
}

// check asks for sessions by their own GETs, before all else.
func (p *poll) check(now time.Time, entries ...*entry) {
	checks := make([]*request, len(entries))
	for i, e := range entries {
		checks[i] = &request{poll: p, entry: e, isCheck: true, since: now}
	}
	p.queue = slices.Insert(p.queue, 0, checks...)
}

// read begins the first of some readings. The others follow when it is complete.
func (p *poll) read(readings ...*reading) {
	p.readings = readings
	for _, r := range readings {
		p.filters = p.filters || r.status != ""
		p.topped = p.topped || r.status == "" && r.from == 0
	}
	p.askPages()
}

// askPages asks for the pages of the first reading.
func (p *poll) askPages() {
	r := p.readings[0]
	for offset := r.from; offset < r.to; offset += scriptix.PageSize {
		p.queue = append(p.queue, &request{poll: p, status: r.status, offset: offset})
		p.pages++
	}
}

// showed notes a page of the first reading, and the number of missing sessions on it.
func (p *poll) showed(page *scriptix.Page, found int) {
	r := p.readings[0]
	r.pages++
	if r.last == nil || page.Offset > r.last.Offset {
		r.last, r.found = page, found
	}
}

// extend asks for the page behind those of the first reading if that is worthwhile, and reports whether it is.
func (p *poll) extend(missing int) bool {
	r := p.readings[0]
	if r.last == nil || r.last.IsLast() {
		return false
	}
	isWorth := r.pages < r.limit
	if r.status == "" {
		isWorth = r.found >= worthwhile && missing > 1
	}
	if !isWorth {
		return false
	}
	r.from, r.to = r.last.Next(), r.last.Next()+scriptix.PageSize
	p.askPages()
	return true
}

// stopReading gives up the pages that are not sent.
func (p *poll) stopReading() {
	p.readings = nil
	p.queue = slices.DeleteFunc(p.queue, func(r *request) bool {
		if r.entry == nil {
			p.pages--
		}
		return r.entry == nil
	})
}

// getRest asks for the remaining sessions by own GETs, those with the oldest own GET first.
func (p *poll) getRest() {
	var rest []*entry
	for _, e := range p.entries {
		if e.poll == p && e.asked == nil {
			rest = append(rest, e)
		}
	}
	slices.SortStableFunc(rest, func(a, b *entry) int { return a.getAt.Compare(b.getAt) })
	for _, e := range rest {
		p.queue = append(p.queue, &request{poll: p, entry: e})
	}
}
