package scriptix

import (
	"bytes"
	"io"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
)

// longestPause bounds what the API may ask for. Every plan's budget is renewed within a day, so anything
// longer is a mistake, and a number large enough would overflow.
const longestPause = 24 * time.Hour

// reopening is when the API asks to come back, by this machine's clock: from Retry-After in seconds or as a
// date, or else from the body's retry_after. It is zero for an answer that asks for nothing.
func reopening(response *http.Response, now time.Time) time.Time {
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

// headerPause counts a date from the answer's own Date, so that a clock that is wrong on either side does no
// harm.
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
	var refusal errorBody
	if err != nil || json.Unmarshal(body, &refusal, lenient) != nil {
		return 0, false
	}
	return seconds(text(refusal.RetryAfter))
}

// peek reads a body that is in memory already, and puts it back.
func peek(response *http.Response) ([]byte, error) {
	body, err := io.ReadAll(response.Body)
	response.Body = io.NopCloser(bytes.NewReader(body))
	return body, err
}

// seconds reads a whole or fractional number of seconds and clamps what no Duration could hold.
func seconds(text string) (time.Duration, bool) {
	number, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(number) {
		return 0, false
	}
	number = min(max(number, 0), longestPause.Seconds())
	return time.Duration(number * float64(time.Second)), true
}

// serverTime is the moment of the answer by the API's clock, and by ours when the answer has no Date.
func serverTime(response *http.Response, now time.Time) time.Time {
	date, err := http.ParseTime(response.Header.Get("Date"))
	if err != nil {
		return now
	}
	return date
}
