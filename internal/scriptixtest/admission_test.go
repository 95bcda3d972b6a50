package scriptixtest_test

import (
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
)

func TestToken(t *testing.T) {
	tests := map[string]struct {
		options       []scriptixtest.Option
		authorization string
		status        int
		code          string
	}{
		"right":       {nil, "Bearer " + scriptixtest.Token, http.StatusOK, ""},
		"missing":     {nil, "", http.StatusUnauthorized, "MISSING_API_KEY"},
		"empty":       {nil, "Bearer ", http.StatusUnauthorized, "MISSING_API_KEY"},
		"not bearer":  {nil, "Token " + scriptixtest.Token, http.StatusUnauthorized, "MISSING_API_KEY"},
		"wrong":       {nil, "Bearer wrong", http.StatusUnauthorized, "INVALID_API_KEY"},
		"another":     {[]scriptixtest.Option{scriptixtest.WithToken("mine")}, "Bearer mine", http.StatusOK, ""},
		"not default": {[]scriptixtest.Option{scriptixtest.WithToken("mine")}, "Bearer " + scriptixtest.Token, http.StatusUnauthorized, "INVALID_API_KEY"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			c := newClient(t, scriptixtest.NewServer(t, test.options...))
			request := c.request(http.MethodGet, sessionsPath)
			request.Header.Del("Authorization")
			if test.authorization != "" {
				request.Header.Set("Authorization", test.authorization)
			}
			answer := c.do(request)

			equal(t, "status", answer.status, test.status)
			if test.code != "" {
				problem := decode[map[string]any](t, answer.body)
				equal(t, "error", problem["error"], any("Unauthorized"))
				equal(t, "error_code", problem["error_code"], any(test.code))
			}
		})
	}
}

func TestPlanFigures(t *testing.T) {
	tests := map[string]struct{ got, want scriptixtest.Plan }{
		"unlimited": {scriptixtest.Unlimited, scriptixtest.Plan{}},
		"free":      {scriptixtest.Free, scriptixtest.Plan{PerMinute: 10, PerHour: 100, PerDay: 1000, Concurrent: 2}},
		"bronze":    {scriptixtest.Bronze, scriptixtest.Plan{PerMinute: 30, PerHour: 500, PerDay: 5000, Concurrent: 5}},
		"silver":    {scriptixtest.Silver, scriptixtest.Plan{PerMinute: 60, PerHour: 2000, PerDay: 20000, Concurrent: 10}},
		"gold":      {scriptixtest.Gold, scriptixtest.Plan{PerMinute: 120, PerHour: 5000, PerDay: 50000, Concurrent: 20}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) { equal(t, "plan", test.got, test.want) })
	}
}

// rateLimit is the state of the plan as an answer's headers tell it.
func rateLimit(answer response) string {
	return fmt.Sprintf("%s of %s until %s", answer.header.Get("X-RateLimit-Remaining"),
		answer.header.Get("X-RateLimit-Limit"), answer.header.Get("X-RateLimit-Reset"))
}

// until is what rateLimit returns for a window that ends at a moment.
func until(remaining, limit int, reset time.Time) string {
	return fmt.Sprintf("%d of %d until %d", remaining, limit, reset.Unix())
}

func TestPlanWindows(t *testing.T) {
	tests := map[string]struct {
		plan   scriptixtest.Plan
		limit  int
		length time.Duration
	}{
		"minute":                  {scriptixtest.Plan{PerMinute: 3}, 3, time.Minute},
		"hour":                    {scriptixtest.Plan{PerHour: 3}, 3, time.Hour},
		"day":                     {scriptixtest.Plan{PerDay: 3}, 3, 24 * time.Hour},
		"hour tighter":            {scriptixtest.Plan{PerMinute: 4, PerHour: 3, PerDay: 50}, 3, time.Hour},
		"equal: the longest runs": {scriptixtest.Plan{PerMinute: 3, PerHour: 3}, 3, time.Hour},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server := scriptixtest.NewPipeServer(t, scriptixtest.WithPlan(test.plan))
				c := newClient(t, server)
				for round := range 2 {
					// The window begins with its first request, not where the one before ended.
					pass(7 * time.Second)
					reset := time.Now().Add(test.length)
					for i := range test.limit {
						answer := c.get(sessionsPath)
						equal(t, "status", answer.status, http.StatusOK)
						equal(t, "rate limit", rateLimit(answer), until(test.limit-1-i, test.limit, reset))
						pass(time.Second)
					}
					for range 2 {
						answer := c.get(sessionsPath)
						equal(t, "status", answer.status, http.StatusTooManyRequests)
						equal(t, "rate limit", rateLimit(answer), until(0, test.limit, reset))
						equal(t, "retry after", answer.header.Get("Retry-After"), seconds(time.Until(reset)))
					}
					pass(time.Until(reset) - 1)
					equal(t, fmt.Sprintf("status before the end of window %d", round), c.get(sessionsPath).status, http.StatusTooManyRequests)
					pass(1)
				}
			})
		})
	}
}

func seconds(length time.Duration) string {
	return strconv.Itoa(int(length.Seconds()))
}

func TestFreePlanTurnsFromMinuteToHour(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		c := newClient(t, scriptixtest.NewPipeServer(t, scriptixtest.WithPlan(scriptixtest.Free)))
		var last response
		for range 10 {
			for range 10 {
				last = c.get(sessionsPath)
				equal(t, "status", last.status, http.StatusOK)
			}
			pass(time.Minute)
		}
		equal(t, "after 100 requests", rateLimit(last), until(0, 100, start.Add(time.Hour)))
		equal(t, "request 101", c.get(sessionsPath).status, http.StatusTooManyRequests)
	})
}

func TestPlanCountsWhatHasTheToken(t *testing.T) {
	server := scriptixtest.NewServer(t, scriptixtest.WithPlan(scriptixtest.Plan{PerHour: 3}))
	stranger := newClient(t, server)
	stranger.token = "wrong"
	for range 5 {
		answer := stranger.get(sessionsPath)
		equal(t, "stranger's status", answer.status, http.StatusUnauthorized)
		equal(t, "remaining for the stranger", answer.header.Get("X-RateLimit-Remaining"), "3")
	}
	c := newClient(t, server)
	for i, target := range []string{"/", sessionsPath + "/unknown", sessionsPath} {
		equal(t, "remaining after "+target, c.get(target).header.Get("X-RateLimit-Remaining"), strconv.Itoa(2-i))
	}
	equal(t, "beyond the plan, nowhere", c.get("/").status, http.StatusTooManyRequests)
}

func TestUnlimitedPlan(t *testing.T) {
	c := newClient(t, scriptixtest.NewServer(t))
	for range 200 {
		answer := c.get(sessionsPath)
		equal(t, "status", answer.status, http.StatusOK)
		equal(t, "rate limit", rateLimit(answer), " of  until ")
	}
}

func TestWithoutRateLimitHeaders(t *testing.T) {
	c := newClient(t, scriptixtest.NewServer(t, scriptixtest.WithoutRateLimitHeaders(),
		scriptixtest.WithPlan(scriptixtest.Plan{PerMinute: 1})))
	for _, status := range []int{http.StatusOK, http.StatusTooManyRequests} {
		answer := c.get(sessionsPath)
		equal(t, "status", answer.status, status)
		equal(t, "rate limit", rateLimit(answer), " of  until ")
		equal(t, "retry after", answer.header.Get("Retry-After") != "", status == http.StatusTooManyRequests)
	}
}

func TestRetryAfterForms(t *testing.T) {
	tests := map[string]struct {
		options []scriptixtest.Option
		header  string
	}{
		"default":       {nil, "58"},
		"seconds":       {[]scriptixtest.Option{scriptixtest.WithRetryAfter(scriptixtest.RetryAfterSeconds)}, "58"},
		"date":          {[]scriptixtest.Option{scriptixtest.WithRetryAfter(scriptixtest.RetryAfterDate)}, "Sat, 01 Jan 2000 00:01:01 GMT"},
		"only the body": {[]scriptixtest.Option{scriptixtest.WithRetryAfter(scriptixtest.RetryAfterBodyOnly)}, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newClient(t, scriptixtest.NewPipeServer(t, append(test.options, scriptixtest.WithPlan(scriptixtest.Free))...))
				// The window ends at 00:01:00.3, 57.5 seconds after the request: who rounds down comes too early.
				pass(300 * time.Millisecond)
				for range 10 {
					c.get(sessionsPath)
				}
				pass(2500 * time.Millisecond)
				answer := c.get(sessionsPath)

				equal(t, "status", answer.status, http.StatusTooManyRequests)
				equal(t, "rate limit", rateLimit(answer), until(0, 10, time.Date(2000, 1, 1, 0, 1, 1, 0, time.UTC)))
				equal(t, "header", answer.header.Get("Retry-After"), test.header)
				equal(t, "body", answer.body,
					`{"error":"Rate Limit Exceeded","message":"Too many requests","error_code":"RATE_LIMIT_EXCEEDED","retry_after":58}`)
			})
		})
	}
}

func TestRetryAfterIsCountedFromTheAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := scriptixtest.NewPipeServer(t, scriptixtest.WithPlan(scriptixtest.Plan{PerMinute: 1}))
		c := newClient(t, server)
		c.get(sessionsPath)
		server.Inject(scriptixtest.Fault{Latency: 20 * time.Second, Times: 1}, scriptixtest.Fault{Latency: 45 * time.Second})
		equal(t, "retry after", c.get(sessionsPath).header.Get("Retry-After"), "40")
		equal(t, "retry after, late", c.get(sessionsPath).header.Get("Retry-After"), "1")
	})
}

func TestConcurrentLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		server := scriptixtest.NewPipeServer(t, scriptixtest.WithPlan(scriptixtest.Free),
			scriptixtest.WithRetryAfter(scriptixtest.RetryAfterDate))
		server.Inject(scriptixtest.Fault{Latency: time.Second, Times: 2})
		c := newClient(t, server)
		var running sync.WaitGroup
		for range 2 {
			running.Go(func() { equal(t, "status within the limit", c.get(sessionsPath).status, http.StatusOK) })
		}
		synctest.Wait()
		for range 2 {
			beyond := c.get(sessionsPath)
			equal(t, "status beyond the limit", beyond.status, http.StatusTooManyRequests)
			equal(t, "retry after", beyond.header.Get("Retry-After"), "Sat, 01 Jan 2000 00:00:01 GMT")
			equal(t, "retry_after", decode[map[string]any](t, beyond.body)["retry_after"], any(1.0))
			equal(t, "rate limit", rateLimit(beyond), until(8, 10, start.Add(time.Minute)))
		}
		running.Wait()

		again := c.get(sessionsPath)
		equal(t, "status afterwards", again.status, http.StatusOK)
		equal(t, "rate limit afterwards", rateLimit(again), until(7, 10, start.Add(time.Minute)))
		equal(t, "most in flight", server.MaxInFlight(), 3)
	})
}

func TestClockSkew(t *testing.T) {
	tests := map[string]struct {
		skew                        time.Duration
		date, retryAfter, createdAt string
		startedAt, finishedAt       string
	}{
		"none":   {0, "Sat, 01 Jan 2000 00:00:00 GMT", "Sat, 01 Jan 2000 00:01:00 GMT", "1999-12-31T23:59:50Z", "1999-12-31T23:59:53Z", "1999-12-31T23:59:58Z"},
		"ahead":  {time.Hour, "Sat, 01 Jan 2000 01:00:00 GMT", "Sat, 01 Jan 2000 01:01:00 GMT", "2000-01-01T00:59:50Z", "2000-01-01T00:59:53Z", "2000-01-01T00:59:58Z"},
		"behind": {-time.Hour, "Fri, 31 Dec 1999 23:00:00 GMT", "Fri, 31 Dec 1999 23:01:00 GMT", "1999-12-31T22:59:50Z", "1999-12-31T22:59:53Z", "1999-12-31T22:59:58Z"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server := scriptixtest.NewPipeServer(t, scriptixtest.WithClockSkew(test.skew),
					scriptixtest.WithPlan(scriptixtest.Plan{PerMinute: 1}), scriptixtest.WithRetryAfter(scriptixtest.RetryAfterDate))
				server.Add(scriptixtest.Session{
					SessionID: "one", CreatedAt: time.Now().Add(-10 * time.Second), Queued: 3 * time.Second, Processing: 5 * time.Second,
				})
				c := newClient(t, server)
				answer := c.session("one")
				session := decode[map[string]any](t, answer.body)

				equal(t, "date", answer.header.Get("Date"), test.date)
				equal(t, "rate limit", rateLimit(answer), until(0, 1, time.Now().Add(time.Minute+test.skew)))
				equal(t, "retry after", c.get(sessionsPath).header.Get("Retry-After"), test.retryAfter)
				equal(t, "status", session["status"], any("completed"))
				equal(t, "created_at", session["created_at"], any(test.createdAt))
				equal(t, "started_at", session["started_at"], any(test.startedAt))
				equal(t, "finished_at", session["finished_at"], any(test.finishedAt))
			})
		})
	}
}

func TestEveryAnswerHasTheServersDate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := scriptixtest.NewPipeServer(t, scriptixtest.WithPlan(scriptixtest.Plan{PerMinute: 2}))
		pass(3 * time.Second)
		c := newClient(t, server)
		stranger := newClient(t, server)
		stranger.token = "wrong"
		server.Inject(scriptixtest.Fault{Match: scriptixtest.ForSession("broken"), Status: http.StatusBadGateway})

		answers := []response{
			c.get(sessionsPath), c.get("/"), c.get(sessionsPath), stranger.get(sessionsPath), c.session("broken"),
		}
		for i, status := range []int{http.StatusOK, http.StatusNotFound, http.StatusTooManyRequests, http.StatusUnauthorized, http.StatusBadGateway} {
			equal(t, "status", answers[i].status, status)
			equal(t, "date", answers[i].header.Get("Date"), "Sat, 01 Jan 2000 00:00:03 GMT")
		}
	})
}
