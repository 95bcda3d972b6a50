package wait

import (
	"context"
	"slices"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
)

// request is one request of a poll: the own GET of a session, or a page of a list.
type request struct {
	poll    *poll
	entry   *entry          // whose own GET it is; nil: it asks for a page
	id      string          // of the session, if it is an own GET
	isCheck bool            // an own GET of a session that lists show, too
	since   time.Time       // when a check was queued; a later own GET replaces it
	status  scriptix.Status // of the list; empty: the unfiltered one
	offset  int             // of the page
	isAgain bool            // the API has refused it once because of a rate limit

	sentAt time.Time
	ctx    context.Context    //nolint:containedctx // ends when nobody needs the answer any more
	cancel context.CancelFunc // nil until it is sent
}

// isAwaited reports whether somebody still waits for the answer.
func (r *request) isAwaited() bool {
	if r.entry != nil {
		return len(r.entry.waits) > 0
	}
	return slices.ContainsFunc(r.poll.entries, func(e *entry) bool { return e.poll == r.poll })
}

// begin gives the request its context, before it is sent.
func (r *request) begin(ctx context.Context) { r.ctx, r.cancel = context.WithCancel(ctx) }

// isUrgent reports whether the request goes out at any pace if it belongs to a last look.
func (r *request) isUrgent() bool { return r.entry == nil || r.isCheck }
