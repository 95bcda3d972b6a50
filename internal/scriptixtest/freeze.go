package scriptixtest

import (
	"slices"
	"time"
)

// freeze makes lists show the sessions of one moment from that moment on.
type freeze struct {
	from   time.Time        // zero: never
	isKept bool             // whether kept is set, which the first change after that moment does
	kept   []*storedSession // the sessions there were at that moment
}

func (f *freeze) isOn(now time.Time) bool {
	return !f.from.IsZero() && !now.Before(f.from)
}

// keep saves the sessions before they change. Moments alone cannot do that: in a synctest bubble, FreezeLists and
// the Add after it often happen at the same moment, and an Add may create a session in the past.
func (f *freeze) keep(oldestFirst []*storedSession, now time.Time) {
	if !f.isOn(now) || f.isKept {
		return
	}
	f.isKept, f.kept = true, slices.Clone(oldestFirst)
}

// world returns the sessions that lists are about, and the moment at which they show them.
func (f *freeze) world(oldestFirst []*storedSession, now time.Time) ([]*storedSession, time.Time) {
	switch {
	case !f.isOn(now):
		return oldestFirst, now
	case !f.isKept:
		return oldestFirst, f.from
	}
	return f.kept, f.from
}
