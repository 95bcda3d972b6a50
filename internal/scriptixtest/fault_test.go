package scriptixtest_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
)

func TestFaultAnswers(t *testing.T) {
	tests := map[string]struct {
		fault       scriptixtest.Fault
		status      int
		contentType string
		date        string
	}{
		"status alone": {
			scriptixtest.Fault{Status: http.StatusServiceUnavailable},
			http.StatusServiceUnavailable, "", "Sat, 01 Jan 2000 00:00:00 GMT",
		},
		"body alone": {
			scriptixtest.Fault{Body: "not JSON"},
			http.StatusOK, "text/plain; charset=utf-8", "Sat, 01 Jan 2000 00:00:00 GMT",
		},
		"error": {
			scriptixtest.Fault{Status: http.StatusUnauthorized, Body: scriptixtest.KeyRevokedBody},
			http.StatusUnauthorized, "application/json", "Sat, 01 Jan 2000 00:00:00 GMT",
		},
		"proxy": {
			scriptixtest.Fault{Status: http.StatusBadGateway, Body: scriptixtest.ProxyPage},
			http.StatusBadGateway, "text/html; charset=utf-8", "Sat, 01 Jan 2000 00:00:00 GMT",
		},
		"headers": {
			scriptixtest.Fault{Body: "{}", Header: http.Header{"Content-Type": {"text/plain"}, "Date": {"yesterday"}, "Retry-After": {"7"}}},
			http.StatusOK, "text/plain", "yesterday",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server := scriptixtest.NewPipeServer(t)
				server.Inject(test.fault)
				answer := newClient(t, server).get(sessionsPath)

				equal(t, "status", answer.status, test.status)
				equal(t, "body", answer.body, test.fault.Body)
				equal(t, "content type", answer.header.Get("Content-Type"), test.contentType)
				equal(t, "date", answer.header.Get("Date"), test.date)
				equal(t, "retry after", answer.header.Get("Retry-After"), test.fault.Header.Get("Retry-After"))
				equal(t, "answered", server.Requests()[0].Answered, test.status)
			})
		})
	}
}

func TestFaultMatches(t *testing.T) {
	const (
		one, two = sessionsPath + "/one", sessionsPath + "/two"
		list     = sessionsPath
		queued   = sessionsPath + "?status=queued"
		page     = sessionsPath + "?offset=100"
	)
	tests := map[string]struct {
		match func(*http.Request) bool
		hits  string
	}{
		"everything":      {nil, strings.Join([]string{one, two, list, queued, page}, " ")},
		"session":         {scriptixtest.ForSession("one"), one},
		"lists":           {scriptixtest.ForList(), strings.Join([]string{list, queued, page}, " ")},
		"filtered list":   {scriptixtest.ForListStatus("queued"), queued},
		"unfiltered list": {scriptixtest.ForListStatus(""), list + " " + page},
		"first page":      {scriptixtest.ForOffset(0), list + " " + queued},
		"second page":     {scriptixtest.ForOffset(100), page},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			server := scriptixtest.NewServer(t)
			server.Add(scriptixtest.Session{SessionID: "one"}, scriptixtest.Session{SessionID: "two"})
			server.Inject(scriptixtest.Fault{Match: test.match, Status: http.StatusTeapot})
			c := newClient(t, server)
			var hits []string
			for _, target := range []string{one, two, list, queued, page} {
				if c.get(target).status == http.StatusTeapot {
					hits = append(hits, target)
				}
			}
			equal(t, "hits", strings.Join(hits, " "), test.hits)
		})
	}
}

func TestFaultTurns(t *testing.T) {
	fault := func(status, after, times int) scriptixtest.Fault {
		return scriptixtest.Fault{Status: status, After: after, Times: times}
	}
	tests := map[string]struct {
		faults []scriptixtest.Fault
		want   string
	}{
		"always":          {[]scriptixtest.Fault{fault(500, 0, 0)}, "500 500 500 500 500"},
		"first two":       {[]scriptixtest.Fault{fault(500, 0, 2)}, "500 500 200 200 200"},
		"from the third":  {[]scriptixtest.Fault{fault(500, 2, 0)}, "200 200 500 500 500"},
		"second only":     {[]scriptixtest.Fault{fault(500, 1, 1)}, "200 500 200 200 200"},
		"one by one":      {[]scriptixtest.Fault{fault(500, 0, 1), fault(503, 0, 2)}, "500 503 503 200 200"},
		"first one first": {[]scriptixtest.Fault{fault(500, 0, 0), fault(503, 0, 0)}, "500 500 500 500 500"},
		"counts the rest": {[]scriptixtest.Fault{fault(500, 1, 1), fault(503, 2, 1)}, "200 500 200 503 200"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			server := scriptixtest.NewServer(t)
			server.Inject(test.faults...)
			c := newClient(t, server)
			var got []string
			for range 5 {
				got = append(got, fmt.Sprint(c.get(sessionsPath).status))
			}
			equal(t, "statuses", strings.Join(got, " "), test.want)

			server.ClearFaults()
			equal(t, "status once cleared", c.get(sessionsPath).status, http.StatusOK)
		})
	}
}

func TestFaultLatency(t *testing.T) {
	tests := map[string]struct {
		fault  scriptixtest.Fault
		status string
	}{
		"and the normal answer": {scriptixtest.Fault{Latency: time.Minute}, "completed"},
		"and an answer":         {scriptixtest.Fault{Latency: time.Minute, Body: `{"status":"strange"}`}, "strange"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server := scriptixtest.NewPipeServer(t)
				// Finished when the answer is made, not yet when the request arrives.
				server.Add(scriptixtest.Session{SessionID: "one", Processing: 30 * time.Second})
				server.Inject(test.fault)
				start := time.Now()
				session := newClient(t, server).fields("one")

				equal(t, "latency", time.Since(start), time.Minute)
				equal(t, "status", session["status"], any(test.status))
			})
		})
	}
}

func TestFaultEndsWithTheClient(t *testing.T) {
	faults := map[string]scriptixtest.Fault{
		"latency":            {Latency: time.Hour},
		"latency of a fault": {Latency: time.Hour, Status: http.StatusBadGateway},
		"hang":               {Hang: true},
	}
	for name, fault := range faults {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var ended time.Time
				server := scriptixtest.NewPipeServer(t, scriptixtest.WithPlan(scriptixtest.Plan{Concurrent: 1}),
					scriptixtest.WithObserver(func(scriptixtest.Request) { ended = time.Now() }))
				fault.Times = 1
				server.Inject(fault)
				c := newClient(t, server)
				ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
				defer cancel()
				start := time.Now()
				_, err := c.try(c.request(http.MethodGet, sessionsPath).WithContext(ctx))
				synctest.Wait()

				equal(t, "timed out", errors.Is(err, context.DeadlineExceeded), true)
				equal(t, "request ended after", ended.Sub(start), 5*time.Second)
				equal(t, "answered", server.Requests()[0].Answered, 0)
				equal(t, "status of the next", c.get(sessionsPath).status, http.StatusOK)
			})
		})
	}
}

func TestFaultHangsWithoutEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := scriptixtest.NewPipeServer(t)
		server.Inject(scriptixtest.Fault{Hang: true})
		c := newClient(t, server)
		c.Timeout = 1000 * time.Hour
		start := time.Now()
		if answer, err := c.try(c.request(http.MethodGet, sessionsPath)); err == nil {
			t.Errorf("answered with status %d", answer.status)
		}
		equal(t, "hung for", time.Since(start), 1000*time.Hour)
	})
}

func TestFaultResets(t *testing.T) {
	t.Run("loopback", func(t *testing.T) {
		server := scriptixtest.NewServer(t)
		server.Inject(scriptixtest.Fault{Reset: true, Times: 1})
		c := newClient(t, server)
		_, err := c.try(c.request(http.MethodGet, sessionsPath))

		// A connection that is closed in good order is io.EOF instead. The number of the error depends on the system.
		var reset *net.OpError
		equal(t, "reset", errors.As(err, &reset) && reset.Op == "read", true)
		equal(t, "answered", server.Requests()[0].Answered, 0)
		equal(t, "status of the next", c.get(sessionsPath).status, http.StatusOK)
	})
	t.Run("pipe", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			server := scriptixtest.NewPipeServer(t)
			server.Inject(scriptixtest.Fault{Reset: true, Times: 1, Latency: time.Second})
			c := newClient(t, server)
			start := time.Now()
			_, err := c.try(c.request(http.MethodGet, sessionsPath))

			equal(t, "closed", errors.Is(err, io.EOF), true)
			equal(t, "after", time.Since(start), time.Second)
			equal(t, "status of the next", c.get(sessionsPath).status, http.StatusOK)
		})
	})
}

// A Reset on a connection used before is repeated by net/http, as the comment on Fault.Reset says.
func TestFaultResetIsRepeatedOnAUsedConnection(t *testing.T) {
	server := scriptixtest.NewServer(t)
	server.Inject(scriptixtest.Fault{Reset: true, After: 1, Times: 1})
	c := newClient(t, server)
	equal(t, "status of the first", c.get(sessionsPath).status, http.StatusOK)
	equal(t, "status of the second", c.get(sessionsPath).status, http.StatusOK)
	equal(t, "requests", len(server.Requests()), 3)
}

func TestFaultResetsWhatIsNoConnection(t *testing.T) {
	api := scriptixtest.NewAPI()
	api.Inject(scriptixtest.Fault{Reset: true})
	defer func() { equal(t, "recovered", recover(), any(http.ErrAbortHandler)) }()
	api.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), http.MethodGet, sessionsPath, nil))
	t.Error("the request was answered")
}

func TestFaultTruncates(t *testing.T) {
	long := strings.Repeat("x", 100_000)
	tests := map[string]struct {
		fault  scriptixtest.Fault
		status int
		whole  string
	}{
		"normal answer":  {scriptixtest.Fault{Truncate: true, Times: 1}, http.StatusOK, scriptixtest.CompletedSessionJSON},
		"fault's answer": {scriptixtest.Fault{Truncate: true, Times: 1, Status: http.StatusBadGateway, Body: scriptixtest.ProxyPage}, http.StatusBadGateway, scriptixtest.ProxyPage},
		"long answer":    {scriptixtest.Fault{Truncate: true, Times: 1, Body: long}, http.StatusOK, long},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server := scriptixtest.NewPipeServer(t)
				server.Add(scriptixtest.Session{SessionID: "one", JSON: scriptixtest.CompletedSessionJSON})
				server.Inject(test.fault)
				c := newClient(t, server)
				answer, err := c.try(c.request(http.MethodGet, sessionsPath+"/one"))

				equal(t, "ended too early", errors.Is(err, io.ErrUnexpectedEOF), true)
				equal(t, "status", answer.status, test.status)
				equal(t, "content length", answer.header.Get("Content-Length"), fmt.Sprint(len(test.whole)))
				equal(t, "body", answer.body, test.whole[:len(test.whole)/2])
				equal(t, "answered", server.Requests()[0].Answered, test.status)
				equal(t, "whole the next time", c.session("one").body, scriptixtest.CompletedSessionJSON)
			})
		})
	}
}

func TestFaultStandsInFrontOfTheAPI(t *testing.T) {
	server := scriptixtest.NewServer(t, scriptixtest.WithPlan(scriptixtest.Plan{PerHour: 2}))
	server.Inject(scriptixtest.Fault{Status: http.StatusBadGateway, Times: 5})
	c := newClient(t, server)
	c.token = ""
	for range 5 {
		answer := c.get(sessionsPath)
		equal(t, "status", answer.status, http.StatusBadGateway)
		equal(t, "rate limit", rateLimit(answer), " of  until ")
	}
	c.token = scriptixtest.Token
	equal(t, "remaining", c.get(sessionsPath).header.Get("X-RateLimit-Remaining"), "1")
}
