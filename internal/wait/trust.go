package wait

import (
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
)

const (
	// lieSuspension follows a list that shows a session as running long after its own GET showed the end.
	lieSuspension = 15 * time.Minute
	// longestSuspension bounds the suspensions after refusals: 1, 2, 4 … minutes.
	longestSuspension = 15 * time.Minute
	// topOnlyFor is how long an offset that the API ignored is not used.
	topOnlyFor = 15 * time.Minute
	// lagAllowance is how late a list may be before it counts as wrong. With a shorter allowance, a replica that lags would
	// cost one GET for each session and poll.
	lagAllowance = 3 * time.Minute
)

// trust decides whether the list is used. No suspension is permanent.
type trust struct {
	suspendedUntil time.Time
	topOnlyUntil   time.Time
	noFilterUntil  time.Time
	filterFailures int       // in a row
	refusals       int       // since a page last came
	getAt          time.Time // when an own GET last succeeded: the API answers
	latest         *scriptix.Page
	latestSent     time.Time
}

func (t *trust) lists(now time.Time) bool   { return !now.Before(t.suspendedUntil) }
func (t *trust) topOnly(now time.Time) bool { return now.Before(t.topOnlyUntil) }
func (t *trust) filters(now time.Time) bool { return !now.Before(t.noFilterUntil) }

// filterShowed notes whether a filtered list showed most of the sessions that it was to show.
func (t *trust) filterShowed(most bool, now time.Time) {
	if most {
		t.filterFailures = 0
		return
	}
	t.noFilterUntil = now.Add(doubled(time.Minute, t.filterFailures, longestSuspension))
	t.filterFailures++
}

// getsSince reports whether an own GET has succeeded since a page failed. A zero moment means that none has failed.
func (t *trust) getsSince(pageFailedAt time.Time) bool {
	return !pageFailedAt.IsZero() && t.getAt.After(pageFailedAt)
}

// listRefused suspends the list after a refused or malformed page, at least for one turn of the GETs that replace it.
func (t *trust) listRefused(turn time.Duration, now time.Time) {
	t.suspend(max(turn, doubled(time.Minute, t.refusals, longestSuspension)), now)
	t.refusals++
}

func (t *trust) suspend(length time.Duration, now time.Time) {
	if until := now.Add(length); until.After(t.suspendedUntil) {
		t.suspendedUntil = until
	}
}

// pageCame notes a page. Two pages that begin with the same session and were sent within a minute are both the top: the API
// ignores the offset.
func (t *trust) pageCame(page *scriptix.Page, isFiltered bool, sentAt time.Time) {
	t.refusals = 0
	if isFiltered {
		return
	}
	if t.latest != nil && sentAt.Sub(t.latestSent).Abs() < time.Minute && page.Repeats(t.latest) {
		t.topOnlyUntil = sentAt.Add(topOnlyFor)
	}
	if t.topOnly(sentAt) {
		page.Offset = 0
	}
	t.latest, t.latestSent = page, sentAt
}

// compare suspends the list if it shows a session as running although its own GET had shown the end long before the page was
// sent. A zero moment means that no GET has.
func (t *trust) compare(ended time.Time, shown *scriptix.Session, sentAt, now time.Time) {
	if !ended.IsZero() && shown.Outcome() == scriptix.Running && sentAt.Sub(ended) >= lagAllowance {
		t.suspend(lieSuspension, now)
	}
}
