package wait

import (
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
)

// Places in the unfiltered list of a session that was not seen there.
const (
	notLooked = -1 // no window looked for it
	lost      = -2 // it was not at its place
)

// entry is the only owner of what is known about one awaited session. All waits for the session share it.
type entry struct {
	session  scriptix.Session
	waits    []*wait
	due      time.Time     // when to ask next
	interval time.Duration // from the last answer, or the start of its wait, to due
	getAt    time.Time     // when its own GET was last answered; at first, when it joined
	triedAt  time.Time     // when its own GET last failed
	place    int           // in the unfiltered list, when last seen there
	misses   int           // windows in a row that did not show it at its place
	unlisted bool          // the filtered lists did not show it although it was running
	needsGet bool          // lists show that it has finished, but not its result
	poll     *poll         // the poll that asks for it; nil: none
	asked    *request      // its own GET under way; nil: none
	fault    error         // an error that no later request can change
}

// isOver reports whether the session needs no more requests.
func (e *entry) isOver() bool { return e.fault != nil || e.session.Settled() }

// isNearlyDue reports whether a poll that begins for other sessions includes this one.
func (e *entry) isNearlyDue(now time.Time) bool { return e.due.Sub(now) <= e.interval/2 }
