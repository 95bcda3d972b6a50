package wait

import (
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
)

// loop decides what to ask for and when, and takes in the answers. It sends nothing, starts no goroutine, and reads no clock.
// The Waiter does that, and its lock guards the loop.
type loop struct {
	limits limits
	board  board
	search search
	trust  trust

	underWay map[*request]struct{} // requests without an answer
	turn     int                   // number of requests sent
	lastSent time.Time             // when the latest request was sent that delays the next one; zero: none
	verified verified
}

func newLoop(limits limits) *loop {
	return &loop{limits: limits, board: board{entries: make(map[string]*entry)}, underWay: make(map[*request]struct{})}
}

// join adds a wait. The first one begins with a pause, because its caller has just read the sessions.
func (l *loop) join(w *wait, sessions []scriptix.Session) {
	if len(l.board.waits) == 0 {
		l.lastSent = w.started
		l.verified.at = w.started
	}
	l.board.join(w, sessions)
	if placeless := w.countPlaceless(); placeless > 0 {
		l.search.begin(placeless, w.isRead)
	}
}

// next returns the requests to send now, at most as many as are free, and when to call it again even if nothing happens;
// zero: never.
func (l *loop) next(free int, now time.Time) (requests []*request, wake time.Time) {
	l.endWaits(now)
	l.beginLastLooks(now)
	for len(requests) < free {
		e, due := l.mostOverdue(now)
		if e == nil {
			wake = due
			break
		}
		r := l.requestFor(e, now)
		l.send(r, now)
		requests = append(requests, r)
	}
	return requests, earliest(wake, l.nextEnding())
}

// mostOverdue returns the session to ask for now, or else when to look again. A rate limit holds back every request, and the
// pace holds back those that are not urgent.
func (l *loop) mostOverdue(now time.Time) (*entry, time.Time) {
	if limited := l.limits.RateLimited(); limited != nil {
		return nil, limited.Until
	}
	e, due := l.board.mostOverdue(l.turn%2 == 1, now)
	if paceEnds := l.limits.NextPoll(l.lastSent); paceEnds.After(now) && (e == nil || !e.isUrgent) {
		return nil, paceEnds
	}
	return e, due
}

// send notes a request that is being sent.
func (l *loop) send(r *request, now time.Time) {
	r.sentAt = now
	l.underWay[r] = struct{}{}
	l.turn++
	l.lastSent = now
	for _, e := range r.entries {
		e.send(r, l.turn, now)
		if !r.isPage && e.place == unknown {
			l.search.earn()
		}
	}
}
