package wait

import (
	"cmp"
	"slices"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
)

const (
	// verifyEvery is the time between two own GETs that verify the list.
	verifyEvery = time.Minute
	// verifyShare is the number of requests of a limited plan among which one may verify the list.
	verifyShare = 10
)

// requestFor returns how to ask for a session: by the page that shows it and others, or by its own GET.
func (l *loop) requestFor(e *entry, now time.Time) *request {
	if e.needsGet(now) || l.trust.list.holds(now) {
		return ownGet(e)
	}
	page := l.pageFor(e, l.board.nearlyDue(now), now)
	if page == nil || len(page.entries) < 2 {
		return ownGet(e)
	}
	if doubted := l.toVerify(now); doubted != nil {
		r := ownGet(doubted)
		r.verifies = true
		return r
	}
	return page
}

// pageFor returns the page that shows a session, and asks for all sessions on it that are nearly due; nil if no page is worth a
// request. It is the next page to search if the place of the session is unknown, a filtered list if many sessions are
// scattered, or else the page around the place where the session was last seen.
func (l *loop) pageFor(e *entry, nearlyDue []*entry, now time.Time) *request {
	r := &request{isPage: true}
	switch {
	case e.place == unknown:
		r.offset, r.searches = l.search.page(e.interval, l.trust.offset.holds(now), now)
		if !r.searches {
			return l.filteredPage(e, nearlyDue, 1, now)
		}
	case !l.trust.offset.holds(now):
		r.offset = offsetFor(e.place, nearlyDue)
	}
	for _, other := range nearlyDue {
		if r.searches && other.place == unknown || r.shows(other.place) {
			r.entries = append(r.entries, other)
		}
	}
	if !r.searches && len(r.entries) < scattered {
		return cmp.Or(l.filteredPage(e, nearlyDue, len(r.entries), now), r)
	}
	return r
}

// offsetFor returns the offset of the page that shows a place. Pages are laid from the shallowest session on: each begins with
// the first session that the one before does not show. Spare rows are split between both ends, because sessions move.
func offsetFor(place int, entries []*entry) int {
	places := make([]int, 0, len(entries))
	for _, e := range entries {
		if e.place != unknown {
			places = append(places, e.place)
		}
	}
	slices.Sort(places)
	from, to := place, place
	for i, next := range places {
		switch {
		case i == 0 || next <= place && next >= from+scriptix.PageSize:
			from, to = next, next
		case next < from+scriptix.PageSize:
			to = next
		}
	}
	return max(0, from-(scriptix.PageSize-(to+1-from))/2)
}

// toVerify returns the session whose own GET is longest ago, once a minute; nil if it is not time. On a limited plan it takes
// at most one in ten requests.
func (l *loop) toVerify(now time.Time) *entry {
	isLimited := l.limits.NextPoll(now).After(now)
	if now.Sub(l.verified.at) < verifyEvery || isLimited && l.turn-l.verified.turn < verifyShare-1 {
		return nil
	}
	return l.board.longestUnread(now)
}
