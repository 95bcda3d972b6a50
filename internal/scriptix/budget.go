package scriptix

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// budget is what the X-RateLimit headers of the latest answer said: how many requests are left until a moment at
// which the plan's window begins anew. They tell of one window, be it the minute's or the hour's. The zero budget
// knows nothing and holds nothing back: the headers may be missing.
type budget struct {
	limit     int // requests in the whole window; 0: unknown
	remaining int
	reset     time.Time // by this machine's clock; zero: unknown
}

// sameWindow is how far two tellings of the same reset may lie apart: it is told in whole seconds, as is the Date
// it is counted from.
const sameWindow = 3 * time.Second

// readBudget takes the budget from an answer. The reset is told by the API's clock, so it is counted from the
// answer's own Date.
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

// afterwards is the budget once another answer has told of one, while some requests are still under way that
// the API may not have counted. Answers may overtake each other, but within one window requests only become
// fewer.
func (b budget) afterwards(told budget, inFlight int) budget {
	told.remaining = max(0, told.remaining-inFlight)
	if told.reset.Sub(b.reset).Abs() < sameWindow {
		told.remaining = min(told.remaining, b.remaining)
	}
	return told
}

// spent is the budget after one more request.
func (b budget) spent() budget {
	b.remaining = max(0, b.remaining-1)
	return b
}

// usedUpUntil is when requests are left again; the past when they are.
func (b budget) usedUpUntil() time.Time {
	if b.remaining > 0 {
		return time.Time{}
	}
	return b.reset
}

// pace returns the time that one request is to take: the time until the reset, divided by the requests that are left;
// 0 when nothing is known. It never reaches beyond the reset.
func (b budget) pace(now time.Time) time.Duration {
	left := b.reset.Sub(now)
	if left <= 0 {
		return 0
	}
	return left / time.Duration(max(1, b.remaining))
}
