package wait

import (
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
)

const (
	// verifyEvery is the time between two own GETs that verify lists.
	verifyEvery = time.Minute
	// verifyShare is the number of requests of a limited plan among which one may verify lists.
	verifyShare = 10
	// retryEvery is the number of polls after which the more expensive way of asking is tried again.
	retryEvery = 10
	// lastLookGets is the number of sessions that the last look before a deadline checks by own GETs.
	lastLookGets = 10
	// failureGrace is how long a failed wait stays open for other sessions that may have failed too.
	failureGrace = MinimumInterval
)

// limits tell when requests can be sent. See scriptix.Client.
type limits interface {
	NextPoll(last time.Time) time.Time
	RateLimited() *scriptix.RateLimitError
}

// polling decides what to ask and when, and takes in the answers. It sends nothing, starts no goroutine and reads no clock.
// The Waiter does that, and its lock guards polling.
type polling struct {
	limits limits
	board  board
	trust  trust
	polls  []*poll // under way, the oldest first

	underWay map[*request]struct{} // requests without an answer

	turn         int       // requests sent
	lastSent     time.Time // when the latest request that needs a pause after it was sent; zero: none
	verifyAt     time.Time // when the next verification is due
	verifiedTurn int       // the turn of the latest one
	credit       int       // GETs that pages have saved, to spend on trying another way
	surplus      int       // pages of the filtered lists beyond those that the awaited sessions fill
	finishing    float64   // share of the sessions that finish between two polls, on average
}

func newPolling(limits limits) *polling {
	return &polling{limits: limits, board: board{entries: make(map[string]*entry)}, underWay: make(map[*request]struct{})}
}

// join adds a wait. The first one begins with a pause, because its caller has just read the sessions.
func (p *polling) join(w *wait, sessions []scriptix.Session) {
	if len(p.board.waits) == 0 {
		p.lastSent = w.started
		p.verifyAt = w.started.Add(verifyEvery)
	}
	p.board.join(w, sessions)
}
