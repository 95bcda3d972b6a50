package scriptix

import (
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
)

// longestPause bounds what the API may ask for. Every plan's budget is renewed within a day, so a longer pause is a
// mistake, and a number that is large enough would overflow.
const longestPause = 24 * time.Hour

// retryAt returns when the API asks to come back, by this machine's clock: from Retry-After in seconds or as a date, or
// else from retry_after in the body. It is zero if the answer asks for nothing.
func retryAt(response *http.Response, now time.Time) time.Time {
	if response.StatusCode != http.StatusTooManyRequests && response.StatusCode != http.StatusServiceUnavailable {
		return time.Time{}
	}
	pause, ok := headerPause(response, now)
	if !ok {
		pause, ok = bodyPause(response)
	}
	if !ok || pause <= 0 {
		return time.Time{}
	}
	return now.Add(min(pause, longestPause))
}

// headerPause counts a date from the answer's own Date, so that a wrong clock on either side does no harm.
func headerPause(response *http.Response, now time.Time) (time.Duration, bool) {
	value := strings.TrimSpace(response.Header.Get("Retry-After"))
	if pause, ok := seconds(value); ok {
		return pause, true
	}
	date, err := http.ParseTime(value)
	if err != nil {
		return 0, false
	}
	return date.Sub(serverTime(response, now)), true
}

func bodyPause(response *http.Response) (time.Duration, bool) {
	body, err := peek(response)
	var outer errorBody
	if err != nil || json.Unmarshal(body, &outer, lenient) != nil {
		return 0, false
	}
	return seconds(text(outer.RetryAfter))
}

// seconds reads a whole or fractional number of seconds, and clamps it to what a Duration can hold.
func seconds(text string) (time.Duration, bool) {
	number, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(number) {
		return 0, false
	}
	number = min(max(number, 0), longestPause.Seconds())
	return time.Duration(number * float64(time.Second)), true
}

// serverTime returns the moment of the answer by the API's clock, or now if the answer has no Date.
func serverTime(response *http.Response, now time.Time) time.Time {
	date, err := http.ParseTime(response.Header.Get("Date"))
	if err != nil {
		return now
	}
	return date
}
