package wait

import (
	"context"
	"slices"
	"time"
)

// lastLookMargin is the time between the last look of a wait and its deadline. No pace delays the last look.
const lastLookMargin = 5 * time.Second

// longPoll is how long a poll takes until its progress is reported before its end.
const longPoll = 3 * time.Second

const (
	// newFor is how long a session is asked for again that the API does not find: its upload may be a second old.
	newFor = 10 * time.Second
	// mostNew is the number of sessions of a read up to which they may be new uploads. If the API does not find more of them,
	// the token is wrong, and each would cost requests.
	mostNew = 10
)

func newWait(ctx context.Context, options Options) *wait {
	w := &wait{
		ctx:     ctx,
		options: options,
		started: time.Now(),
		changed: make(chan struct{}, 1),
		done:    make(chan struct{}),
	}
	if deadline, ok := ctx.Deadline(); ok && deadline.Add(-lastLookMargin).After(w.started) {
		w.lastLook = deadline.Add(-lastLookMargin)
	}
	w.signaledAt, w.pollFrom = w.started, w.started
	return w
}

// interval returns the time from one poll of a session to the next.
func (w *wait) interval(now time.Time) time.Duration {
	if w.options.PollInterval > 0 {
		return w.options.PollInterval
	}
	return recommended(now.Sub(w.started))
}

// isNew reports whether the sessions of a read may have been uploaded so lately that the API does not find them yet.
func (w *wait) isNew(now time.Time) bool {
	if !w.reading.MayBeNew || now.Sub(w.started) >= newFor {
		return false
	}
	failed := 0
	for _, e := range w.entries {
		if e.attempts > 0 || e.fault != nil {
			failed++
		}
	}
	return failed <= mostNew
}

// countPoll counts a poll that is complete: each session was answered. It signals progress then, and in a poll that takes long.
func (w *wait) countPoll(now time.Time) {
	isOpen := func(e *entry) bool {
		return !e.isOver() && (e.session.NeedsOwnGet() || !e.answered.After(w.pollFrom))
	}
	isComplete := !slices.ContainsFunc(w.entries, isOpen)
	if isComplete {
		w.polls++
		w.pollFrom = now
	}
	if isComplete || now.Sub(w.signaledAt) >= longPoll {
		w.signal(now)
	}
}

// signal tells the caller's goroutine that there may be progress to report.
func (w *wait) signal(now time.Time) {
	w.signaledAt = now
	select {
	case w.changed <- struct{}{}:
	default: // the previous signal is still unread, and covers this one
	}
}
