package wait

import (
	"slices"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
)

const (
	fewRequests = 2 // pages and own GETs, up to which a filtered list saves nothing
	scattered   = 5 // sessions for each of these requests, from which on they are not scattered
)

// filteredPage returns the first page of the filtered list that shows a session and others in its status; nil if it saves
// nothing. What it does not show is still due.
func (l *loop) filteredPage(e *entry, nearlyDue []*entry, now time.Time) *request {
	r := &request{isPage: true, status: e.filter()}
	if r.status == "" || !l.trust.filter(now) {
		return nil
	}
	if requestsFor(nearlyDue) <= fewRequests {
		return nil
	}
	for _, other := range nearlyDue {
		if other.filter() == r.status {
			r.entries = append(r.entries, other)
		}
	}
	return r
}

// requestsFor returns how many pages and own GETs ask for sessions.
func requestsFor(entries []*entry) int {
	var places []int
	for _, e := range entries {
		if e.place != unknown {
			places = append(places, e.place)
		}
	}
	slices.Sort(places)
	requests, pageEnd := len(entries)-len(places), 0
	for _, place := range places {
		if place >= pageEnd {
			requests++
			pageEnd = place + scriptix.PageSize
		}
	}
	return requests
}

// missedByFilter notes the sessions that a filtered page does not show. The filter is not used for a while if no filter can show
// most of them: the API ignores the status, or too many strangers have it.
func (l *loop) missedByFilter(r *request, now time.Time) {
	missed := 0
	for _, e := range r.entries {
		if e.asked != r {
			continue
		}
		e.unfiltered++
		if e.filter() == "" {
			missed++
		}
	}
	l.trust.filterShowed(2*missed <= len(r.entries), now)
}
