package scriptix_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go.uber.org/goleak"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	sessionsPath = "/api/v3/speech-to-text/session"
	exampleID    = "abc123def456" // of the contract's examples
)

// newConfig is a whole configuration, with the defaults the provider documents.
func newConfig(t testing.TB, baseURL string, transport http.RoundTripper) scriptix.Config {
	t.Helper()
	base, err := scriptix.ParseBaseURL(baseURL)
	if err != nil {
		t.Fatalf("base URL %q: %v", baseURL, err)
	}
	token, err := scriptix.NewToken(scriptixtest.Token)
	if err != nil {
		t.Fatalf("the fake's token: %v", err)
	}
	return scriptix.Config{
		BaseURL:               base,
		Token:                 token,
		UserAgent:             "scriptix-test/1.0",
		MaxConcurrentRequests: scriptix.DefaultMaxConcurrentRequests,
		MaxRetries:            scriptix.DefaultMaxRetries,
		RequestTimeout:        scriptix.DefaultRequestTimeout,
		Transport:             transport,
	}
}

// newClient makes a client of a fake API.
func newClient(t testing.TB, server *scriptixtest.Server, changes ...func(*scriptix.Config)) *scriptix.Client {
	t.Helper()
	config := newConfig(t, server.URL, server.Transport())
	for _, change := range changes {
		change(&config)
	}
	return scriptix.NewClient(config)
}

func withoutRetries(config *scriptix.Config) { config.MaxRetries = 0 }

// transport is a network made of a function, for answers that no server would give and for requests that
// must be looked at before anybody has read them.
type transport func(*http.Request) (*http.Response, error)

func (send transport) RoundTrip(request *http.Request) (*http.Response, error) { return send(request) }

// newStubClient makes a client whose every request gets the same answer, without a network and without retries,
// so that it needs no fake clock.
func newStubClient(t testing.TB, status int, header http.Header, body string) *scriptix.Client {
	t.Helper()
	return newTransportClient(t, func(*http.Request) (*http.Response, error) {
		return newResponse(status, header, body), nil
	})
}

func newTransportClient(t testing.TB, send transport, changes ...func(*scriptix.Config)) *scriptix.Client {
	t.Helper()
	config := newConfig(t, scriptix.DefaultBaseURL, send)
	config.MaxRetries = 0
	for _, change := range changes {
		change(&config)
	}
	return scriptix.NewClient(config)
}

func newResponse(status int, header http.Header, body string) *http.Response {
	if header == nil {
		header = http.Header{}
	}
	return &http.Response{
		StatusCode:    status,
		Header:        header,
		Body:          io.NopCloser(strings.NewReader(body)),
		ContentLength: int64(len(body)),
	}
}

// failure returns the error of type E in err, and ends the test when there is none.
func failure[E error](t testing.TB, err error) E {
	t.Helper()
	var found E
	if !errors.As(err, &found) {
		t.Fatalf("got the error %v (%T), want a %T", err, err, found)
	}
	return found
}

func compare(t testing.TB, what string, got, want any, options ...cmp.Option) {
	t.Helper()
	// settled_test.go and page_test.go check what the unexported fields decide.
	options = append(options, cmpopts.IgnoreUnexported(scriptix.Session{}, scriptix.Page{}))
	if difference := cmp.Diff(want, got, options...); difference != "" {
		t.Errorf("%s (-want +got):\n%s", what, difference)
	}
}

// took checks how much of the bubble's time has passed since a moment.
func took(t *testing.T, since time.Time, atLeast, atMost time.Duration) {
	t.Helper()
	if passed := time.Since(since); passed < atLeast || passed > atMost {
		t.Errorf("took %s, want %s to %s", passed, atLeast, atMost)
	}
}

// arrivals lists when requests reached the server, counted from a moment.
func arrivals(server *scriptixtest.Server, since time.Time) []time.Duration {
	moments := []time.Duration{}
	for _, request := range server.Requests() {
		moments = append(moments, request.Time.Sub(since))
	}
	return moments
}
