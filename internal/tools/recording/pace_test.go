package main

import (
	"testing"
	"time"
)

func TestPace(t *testing.T) {
	t.Parallel()
	lines := []line{
		{at: 40 * time.Second},
		{at: 40 * time.Second},
		{at: 40*time.Second + 507*time.Millisecond},
		{at: 41 * time.Second, runs: []run{{text: "=== 2. Recordings"}}},
	}
	pace(lines)
	for i, want := range []time.Duration{longestGap, shortestGap, 500 * time.Millisecond, headingGap} {
		before := time.Duration(0)
		if i > 0 {
			before = lines[i-1].at
		}
		if got := lines[i].at - before; got != want {
			t.Errorf("line %d comes after %s, want %s", i, got, want)
		}
	}
}
