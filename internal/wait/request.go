package wait

import (
	"slices"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
)

func ownGet(e *entry) *request { return &request{id: e.session.SessionID, entries: []*entry{e}} }

// sent notes that a request for the session is being sent.
func (e *entry) sent(r *request, turn int, now time.Time) {
	e.asked = r
	e.isUrgent, e.ownGet = false, false
	if !r.isPage {
		e.getSent = now
	}
	for _, w := range e.waits {
		w.servedAt = turn
	}
}

// hasFinished reports whether no session that the request asks for needs another one.
func (r *request) hasFinished() bool {
	return !slices.ContainsFunc(r.entries, func(e *entry) bool { return !e.isOver() })
}

// shows reports whether the page holds a place of the complete list.
func (r *request) shows(place int) bool {
	return r.status == "" && place >= r.offset && place < r.offset+scriptix.PageSize
}
