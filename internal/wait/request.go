package wait

import (
	"context"
	"slices"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
)

// request is one request: the own GET of a session, or a page of the list.
type request struct {
	isPage   bool
	id       string          // of the session, if it is an own GET
	status   scriptix.Status // that the page is filtered by; "" in most cases
	offset   int             // of the page
	searches bool            // the page looks for sessions whose place is unknown
	entries  []*entry        // the sessions that it asks for; it still does if entry.asked is this request

	sentAt time.Time
	ctx    context.Context    //nolint:containedctx // ends when nobody needs the answer any more
	cancel context.CancelFunc // nil until it is sent
}

func ownGet(e *entry) *request { return &request{id: e.session.SessionID, entries: []*entry{e}} }

// isNeeded reports whether a wait still needs the answer, even if another request asks for the session meanwhile.
func (r *request) isNeeded() bool { return slices.ContainsFunc(r.entries, (*entry).isOpen) }

// shows reports whether the page holds a place of the complete list.
func (r *request) shows(place int) bool {
	return r.status == "" && place >= r.offset && place < r.offset+scriptix.PageSize
}

// begin gives the request its context, before it is sent.
func (r *request) begin(ctx context.Context) { r.ctx, r.cancel = context.WithCancel(ctx) }
