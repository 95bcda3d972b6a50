package wait

import (
	"cmp"
	"maps"
	"strings"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
)

// agenda is what the waits want to know: each session once, however many waits are for it.
type agenda struct {
	sessions map[string]*awaited
	picks    int // how many sessions were picked for their own GET
}

// awaited is a session that has not finished for at least one wait.
type awaited struct {
	sessionID string
	places    []place
	needsGet  bool // only its own GET can tell more of it
	asking    bool // that GET is under way
	listing   bool // it is due, and the lists are being read for it
}

// place is where a session stands in a wait.
type place struct {
	wait *wait
	at   int
}

func newAgenda() *agenda { return &agenda{sessions: make(map[string]*awaited)} }

// add takes in the sessions of a wait. A list is not asked again for what it has said to have finished.
func (a *agenda) add(this *wait) {
	for at := range this.sessions {
		if this.due[at].IsZero() {
			continue
		}
		session := &this.sessions[at]
		entry, known := a.sessions[session.SessionID]
		if !known {
			entry = &awaited{sessionID: session.SessionID}
			a.sessions[session.SessionID] = entry
		}
		entry.places = append(entry.places, place{this, at})
		entry.needsGet = entry.needsGet || entry.listedFinished()
	}
}

// remove forgets a wait, and the sessions that no other is for.
func (a *agenda) remove(this *wait) {
	for at := range this.sessions {
		entry, known := a.sessions[this.sessions[at].SessionID]
		if !known {
			continue
		}
		var others []place
		for _, place := range entry.places {
			if place.wait != this {
				others = append(others, place)
			}
		}
		entry.places = others
		a.forgetFinished(entry)
	}
}

// forgetFinished drops a session that no wait has any question about.
func (a *agenda) forgetFinished(entry *awaited) {
	if entry.due().IsZero() && a.sessions[entry.sessionID] == entry {
		delete(a.sessions, entry.sessionID)
	}
}

// pick chooses the session whose own GET comes next; nil when none is needed. Those that a list says have failed come
// first: they may end a wait. Of the others, every other one is the session that is due longest; those between go to
// the waits in turn. So a large wait does not hold up small ones, nor do many small ones hold up a large one.
func (a *agenda) pick(now time.Time) *awaited {
	inTurn := a.picks%2 == 0
	var best *awaited
	for _, entry := range a.sessions {
		wanting := entry.needsGet && !entry.asking && !entry.due().After(now)
		if wanting && (best == nil || entry.before(best, inTurn)) {
			best = entry
		}
	}
	return best
}

// picked notes that a session's own GET is under way.
func (a *agenda) picked(entry *awaited) {
	a.picks++
	entry.asking = true
	for _, place := range entry.places {
		place.wait.servedAt = a.picks
	}
}

// due counts the sessions that are due and that lists may tell of.
func (a *agenda) due(now time.Time) int {
	count := 0
	for _, entry := range a.sessions {
		if entry.listable() && !entry.due().After(now) {
			count++
		}
	}
	return count
}

// isAsking reports whether the own GET of one of the wait's sessions is under way.
func (a *agenda) isAsking(this *wait) bool {
	for at := range this.sessions {
		if entry, known := a.sessions[this.sessions[at].SessionID]; known && entry.asking {
			return true
		}
	}
	return false
}

// forLists collects the sessions that lists of so many pages may tell of: those that are due, and those that would be
// due soon after, so that waits that began at different moments come to poll together.
func (a *agenda) forLists(now time.Time, listCost int) map[string]scriptix.Session {
	due, soon := make(map[string]scriptix.Session), make(map[string]scriptix.Session)
	for sessionID, entry := range a.sessions {
		switch {
		case !entry.listable():
		case !entry.due().After(now):
			due[sessionID] = *entry.lastSeen()
		case entry.dueSoon(now):
			soon[sessionID] = *entry.lastSeen()
		}
	}
	if !areFew(len(soon), listCost) {
		maps.Copy(due, soon)
	}
	return due
}

// listing takes in that the lists are being read for the sessions.
func (a *agenda) listing(asked map[string]scriptix.Session, now time.Time) {
	for sessionID := range asked {
		entry := a.sessions[sessionID]
		entry.listing = !entry.due().After(now)
	}
}

// listed takes in that the lists are not being read any more.
func (a *agenda) listed(reading reading) {
	for sessionID := range reading.asked {
		if entry, known := a.sessions[sessionID]; known {
			entry.listing = false
		}
	}
}

// next is when the next of the sessions that are not due yet will be; zero when there is none.
func (a *agenda) next(now time.Time) time.Time {
	var next time.Time
	for _, entry := range a.sessions {
		if due := entry.due(); due.After(now) {
			next = earlier(next, due)
		}
	}
	return next
}

// needGet leaves sessions to their own GETs, when these are due.
func (a *agenda) needGet(sessionIDs ...string) {
	for _, sessionID := range sessionIDs {
		if entry, known := a.sessions[sessionID]; known {
			entry.needsGet = true
		}
	}
}

// leaveToGets makes own GETs of everything that is due.
func (a *agenda) leaveToGets(now time.Time) {
	for _, entry := range a.sessions {
		if entry.listable() && !entry.due().After(now) {
			entry.needsGet = true
		}
	}
}

// mayFail reports whether a session of the wait is about to be asked for that may turn out to have failed: no list
// finds it running any more, or none was asked.
func (a *agenda) mayFail(this *wait, now time.Time) bool {
	for at := range this.sessions {
		if due := this.due[at]; due.IsZero() || due.After(now) || this.sessions[at].Status == scriptix.StatusCompleted {
			continue
		}
		if entry, known := a.sessions[this.sessions[at].SessionID]; known && entry.needsGet {
			return true
		}
	}
	return false
}

// listedFinished reports whether a list has said that it has finished: lists of running sessions tell no more of it.
func (e *awaited) listedFinished() bool { return e.lastSeen().Outcome() != scriptix.Running }

// listedFailed reports whether a list has said that it has failed.
func (e *awaited) listedFailed() bool { return e.lastSeen().Outcome() == scriptix.Failed }

// listable reports whether lists are to be asked for it.
func (e *awaited) listable() bool { return !e.needsGet && !e.asking && !e.listing }

// due is when the first of the waits wants to know; zero when none does.
func (e *awaited) due() time.Time {
	var due time.Time
	for _, place := range e.places {
		due = earlier(due, place.wait.due[place.at])
	}
	return due
}

// dueSoon reports whether one of the waits would not mind to know already.
func (e *awaited) dueSoon(now time.Time) bool {
	for _, place := range e.places {
		due := place.wait.due[place.at]
		if !due.IsZero() && !due.After(now.Add(place.wait.slack(now))) {
			return true
		}
	}
	return false
}

// lastSeen is the session as it is known best: one that has finished runs no more, and one that is being processed does
// not go back into the queue.
func (e *awaited) lastSeen() *scriptix.Session {
	best := &e.places[0].wait.sessions[e.places[0].at]
	for _, place := range e.places[1:] {
		session := &place.wait.sessions[place.at]
		if best.Outcome() != scriptix.Running {
			break
		}
		if session.Outcome() != scriptix.Running || session.Status == scriptix.StatusProcessing {
			best = session
		}
	}
	return best
}

// confirmed is when its own GET last told that the session was running.
func (e *awaited) confirmed() time.Time {
	var latest time.Time
	for _, place := range e.places {
		latest = later(latest, place.wait.confirmed[place.at])
	}
	return latest
}

// servedAt tells when a wait for the session was last served, by the number of the pick.
func (e *awaited) servedAt() int {
	least := e.places[0].wait.servedAt
	for _, place := range e.places {
		least = min(least, place.wait.servedAt)
	}
	return least
}

func (e *awaited) before(other *awaited, inTurn bool) bool {
	if failed := e.listedFailed(); failed != other.listedFailed() {
		return failed
	}
	turn := 0
	if inTurn {
		turn = cmp.Compare(e.servedAt(), other.servedAt())
	}
	return cmp.Or(turn, e.due().Compare(other.due()), strings.Compare(e.sessionID, other.sessionID)) < 0
}

// earlier is the earlier of two moments; zero is none.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
