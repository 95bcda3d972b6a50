package main

import (
	"strings"
	"time"
)

// The pace at which lines appear. A person cannot follow Terraform's plans at full speed, and will not watch a wait
// to its end.
const (
	shortestGap = 60 * time.Millisecond
	longestGap  = 1200 * time.Millisecond
	headingGap  = 1500 * time.Millisecond
	beat        = 20 * time.Millisecond
)

// pace gives each line a time of its own that the eye can follow.
func pace(lines []line) {
	var before, clock time.Duration
	for i := range lines {
		gap := min(max(lines[i].at-before, shortestGap), longestGap)
		if isHeading(lines[i]) {
			gap = headingGap
		}
		before = lines[i].at
		clock += gap.Round(beat)
		lines[i].at = clock
	}
}

// isHeading reports whether a step of the demo begins.
func isHeading(l line) bool {
	return len(l.runs) > 0 && strings.HasPrefix(l.runs[0].text, "=== ")
}
