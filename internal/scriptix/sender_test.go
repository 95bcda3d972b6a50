package scriptix_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
)

func containsFold(text, part string) bool {
	return strings.Contains(strings.ToLower(text), strings.ToLower(part))
}

func withConcurrency(most int) func(*scriptix.Config) {
	return func(config *scriptix.Config) { config.MaxConcurrentRequests = most }
}

// atOnce asks for the example by many goroutines and returns how each fared.
func atOnce(ctx context.Context, many int, clients ...*scriptix.Client) []error {
	results := make([]error, many)
	var group sync.WaitGroup
	for i := range results {
		group.Go(func() { results[i] = getExample(ctx, clients[i%len(clients)]) })
	}
	group.Wait()
	return results
}

func TestRequestsInFlightAreBounded(t *testing.T) {
	t.Parallel()
	for _, most := range []int{1, 2, 5, 20} {
		t.Run(fmt.Sprint(most), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := scriptixtest.NewPipeServer(t)
				server.Add(scriptixtest.Session{SessionID: exampleID})
				server.Inject(scriptixtest.Fault{Latency: time.Second})
				client := newClient(t, server, withConcurrency(most))
				start := time.Now()
				// A client for polling shares the bound.
				if err := errors.Join(atOnce(t.Context(), 20, client, client.ForPolling())...); err != nil {
					t.Fatal(err)
				}
				compare(t, "most in flight", server.MaxInFlight(), most)
				// All of the bound is used: otherwise it would take longer.
				want := time.Duration((20+most-1)/most) * time.Second
				took(t, start, want, want)
			})
		})
	}
}

// The fake's smallest plan allows two at a time and answers any more with a 429.
func TestDefaultsStayWithinTheSmallestPlan(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := scriptixtest.NewPipeServer(t, scriptixtest.WithPlan(scriptixtest.Plan{Concurrent: scriptixtest.Free.Concurrent}))
		server.Add(scriptixtest.Session{SessionID: exampleID})
		server.Inject(scriptixtest.Fault{Latency: time.Second})
		if err := errors.Join(atOnce(t.Context(), 10, newClient(t, server))...); err != nil {
			t.Fatal(err)
		}
		for _, request := range server.Requests() {
			compare(t, "status", request.Answered, http.StatusOK)
		}
	})
}

// A pause between attempts is no request: it must keep nobody from sending.
func TestPauseBetweenAttemptsTakesNoSlot(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := scriptixtest.NewPipeServer(t)
		server.Add(scriptixtest.Session{SessionID: "good"})
		server.Inject(scriptixtest.Fault{Match: scriptixtest.ForSession("bad"), Status: http.StatusBadGateway})
		client := newClient(t, server, withConcurrency(1))
		done := make(chan error)
		go func() {
			_, err := client.GetSession(t.Context(), "bad")
			done <- err
		}()
		synctest.Wait() // the bad one is in its first pause
		start := time.Now()
		if _, err := client.GetSession(t.Context(), "good"); err != nil {
			t.Error(err)
		}
		took(t, start, 0, 0)
		failure[*scriptix.APIError](t, <-done)
	})
}

func TestWaitingForASlotEndsWithTheContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := scriptixtest.NewPipeServer(t)
		server.Inject(scriptixtest.Fault{Hang: true})
		client := newClient(t, server, withConcurrency(1), withoutRetries)
		first, stopFirst := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- getExample(first, client) }()
		synctest.Wait()

		start := time.Now()
		for _, end := range []struct {
			is   error
			stop func(context.Context) (context.Context, context.CancelFunc)
		}{
			{context.DeadlineExceeded, func(ctx context.Context) (context.Context, context.CancelFunc) {
				return context.WithTimeout(ctx, time.Second)
			}},
			{context.Canceled, func(ctx context.Context) (context.Context, context.CancelFunc) {
				ctx, cancel := context.WithCancel(ctx)
				time.AfterFunc(time.Second, cancel)
				return ctx, cancel
			}},
		} {
			ctx, stop := end.stop(t.Context())
			got := failure[*scriptix.RequestError](t, getExample(ctx, client))
			stop()
			if !errors.Is(got, end.is) || got.Attempts != 0 {
				t.Errorf("got %v after %d attempts, want %v after none", got, got.Attempts, end.is)
			}
		}
		took(t, start, 2*time.Second, 2*time.Second)
		compare(t, "requests", len(server.Requests()), 1)
		stopFirst()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("the first request ended with %v", err)
		}
		// Nobody took the slot along.
		server.ClearFaults()
		server.Add(scriptixtest.Session{SessionID: exampleID})
		if err := getExample(t.Context(), client); err != nil {
			t.Error(err)
		}
	})
}

func TestTimeoutOfAnAttemptDoesNotCountTheWaitForItsTurn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := scriptixtest.NewPipeServer(t)
		server.Add(scriptixtest.Session{SessionID: exampleID})
		server.Inject(scriptixtest.Fault{Latency: 29 * time.Second})
		start := time.Now()
		if err := errors.Join(atOnce(t.Context(), 5, newClient(t, server, withConcurrency(1), withoutRetries))...); err != nil {
			t.Fatal(err)
		}
		took(t, start, 145*time.Second, 145*time.Second)
	})
}

// stallingBody is an answer whose end never comes.
type stallingBody struct {
	beginning io.Reader
	ctx       context.Context
}

func (b stallingBody) Read(buffer []byte) (int, error) {
	if n, err := b.beginning.Read(buffer); err == nil {
		return n, nil
	}
	<-b.ctx.Done()
	return 0, b.ctx.Err()
}

func (b stallingBody) Close() error { return nil }

func TestTimeoutOfAnAttemptCountsTheBody(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		client := newTransportClient(t, func(request *http.Request) (*http.Response, error) {
			return &http.Response{
				StatusCode: http.StatusOK, Header: http.Header{}, ContentLength: -1,
				Body: stallingBody{strings.NewReader(scriptixtest.CompletedSessionJSON), request.Context()},
			}, nil
		})
		got := failure[*scriptix.AttemptTimeoutError](t, getExample(t.Context(), client))
		compare(t, "error", *got, scriptix.AttemptTimeoutError{Timeout: 30 * time.Second})
		took(t, start, 30*time.Second, 30*time.Second)
	})
}

func TestRequestsAreLoggedAtDebug(t *testing.T) {
	t.Parallel()
	const path = sessionsPath + "/" + exampleID
	record := func(others map[string]any) map[string]any {
		all := map[string]any{"level": "DEBUG", "method": "GET", "path": path, "query": "", "duration": 2e9}
		maps.Copy(all, others)
		return all
	}
	tests := map[string]struct {
		ask    request
		faults []scriptixtest.Fault
		want   []map[string]any
	}{
		"answer": {getExample, []scriptixtest.Fault{{Latency: 2 * time.Second}}, []map[string]any{
			record(map[string]any{"status": 200.0}),
		}},
		"page": {getPage, []scriptixtest.Fault{{Latency: 2 * time.Second}}, []map[string]any{
			record(map[string]any{"status": 200.0, "path": sessionsPath, "query": "limit=100&offset=0"}),
		}},
		"every attempt": {getExample, []scriptixtest.Fault{
			// The reset goes first: one on a connection in use is repeated by net/http itself, and unseen.
			{Latency: 2 * time.Second, Reset: true, Times: 1},
			{Latency: 2 * time.Second, Status: http.StatusBadGateway, Body: "secret of the body", Times: 1},
			{Latency: 2 * time.Second},
		}, []map[string]any{
			record(map[string]any{"error": "EOF"}), record(map[string]any{"status": 502.0}), record(map[string]any{"status": 200.0}),
		}},
		"redirect": {getExample, []scriptixtest.Fault{
			{Latency: 2 * time.Second, Status: 302, Header: http.Header{"Location": {"https://secret.example"}}},
		}, []map[string]any{record(map[string]any{"status": 302.0})}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := scriptixtest.NewPipeServer(t)
				server.Add(scriptixtest.Session{SessionID: exampleID, Filename: "secret.mp3"})
				server.Inject(test.faults...)
				var written bytes.Buffer
				_ = test.ask(t.Context(), newClient(t, server, loggingTo(&written, slog.LevelDebug)))
				var records []map[string]any
				for decoder := json.NewDecoder(bytes.NewReader(written.Bytes())); decoder.More(); {
					record := map[string]any{}
					if err := decoder.Decode(&record); err != nil {
						t.Fatal(err)
					}
					delete(record, "time")
					delete(record, "msg") // its words may change, and hidesToken looks at them too
					records = append(records, record)
				}
				// All fields are compared, so that no header, body or token can be in one.
				compare(t, "records", records, test.want)
				hidesToken(t, "log", written.String())
			})
		})
	}
}

func TestNothingIsLoggedAboveDebug(t *testing.T) {
	t.Parallel()
	var written bytes.Buffer
	client := newTransportClient(t, func(*http.Request) (*http.Response, error) { return nil, io.EOF },
		loggingTo(&written, slog.LevelInfo))
	failure[*scriptix.RequestError](t, getExample(t.Context(), client))
	compare(t, "log", written.String(), "")
}
