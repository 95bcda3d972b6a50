package wait

import (
	"slices"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
)

// ask is one request of a poll: the own GET of a session, or a page of a list.
type ask struct {
	poll   *poll
	entry  *entry          // whose own GET it is; nil: it asks for a page
	id     string          // of the session, if it is an own GET
	status scriptix.Status // of the list; empty: the unfiltered one
	offset int
	sentAt time.Time

	isAgain   bool          // the API has refused it once because of a rate limit
	dropped   chan struct{} // closed when nobody needs the answer any more
	isDropped bool
}

// drop ends the request if nobody needs its answer any more.
func (a *ask) drop() {
	if a.isDropped || a.isNeeded() {
		return
	}
	a.isDropped = true
	close(a.dropped)
}

// isNeeded reports whether somebody still waits for the answer.
func (a *ask) isNeeded() bool {
	if a.entry != nil {
		return len(a.entry.waits) > 0
	}
	return slices.ContainsFunc(a.poll.waits, func(w *wait) bool { return !w.ended })
}

// reading is a part of a poll: some pages of one list.
type reading struct {
	status   scriptix.Status // empty: a window of the unfiltered list
	from, to int             // the offsets of its first page and behind its last
	sessions int             // that it is to show
	limit    int             // of the pages, if they go on showing nothing
	last     *scriptix.Page  // the deepest that was read
	found    int             // missing sessions that it showed
	pages    int             // that were read
}

// poll asks for some sessions once. First it reads the pages of its plan, all of them before it draws conclusions; then it
// reads more if that is worth while; then it asks for what is left by own GETs. It owns its requests until they are sent:
// one that meets a rate limit is sent again, and the others are not begun anew.
type poll struct {
	entries []*entry // as long as entry.poll is this poll, it is to bring the answer
	waits   []*wait
	urgent  bool // a last look

	readings []*reading // the first is under way
	filters  bool       // the filtered lists are among them, or were
	topped   bool       // the top of the unfiltered list is among them, or was
	failure  error      // why a page could not be had

	checks []*entry // own GETs that no page replaces, not sent yet
	pages  []*ask   // not sent yet
	gets   []*entry // not sent yet

	pagesUnderWay int
	getsUnderWay  int
	finished      int // sessions that turned out to have finished
}

// newPoll makes a poll for sessions, which may stand twice if two waits brought them.
func newPoll(entries []*entry) *poll {
	p := &poll{}
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
			}
		}
	}
	return p
}

// hasUnsent reports whether the poll has requests to send now.
func (p *poll) hasUnsent() bool { return len(p.checks)+len(p.pages)+len(p.gets) > 0 }

// isUrgent reports whether no pace delays the next request: the pages and the first GETs of a last look, not the rest.
func (p *poll) isUrgent() bool { return p.urgent && len(p.checks)+len(p.pages) > 0 }

// hasPages reports whether pages are still to come.
func (p *poll) hasPages() bool { return len(p.pages)+p.pagesUnderWay > 0 }

// isUnderWay reports whether an answer is still to come.
func (p *poll) isUnderWay() bool { return p.pagesUnderWay+p.getsUnderWay > 0 }

func (p *poll) isOver() bool { return !p.hasUnsent() && !p.isUnderWay() }

// isMissing reports whether the pages have not shown the session yet, though lists can show it.
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

// prune drops requests that nobody needs any more: those for sessions that have been answered meanwhile, and pages if no
// session is left that they may show.
func (p *poll) prune() {
	for len(p.checks) > 0 && !isWanted(p.checks[0]) {
		p.checks = p.checks[1:]
	}
	if len(p.pages) > 0 && !slices.ContainsFunc(p.entries, p.isMissing) {
		p.pages = nil
	}
	for len(p.gets) > 0 && (p.gets[0].poll != p || !isWanted(p.gets[0])) {
		p.gets = p.gets[1:]
	}
}

// isWanted reports whether an own GET of the session is still of use.
func isWanted(e *entry) bool { return !e.isOver() && e.asked == nil && len(e.waits) > 0 }

// next takes the next request out of a poll that has one.
func (p *poll) next(now time.Time) *ask {
	switch {
	case len(p.checks) > 0:
		e := p.checks[0]
		p.checks = p.checks[1:]
		return p.askFor(e, now)
	case len(p.pages) > 0:
		page := p.pages[0]
		p.pages = p.pages[1:]
		p.pagesUnderWay++
		page.sentAt = now
		return page
	}
	e := p.gets[0]
	p.gets = p.gets[1:]
	return p.askFor(e, now)
}

func (p *poll) askFor(e *entry, now time.Time) *ask {
	p.getsUnderWay++
	e.asked = &ask{poll: p, entry: e, id: e.session.SessionID, sentAt: now, isAgain: e.wasRefused}
	e.wasRefused = false
	return e.asked
}

// putBack takes back a request that a rate limit kept from being answered. It comes after what has not been tried yet.
func (p *poll) putBack(request *ask, err error) {
	isAgain := request.isAgain || scriptix.Classify(err) != scriptix.ClassNotSent
	if request.entry == nil {
		p.pages = append(p.pages, &ask{poll: p, status: request.status, offset: request.offset, isAgain: isAgain})
		return
	}
	request.entry.wasRefused = isAgain
	p.checks = append(p.checks, request.entry)
}

// read begins with a reading, and goes on with others when it is through.
func (p *poll) read(readings ...*reading) {
	p.readings = readings
	for _, r := range readings {
		if r.status != "" {
			p.filters = true
		}
		if r.status == "" && r.from == 0 {
			p.topped = true
		}
	}
	p.askPages()
}

// askPages asks for the pages of the first reading.
func (p *poll) askPages() {
	if len(p.readings) == 0 {
		return
	}
	r := p.readings[0]
	for offset := r.from; offset < r.to; offset += scriptix.PageSize {
		p.pages = append(p.pages, &ask{poll: p, status: r.status, offset: offset})
	}
}

// showed notes a page of the first reading, and how many missing sessions it showed.
func (p *poll) showed(page *scriptix.Page, found int) {
	r := p.readings[0]
	r.pages++
	if r.last == nil || page.Offset > r.last.Offset {
		r.last, r.found = page, found
	}
}

// extend asks for the page behind those of the first reading if that is worth while, and reports whether it is.
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

// drop gives up what was to be read.
func (p *poll) drop() { p.readings, p.pages = nil, nil }

// getRest asks for all that is left by own GETs, what was read longest ago first.
func (p *poll) getRest() {
	p.gets = p.gets[:0]
	for _, e := range p.entries {
		if e.poll == p && e.asked == nil {
			p.gets = append(p.gets, e)
		}
	}
	slices.SortStableFunc(p.gets, func(a, b *entry) int { return a.getAt.Compare(b.getAt) })
}
