package wait

import (
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
)

const (
	scattered = 6 // sessions on a page, below which a filtered list may save requests
	worthIt   = 2 // sessions that it has to show besides those
)

// filteredPage returns the first page of the filtered list that shows a session and others in its status; nil if a request that
// shows some of them would be as good. What the page does not show is still due.
func (l *loop) filteredPage(e *entry, nearlyDue []*entry, shown int, now time.Time) *request {
	r := &request{isPage: true, status: e.filter()}
	if r.status == "" || l.trust.filter.holds(now) {
		return nil
	}
	for _, other := range nearlyDue {
		if other.filter() == r.status {
			r.entries = append(r.entries, other)
		}
	}
	if len(r.entries) < shown+worthIt {
		return nil
	}
	return r
}

// filter returns the status whose filtered list may show the session; "" if none does. A session that is no longer queued is
// processed.
func (e *entry) filter() scriptix.Status {
	switch {
	case e.session.Status == scriptix.StatusQueued && e.unfiltered == 0:
		return scriptix.StatusQueued
	case e.session.Status == scriptix.StatusQueued && e.unfiltered == 1,
		e.session.Status == scriptix.StatusProcessing && e.unfiltered == 0:
		return scriptix.StatusProcessing
	}
	return ""
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
	if 2*missed > len(r.entries) {
		l.trust.filter.begin(0, now)
		return
	}
	l.trust.filter.forget()
}
