package scriptix_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
)

// refusal is a fault that refuses one request and asks to come back after so many seconds.
func refusal(seconds int) scriptixtest.Fault {
	return scriptixtest.Fault{
		Status: http.StatusTooManyRequests, Times: 1,
		Header: http.Header{"Retry-After": {strconv.Itoa(seconds)}}, Body: scriptixtest.RateLimitedBody,
	}
}

func withCap(perMinute int) func(*scriptix.Config) {
	return func(config *scriptix.Config) { config.RequestsPerMinute = perMinute }
}

func TestRefusalPausesAllRequestsOfTheClient(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := scriptixtest.NewPipeServer(t)
		server.Add(scriptixtest.Session{SessionID: exampleID})
		server.Inject(refusal(60))
		client := newClient(t, server, withConcurrency(10))
		start := time.Now()
		var group sync.WaitGroup
		for i, ask := range []request{getExample, getPage, listAll, getExample, getPage} {
			group.Go(func() {
				time.Sleep(time.Duration(i) * 10 * time.Second) // they come while the pause lasts
				if err := ask(t.Context(), client); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		compare(t, "requests came at", arrivals(server, start), []time.Duration{
			0, time.Minute, time.Minute, time.Minute, time.Minute, time.Minute,
		})
	})
}

func TestLaterRefusalDoesNotShortenThePause(t *testing.T) {
	t.Parallel()
	for name, seconds := range map[string][2]int{"longer first": {60, 5}, "shorter first": {5, 60}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := scriptixtest.NewPipeServer(t)
				server.Add(scriptixtest.Session{SessionID: exampleID})
				first, second := refusal(seconds[0]), refusal(seconds[1])
				first.Latency, second.Latency = time.Second, 2*time.Second
				server.Inject(first, second)
				start := time.Now()
				if err := errors.Join(atOnce(t.Context(), 2, newClient(t, server))...); err != nil {
					t.Fatal(err)
				}
				reopened := time.Duration(max(seconds[0]+1, seconds[1]+2)) * time.Second
				compare(t, "requests came at", arrivals(server, start), []time.Duration{0, 0, reopened, reopened})
			})
		})
	}
}

// A 429 pauses the client that received it and those made from it, and no other.
func TestPauseIsSharedWithThePollingClient(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := scriptixtest.NewPipeServer(t)
		server.Add(scriptixtest.Session{SessionID: exampleID})
		server.Inject(refusal(60))
		client, other := newClient(t, server), newClient(t, server)
		polling := client.ForPolling()
		start := time.Now()
		refused := failure[*scriptix.APIError](t, getExample(t.Context(), polling))
		compare(t, "told to come back", refused.RetryAt.Equal(start.Add(time.Minute)), true)

		for which, ask := range requests() {
			closed := failure[*scriptix.RateLimitError](t, ask(t.Context(), polling))
			compare(t, which, *closed, scriptix.RateLimitError{Until: start.Add(time.Minute)})
		}
		took(t, start, 0, 0)
		if err := getExample(t.Context(), other); err != nil {
			t.Errorf("another client: %v", err)
		}
		took(t, start, 0, 0)
		if err := getExample(t.Context(), client); err != nil {
			t.Errorf("the client it was made from: %v", err)
		}
		compare(t, "requests came at", arrivals(server, start), []time.Duration{0, 0, time.Minute})
		if err := getExample(t.Context(), polling); err != nil {
			t.Errorf("polling when the pause is over: %v", err)
		}
	})
}

func TestPauseBeyondTheDeadlineFailsAtOnce(t *testing.T) {
	t.Parallel()
	for which, ask := range requests() {
		t.Run(which, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := scriptixtest.NewPipeServer(t)
				server.Inject(refusal(60))
				client := newClient(t, server)
				start := time.Now()
				ctx, cancel := context.WithTimeout(t.Context(), 59*time.Second)
				defer cancel()
				refused := failure[*scriptix.APIError](t, ask(ctx, client))
				compare(t, "who was refused is told to come back", refused.RetryAt.Equal(start.Add(time.Minute)), true)
				closed := failure[*scriptix.RateLimitError](t, ask(ctx, client))
				compare(t, "who comes next", *closed, scriptix.RateLimitError{Until: start.Add(time.Minute)})
				took(t, start, 0, 0)
				compare(t, "requests", len(server.Requests()), 1)
			})
		})
	}
}

func TestPauseWithinTheDeadlineIsSatOut(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := scriptixtest.NewPipeServer(t)
		server.Add(scriptixtest.Session{SessionID: exampleID})
		server.Inject(refusal(60))
		start := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), 61*time.Second)
		defer cancel()
		if err := getExample(ctx, newClient(t, server)); err != nil {
			t.Fatal(err)
		}
		took(t, start, time.Minute, time.Minute)
	})
}

func TestEndOfContextEndsThePause(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := scriptixtest.NewPipeServer(t)
		server.Inject(refusal(3600))
		client := newClient(t, server)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		time.AfterFunc(10*time.Second, cancel)
		start := time.Now()
		got := failure[*scriptix.RequestError](t, getExample(ctx, client))
		took(t, start, 10*time.Second, 10*time.Second)
		if !errors.Is(got, context.Canceled) || got.Attempts != 1 {
			t.Errorf("got %v after %d attempts, want a cancel after 1", got, got.Attempts)
		}
		if last := failure[*scriptix.APIError](t, got.LastFailure); last.StatusCode != http.StatusTooManyRequests {
			t.Errorf("the last failure is %v, want the 429", last)
		}
	})
}

func TestOwnCapHoldsInEveryMinute(t *testing.T) {
	t.Parallel()
	for _, perMinute := range []int{1, 3, 10} {
		for name, faults := range map[string][]scriptixtest.Fault{
			"all goes well": nil,
			// The resets go first: one on a connection in use is repeated by net/http itself, past the cap.
			"retries count too":   {{Reset: true, Times: 2}, {Status: http.StatusBadGateway, Times: 2}},
			"answers take longer": {{Latency: 7 * time.Second}},
		} {
			t.Run(fmt.Sprintf("%d a minute, %s", perMinute, name), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					server := scriptixtest.NewPipeServer(t)
					server.Add(scriptixtest.Session{SessionID: exampleID})
					server.Inject(faults...)
					client := newClient(t, server, withCap(perMinute), withConcurrency(20))
					const many = 25
					start := time.Now()
					if err := errors.Join(atOnce(t.Context(), many, client)...); err != nil {
						t.Fatal(err)
					}
					moments := arrivals(server, start)
					if len(moments) < many {
						t.Fatalf("%d requests, want at least %d", len(moments), many)
					}
					slices.Sort(moments)
					for i := range moments[perMinute:] {
						if window := moments[i+perMinute] - moments[i]; window < time.Minute {
							t.Errorf("%d requests within %s", perMinute+1, window)
						}
					}
					// And the cap is used, rather than kept by sending next to nothing.
					if most := time.Duration(len(moments)/perMinute+1) * (time.Minute + 10*time.Second); time.Since(start) > most {
						t.Errorf("%d requests took %s, want at most %s", len(moments), time.Since(start), most)
					}
				})
			})
		}
	}
}

func TestOwnCapRenewsWithTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := scriptixtest.NewPipeServer(t)
		server.Add(scriptixtest.Session{SessionID: exampleID})
		client := newClient(t, server, withCap(2))
		start := time.Now()
		for range 6 { // one every 30 s is what the cap allows, so that nobody waits
			if err := getExample(t.Context(), client); err != nil {
				t.Fatal(err)
			}
			time.Sleep(30 * time.Second)
		}
		took(t, start, 3*time.Minute, 3*time.Minute)
	})
}

func TestOwnCapBeyondTheDeadlineFailsAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := scriptixtest.NewPipeServer(t)
		server.Add(scriptixtest.Session{SessionID: exampleID})
		client := newClient(t, server, withCap(1))
		start := time.Now()
		if err := getExample(t.Context(), client); err != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Second)
		want := scriptix.RateLimitError{Until: start.Add(time.Minute), OwnCap: true}
		ctx, cancel := context.WithTimeout(t.Context(), 49*time.Second)
		defer cancel()
		compare(t, "error", *failure[*scriptix.RateLimitError](t, getExample(ctx, client)), want)
		compare(t, "error of a poll", *failure[*scriptix.RateLimitError](t, getExample(t.Context(), client.ForPolling())), want)
		took(t, start, 10*time.Second, 10*time.Second)
		compare(t, "requests", len(server.Requests()), 1)
	})
}

func TestNoCapNoPause(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := scriptixtest.NewPipeServer(t)
		server.Add(scriptixtest.Session{SessionID: exampleID})
		start := time.Now()
		if err := errors.Join(atOnce(t.Context(), 500, newClient(t, server))...); err != nil {
			t.Fatal(err)
		}
		took(t, start, 0, 0)
		compare(t, "requests", len(server.Requests()), 500)
	})
}
