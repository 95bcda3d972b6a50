package wait

import (
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
)

// How long lists are left aside. They are never given up for good.
const (
	// lieSuspension follows a list that shows as running what its own GET had long shown as finished.
	lieSuspension = 15 * time.Minute
	// longestSuspension bounds those that follow failures: 1, 2, 4 … minutes.
	longestSuspension = 15 * time.Minute
	// quirkSuspension is for how long an offset or a filter that was seen to be ignored is not used.
	quirkSuspension = 15 * time.Minute
)

// lagAllowance is how late a list may be before it counts as wrong. A replica may lag; with a shorter allowance it would
// cost one GET for each session and poll.
const lagAllowance = 3 * time.Minute

// maxWitnesses bounds how many finished sessions are remembered to hold lists against.
const maxWitnesses = 100

// trust is whether lists are used at the moment, and what for.
type trust struct {
	suspendedUntil time.Time
	suspensions    int  // for failures, since a reading last succeeded
	failures       int  // of pages, for which lists as such may be to blame
	getSucceeded   bool // since the failure before

	noOffsetUntil time.Time
	noFilterUntil time.Time

	tops      map[scriptix.Status]*scriptix.Page // the latest page of each list, to see whether the offset is ignored
	settledAt map[string]time.Time               // when the own GET of a session showed it as settled, by its id
	witnesses []string                           // the ids in settledAt, the latest last
}

func (t *trust) lists(now time.Time) bool   { return !now.Before(t.suspendedUntil) }
func (t *trust) offsets(now time.Time) bool { return !now.Before(t.noOffsetUntil) }
func (t *trust) filter(now time.Time) bool  { return !now.Before(t.noFilterUntil) }

// readingSucceeded notes that lists can be had: all pages of a reading, not only its first ones.
func (t *trust) readingSucceeded() { t.failures, t.suspensions = 0, 0 }

// pageFailed notes that a page could not be had, and reports whether an own GET should show if anything can be had. Two
// failures suspend lists if an own GET succeeded in between; what the API refuses or breaks suspends them at once. The
// GETs that replace lists take a turn, which the suspension outlasts.
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

// examine holds a page that was sent at a moment against what is known, and suspends what it shows to be wrong: all lists
// if it shows a session as running that had long finished, the filter if it shows sessions of another status, the offset
// if it begins like another page.
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

// endsWait reports whether a request that failed, after a first read that succeeded, would fail again: the API says no to
// this token or session, or its answer breaks the contract. What may pass is left to the next poll.
func endsWait(err error) bool {
	switch scriptix.Classify(err) {
	case scriptix.ClassPermanent, scriptix.ClassNotFound, scriptix.ClassWrongAddress, scriptix.ClassTokenRefused:
		return true
	case scriptix.ClassRetryable, scriptix.ClassPassing, scriptix.ClassNotSent, scriptix.ClassContextEnded:
	}
	return false
}

// refusesToken reports whether the answer holds for all requests.
func refusesToken(err error) bool { return scriptix.Classify(err) == scriptix.ClassTokenRefused }

// isPutOff reports whether the same request is to be sent again when the rate limit allows it: it was not sent, or the API
// refused it for the first time and said when to come back. A request that is refused again has failed.
func isPutOff(request *ask, err error) bool {
	if scriptix.Classify(err) == scriptix.ClassNotSent {
		return true
	}
	refusal, isRefusal := errors.AsType[*scriptix.APIError](err)
	isRateLimit := isRefusal && refusal.StatusCode == http.StatusTooManyRequests && !refusal.RetryAt.IsZero()
	return isRateLimit && !request.isAgain
}
