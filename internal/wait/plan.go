package wait

import "github.com/scriptix/terraform-provider-scriptix/internal/scriptix"

// way is how a poll asks for its sessions.
type way int

const (
	byGet    way = iota // the own GET of each session
	byWindow            // the pages of the unfiltered list on which they were last seen
	byFilter            // the lists of queued and of processing sessions
)

// worthwhile is the number of missing sessions for which another page is read: it costs at most a fifth of the GETs that it
// can save.
const worthwhile = 5

// view is what the planner knows about the sessions of one poll.
type view struct {
	sessions   int  // to ask for
	notLooked  int  // of these, no window looked for
	lost       int  // of these, were not at their places
	shallowest int  // place of the newest of the others
	deepest    int  // place of the oldest of the others
	widen      bool // some were not at their places last time: they have moved

	queued     int // when last read; an unknown status counts as queued
	processing int

	lists   bool // lists are used
	offsets bool // pages below the top can be read
	filter  bool // the status filter works

	surplus  int // pages of the filtered lists last time, beyond those that the sessions fill
	unlisted int // running sessions that the filtered lists did not show last time
	finishes int // sessions that finish between two polls

	retry bool // try a way again that was too expensive
	deep  bool // prefer the filtered lists for that
}

// plan is how a poll begins.
type plan struct {
	way      way
	from, to int // the window: the offsets of its first page and behind its last
}

// choose returns the cheapest way. At the same cost it prefers own GETs, which are newer than any list, and then a window,
// which shows finished sessions too.
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
	// The other way may have become cheaper.
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

// window returns the pages between the shallowest and the deepest session, and their cost, including the sessions that they
// will not show. Spare places are split between both ends, because sessions move.
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

// pagesOf returns the number of pages that sessions fill.
func pagesOf(sessions int) int { return (sessions + scriptix.PageSize - 1) / scriptix.PageSize }
