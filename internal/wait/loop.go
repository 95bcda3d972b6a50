package wait

import (
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
)

// longestNap is how long the loop waits for the end of a rate limit before it looks at the clock again. A timer stands still while
// the machine sleeps.
const longestNap = time.Minute

// join adds a wait. The first one begins with a pause, because its caller has just read the sessions.
func (l *loop) join(w *wait, sessions []scriptix.Session) {
	if len(l.board.waits) == 0 {
		l.lastSent = w.started
		l.verified.at = w.started
	}
	if placeless := l.board.join(w, sessions); placeless > 0 {
		l.search.begin(placeless, w.isRead)
	}
}

// requests returns those to send now, at most as many as are free, and when to call it again even if nothing happens;
// zero: never.
func (l *loop) requests(free int, now time.Time) (requests []*request, wake time.Time) {
	l.endWaits(now)
	l.beginLastLooks(now)
	l.board.dropClosed()
	for len(requests) < free {
		e, due := l.mostUrgent(now)
		if e == nil {
			wake = due
			break
		}
		r := l.requestFor(e, now)
		l.sent(r, now)
		requests = append(requests, r)
	}
	return requests, earliest(wake, l.nextEnding())
}

// mostUrgent returns the session to ask for now, or else when to look again. A rate limit holds back every request. The pace
// makes the limit last for waits: beside one, it holds back the requests that are not urgent.
func (l *loop) mostUrgent(now time.Time) (*entry, time.Time) {
	if limited := l.limits.RateLimited(); limited != nil {
		return nil, earliest(limited.Until, now.Add(longestNap))
	}
	e, due := l.board.mostOverdue(l.turn%2 == 1, now)
	if e != nil && e.isUrgent || !l.board.hasWaits() {
		return e, due
	}
	if paceEnds := l.limits.NextPoll(l.lastSent); paceEnds.After(now) {
		return nil, earliest(paceEnds, l.board.nextUrgent())
	}
	return e, due
}

// sent notes a request that is being sent.
func (l *loop) sent(r *request, now time.Time) {
	if r.verifies {
		l.verified = verified{now, l.turn}
	}
	r.sentAt = now
	l.underWay[r] = struct{}{}
	l.turn++
	l.lastSent = now
	for _, e := range r.entries {
		e.sent(r, l.turn, now)
		if !r.isPage && e.place == unknown {
			l.search.earn()
		}
	}
}
