package wait

import (
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
)

const (
	pageCredit = 100 // own GETs of sessions whose place is unknown, for which a page may look for them once
	waitCredit = 50  // for each session of a wait: half as many pages as sessions
	readCredit = 40  // for each session that is read: two alone are two GETs
	fruitful   = 5   // sessions that a page has to find, for the next page to be read at once
	topAgain   = 10  // intervals after which the top of the list is searched again
)

// readInterval stands for the interval of a session that is only read.
const readInterval = 3 * time.Second

// search decides which page may show the sessions whose place is unknown: the top, where new sessions are; then the end,
// because the order of the list is not documented; then the pages between, one after the other. The zero search has no
// credit.
type search struct {
	credit int       // own GETs; a page costs pageCredit
	total  int       // length of the list
	topAt  time.Time // when the top was last searched
	deeper int       // the offset to search next; 0: the end of the list

	wentDeep bool // since the top was last searched: on a slow plan, each page would be the top

	fruitless int // pages in a row that found hardly any session: each halves the credit of the next reads
}

// begin adds the credit of new sessions. A wait searches from the top on, on two pages at least, because it asks for its sessions
// again and again. A read asks once: a page is worth it for three sessions, and for more while pages show few.
func (s *search) begin(sessions int, isRead bool) {
	if isRead {
		s.credit += sessions * readCredit >> min(s.fruitless, 5)
		return
	}
	s.topAt, s.wentDeep = time.Time{}, true
	s.credit = max(s.credit, 2*pageCredit, sessions*waitCredit)
}

// earn counts an own GET of a session whose place is unknown.
func (s *search) earn() { s.credit++ }

// page returns the offset of the next page to search, if it is worth a request.
func (s *search) page(interval time.Duration, topOnly bool, now time.Time) (offset int, ok bool) {
	isTopOnly := topOnly || s.total <= scriptix.PageSize
	interval = max(interval, readInterval)
	switch {
	case s.credit < pageCredit:
		return 0, false
	case now.Sub(s.topAt) >= topAgain*interval && (s.wentDeep || isTopOnly):
		return 0, true
	case isTopOnly:
		return 0, false
	case s.deeper == 0:
		return s.total - scriptix.PageSize, true
	}
	return s.deeper, true
}

// searched notes a page that came, and how many sessions without a known place it has shown. If they are few, the sessions are
// scattered, and the other pages show few as well.
func (s *search) searched(page *scriptix.Page, found int, now time.Time) {
	s.credit -= pageCredit
	s.total = int(min(page.TotalResults, 1<<30))
	if !page.IsLast() {
		s.total = max(s.total, page.Next()+scriptix.PageSize) // the total may be wrong
	}
	s.wentDeep = page.Offset > 0
	if !s.wentDeep {
		s.topAt = now
	}
	if found > 0 && found < fruitful {
		s.credit /= 2
	}
	if found > 1 {
		s.fruitless = 0
	} else {
		s.fruitless++
	}
	switch {
	case page.IsLast():
		if s.deeper > 0 { // every page has been searched: only new sessions, or GETs, make the next pass worth it
			s.credit = 0
		}
		s.deeper = scriptix.PageSize
	case found >= fruitful:
		s.deeper = page.Next()
		s.credit = max(s.credit, pageCredit)
	case page.Offset > 0:
		s.deeper = page.Next()
	}
}

// giveUp notes a page that failed while sessions were read. Their GETs replace it.
func (s *search) giveUp() {
	s.credit = 0
	s.fruitless += 2
}
