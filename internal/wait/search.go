package wait

import (
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
)

const (
	pageCredit = 100 // own GETs of sessions whose place is unknown, for which a page may look for them once
	fruitful   = 5   // sessions that a page has to find, for the next page to be read at once
	topAgain   = 10  // intervals after which the top of the list is searched again
)

// fruitlessPause is how long reads do without the list at first.
const fruitlessPause = 10 * time.Second

// search decides which page may show the sessions whose place is unknown: the top, where new sessions are; then the end,
// because the order of the list is not documented; then the pages between, one after the other. The zero search has no
// credit.
type search struct {
	credit int       // own GETs; a page costs pageCredit
	total  int       // length of the list
	topAt  time.Time // when the top was last searched
	deeper int       // the offset to search next; 0: the end of the list

	wentDeep bool // since the top was last searched: on a slow plan, each page would be the top

	readAfter time.Time // before that, reads do not look for sessions at the top
	fruitless int       // pages in a row that showed hardly any of the sessions that were read
}

// begin allows to search for new sessions, from the top on: half as many pages as there are sessions, and at least two.
func (s *search) begin(sessions int) {
	s.topAt, s.wentDeep = time.Time{}, true
	s.credit = max(s.credit, 2*pageCredit, sessions*pageCredit/2)
}

// earn counts an own GET of a session whose place is unknown.
func (s *search) earn() { s.credit++ }

// next returns the offset of the next page to search, if it is worth a request.
func (s *search) next(interval time.Duration, topOnly bool, now time.Time) (offset int, ok bool) {
	isTopOnly := topOnly || s.total <= scriptix.PageSize
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
	s.wentDeep = page.Offset > 0
	if !s.wentDeep {
		s.topAt = now
	}
	if found > 0 && found < fruitful {
		s.credit /= 2
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

// mayRead reports whether the top of the list may show sessions that are read.
func (s *search) mayRead(now time.Time) bool { return !now.Before(s.readAfter) }

// readPage notes how many of the sessions that are read the top of the list has shown. If they are old, the next reads do without
// it.
func (s *search) readPage(found int, now time.Time) {
	if found > 1 {
		s.fruitless = 0
		return
	}
	s.readAfter = now.Add(doubled(fruitlessPause, s.fruitless, longestSuspension))
	s.fruitless++
}
