package wait

import "github.com/scriptix/terraform-provider-scriptix/internal/scriptix"

// way is how a poll asks for its sessions.
type way int

const (
	byGet    way = iota // the own GET of each session
	byWindow            // the pages of the unfiltered list on which they were last seen
	byFilter            // the lists of queued and of processing sessions
)

// worthwhile is how many sessions a page must be expected to bring that no request was planned for: looking costs at most
// a fifth of the GETs it saves.
const worthwhile = 5

// view is what the planner knows of the sessions of one poll.
type view struct {
	sessions   int  // to be asked for
	notLooked  int  // of these, nobody has looked for in the unfiltered list
	lost       int  // of these, were not where they had to be
	shallowest int  // place of the newest of the others
	deepest    int  // place of the oldest of the others
	widen      bool // some were missed at their places last time: they have moved

	queued     int // by what was seen last; a status that is not one of the four comes before the queue
	processing int

	lists   bool // lists are believed at the moment
	offsets bool // pages below the top can be had
	filter  bool // the status filter works

	surplus  int // pages that the filtered lists took last time beyond those that the sessions fill
	unlisted int // running sessions that the filtered lists did not show last time
	finishes int // sessions that finish between two polls

	retry bool // try again what was too dear last time
	deep  bool // the filtered lists, if they are not the way that was taken
}

// plan is how a poll begins.
type plan struct {
	way      way
	from, to int // the window: the offsets of its first page and behind its last
}

// choose returns the cheapest way. The pages of a window bring the end of a session with them, so that a window is
// preferred to filtered lists of the same cost; an own GET is newer than any list, and is preferred to both.
func (v view) choose() plan {
	gets := plan{way: byGet}
	if !v.lists {
		return gets
	}
	best, cost := gets, v.sessions
	window, windowCost := v.window()
	if windowCost < cost {
		best, cost = window, windowCost
	}
	if filterCost := v.filterCost(); v.filter && filterCost < cost {
		best, cost = plan{way: byFilter}, filterCost
	}
	if !v.retry || cost == 1 {
		return best
	}
	// What was too dear may have become cheaper: it is tried if it can be at all.
	v.notLooked, v.lost = v.notLooked+v.lost, 0
	v.surplus, v.unlisted = 0, 0
	again, againCost := v.window()
	canWindow := best.way != byWindow && againCost < cost
	canFilter := best.way != byFilter && v.filter && v.filterCost() < cost
	switch {
	case canFilter && (v.deep || !canWindow):
		return plan{way: byFilter}
	case canWindow:
		return again
	}
	return best
}

// window returns the pages between the shallowest and the deepest of the sessions, and their cost with the sessions that
// they are not expected to show. What does not fill the pages is left on both sides, for sessions that move.
func (v view) window() (plan, int) {
	if v.sessions == v.notLooked+v.lost {
		return plan{byWindow, 0, scriptix.PageSize}, 1 + v.lost
	}
	from, to := v.shallowest, v.deepest+1
	if v.notLooked > 0 || !v.offsets {
		from = 0
	}
	pages := (to - from + scriptix.PageSize - 1) / scriptix.PageSize
	if v.widen {
		pages++
	}
	slack := pages*scriptix.PageSize - (to - from)
	from = max(0, from-slack/2) // nothing is above the top
	return plan{byWindow, from, from + pages*scriptix.PageSize}, pages + v.lost
}

func (v view) filterCost() int {
	return pagesOf(v.queued) + pagesOf(v.processing) + v.surplus + v.unlisted + v.finishes
}

// pagesOf returns how many pages so many sessions fill.
func pagesOf(sessions int) int { return (sessions + scriptix.PageSize - 1) / scriptix.PageSize }
