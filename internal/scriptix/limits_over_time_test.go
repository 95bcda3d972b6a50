package scriptix

import (
	"context"
	"net/http"
	"strconv"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
	"unsafe"
)

// answered returns an answer with rate limit headers.
func answered(limit, remaining int, reset time.Time) *http.Response {
	now := time.Now()
	return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody, Header: http.Header{
		"Date":                  {now.UTC().Format(http.TimeFormat)},
		"X-Ratelimit-Limit":     {strconv.Itoa(limit)},
		"X-Ratelimit-Remaining": {strconv.Itoa(remaining)},
		"X-Ratelimit-Reset":     {strconv.FormatInt(reset.Unix(), 10)},
	}}
}

// send sends one request through a limiter. A nil answer is an outage.
func send(t *testing.T, l *limiter, answer func() *http.Response) {
	t.Helper()
	if err := l.acquire(context.Background(), true); err != nil {
		t.Fatal(err)
	}
	var response *http.Response
	if answer != nil {
		response = answer() //nolint:bodyclose // it has none
	}
	l.release(response, time.Now())
}

// The API counts no request that does not reach it. After an outage, a wait has all that the API has left.
func TestOutageSpendsNothing(t *testing.T) {
	t.Parallel()
	outages := map[string]func() *http.Response{
		"no answer": nil,
		"a gateway's page": func() *http.Response {
			return &http.Response{StatusCode: http.StatusServiceUnavailable, Header: http.Header{"Content-Type": {"text/html"}}, Body: http.NoBody}
		},
	}
	for name, answer := range outages {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				l := newLimiter(2, 0)
				reset := time.Now().Add(time.Hour)
				send(t, l, func() *http.Response { return answered(100, 99, reset) })
				pace, ready := l.budget.pace(0, time.Now()), l.plan.ready(0, time.Now())
				for range 500 {
					send(t, l, answer)
				}
				if got := l.budget.pace(0, time.Now()); got != pace || !l.plan.ready(0, time.Now()).Equal(ready) {
					t.Errorf("the pace is %s after an outage, and was %s before", got, pace)
				}
				send(t, l, func() *http.Response { return answered(100, 98, reset) })
				if l.budget.remaining != 98 {
					t.Errorf("%d requests are left, want 98", l.budget.remaining)
				}
			})
		})
	}
}

// An answer without headers has been counted by the API all the same.
func TestAnswerWithoutHeadersSpendsARequest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLimiter(2, 0)
		reset := time.Now().Add(time.Hour)
		send(t, l, func() *http.Response { return answered(10, 2, reset) })
		for range 2 {
			send(t, l, func() *http.Response { return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody} })
		}
		limit := l.limitedBy(time.Now(), true)
		if limit == nil || !limit.Until.Equal(reset) {
			t.Errorf("limited by %v, want a limit until %s", limit, reset)
		}
	})
}

// The reset of a sliding window is always a minute ahead, and what is left rises again.
func TestSlidingWindowHoldsBackNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const limit = 100
		l := newLimiter(2, 0)
		start := time.Now()
		var sent []time.Time
		for i := range 400 { // a burst of 60, then 30 in a minute of 100
			send(t, l, func() *http.Response {
				now := time.Now()
				sent = append(sent, now)
				for now.Sub(sent[0]) >= time.Minute {
					sent = sent[1:]
				}
				return answered(limit, limit-len(sent), now.Add(time.Minute))
			})
			if i < 60 {
				continue
			}
			time.Sleep(2 * time.Second)
			pace := l.budget.pace(0, time.Now())
			if time.Since(start) > 2*time.Minute && pace > time.Second {
				t.Fatalf("after %s, with %d requests in the last minute, the pace is %s", time.Since(start), len(sent), pace)
			}
		}
	})
}

// slept returns now as a machine sees it that slept for a while: its monotonic clock stood still.
func slept(now time.Time, length time.Duration) time.Time {
	now = now.Add(length)
	// A time.Time with a monotonic reading holds it in its second word. No function can change that reading alone.
	monotonic := (*int64)(unsafe.Add(unsafe.Pointer(&now), 8))
	*monotonic -= int64(length)
	return now
}

func TestLimitsEndWhileTheMachineSleeps(t *testing.T) {
	t.Parallel()
	for name, response := range map[string]func() *http.Response{
		"nothing left": func() *http.Response { return answered(100, 0, time.Now().Add(time.Hour)) },
		"429": func() *http.Response {
			return &http.Response{StatusCode: http.StatusTooManyRequests, Body: http.NoBody, Header: http.Header{"Retry-After": {"3600"}}}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLimiter(2, 0)
			send(t, l, response)
			now := time.Now()
			awake := slept(now, 61*time.Minute)
			if awake.Sub(now) != 0 || awake.Round(0).Sub(now.Round(0)) != 61*time.Minute {
				t.Fatalf("the clocks say %s and %s", awake.Sub(now), awake.Round(0).Sub(now.Round(0)))
			}
			if limit := l.limitedBy(now, true); limit == nil {
				t.Error("not limited before")
			}
			if limit := l.limitedBy(awake, true); limit != nil {
				t.Errorf("limited after: %v", limit)
			}
			if pause := l.nextPoll(awake, awake).Sub(awake); pause > oneByOne {
				t.Errorf("the pause is %s after", pause)
			}
			// The wall clock is set back by two hours, while time goes on.
			if limit := l.limitedBy(slept(now.Add(61*time.Minute), -2*time.Hour), true); limit != nil {
				t.Errorf("limited after the wall clock was set back: %v", limit)
			}
		})
	}
}

// A request that sits out a limit notices that the machine has slept.
func TestRequestEndsItsPauseSoonAfterTheMachineSlept(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLimiter(2, 0)
		send(t, l, func() *http.Response { return answered(100, 0, time.Now().Add(time.Hour)) })
		var asleep atomic.Int64
		l.now = func() time.Time { return time.Now().Add(time.Duration(asleep.Load())) }
		start := time.Now()
		time.AfterFunc(time.Minute, func() { asleep.Store(int64(time.Hour)) })
		if err := l.acquire(t.Context(), false); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(start); took < time.Minute || took > time.Minute+longestNap {
			t.Errorf("the pause took %s", took)
		}
	})
}

// The other window of a plan renews while the machine sleeps, too.
func TestOtherWindowRenewsWhileTheMachineSleeps(t *testing.T) {
	t.Parallel()
	l := newLimiter(2, 0)
	for range 40 {
		send(t, l, func() *http.Response { return answered(10, 1_000_000, time.Now().Add(time.Minute)) })
	}
	now := time.Now()
	if ready := l.plan.ready(0, now); ready.Sub(now) < time.Minute {
		t.Fatalf("the hour is spent, and yet ready after %s", ready.Sub(now))
	}
	if ready := l.plan.ready(0, slept(now, time.Hour)); !ready.IsZero() {
		t.Errorf("ready at %s after an hour's sleep", ready)
	}
}
