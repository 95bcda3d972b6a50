package wait

import "time"

// longestSuspension bounds a suspension that doubles with each failure. It is also how long a list is not used that was wrong, and
// an offset that the API ignored.
const longestSuspension = 15 * time.Minute

// suspension is the time for which something is not used that failed: the list, its filter, its offset, or one of its pages. No
// suspension is permanent. The zero one has never begun.
type suspension struct {
	until time.Time
	times int // how often it began since what failed was last right
}

// holds reports whether the suspension lasts.
func (s *suspension) holds(now time.Time) bool { return now.Before(s.until) }

// begin suspends for 1, 2, 4 … minutes, and for longer if replacing what failed takes longer. Requests that were under way when
// the suspension began do not prolong it.
func (s *suspension) begin(atLeast time.Duration, now time.Time) {
	if s.holds(now) {
		return
	}
	s.extend(max(atLeast, doubled(time.Minute, s.times, longestSuspension)), now)
	s.times++
}

// extend makes the suspension last for some time from now, unless it lasts longer already.
func (s *suspension) extend(length time.Duration, now time.Time) {
	if until := now.Add(length); until.After(s.until) {
		s.until = until
	}
}

// forget notes that what failed was right: the next suspension is short again.
func (s *suspension) forget() { s.times = 0 }

// doubled returns a time that doubles with each repetition, up to a bound.
func doubled(first time.Duration, repetitions int, longest time.Duration) time.Duration {
	return min(first<<min(repetitions, 10), longest)
}
