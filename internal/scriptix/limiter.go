package scriptix

import (
	"context"
	"net/http"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"
)

// limiter decides when a client may send its next request. Every attempt of every request passes it. So a 429 pauses all
// requests of the client, and all of them share its concurrency, what the plan leaves, and the user's own cap.
type limiter struct {
	slots     *semaphore.Weighted // one for each request in flight
	perMinute int                 // the user's own cap; 0: none

	mu       sync.Mutex
	retryAt  time.Time   // when the API takes requests again after it has refused one; zero: it has refused none
	budget   budget      // what the plan leaves, by the latest answer
	plan     plan        // the plan, and what is left of its other window; zero while the plan is unknown
	inFlight int         // requests that have not been answered
	recently []time.Time // when the last perMinute requests were sent, oldest first
}

// oneByOne is the shortest time between two requests of a poll loop under a known plan. Each request is then counted
// before the next one is paced.
const oneByOne = time.Millisecond

func newLimiter(maxConcurrent, perMinute int) *limiter {
	return &limiter{slots: semaphore.NewWeighted(int64(maxConcurrent)), perMinute: perMinute}
}

// acquire returns when a request may be sent, and counts the request. After success, the caller must call release.
//
// If a rate limit lasts beyond the deadline of ctx, acquire fails at once with a *RateLimitError. If failFast is set, it
// fails for any rate limit. A request takes no slot while it waits for a rate limit, because others may fail fast.
func (l *limiter) acquire(ctx context.Context, failFast bool) error {
	for {
		if err := l.sitOut(ctx, failFast); err != nil {
			return err
		}
		if err := l.slots.Acquire(ctx, 1); err != nil {
			return err
		}
		if l.tryAcquire(time.Now()) {
			return nil
		}
		l.slots.Release(1) // a rate limit was reached while the request waited for its slot
	}
}

// sitOut returns when no rate limit holds back requests.
func (l *limiter) sitOut(ctx context.Context, failFast bool) error {
	for {
		limit := l.limitedBy(time.Now())
		if limit == nil {
			return nil
		}
		if deadline, ok := ctx.Deadline(); failFast || ok && limit.Until.After(deadline) {
			return limit
		}
		if err := sleepUntil(ctx, limit.Until); err != nil {
			return err
		}
	}
}

// tryAcquire counts a request as sent unless a rate limit holds it back, and reports whether it did.
func (l *limiter) tryAcquire(now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.longestLimit(now) != nil {
		return false
	}
	if l.perMinute > 0 {
		l.recently = append(l.recently[max(0, len(l.recently)+1-l.perMinute):], now)
	}
	l.budget = l.budget.spent()
	l.plan.spend(now)
	l.inFlight++
	return true
}

// release ends a request and takes in its answer, which is nil if there was none. It returns the plan if this answer is
// the first that shows it.
func (l *limiter) release(response *http.Response, now time.Time) (recognized *plan) {
	defer l.slots.Release(1)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.inFlight--
	if response == nil {
		return nil
	}
	if at := retryAt(response, now); at.After(l.retryAt) {
		l.retryAt = at
	}
	shown, ok := readBudget(response, now)
	if !ok {
		return nil
	}
	l.budget = l.budget.merge(shown, l.inFlight)
	if l.perMinute > 0 || !l.plan.recognize(shown, now) {
		return nil
	}
	known := l.plan
	return &known
}

// limitedBy returns the rate limit that holds back requests; nil if none does.
func (l *limiter) limitedBy(now time.Time) *RateLimitError {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.longestLimit(now)
}

// longestLimit returns the rate limit that holds back requests longest; nil if none does. The caller holds the lock.
func (l *limiter) longestLimit(now time.Time) *RateLimitError {
	var longest *RateLimitError
	for _, limit := range []RateLimitError{
		{Until: l.retryAt},
		{Until: l.budget.exhaustedUntil()},
		{Until: l.capReachedUntil(), OwnCap: true},
	} {
		if limit.Until.After(now) && (longest == nil || limit.Until.After(longest.Until)) {
			longest = &limit
		}
	}
	return longest
}

// capReachedUntil returns when the user's own cap allows the next request; zero while it has been reached in no minute.
func (l *limiter) capReachedUntil() time.Time {
	if l.perMinute == 0 || len(l.recently) < l.perMinute {
		return time.Time{}
	}
	return l.recently[0].Add(time.Minute)
}

// nextPoll returns when a poll loop that sent its latest request at last may send the next one.
func (l *limiter) nextPoll(last, now time.Time) time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	next := last.Add(l.budget.pace(now))
	if l.perMinute > 0 {
		next = later(next, last.Add(time.Minute/time.Duration(l.perMinute)))
	}
	if l.plan.other != nil {
		next = later(next, last.Add(oneByOne))
	}
	return later(next, l.plan.ready(now))
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// sleepUntil returns at the moment, or earlier with the cause if ctx ends.
func sleepUntil(ctx context.Context, moment time.Time) error {
	timer := time.NewTimer(time.Until(moment))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}
