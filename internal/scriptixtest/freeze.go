package scriptixtest

import (
	"slices"
	"time"
)

// freeze makes lists show the sessions of one moment, from that moment on.
type freeze struct {
	from   time.Time        // zero: never
	isKept bool             // kept is set, by the first change after that moment
	kept   []*storedSession // the sessions at that moment
}

func (f *freeze) isOn(now time.Time) bool {
	return !f.from.IsZero() && !now.Before(f.from)
}

// keep saves the sessions before they change. Comparing times is not enough: in a synctest bubble, FreezeLists and the next
// Add often have the same time, and Add can create a session in the past.
func (f *freeze) keep(oldestFirst []*storedSession, now time.Time) {
	if !f.isOn(now) || f.isKept {
		return
	}
	f.isKept, f.kept = true, slices.Clone(oldestFirst)
}

// world returns the sessions that lists show, and the moment at which they show them.
func (f *freeze) world(oldestFirst []*storedSession, now time.Time) ([]*storedSession, time.Time) {
	switch {
	case !f.isOn(now):
		return oldestFirst, now
	case !f.isKept:
		return oldestFirst, f.from
	}
	return f.kept, f.from
}
