package scriptix_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
)

// addNumbered adds finished sessions; the highest number is the newest, so it is listed first.
func addNumbered(server *scriptixtest.Server, count int) []string {
	sessionIDs := make([]string, count)
	for i := range count {
		sessionIDs[i] = fmt.Sprintf("session-%04d", i)
		server.Add(scriptixtest.Session{SessionID: sessionIDs[i]})
	}
	return sessionIDs
}

func budgetHeaders(remaining int, reset time.Time) http.Header {
	return http.Header{
		"X-Ratelimit-Remaining": {strconv.Itoa(remaining)},
		"X-Ratelimit-Reset":     {strconv.FormatInt(reset.Unix(), 10)},
	}
}

func TestRequestsStopWhenThePlanHasNoneLeft(t *testing.T) {
	t.Parallel()
	for name, skew := range map[string]time.Duration{"clocks agree": 0, "API's clock is ahead": time.Hour, "API's clock is behind": -time.Hour} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := scriptixtest.NewPipeServer(t, scriptixtest.WithPlan(scriptixtest.Free), scriptixtest.WithClockSkew(skew))
				addNumbered(server, 25)
				client := newClient(t, server)
				began := time.Now()
				for i := range 25 {
					if _, err := client.GetSession(t.Context(), fmt.Sprintf("session-%04d", i)); err != nil {
						t.Fatal(err)
					}
				}
				if took := time.Since(began); took != 2*time.Minute {
					t.Errorf("25 requests at 10 a minute took %s", took)
				}
				for _, request := range server.Requests() {
					if request.Answered == http.StatusTooManyRequests {
						t.Fatal("a request was refused")
					}
				}
			})
		})
	}
}

func TestConcurrentRequestsStayWithinThePlan(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := scriptixtest.NewPipeServer(t, scriptixtest.WithPlan(scriptixtest.Free))
		addNumbered(server, 60)
		server.Inject(scriptixtest.Fault{Latency: 30 * time.Millisecond})
		client := newClient(t, server)
		var group sync.WaitGroup
		for i := range 60 {
			group.Go(func() {
				if _, err := client.GetSession(t.Context(), fmt.Sprintf("session-%04d", i)); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		for _, request := range server.Requests() {
			if request.Answered == http.StatusTooManyRequests {
				t.Fatalf("the request at %s was refused", request.Time)
			}
		}
		if most := server.MaxInFlight(); most > scriptix.DefaultMaxConcurrentRequests {
			t.Errorf("%d requests were under way at once", most)
		}
	})
}

func TestNoRequestLeftBeforeTheDeadlineFailsAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := scriptixtest.NewPipeServer(t)
		addNumbered(server, 1)
		reset := time.Now().Add(40 * time.Minute)
		server.Inject(scriptixtest.Fault{Times: 1, Body: `{"session_id": "session-0000", "status": "completed"}`, Header: budgetHeaders(0, reset)})
		client := newClient(t, server)
		if _, err := client.GetSession(t.Context(), "session-0000"); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Minute)
		defer cancel()
		_, err := client.GetSession(ctx, "session-0000")
		var closed *scriptix.RateLimitError
		if !errors.As(err, &closed) || !closed.Until.Equal(reset) || closed.OwnCap {
			t.Fatalf("got %v", err)
		}
		if len(server.Requests()) != 1 {
			t.Errorf("%d requests", len(server.Requests()))
		}
	})
}

// Requests that sit out a pause must not keep others from knowing that they cannot.
func TestASharedPauseStopsNobodyFromFailingAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := scriptixtest.NewPipeServer(t)
		addNumbered(server, 1)
		server.Inject(scriptixtest.Fault{Times: 1, Status: 429, Header: http.Header{"Retry-After": {"1800"}}})
		client := newClient(t, server)
		var patient sync.WaitGroup
		for range 2 * scriptix.DefaultMaxConcurrentRequests {
			patient.Go(func() {
				if _, err := client.GetSession(t.Context(), "session-0000"); err != nil {
					t.Error(err)
				}
			})
		}
		time.Sleep(time.Minute)
		began := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
		defer cancel()
		for name, ask := range map[string]func() error{
			"with a deadline": func() error { _, err := client.GetSession(ctx, "session-0000"); return err },
			"polling":         func() error { _, err := client.ForPolling().GetSession(t.Context(), "session-0000"); return err },
		} {
			var closed *scriptix.RateLimitError
			if err := ask(); !errors.As(err, &closed) {
				t.Errorf("%s: got %v", name, err)
			}
		}
		if took := time.Since(began); took != 0 {
			t.Errorf("failed after %s, want at once", took)
		}
		patient.Wait()
	})
}

// What is under way may not have been counted yet by the API, so that it is not there for others to use.
func TestRequestsUnderWayAreTakenFromWhatIsLeft(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := scriptixtest.NewPipeServer(t)
		const body = `{"session_id": "s", "status": "queued"}`
		header := budgetHeaders(1, time.Now().Add(time.Minute))
		server.Inject(
			scriptixtest.Fault{Times: 1, Latency: 10 * time.Second, Body: body},
			scriptixtest.Fault{Times: 1, Latency: time.Second, Body: body, Header: header},
		)
		client := newClient(t, server)
		var group sync.WaitGroup
		for range 2 {
			group.Go(func() {
				if _, err := client.GetSession(t.Context(), "s"); err != nil {
					t.Error(err)
				}
			})
		}
		time.Sleep(2 * time.Second)
		if client.RateLimited() == nil {
			t.Error("the one request that is left is let through, though one under way will use it")
		}
		group.Wait()
	})
}

// What is left is for one request. The second must not be sent before the first is answered.
func TestLastRequestThatIsLeftIsSentOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := scriptixtest.NewPipeServer(t)
		reset := time.Now().Add(time.Minute)
		answer := scriptixtest.Fault{Times: 1, Latency: time.Second, Body: `{"session_id": "s", "status": "queued"}`, Header: budgetHeaders(1, reset)}
		server.Inject(answer, answer)
		client := newClient(t, server).ForPolling()
		if _, err := client.GetSession(t.Context(), "s"); err != nil {
			t.Fatal(err)
		}
		var refused atomic.Int64
		var group sync.WaitGroup
		for range 2 {
			group.Go(func() {
				var closed *scriptix.RateLimitError
				if _, err := client.GetSession(t.Context(), "s"); errors.As(err, &closed) {
					refused.Add(1)
				}
			})
		}
		group.Wait()
		compare(t, "requests that were not sent", refused.Load(), int64(1))
		compare(t, "requests", len(server.Requests()), 2)
	})
}

// The API counted the request that was sent first before it counted the other.
func TestAnswersThatOvertakeEachOtherLeaveNoMore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := scriptixtest.NewPipeServer(t)
		const body = `{"session_id": "s", "status": "queued"}`
		reset := time.Now().Add(time.Minute)
		server.Inject(
			scriptixtest.Fault{Times: 1, Latency: 20 * time.Second, Body: body, Header: budgetHeaders(9, reset)},
			scriptixtest.Fault{Times: 1, Latency: 10 * time.Second, Body: body, Header: budgetHeaders(5, reset)},
		)
		client := newClient(t, server)
		var group sync.WaitGroup
		for range 2 {
			group.Go(func() {
				if _, err := client.GetSession(t.Context(), "s"); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		compare(t, "pace", time.Until(client.NextPoll(time.Now())), 40*time.Second/5)
	})
}

func TestPace(t *testing.T) {
	t.Parallel()
	now := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC) // when a synctest bubble begins
	tests := map[string]struct {
		header http.Header
		want   time.Duration
	}{
		"time until the reset by what is left": {budgetHeaders(20, now.Add(10*time.Minute)), 30 * time.Second},
		"nothing left":                         {budgetHeaders(0, now.Add(10*time.Minute)), 10 * time.Minute},
		"no headers":                           {http.Header{}, 0},
		"reset is missing":                     {http.Header{"X-Ratelimit-Remaining": {"3"}}, 0},
		"remaining is missing":                 {http.Header{"X-Ratelimit-Reset": {"946685400"}}, 0},
		"reset has passed":                     {budgetHeaders(20, now.Add(-time.Minute)), 0},
		"remaining is negative":                {budgetHeaders(-1, now.Add(time.Minute)), 0},
		"reset is absurdly far":                {budgetHeaders(1, now.Add(1000*time.Hour)), 0},
		"reset is no number":                   {http.Header{"X-Ratelimit-Remaining": {"3"}, "X-Ratelimit-Reset": {"soon"}}, 0},
		"reset overflows":                      {http.Header{"X-Ratelimit-Remaining": {"3"}, "X-Ratelimit-Reset": {"9223372036854775807"}}, 0},
		"remaining overflows":                  {http.Header{"X-Ratelimit-Remaining": {"99999999999999999999"}, "X-Ratelimit-Reset": {"946685400"}}, 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := scriptixtest.NewPipeServer(t)
				server.Inject(scriptixtest.Fault{Header: test.header, Body: `{"session_id": "s", "status": "queued"}`})
				client := newClient(t, server)
				if got := client.NextPoll(now); !got.Equal(now) {
					t.Errorf("before any answer: %s", got)
				}
				if _, err := client.GetSession(t.Context(), "s"); err != nil {
					t.Fatal(err)
				}
				if got := client.NextPoll(now).Sub(now); got != test.want {
					t.Errorf("got %s, want %s", got, test.want)
				}
			})
		})
	}
}

// movingList is a list that changes while it is read: a session joins or leaves at every so many milliseconds.
func TestMovingLists(t *testing.T) {
	t.Parallel()
	const initial = 450
	tests := map[string]struct {
		joins    time.Duration // a new session appears that often; 0: never
		leaves   time.Duration // a session is deleted that often; 0: never
		until    time.Duration // the list moves for so long
		settled  bool
		requests int // at most
	}{
		"that stand still":                     {settled: true, requests: 5},
		"that grow once":                       {joins: 250 * time.Millisecond, until: 300 * time.Millisecond, settled: true, requests: 10},
		"that shrink once":                     {leaves: 250 * time.Millisecond, until: 300 * time.Millisecond, settled: true, requests: 10},
		"that never stop growing":              {joins: 70 * time.Millisecond, until: time.Hour, settled: false, requests: 18},
		"that never stop shrinking":            {leaves: 70 * time.Millisecond, until: 20 * time.Second, settled: false, requests: 18},
		"that never stop growing or shrinking": {joins: 70 * time.Millisecond, leaves: 90 * time.Millisecond, until: 20 * time.Second, settled: false, requests: 18},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := scriptixtest.NewPipeServer(t)
				sessionIDs := addNumbered(server, initial)
				server.Inject(scriptixtest.Fault{Latency: 200 * time.Millisecond})
				gone := map[string]bool{}
				stop := move(server, sessionIDs, gone, test.joins, test.leaves, test.until)
				listing, err := newClient(t, server).ListSessions(t.Context(), scriptix.ListOptions{})
				stop()
				if err != nil {
					t.Fatal(err)
				}
				if listing.Settled != test.settled {
					t.Errorf("settled: %v, want %v", listing.Settled, test.settled)
				}
				if requests := len(server.Requests()); requests > test.requests {
					t.Errorf("%d requests, want at most %d", requests, test.requests)
				}
				checkListing(t, listing.Sessions, sessionIDs, gone)
			})
		})
	}
}

// move lets sessions join at the head of the list and leave from all over it, until stopped.
func move(server *scriptixtest.Server, sessionIDs []string, gone map[string]bool, joins, leaves, until time.Duration) (stop func()) {
	done := make(chan struct{})
	var group sync.WaitGroup
	repeat := func(every time.Duration, change func(n int)) {
		if every == 0 {
			return
		}
		group.Go(func() {
			ticker := time.NewTicker(every)
			defer ticker.Stop()
			end := time.After(until)
			for n := 0; ; n++ {
				select {
				case <-done:
					return
				case <-end:
					return
				case <-ticker.C:
					change(n)
				}
			}
		})
	}
	repeat(joins, func(n int) { server.Add(scriptixtest.Session{SessionID: fmt.Sprintf("new-%04d", n)}) })
	repeat(leaves, func(n int) {
		sessionID := sessionIDs[(n*37+60)%len(sessionIDs)]
		server.Remove(sessionID)
		gone[sessionID] = true
	})
	return func() {
		close(done)
		group.Wait()
	}
}

// checkListing finds sessions that are missing though they were there all along, that came twice, or that stand
// out of order.
func checkListing(t *testing.T, listed []scriptix.Session, sessionIDs []string, gone map[string]bool) {
	t.Helper()
	place := make(map[string]int, len(listed))
	for i, session := range listed {
		if before, twice := place[session.SessionID]; twice {
			t.Errorf("%s stands at %d and at %d", session.SessionID, before, i)
		}
		place[session.SessionID] = i
	}
	previous := -1
	for _, sessionID := range slices.Backward(sessionIDs) {
		at, ok := place[sessionID]
		if gone[sessionID] {
			continue
		}
		if !ok {
			t.Errorf("%s is missing though it was there all along", sessionID)
			continue
		}
		if at < previous {
			t.Errorf("%s stands before one that is newer", sessionID)
		}
		previous = at
	}
}
