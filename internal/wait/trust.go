package wait

import (
	"slices"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
)

// How long lists are not used. No suspension is permanent.
const (
	// lieSuspension follows a list that shows a session as running long after its own GET showed the end.
	lieSuspension = 15 * time.Minute
	// longestSuspension bounds the suspensions after failures: 1, 2, 4 … minutes.
	longestSuspension = 15 * time.Minute
	// quirkSuspension is how long an offset or filter that the API ignored is not used.
	quirkSuspension = 15 * time.Minute
)

// lagAllowance is how late a list may be before it counts as wrong. With a shorter allowance, a replica that lags would cost
// one GET for each session and poll.
const lagAllowance = 3 * time.Minute

// maxWitnesses is the number of finished sessions to compare lists with.
const maxWitnesses = 100

// trust decides whether lists are used, and for what.
type trust struct {
	suspendedUntil time.Time
	suspensions    int  // after failures, since a reading last succeeded
	failures       int  // of pages that may be the fault of lists
	getSucceeded   bool // since the previous failure

	noOffsetUntil time.Time
	noFilterUntil time.Time

	tops      map[scriptix.Status]*scriptix.Page // the latest page of each list, to detect an ignored offset
	settledAt map[string]time.Time               // when its own GET showed a session as settled, by ID
	witnesses []string                           // the IDs in settledAt, the latest one last
}

func (t *trust) lists(now time.Time) bool   { return !now.Before(t.suspendedUntil) }
func (t *trust) offsets(now time.Time) bool { return !now.Before(t.noOffsetUntil) }
func (t *trust) filter(now time.Time) bool  { return !now.Before(t.noFilterUntil) }

// readingSucceeded notes that all pages of a reading came.
func (t *trust) readingSucceeded() { t.failures, t.suspensions = 0, 0 }

// pageFailed notes a failed page, and reports whether an own GET should probe the API. Two failures suspend lists if an own
// GET succeeded in between. A refused or malformed page suspends them at once. The suspension lasts at least one turn of the
// GETs that replace lists.
func (t *trust) pageFailed(err error, turn time.Duration, now time.Time) (probe bool) {
	switch {
	case endsWait(err):
		t.failures = 0
	case t.failures == 0 || t.getSucceeded:
		t.failures++
		t.getSucceeded = false
		if t.failures < 2 {
			return true
		}
	default:
		return true
	}
	t.failures, t.getSucceeded = 0, false
	t.suspend(max(turn, min(time.Minute<<min(t.suspensions, 4), longestSuspension)), now)
	t.suspensions++
	return false
}

func (t *trust) suspend(length time.Duration, now time.Time) {
	if until := now.Add(length); until.After(t.suspendedUntil) {
		t.suspendedUntil = until
	}
}

// getShowed notes the answer to an own GET.
func (t *trust) getShowed(session *scriptix.Session, now time.Time) {
	t.getSucceeded = true
	if !session.Settled() {
		return
	}
	if t.settledAt == nil {
		t.settledAt = make(map[string]time.Time, maxWitnesses)
	}
	if _, known := t.settledAt[session.SessionID]; !known {
		t.witnesses = append(t.witnesses, session.SessionID)
		t.settledAt[session.SessionID] = now
	}
	if len(t.witnesses) > maxWitnesses {
		delete(t.settledAt, t.witnesses[0])
		t.witnesses = slices.Delete(t.witnesses, 0, 1)
	}
}

// examine compares a page that was requested at sentAt with what is known. It suspends all lists if the page shows a session
// as running that had finished long before, the filter if it shows another status, and the offset if it begins like another
// page.
func (t *trust) examine(page *scriptix.Page, status scriptix.Status, sentAt, now time.Time) {
	if t.tops == nil {
		t.tops = make(map[scriptix.Status]*scriptix.Page)
	}
	if before := t.tops[status]; before != nil && page.Repeats(before) {
		t.noOffsetUntil = now.Add(quirkSuspension)
	}
	t.tops[status] = page
	for i := range page.Sessions {
		session := &page.Sessions[i]
		if status != "" && session.Status != status {
			t.noFilterUntil = now.Add(quirkSuspension)
		}
		settledAt, isWitness := t.settledAt[session.SessionID]
		if isWitness && session.Outcome() == scriptix.Running && sentAt.Sub(settledAt) >= lagAllowance {
			t.suspend(lieSuspension, now)
		}
	}
}

// endsWait reports whether a request would fail again: the API refuses this token or session, or its answer breaks the
// contract. Other errors are left to the next poll.
func endsWait(err error) bool {
	switch scriptix.Classify(err) {
	case scriptix.ClassPermanent, scriptix.ClassNotFound, scriptix.ClassWrongAddress, scriptix.ClassTokenRefused:
		return true
	case scriptix.ClassRetryable, scriptix.ClassPassing, scriptix.ClassNotSent, scriptix.ClassContextEnded:
	}
	return false
}

// refusesToken reports whether all requests will fail like this one.
func refusesToken(err error) bool { return scriptix.Classify(err) == scriptix.ClassTokenRefused }

// isPutOff reports whether to send the same request again when the rate limit allows it: it was not sent, or the API
// rejected it for the first time with a time to retry. A request that is rejected twice has failed.
func isPutOff(r *request, err error) bool {
	if scriptix.Classify(err) == scriptix.ClassNotSent {
		return true
	}
	return scriptix.IsPostponed(err) && !r.isAgain
}
