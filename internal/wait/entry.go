package wait

import (
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
)

// Places of a session in the unfiltered list, when it has not been seen there.
const (
	notLooked = -1 // nobody has looked
	lost      = -2 // it was not where it had to be
)

// entry is one awaited session, and the only owner of what is known about it. The waits for the session share it.
type entry struct {
	session  scriptix.Session
	waits    []*wait
	due      time.Time     // when to ask next
	interval time.Duration // how long before that it was last answered, or its wait began
	getAt    time.Time     // when its own GET was last answered; at first, when it joined
	triedAt  time.Time     // when its own GET last failed
	place    int           // in the unfiltered list, as last seen there
	misses   int           // pages in a row that did not show it at its place
	unlisted bool          // the filtered lists did not show it though it was running
	needsGet bool          // a list shows it as finished, in part or by leaving it out
	poll     *poll         // the poll that is to bring its next answer; nil: none is
	asked    *request      // its own GET under way; nil: none is
	fault    error         // what asking again cannot mend
}

// isOver reports whether nobody has to ask for the session any more.
func (e *entry) isOver() bool { return e.fault != nil || e.session.Settled() }

// isFree reports whether the session can become part of a poll. A large poll that is down to own GETs takes long: a small
// one takes the session out of its queue.
func (e *entry) isFree(isSmall bool) bool {
	if e.isOver() || e.asked != nil {
		return false
	}
	return e.poll == nil || isSmall && e.poll.isLarge() && !e.poll.hasPages()
}

// isNearlyDue reports whether the next answer is welcome already, if it comes together with others.
func (e *entry) isNearlyDue(now time.Time) bool { return e.due.Sub(now) <= e.interval/2 }
