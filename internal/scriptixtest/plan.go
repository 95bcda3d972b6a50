package scriptixtest

import (
	"sync"
	"time"
)

// Plan is what a subscription allows: requests per minute, hour, and day, and at the same time. Zero is no limit.
type Plan struct {
	PerMinute, PerHour, PerDay, Concurrent int
}

// The plans, with the figures of the API's public page on rate limits.
var (
	Unlimited = Plan{}
	Free      = Plan{PerMinute: 10, PerHour: 100, PerDay: 1_000, Concurrent: 2}
	Bronze    = Plan{PerMinute: 30, PerHour: 500, PerDay: 5_000, Concurrent: 5}
	Silver    = Plan{PerMinute: 60, PerHour: 2_000, PerDay: 20_000, Concurrent: 10}
	Gold      = Plan{PerMinute: 120, PerHour: 5_000, PerDay: 50_000, Concurrent: 20}
)

// concurrencyPause is the Retry-After for a request beyond the plan's concurrent limit. This is a choice: the contract does
// not say what happens to such a request.
const concurrencyPause = time.Second

// budget is what is left of a plan.
//
// The windows are fixed and begin with the first request counted in them, and a refused request costs nothing. Both are
// choices: the contract has only the figures.
type budget struct {
	mutex      sync.Mutex
	windows    []*window
	concurrent int
	running    int
}

// window counts the requests of one period.
type window struct {
	limit  int
	length time.Duration
	used   int
	reset  time.Time // meaningless while used is 0
}

// standing is the state of one window, as the rate-limit headers report it.
type standing struct {
	limit, remaining int
	reset            time.Time
}

// admission is the budget's decision about one request.
type admission struct {
	refused  bool
	retryAt  time.Time // when refused: when to ask again
	standing *standing // nil under a plan without windows
}

func newBudget(plan Plan) *budget {
	b := &budget{concurrent: plan.Concurrent}
	b.addWindow(plan.PerMinute, time.Minute)
	b.addWindow(plan.PerHour, time.Hour)
	b.addWindow(plan.PerDay, 24*time.Hour)
	return b
}

func (b *budget) addWindow(limit int, length time.Duration) {
	if limit > 0 {
		b.windows = append(b.windows, &window{limit: limit, length: length})
	}
}

// enter decides about one request, and counts it if it is admitted. The caller must call leave.
func (b *budget) enter(now time.Time) admission {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	tightest := b.tightest(now)
	if tightest != nil && tightest.remaining == 0 {
		return admission{refused: true, retryAt: tightest.reset, standing: tightest}
	}
	if b.concurrent > 0 && b.running >= b.concurrent {
		return admission{refused: true, retryAt: now.Add(concurrencyPause), standing: tightest}
	}
	b.running++
	for _, window := range b.windows {
		window.count(now)
	}
	return admission{standing: b.tightest(now)}
}

// leave ends a request. It does nothing for a refused one.
func (b *budget) leave(place admission) {
	if place.refused {
		return
	}
	b.mutex.Lock()
	defer b.mutex.Unlock()
	b.running--
}

// look returns the state of the budget. It counts no request.
func (b *budget) look(now time.Time) admission {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return admission{standing: b.tightest(now)}
}

// tightest returns the window with the fewest requests left, and of several such windows the one that resets last. It
// returns nil if there are no windows.
func (b *budget) tightest(now time.Time) *standing {
	var tightest *standing
	for _, window := range b.windows {
		current := window.standing(now)
		if tightest == nil || current.tighterThan(tightest) {
			tightest = current
		}
	}
	return tightest
}

func (s *standing) tighterThan(other *standing) bool {
	if s.remaining != other.remaining {
		return s.remaining < other.remaining
	}
	return s.reset.After(other.reset)
}

func (w *window) standing(now time.Time) *standing {
	if w.over(now) {
		return &standing{limit: w.limit, remaining: w.limit, reset: now.Add(w.length)}
	}
	return &standing{limit: w.limit, remaining: w.limit - w.used, reset: w.reset}
}

func (w *window) count(now time.Time) {
	if w.over(now) {
		w.used = 0
		w.reset = now.Add(w.length)
	}
	w.used++
}

func (w *window) over(now time.Time) bool {
	return w.used == 0 || !now.Before(w.reset)
}
