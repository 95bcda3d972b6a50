package wait

import (
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
	Closed() *scriptix.RateLimitError
}

// polling decides what is asked when, and takes in the answers. It sends nothing, knows no goroutine and reads no clock:
// the Waiter does, and guards it.
type polling struct {
	limits limits
	board  board
	trust  trust
	polls  []*poll // that have begun and are not over, the oldest first

	underWay map[*request]struct{} // requests that have been sent and not answered

	turn         int       // requests sent
	lastSent     time.Time // when the latest request that owes a pause was sent; zero: none does
	verifyAt     time.Time // when the next verification is due
	verifiedTurn int       // the turn of the latest one
	credit       int       // GETs that pages have saved, and may be spent on looking whether they save more
	surplus      int       // pages that the filtered lists took last beyond those that the awaited sessions fill
	finishing    float64   // share of the sessions that finish between two polls, on average
}

func newPolling(limits limits) *polling {
	return &polling{limits: limits, board: board{entries: make(map[string]*entry)}, underWay: make(map[*request]struct{})}
}

// join adds a wait. The first one owes a pause to the request that has just read its sessions.
func (p *polling) join(w *wait, sessions []scriptix.Session) {
	if len(p.board.waits) == 0 {
		p.lastSent = w.started
		p.verifyAt = w.started.Add(verifyEvery)
	}
	p.board.join(w, sessions)
}
