package wait

import "time"

// longestSuspension bounds how long something is not used because it failed again and again.
const longestSuspension = 15 * time.Minute

// suspension is the time for which something is not used that failed: the list, its filter, its offset, or one of its pages. No
// suspension is permanent. The zero one has never begun.
type suspension struct {
	until time.Time
	times int // since what failed was last right
}

// holds reports whether the suspension lasts.
func (s *suspension) holds(now time.Time) bool { return now.Before(s.until) }

// begin suspends for 1, 2, 4 … minutes, and for longer if replacing what failed takes longer.
func (s *suspension) begin(atLeast time.Duration, now time.Time) {
	s.last(max(atLeast, doubled(time.Minute, s.times, longestSuspension)), now)
	s.times++
}

// last makes the suspension last for some time, unless it lasts longer already.
func (s *suspension) last(length time.Duration, now time.Time) {
	if until := now.Add(length); until.After(s.until) {
		s.until = until
	}
}

// forget notes that what failed was right: the next suspension is short again.
func (s *suspension) forget() { s.times = 0 }
