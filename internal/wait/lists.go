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
	client  Client
	refused bool      // for good: they are not asked for again
	skipped bool      // the latest reading failed: the next one is left out
	readAt  time.Time // when they were last read
	doubts  float64   // how many own GETs lists have saved that are to be made up for
}

// reading is what the lists told of some sessions.
type reading struct {
	asked    map[string]scriptix.Session // as they were known before, by id
	running  map[string]scriptix.Session // those that the lists found
	requests int                         // how many were sent; none when own GETs cost fewer
	err      error                       // why the lists were not read to the end
}

// wanted reports whether the lists are to be read.
func (l *lists) wanted() bool {
	wanted := !l.refused && !l.skipped
	l.skipped = false
	return wanted
}

// read looks for running sessions, in the queue first: a session that moves on in between is then found in the second
// list.
func (l *lists) read(ctx context.Context, asked map[string]scriptix.Session) reading {
	result := reading{asked: asked, running: make(map[string]scriptix.Session, len(asked))}
	for _, status := range []scriptix.Status{scriptix.StatusQueued, scriptix.StatusProcessing} {
		found, err := l.client.FindSessions(ctx, status, result.mayBe(status))
		result.requests += found.Requests
		for sessionID, session := range found.Sessions {
			if session.Outcome() == scriptix.Running {
				result.running[sessionID] = session
			}
		}
		if err != nil {
			result.err = err
			break
		}
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
