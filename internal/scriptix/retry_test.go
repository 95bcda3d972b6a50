package scriptix_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
)

func withRetries(retries int) func(*scriptix.Config) {
	return func(config *scriptix.Config) { config.MaxRetries = retries }
}

func TestStatusesThatAreRetried(t *testing.T) {
	t.Parallel()
	retried := map[int]bool{408: true, 429: true, 500: true, 502: true, 503: true, 504: true}
	for _, status := range []int{
		201, 204, 304, 400, 401, 402, 403, 404, 405, 408, 409, 410, 413, 418, 421, 422, 423, 424, 425, 426, 428, 429,
		431, 451, 500, 501, 502, 503, 504, 505, 506, 507, 508, 510, 511, 520, 599,
	} {
		for _, retries := range []int{0, 1, 4} {
			t.Run(fmt.Sprintf("%d with %d retries", status, retries), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					server := scriptixtest.NewPipeServer(t)
					body := scriptixtest.DetailErrorBody
					if status == http.StatusNoContent || status == http.StatusNotModified {
						body = ""
					}
					server.Inject(scriptixtest.Fault{Status: status, Body: body})
					attempts := 1
					if retried[status] {
						attempts += retries
					}
					got := failure[*scriptix.APIError](t, getExample(t.Context(), newClient(t, server, withRetries(retries))))
					compare(t, "requests", len(server.Requests()), attempts)
					want := scriptix.APIError{StatusCode: status, Attempts: attempts}
					if body != "" {
						want.Message = "The request is not valid"
					}
					compare(t, "error", *got, want)
				})
			})
		}
	}
}

func TestRetriesEndWithTheFirstAnswer(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]scriptixtest.Fault{
		"status 503": {Status: http.StatusServiceUnavailable, Body: scriptixtest.ProxyPage},
		"status 429": {Status: http.StatusTooManyRequests},
		"reset":      {Reset: true},
		"broken off": {Truncate: true},
		"no answer":  {Hang: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := scriptixtest.NewPipeServer(t)
				server.Add(scriptixtest.Session{SessionID: exampleID, JSON: scriptixtest.FailedSessionJSON})
				fault.Times = 4
				server.Inject(fault)
				session, err := newClient(t, server).GetSession(t.Context(), exampleID)
				if err != nil {
					t.Fatal(err)
				}
				compare(t, "session", *session, failedExample())
				compare(t, "requests", len(server.Requests()), 5)
			})
		})
	}
}

func TestFailuresThatAreRetried(t *testing.T) {
	t.Parallel()
	timeout := func(err error) bool {
		var attempt *scriptix.AttemptTimeoutError
		return errors.As(err, &attempt) && *attempt == scriptix.AttemptTimeoutError{Timeout: 30 * time.Second}
	}
	tests := map[string]struct {
		fault scriptixtest.Fault
		is    func(error) bool
	}{
		"reset": {scriptixtest.Fault{Reset: true}, func(err error) bool { return errors.Is(err, io.EOF) }},
		"answer that breaks off": {
			scriptixtest.Fault{Body: scriptixtest.CompletedSessionJSON, Truncate: true},
			func(err error) bool { return errors.Is(err, io.ErrUnexpectedEOF) },
		},
		"refusal that breaks off": {
			scriptixtest.Fault{Status: http.StatusNotFound, Body: scriptixtest.NotFoundJSON, Truncate: true},
			func(err error) bool { return errors.Is(err, io.ErrUnexpectedEOF) },
		},
		"no answer":        {scriptixtest.Fault{Hang: true}, timeout},
		"answer too late":  {scriptixtest.Fault{Latency: 31 * time.Second}, timeout},
		"refusal too late": {scriptixtest.Fault{Latency: 31 * time.Second, Status: http.StatusNotFound}, timeout},
	}
	for name, test := range tests {
		for _, retries := range []int{0, 1, 4} {
			t.Run(fmt.Sprintf("%s with %d retries", name, retries), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					server := scriptixtest.NewPipeServer(t)
					server.Inject(test.fault)
					got := failure[*scriptix.RequestError](t, getExample(t.Context(), newClient(t, server, withRetries(retries))))
					compare(t, "requests", len(server.Requests()), retries+1)
					compare(t, "error", *got, scriptix.RequestError{
						Method: http.MethodGet, Path: sessionsPath + "/" + exampleID, Attempts: retries + 1,
					}, cmpopts.IgnoreFields(*got, "Err"))
					if !test.is(got) {
						t.Errorf("it ended with %v (%T)", got.Err, got.Err)
					}
				})
			})
		}
	}
}

// Trying again makes no certificate valid, and would keep people waiting for the one thing they have to fix.
func TestBadCertificateIsNotRetried(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // it complains about the handshake, which is meant to fail
	server.StartTLS()
	t.Cleanup(server.Close)
	dials := 0
	network := http.DefaultTransport.(*http.Transport).Clone()
	t.Cleanup(network.CloseIdleConnections)
	config := newConfig(t, server.URL, transport(func(request *http.Request) (*http.Response, error) {
		dials++
		return network.RoundTrip(request)
	}))
	got := failure[*scriptix.RequestError](t, getExample(t.Context(), scriptix.NewClient(config)))
	compare(t, "attempts", []int{got.Attempts, dials}, []int{1, 1})
	if want := "certificate"; !containsFold(got.Error(), want) {
		t.Errorf("the error says %q, want %q in it", got, want)
	}
}

// The failure of the last attempt decides, whatever the ones before were.
func TestLastAnswerIsKeptWhenRetriesEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := scriptixtest.NewPipeServer(t)
		server.Inject(
			scriptixtest.Fault{Reset: true, Times: 1},
			scriptixtest.Fault{Status: http.StatusBadGateway, Body: scriptixtest.ProxyPage, Times: 1},
			scriptixtest.Fault{Status: http.StatusInternalServerError, Body: scriptixtest.DetailedErrorBody},
		)
		got := failure[*scriptix.APIError](t, getExample(t.Context(), newClient(t, server, withRetries(2))))
		compare(t, "error", *got, scriptix.APIError{
			StatusCode: http.StatusInternalServerError, Type: "Bad Request", ErrorCode: "INVALID_REQUEST",
			Message: "Invalid request", Details: `{"field":"limit"}`, FromAPI: true, Attempts: 3,
		})
	})
}

func TestPausesGrowAndVary(t *testing.T) {
	t.Parallel()
	pauses := func(t *testing.T) []time.Duration {
		t.Helper()
		var between []time.Duration
		synctest.Test(t, func(t *testing.T) {
			start := time.Now()
			server := scriptixtest.NewPipeServer(t)
			server.Inject(scriptixtest.Fault{Status: http.StatusServiceUnavailable})
			failure[*scriptix.APIError](t, getExample(t.Context(), newClient(t, server, withRetries(9))))
			moments := arrivals(server, start)
			for i := range moments[1:] {
				between = append(between, moments[i+1]-moments[i])
			}
		})
		return between
	}
	first, second := pauses(t), pauses(t)
	longest := []time.Duration{ // twice as long each time, up to half a minute
		500 * time.Millisecond, time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second, 16 * time.Second,
		30 * time.Second, 30 * time.Second, 30 * time.Second,
	}
	if len(first) != len(longest) || len(second) != len(longest) {
		t.Fatalf("%d and %d pauses, want %d", len(first), len(second), len(longest))
	}
	different := false
	for i, most := range longest {
		for _, pause := range []time.Duration{first[i], second[i]} {
			if pause < most/2 || pause > most {
				t.Errorf("pause %d took %s, want %s to %s", i+1, pause, most/2, most)
			}
		}
		different = different || first[i] != second[i]
	}
	// Of nine pauses with a nanosecond's resolution all nine would have to be equal by chance.
	if !different {
		t.Errorf("two requests paused alike: %v", first)
	}
}

// errOutOfPatience is why a caller gives up when it is neither a deadline nor a plain cancel.
var errOutOfPatience = errors.New("out of patience")

func TestEndOfContextEndsEverythingAtOnce(t *testing.T) {
	t.Parallel()
	const length = 10 * time.Second
	ends := map[string]struct {
		begin func(context.Context) (context.Context, context.CancelFunc)
		is    error
	}{
		"deadline": {func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, length)
		}, context.DeadlineExceeded},
		"cancel": {func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(ctx)
			time.AfterFunc(length, cancel)
			return ctx, cancel
		}, context.Canceled},
		"cancel with a cause": {func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancelCause(ctx)
			time.AfterFunc(length, func() { cancel(errOutOfPatience) })
			return ctx, func() { cancel(nil) }
		}, errOutOfPatience},
	}
	type wanted struct {
		attempts    int // zero: as many as there were requests
		lastFailure string
	}
	moments := map[string]struct {
		faults []scriptixtest.Fault
		want   wanted
	}{
		// Within 10 s there are at most six attempts, so that the context ends during a pause.
		"during a pause after an answer":  {[]scriptixtest.Fault{{Status: http.StatusServiceUnavailable}}, wanted{0, "status 503 Service Unavailable"}},
		"during a pause after a failure":  {[]scriptixtest.Fault{{Reset: true}}, wanted{0, "EOF"}},
		"during the first attempt":        {[]scriptixtest.Fault{{Hang: true}}, wanted{1, ""}},
		"while the answer comes too late": {[]scriptixtest.Fault{{Latency: time.Minute}}, wanted{1, ""}},
		"during a later attempt": {
			[]scriptixtest.Fault{{Status: http.StatusBadGateway, Times: 2}, {Hang: true}},
			wanted{3, "status 502 Bad Gateway"},
		},
	}
	for end, ending := range ends {
		for moment, test := range moments {
			t.Run(end+" "+moment, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					server := scriptixtest.NewPipeServer(t)
					server.Inject(test.faults...)
					client := newClient(t, server, withRetries(100))
					start := time.Now()
					ctx, stop := ending.begin(t.Context())
					defer stop()
					got := failure[*scriptix.RequestError](t, getExample(ctx, client))
					took(t, start, length, length)
					for _, other := range []error{context.DeadlineExceeded, context.Canceled, errOutOfPatience} {
						compare(t, fmt.Sprintf("is %q", other), errors.Is(got, other), errors.Is(ending.is, other))
					}
					lastFailure := ""
					if got.LastFailure != nil {
						lastFailure = got.LastFailure.Error()
					}
					compare(t, "last failure", lastFailure, test.want.lastFailure)
					if test.want.attempts > 0 {
						compare(t, "attempts", got.Attempts, test.want.attempts)
					}
					compare(t, "requests", len(server.Requests()), got.Attempts)
				})
			})
		}
	}
}

func TestNothingIsSentForAContextThatHasEnded(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	client := newTransportClient(t, func(request *http.Request) (*http.Response, error) {
		t.Errorf("sent %s", request.URL)
		return nil, io.EOF
	}, withRetries(4))
	for which, ask := range requests() {
		got := failure[*scriptix.RequestError](t, ask(ctx, client))
		if !errors.Is(got, context.Canceled) || got.Attempts != 0 || got.LastFailure != nil {
			t.Errorf("%s: got %+v", which, got)
		}
	}
}
