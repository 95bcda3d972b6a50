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
	now       func() time.Time

	mu       sync.Mutex
	retryAt  time.Time   // when the API takes requests again after a 429; zero: it has refused none
	backAt   time.Time   // when something said with a 503 that it is available again; zero: nothing did
	budget   budget      // what the plan leaves, by the latest answer
	plan     plan        // the plan, and what is left of its other window; zero while the plan is unknown
	inFlight int         // requests that have not been answered
	recently []time.Time // when the last perMinute requests were sent, oldest first
}

// oneByOne is the shortest time between two requests of a poll loop under a known plan. Each request is then counted
// before the next one is paced.
const oneByOne = time.Millisecond

// longestNap is how long a request sleeps before it looks at the clock again. A timer stands still while the machine
// sleeps.
const longestNap = 10 * time.Second

func newLimiter(maxConcurrent, perMinute int) *limiter {
	return &limiter{slots: semaphore.NewWeighted(int64(maxConcurrent)), perMinute: perMinute, now: time.Now}
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
		if l.tryAcquire(l.now(), failFast) {
			return nil
		}
		l.slots.Release(1) // a rate limit was reached while the request waited for its slot
	}
}

// sitOut returns when no rate limit holds back requests.
func (l *limiter) sitOut(ctx context.Context, failFast bool) error {
	for {
		now := l.now()
		limit := l.limitedBy(now, failFast)
		if limit == nil {
			return nil
		}
		if deadline, ok := ctx.Deadline(); failFast || ok && limit.Until.After(deadline) {
			return limit
		}
		if err := sleep(ctx, min(timeUntil(limit.Until, now), longestNap)); err != nil {
			return err
		}
	}
}

// tryAcquire counts a request as sent unless a rate limit holds it back, and reports whether it did.
func (l *limiter) tryAcquire(now time.Time, failFast bool) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.longestLimit(now, failFast) != nil {
		return false
	}
	if l.perMinute > 0 {
		l.recently = append(l.recently[max(0, len(l.recently)+1-l.perMinute):], now)
	}
	l.inFlight++
	return true
}

// release ends a request and takes in its answer, which is nil if there was none. Only an answer spends a request of the
// plan, and the page of a gateway does not either: an outage must not leave a wait without requests. If the API has counted
// them, its next answer says so. release returns the plan if this answer is the first that shows it.
func (l *limiter) release(response *http.Response, now time.Time) (recognized *plan) {
	defer l.slots.Release(1)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.inFlight--
	if response == nil {
		return nil
	}
	at := retryAt(response, now)
	if response.StatusCode == http.StatusTooManyRequests {
		l.retryAt = later(l.retryAt, at)
	} else {
		l.backAt = later(l.backAt, at)
	}
	shown, ok := readBudget(response, now)
	if !ok && isHTML(response) {
		return nil
	}
	l.plan.spend(now)
	if !ok {
		l.budget = l.budget.spent()
		return nil
	}
	l.budget = l.budget.merge(shown)
	if l.perMinute > 0 || !l.plan.recognize(shown, now) {
		return nil
	}
	known := l.plan
	return &known
}

// limitedBy returns the rate limit that holds back requests; nil if none does.
func (l *limiter) limitedBy(now time.Time, failFast bool) *RateLimitError {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.longestLimit(now, failFast)
}

// longestLimit returns the rate limit that holds back requests longest; nil if none does. A 503 holds back no request that
// fails fast: a proxy may name an hour, and the API be back in a minute. The caller holds the lock.
func (l *limiter) longestLimit(now time.Time, failFast bool) *RateLimitError {
	refusedUntil := l.retryAt
	if !failFast {
		refusedUntil = later(refusedUntil, l.backAt)
	}
	var longest *RateLimitError
	for _, limit := range []RateLimitError{
		{Until: refusedUntil},
		{Until: l.budget.exhaustedUntil(l.inFlight)},
		{Until: l.capReachedUntil(), OwnCap: true},
	} {
		if timeUntil(limit.Until, now) > 0 && (longest == nil || limit.Until.After(longest.Until)) {
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
	next := last.Add(l.budget.pace(l.inFlight, now))
	if l.perMinute > 0 {
		next = later(next, last.Add(time.Minute/time.Duration(l.perMinute)))
	}
	if l.plan.other != nil {
		next = later(next, last.Add(oneByOne))
	}
	return later(next, l.plan.ready(l.inFlight, now))
}

// timeUntil returns how long a moment is away, by the wall clock or the monotonic one, whichever is nearer. The monotonic
// clock stands still while the machine sleeps, and the wall clock can be set back.
func timeUntil(moment, now time.Time) time.Duration {
	return min(moment.Sub(now), moment.Round(0).Sub(now.Round(0)))
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// sleep returns after the duration, or earlier with the cause if ctx ends.
func sleep(ctx context.Context, duration time.Duration) error {
	timer := time.NewTimer(duration)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}
