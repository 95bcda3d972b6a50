package wait

import (
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
)

// lagAllowance is how late a list may be before it counts as wrong. With a shorter allowance, a replica that lags would cost
// one GET for each session and poll.
const lagAllowance = 3 * time.Minute

// trust decides which parts of the list are used.
type trust struct {
	list   suspension // own GETs replace it
	offset suspension // only the top page is used
	filter suspension
	getAt  time.Time // when an own GET last succeeded: the API answers

	latest     *scriptix.Page
	latestSent time.Time
}

// getsSince reports whether an own GET has succeeded since a page failed. A zero moment means that none has failed.
func (t *trust) getsSince(pageFailedAt time.Time) bool {
	return !pageFailedAt.IsZero() && t.getAt.After(pageFailedAt)
}

// pageCame notes a page. Two pages that begin with the same session and were sent within a minute are both the top: the API
// ignores the offset.
func (t *trust) pageCame(page *scriptix.Page, isFiltered bool, sentAt time.Time) {
	t.list.forget()
	if isFiltered {
		return
	}
	if t.latest != nil && sentAt.Sub(t.latestSent).Abs() < time.Minute && page.Repeats(t.latest) {
		t.offset.last(longestSuspension, sentAt)
	}
	if t.offset.holds(sentAt) {
		page.Offset = 0
	}
	t.latest, t.latestSent = page, sentAt
}

// compare suspends the list if it shows a session as running although an answer had shown its end long before the page was sent.
func (t *trust) compare(ended time.Time, shown *scriptix.Session, sentAt, now time.Time) {
	if shown.Outcome() == scriptix.Running && sentAt.Sub(ended) >= lagAllowance {
		t.list.last(longestSuspension, now)
	}
}
