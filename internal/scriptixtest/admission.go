package scriptixtest

import (
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// checkToken returns the answer to a request without the right token; nil if the token is right. The contract has
// "Authorization: Bearer" and the token. It is a choice that anything else counts as no token.
func (a *API) checkToken(r *http.Request) *answer {
	token := tokenOf(r)
	switch {
	case token == "":
		return newErrorAnswer(http.StatusUnauthorized, apiError{
			Error: "Unauthorized", Message: "API key is missing", ErrorCode: "MISSING_API_KEY",
		})
	case token != a.token && !slices.Contains(a.furtherTokens, token):
		return newErrorAnswer(http.StatusUnauthorized, apiError{
			Error: "Unauthorized", Message: "API key is invalid", ErrorCode: "INVALID_API_KEY",
		})
	}
	return nil
}

// tokenOf returns the token of a request; "" if it has none.
func tokenOf(r *http.Request) string {
	token, found := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !found {
		return ""
	}
	return token
}

// tooManyRequests returns the answer to a request that the plan does not allow before a moment.
func (a *API) tooManyRequests(retryAt time.Time) *answer {
	// At least one second: the moment may have passed while the answer was delayed, and "0" is no pause.
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

// setRateLimitHeaders reports the state of the tightest window when the request arrived.
func (a *API) setRateLimitHeaders(header http.Header, tightest *standing) {
	if tightest == nil || a.withoutRateLimitHeaders {
		return
	}
	header.Set("X-RateLimit-Limit", strconv.Itoa(tightest.limit))
	header.Set("X-RateLimit-Remaining", strconv.Itoa(tightest.remaining))
	header.Set("X-RateLimit-Reset", strconv.FormatInt(nextSecond(a.shown(tightest.reset)).Unix(), 10))
}

// shown returns a moment by the server's clock.
func (a *API) shown(moment time.Time) time.Time {
	return moment.Add(a.skew).UTC()
}

// nextSecond rounds up to a whole second, so that a client that comes back at this moment never comes too early.
func nextSecond(moment time.Time) time.Time {
	return moment.Add(time.Second - 1).Truncate(time.Second)
}
