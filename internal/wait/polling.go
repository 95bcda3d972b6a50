package wait

import (
	"slices"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
)

const (
	// verifyEvery is how often a session that lists show as running is asked for by its own GET.
	verifyEvery = time.Minute
	// verifyShare is how many requests of a limited plan there are for each such GET, at least.
	verifyShare = 10
	// retryEvery is how many polls the dearer way of asking is left aside.
	retryEvery = 10
	// lastLookGets is how many sessions the last look before a deadline asks for by their own GETs.
	lastLookGets = 10
	// failureGrace is how long a wait that has failed waits for others that may have failed as well.
	failureGrace = MinimumInterval
)

// limits say when requests can be sent. See scriptix.Client.
type limits interface {
	NextPoll(last time.Time) time.Time
	RateLimited() *scriptix.RateLimitError
}

// polling decides what is asked when, and takes in the answers. It sends nothing, knows no goroutine and reads no clock:
// the Waiter does, and guards it.
type polling struct {
	limits limits
	board  board
	trust  trust
	polls  []*poll // that have begun and are not over, the oldest first

	underWay map[*ask]struct{} // requests that have been sent and not answered

	turn         int       // requests sent
	lastSent     time.Time // when the latest request that owes a pause was sent; zero: none does
	verifyAt     time.Time // when the next verification is due
	verifiedTurn int       // the turn of the latest one
	credit       int       // GETs that pages have saved, and may be spent on looking whether they save more
	surplus      int       // pages that the filtered lists took last beyond those that the awaited sessions fill
	finishing    float64   // share of the sessions that finish between two polls, on average
}

func newPolling(limits limits) *polling {
	return &polling{limits: limits, board: board{entries: make(map[string]*entry)}, underWay: make(map[*ask]struct{})}
}

// join adds a wait. The first one owes a pause to the request that has just read its sessions.
func (p *polling) join(w *wait, sessions []scriptix.Session) {
	if len(p.board.waits) == 0 {
		p.lastSent = w.started
		p.verifyAt = w.started.Add(verifyEvery)
	}
	p.board.join(w, sessions)
}

// next returns the requests to send now, at most as many as are free, and when to call it again even if nothing happens;
// zero: never.
func (p *polling) next(free int, now time.Time) (asks []*ask, wake time.Time) {
	p.endWaits(now)
	for _, poll := range slices.Clone(p.polls) {
		p.advance(poll, now) // an answer that another poll asked for may have left it nothing to ask
	}
	p.beginLastLooks(now)
	for len(asks) < free {
		closed := p.limits.RateLimited()
		if closed != nil {
			wake = closed.Until
			break
		}
		request := p.nextOf((*poll).isUrgent, now)
		if request == nil {
			if paceEnds := p.limits.NextPoll(p.lastSent); paceEnds.After(now) {
				wake = paceEnds
				break
			}
			due := p.beginPolls(now)
			if request = p.nextOf(func(*poll) bool { return true }, now); request == nil {
				wake = due
				break
			}
		}
		asks = append(asks, request)
	}
	return asks, earliest(wake, p.nextEvent())
}

// nextEvent returns when a wait may have to end, or looks for the last time.
func (p *polling) nextEvent() time.Time {
	var next time.Time
	for _, w := range p.board.waits {
		next = earliest(next, w.lastLook)
		if w.isFailing() {
			next = earliest(next, w.failingFrom.Add(failureGrace))
		}
	}
	return next
}

// nextOf takes the next request out of one of the polls that are meant. The polls take turns: every other turn goes to
// the one that was served longest ago, so that a large one holds up no small one, and the others to the oldest, so that
// many small ones hold up no large one.
func (p *polling) nextOf(isMeant func(*poll) bool, now time.Time) *ask {
	var chosen *poll
	for _, poll := range p.polls {
		if !isMeant(poll) || !poll.hasUnsent() {
			continue
		}
		if chosen == nil || p.turn%2 == 0 && servedAt(poll) < servedAt(chosen) {
			chosen = poll
		}
	}
	if chosen == nil {
		return nil
	}
	request := chosen.next(now)
	p.sent(request, now)
	p.advance(chosen, now)
	return request
}

// servedAt returns the turn in which the wait that was served longest ago was served.
func servedAt(poll *poll) int {
	least := poll.waits[0].servedAt
	for _, w := range poll.waits[1:] {
		least = min(least, w.servedAt)
	}
	return least
}

func (p *polling) sent(request *ask, now time.Time) {
	request.dropped = make(chan struct{})
	p.underWay[request] = struct{}{}
	p.turn++
	p.credit--
	p.lastSent = now
	for _, w := range request.poll.waits {
		w.servedAt = p.turn
	}
}

// earliest returns the earlier of two moments; a zero one does not count.
func earliest(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}
