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

	latest     *scriptix.Page // of the complete list
	latestSent time.Time      // when it was sent
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
		t.offset.extend(longestSuspension, sentAt)
	}
	if t.offset.holds(sentAt) {
		page.Offset = 0
	}
	t.latest, t.latestSent = page, sentAt
}

// compare suspends the list if it shows a finished session as running, in another status, although an answer had shown the end
// long before the page was sent. A session that the API did not find may have been uploaded since.
func (t *trust) compare(finished *entry, shown *scriptix.Session, sentAt, now time.Time) {
	known := &finished.session
	isBehind := known.Settled() && shown.Status != known.Status && shown.Outcome() == scriptix.Running
	if isBehind && sentAt.Sub(finished.ended) >= lagAllowance {
		t.list.extend(longestSuspension, now)
	}
}
