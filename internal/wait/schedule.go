package wait

import (
	"time"
)

// MinimumInterval is the shortest poll interval that the API's page recommends; it calls polling every second
// wasteful.
const MinimumInterval = 3 * time.Second

// recommended is the polling schedule of the API's page, by the time since the wait began: every 3 s in the first
// minute, every 5 s until five minutes have passed, then every 10 s.
func recommended(elapsed time.Duration) time.Duration {
	switch {
	case elapsed < time.Minute:
		return MinimumInterval
	case elapsed < 5*time.Minute:
		return 5 * time.Second
	}
	return 10 * time.Second
}

// earliest returns the earlier of two moments; a zero one does not count.
func earliest(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}
