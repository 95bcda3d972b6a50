package scriptixtest

import (
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// checkToken returns the answer to a request without the right token, and nil to one with it. The contract
// writes "Authorization: Bearer" and the token; that anything else counts as no token at all is a choice.
func (a *API) checkToken(r *http.Request) *answer {
	token, found := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	switch {
	case !found:
		return newErrorAnswer(http.StatusUnauthorized, apiError{
			Error: "Unauthorized", Message: "API key is missing", ErrorCode: "MISSING_API_KEY",
		})
	case token != a.token:
		return newErrorAnswer(http.StatusUnauthorized, apiError{
			Error: "Unauthorized", Message: "API key is invalid", ErrorCode: "INVALID_API_KEY",
		})
	}
	return nil
}

// tooManyRequests is the answer to a request that the plan does not allow before some moment.
func (a *API) tooManyRequests(retryAt time.Time) *answer {
	// At least one second: the moment may have passed while the answer was late, and "0" is no pause at all.
	seconds := max(1, int(math.Ceil(time.Until(retryAt).Seconds())))
	reply := newErrorAnswer(http.StatusTooManyRequests, apiError{
		Error: "Rate Limit Exceeded", Message: "Too many requests",
		ErrorCode: "RATE_LIMIT_EXCEEDED", RetryAfter: seconds,
	})
	switch a.retryAfter {
	case RetryAfterSeconds:
		reply.header.Set("Retry-After", strconv.Itoa(seconds))
	case RetryAfterDate:
		reply.header.Set("Retry-After", nextSecond(a.shown(retryAt)).Format(http.TimeFormat))
	case RetryAfterBodyOnly:
	}
	return reply
}

// setRateLimitHeaders tells the state of the tightest window, as of the moment the request arrived.
func (a *API) setRateLimitHeaders(header http.Header, tightest *standing) {
	if tightest == nil || a.withoutRateLimitHeaders {
		return
	}
	header.Set("X-RateLimit-Limit", strconv.Itoa(tightest.limit))
	header.Set("X-RateLimit-Remaining", strconv.Itoa(tightest.remaining))
	header.Set("X-RateLimit-Reset", strconv.FormatInt(nextSecond(a.shown(tightest.reset)).Unix(), 10))
}

// nextSecond rounds up to a whole second, so that who comes at the moment told never comes too early.
func nextSecond(moment time.Time) time.Time {
	return moment.Add(time.Second - 1).Truncate(time.Second)
}
