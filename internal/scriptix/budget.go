package scriptix

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// budget is what the X-RateLimit headers of the latest answer said: how many requests are left until the window of the
// plan ends. The headers describe one window, the minute or the hour. The zero budget is unknown and limits nothing,
// because the headers may be missing.
type budget struct {
	limit     int       // requests in the complete window; 0: unknown
	remaining int       // including the requests in flight
	reset     time.Time // by this machine's clock; zero: unknown
}

// sameWindow is the largest difference between two answers that report the same reset. Both the reset and the Date that
// it is counted from are whole seconds.
const sameWindow = 3 * time.Second

// readBudget reads the budget from an answer. The API reports the reset by its own clock, so it is counted from the Date
// of the answer.
func readBudget(response *http.Response, now time.Time) (budget, bool) {
	remaining, err := strconv.Atoi(strings.TrimSpace(response.Header.Get("X-RateLimit-Remaining")))
	if err != nil || remaining < 0 {
		return budget{}, false
	}
	reset, err := strconv.ParseInt(strings.TrimSpace(response.Header.Get("X-RateLimit-Reset")), 10, 64)
	if err != nil {
		return budget{}, false
	}
	limit, err := strconv.Atoi(strings.TrimSpace(response.Header.Get("X-RateLimit-Limit")))
	if err != nil || limit < 0 {
		limit = 0
	}
	left := time.Unix(reset, 0).Sub(serverTime(response, now))
	if left <= 0 || left > longestPause+sameWindow {
		return budget{}, false
	}
	return budget{limit: limit, remaining: remaining, reset: now.Add(left)}, true
}

// merge returns the budget after another answer has shown one. Answers can overtake each other, but within one window the
// remaining requests only become fewer. The first answer of a window sets its reset: the reset of a sliding window then
// soon differs from it, and what is left in such a window can rise again.
func (b budget) merge(shown budget) budget {
	if shown.reset.Sub(b.reset).Abs() < sameWindow {
		b.limit, b.remaining = shown.limit, min(shown.remaining, b.remaining)
		return b
	}
	return shown
}

// spent returns the budget after an answer that shows no budget.
func (b budget) spent() budget {
	b.remaining--
	return b
}

// exhaustedUntil returns when requests are left again; zero if some are left now, besides those in flight.
func (b budget) exhaustedUntil(inFlight int) time.Time {
	if b.remaining > inFlight {
		return time.Time{}
	}
	return b.reset
}

// pace returns the time to spend on one request: the time until the reset, divided by the requests that are left besides
// those in flight. It is 0 if the budget is unknown, and never reaches beyond the reset.
func (b budget) pace(inFlight int, now time.Time) time.Duration {
	left := timeUntil(b.reset, now)
	if left <= 0 {
		return 0
	}
	return left / time.Duration(max(1, b.remaining-inFlight))
}
