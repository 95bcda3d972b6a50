package main

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// sighting is what the headers of one answer report of a rate-limit window.
type sighting struct {
	limit, remaining int
	reset            time.Time
	left             time.Duration // until the reset, by the API's clock
}

// sameReset is the most by which two reports of one reset differ: the headers and Date have whole seconds.
const sameReset = 3 * time.Second

// checkWindow reports which windows the headers describe, one finding for each limit. The client assumes that the number
// of remaining requests falls with every request until the reset.
func checkWindow(replies []*answer, findings *table) {
	const subject, assumed = "rate-limit window", "counts down until its reset"
	byLimit := map[int][]sighting{}
	for _, reply := range replies {
		if seen, ok := sight(reply); ok {
			byLimit[seen.limit] = append(byLimit[seen.limit], seen)
		}
	}
	if len(byLimit) == 0 {
		findings.notSeen(subject, assumed, "no such headers")
	}
	for _, limit := range slices.Sorted(maps.Keys(byLimit)) {
		seen := byLimit[limit]
		window := fmt.Sprintf("%d requests in %s", limit, windowLength(seen))
		if len(seen) == 1 {
			findings.notSeen(subject, assumed, window+", seen once")
			continue
		}
		pairs, falling := countdown(seen)
		findings.add(subject, assumed, fmt.Sprintf("%s, falling in %d of %d answers with the same reset", window, falling, pairs),
			pairs > 0 && falling == pairs)
	}
}

// sight reads the headers of an answer whose request surely counts: refused ones may be free.
func sight(reply *answer) (seen sighting, ok bool) {
	if reply.status != http.StatusOK && reply.status != http.StatusNotFound {
		return sighting{}, false
	}
	limit, limitErr := strconv.Atoi(reply.header.Get("X-RateLimit-Limit"))
	remaining, remainingErr := strconv.Atoi(reply.header.Get("X-RateLimit-Remaining"))
	reset, resetErr := strconv.ParseInt(reply.header.Get("X-RateLimit-Reset"), 10, 64)
	if limitErr != nil || remainingErr != nil || resetErr != nil {
		return sighting{}, false
	}
	end := time.Unix(reset, 0)
	return sighting{limit, remaining, end, end.Sub(reply.clock())}, true
}

// countdown counts the answers that follow another one of the same window, and those of them that report fewer requests.
func countdown(seen []sighting) (pairs, falling int) {
	for i := 1; i < len(seen); i++ {
		if seen[i].reset.Sub(seen[i-1].reset).Abs() > sameReset {
			continue
		}
		pairs++
		if seen[i].remaining < seen[i-1].remaining {
			falling++
		}
	}
	return pairs, falling
}

// windowLength is the shortest usual window that holds the reset that lies farthest ahead. A run takes more than a minute,
// so that it sees a window of a minute begin.
func windowLength(seen []sighting) string {
	farthest := slices.MaxFunc(seen, func(a, b sighting) int { return int(a.left - b.left) }).left
	switch {
	case farthest <= time.Minute+sameReset:
		return "a minute"
	case farthest <= time.Hour+sameReset:
		return "an hour"
	case farthest <= 24*time.Hour+sameReset:
		return "a day"
	}
	return "more than a day"
}
