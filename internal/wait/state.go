package wait

import (
	"context"
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

// limits say when requests can be sent, and how often. See scriptix.Client.
type limits interface {
	NextPoll(last time.Time) time.Time
	RateLimited() *scriptix.RateLimitError
	MaxRetries() int
}

// board holds all waits and the sessions that they wait for.
type board struct {
	waits   []*wait           // in the order in which they joined
	open    []*entry          // the sessions to ask for
	nearly  []*entry          // those of nearlyDue
	entries map[string]*entry // by session id; the settled ones stay until the last wait has left
	recent  recent
}

// wait is one call of Waiter.Wait or Waiter.Read. Once it has joined the board, the Waiter's lock guards it.
type wait struct {
	ctx      context.Context
	options  Options
	isRead   bool        // it ends with the first answer for each session, see Waiter.Read
	reading  ReadOptions // zero unless isRead
	started  time.Time
	entries  []*entry  // in the caller's order
	lastLook time.Time // zero: none, or it has begun

	pending     int       // sessions without an end or, for a read, without an answer
	servedAt    int       // turn of the latest request for it, see loop
	polls       int       // complete polls
	pollFrom    time.Time // since when the present poll has gone on
	signaledAt  time.Time // when the caller was last signaled
	failingFrom time.Time // when the first session failed or got a fault; zero: none
	lastFailure error

	err      error
	sessions []scriptix.Session // as last read, once the wait has ended
	changed  chan struct{}      // signals that there may be progress to report
	done     chan struct{}      // closed when the wait has ended
}

// Options are the options of one wait.
type Options struct {
	PollInterval time.Duration // between two polls of a session; 0: the schedule of the API's page
	AllowFailed  bool          // return a failed session instead of an error

	// Progress, unless nil, is called when a wait starts to poll, when the number of sessions in a status has changed, and
	// otherwise every 30 seconds. It runs in the goroutine that called Wait.
	Progress func(Progress)
}

// ReadOptions are the options of one read.
type ReadOptions struct {
	EveryField bool // accept only answers with every field, and not list items without some, which are enough for a wait
	MayBeNew   bool // ask again for ten seconds if the API does not find a session
}

// unknown is the place of a session that the latest page did not show where it was expected, or that no page has shown yet.
const unknown = -1

// entry is the only owner of what is known about one awaited session. All waits for the session share it.
type entry struct {
	session scriptix.Session
	waits   []*wait
	ended   time.Time // when it was known to be settled, or got its fault; zero: neither
	fault   error     // an error that no later request can change

	due         time.Time     // when to ask next
	interval    time.Duration // from the last answer, or the start of its wait, to due
	asked       *request      // the latest request under way that asks for it; nil: none
	answered    time.Time     // when a request for it was last answered, or failed
	shown       time.Time     // when an answer last showed it
	attempts    int           // requests in a row that failed, see endFailedReads
	isPostponed bool          // the API rejected the latest request because of a rate limit
	isUrgent    bool          // its next request ignores the pace
	ownGet      bool          // its next request is its own GET

	place        int        // in the list, when last seen there
	misses       int        // pages in a row that did not show it at its place
	unfiltered   int        // filtered lists in a row that did not show it
	pageFailedAt time.Time  // when the latest page failed that was to show it; zero: none since one did
	page         suspension // own GETs replace its page, which fails

	getSent time.Time // when its own GET was last sent; at first, when it joined
	getAt   time.Time // when its own GET was last answered; at first, when it joined
}

// request is one request: the own GET of a session, or a page of the list.
type request struct {
	isPage   bool
	id       string          // of the session, if it is an own GET
	status   scriptix.Status // that the page is filtered by; "" in most cases
	offset   int             // of the page
	searches bool            // the page looks for sessions whose place is unknown
	verifies bool            // the own GET verifies the list
	entries  []*entry        // the sessions that it asks for; it still does if entry.asked is this request

	sentAt time.Time
	ctx    context.Context    //nolint:containedctx // ends when nobody needs the answer any more
	cancel context.CancelFunc // nil until it is sent
}

// verified is the latest own GET that verified the list.
type verified struct {
	at   time.Time
	turn int
}

func newLoop(limits limits) *loop {
	return &loop{limits: limits, board: board{entries: make(map[string]*entry)}, underWay: make(map[*request]struct{})}
}
