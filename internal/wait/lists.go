package wait

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
)

// listsTrustedFor is how long lists are believed that say that a session is running. Each session is asked for by its
// own GET about that often, a few after every reading, so that a list that never moves on holds nobody up for ever.
const listsTrustedFor = 15 * time.Minute

// lists are the lists of queued and processing sessions, which tell of up to a hundred sessions with one request that
// they are still running. They are only ever a hint to ask no further; that a session has finished is learnt from its
// own GET alone, so that lists may lag, move while they are read, or leave sessions out.
type lists struct {
	client   Client
	refused  bool      // for good: they are not asked for again
	failures int       // how many readings in a row have failed
	skipped  bool      // several have: the next one is left out
	cut      *cut      // the latest reading, if the gate closed in the middle of it
	readAt   time.Time // when they were last read
	doubts   float64   // how many own GETs lists have saved that are to be made up for
}

// cut is a reading that was not read to the end. The next one goes on where it stopped: one that begins anew would never
// reach the end of lists that are longer than what may be sent in a minute.
type cut struct {
	missing []string
	at      position
}

// position is a place in the lists: which of them, and the offset there.
type position struct{ list, offset int }

// runningLists are the statuses of the lists, in the order in which a session passes through them: one that moves on
// while they are read is then found in the second.
var runningLists = []scriptix.Status{scriptix.StatusQueued, scriptix.StatusProcessing}

// reading is what the lists told of some sessions.
type reading struct {
	asked    map[string]scriptix.Session // as they were known before, by id
	running  map[string]scriptix.Session // those that the lists found
	requests int                         // how many were sent; none when own GETs cost fewer
	err      error                       // why the lists were not read to the end
	stopped  position                    // and where not
}

// wanted reports whether the lists are to be read.
func (l *lists) wanted() bool {
	wanted := !l.refused && !l.skipped
	l.skipped = false
	return wanted
}

// failed notes that a reading failed for a reason that may pass. A single one is no reason to do without lists, which may
// save hundreds of requests; when failures go on, every other reading is left out.
func (l *lists) failed() {
	l.failures++
	l.skipped = l.failures > 1
}

// rest is what of the sessions the latest reading did not get to, and where to go on; all of them, from the beginning,
// when it was read to its end.
func (l *lists) rest(asked map[string]scriptix.Session) (map[string]scriptix.Session, position) {
	latest := l.cut
	l.cut = nil
	if latest == nil {
		return asked, position{}
	}
	rest := make(map[string]scriptix.Session, len(latest.missing))
	for _, sessionID := range latest.missing {
		if session, stillAsked := asked[sessionID]; stillAsked {
			rest[sessionID] = session
		}
	}
	if len(rest) == 0 {
		return asked, position{}
	}
	return rest, latest.at
}

// read looks for running sessions, from a place in the lists on.
func (l *lists) read(ctx context.Context, asked map[string]scriptix.Session, from position) reading {
	result := reading{asked: asked, running: make(map[string]scriptix.Session, len(asked))}
	for list := from.list; list < len(runningLists); list++ {
		status := runningLists[list]
		found, err := l.client.FindSessions(ctx, status, result.mayBe(status), from.offset)
		result.requests += found.Requests
		for sessionID, session := range found.Sessions {
			if session.Outcome() == scriptix.Running {
				result.running[sessionID] = session
			}
		}
		if err != nil {
			result.err, result.stopped = err, position{list, found.Next}
			break
		}
		from.offset = 0
	}
	return result
}

// mayBe lists the sessions that have not been found yet and that may have that status now.
func (r *reading) mayBe(status scriptix.Status) []string {
	var sessionIDs []string
	for sessionID, session := range r.asked {
		leftQueue := status == scriptix.StatusQueued && session.Status == scriptix.StatusProcessing
		if _, found := r.running[sessionID]; !found && !leftQueue {
			sessionIDs = append(sessionIDs, sessionID)
		}
	}
	return sessionIDs
}

// missing lists the sessions that were not found.
func (r *reading) missing() []string {
	var sessionIDs []string
	for sessionID := range r.asked {
		if _, found := r.running[sessionID]; !found {
			sessionIDs = append(sessionIDs, sessionID)
		}
	}
	return sessionIDs
}

// doubted picks the sessions for which the word of this reading is not taken: those whose own GET is listsTrustedFor
// ago and, so that these never come all at once, a few of the others, the longest ago first. They are no more than the
// lists themselves took requests.
func (l *lists) doubted(reading reading, agenda *agenda, now time.Time) []string {
	if reading.requests == 0 {
		return nil
	}
	if !l.readAt.IsZero() {
		share := float64(now.Sub(l.readAt)) / float64(listsTrustedFor)
		l.doubts += float64(len(reading.running)) * min(share, 1)
	}
	l.readAt = now
	var listed []*awaited
	overdue := 0
	for sessionID := range reading.running {
		entry, known := agenda.sessions[sessionID]
		if !known {
			continue
		}
		listed = append(listed, entry)
		if now.Sub(entry.confirmed()) >= listsTrustedFor {
			overdue++
		}
	}
	slices.SortFunc(listed, func(a, b *awaited) int {
		return cmp.Or(a.confirmed().Compare(b.confirmed()), strings.Compare(a.sessionID, b.sessionID))
	})
	count := min(max(int(l.doubts), overdue), reading.requests, len(listed))
	l.doubts = min(max(0, l.doubts-float64(count)), float64(reading.requests))
	sessionIDs := make([]string, count)
	for i, entry := range listed[:count] {
		sessionIDs[i] = entry.sessionID
	}
	return sessionIDs
}
