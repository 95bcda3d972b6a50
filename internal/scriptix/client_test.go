package scriptix_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
)

// sentRequest is what a server sees of a request.
type sentRequest struct {
	Method, Target, Host string
	Header               http.Header
	BodyLength           int64
}

func TestRequestsAsTheyAreSent(t *testing.T) {
	t.Parallel()
	header := http.Header{
		"Authorization":   {"Bearer " + scriptixtest.Token},
		"Accept":          {"application/json"},
		"Accept-Encoding": {"gzip"}, // net/http's own, which unpacks the answer too
		"User-Agent":      {"scriptix-test/1.0"},
	}
	get := func(sessionID string) request {
		return func(ctx context.Context, client *scriptix.Client) error {
			_, err := client.GetSession(ctx, sessionID)
			return err
		}
	}
	page := func(status scriptix.Status, offset int) request {
		return func(ctx context.Context, client *scriptix.Client) error {
			_, err := client.SessionPage(ctx, status, offset)
			return err
		}
	}
	tests := map[string]struct {
		prefix string // of the base URL
		ask    request
		target string
	}{
		"session":                   {"", get(exampleID), sessionsPath + "/abc123def456"},
		"session with an odd id":    {"", get("a?b#c%2Fd"), sessionsPath + "/a%3Fb%23c%252Fd"},
		"session of many alphabets": {"", get("é会"), sessionsPath + "/%C3%A9%E4%BC%9A"},
		"session below a prefix":    {"/proxy/eu/", get("x"), "/proxy/eu" + sessionsPath + "/x"},
		"session below an escaped prefix": {
			"/a%2Fb%20c", get("d%2Fe"), "/a%2Fb%20c" + sessionsPath + "/d%252Fe",
		},
		"page":                     {"", page("", 0), sessionsPath + "?limit=100&offset=0"},
		"later page":               {"", page("", 300), sessionsPath + "?limit=100&offset=300"},
		"page of a status":         {"", page(scriptix.StatusProcessing, 100), sessionsPath + "?limit=100&offset=100&status=processing"},
		"page of an odd status":    {"", page("a&limit=1", 0), sessionsPath + "?limit=100&offset=0&status=a%26limit%3D1"},
		"page below a prefix":      {"/proxy", page("", 0), "/proxy" + sessionsPath + "?limit=100&offset=0"},
		"list":                     {"", listAll, sessionsPath + "?limit=100&offset=0"},
		"list below an odd prefix": {"/a%2Fb", listAll, "/a%2Fb" + sessionsPath + "?limit=100&offset=0"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := scriptixtest.NewPipeServer(t)
				var sent []sentRequest
				server.Inject(scriptixtest.Fault{Status: http.StatusNotFound, Match: func(r *http.Request) bool {
					sent = append(sent, sentRequest{r.Method, r.RequestURI, r.Host, r.Header.Clone(), r.ContentLength})
					return true
				}})
				client := newClient(t, server, func(config *scriptix.Config) {
					base, err := scriptix.ParseBaseURL(server.URL + test.prefix)
					if err != nil {
						t.Fatal(err)
					}
					config.BaseURL = base
				})
				failure[*scriptix.APIError](t, test.ask(t.Context(), client))
				compare(t, "requests", sent, []sentRequest{{
					Method: http.MethodGet, Target: test.target, Host: strings.TrimPrefix(server.URL, "http://"), Header: header,
				}})
			})
		})
	}
}

// Clients that share a base URL must not change it for each other, nor one request for the next.
func TestRequestsLeaveTheBaseURLAlone(t *testing.T) {
	t.Parallel()
	var targets []string
	base, err := scriptix.ParseBaseURL("https://proxy.example/a%2Fb")
	if err != nil {
		t.Fatal(err)
	}
	client := newTransportClient(t, func(request *http.Request) (*http.Response, error) {
		targets = append(targets, request.URL.String())
		return newResponse(http.StatusNotFound, nil, scriptixtest.NotFoundJSON), nil
	}, func(config *scriptix.Config) { config.BaseURL = base })
	for _, ask := range []request{getExample, getPage, getExample} {
		failure[*scriptix.APIError](t, ask(t.Context(), client))
	}
	one := "https://proxy.example/a%2Fb" + sessionsPath + "/" + exampleID
	compare(t, "targets", targets, []string{one, "https://proxy.example/a%2Fb" + sessionsPath + "?limit=100&offset=0", one})
	compare(t, "base URL", base.String(), "https://proxy.example/a%2Fb")
}

func TestRedirectsAreRefused(t *testing.T) {
	t.Parallel()
	for status := 300; status < 400; status++ {
		for _, location := range []string{
			"https://elsewhere.example" + sessionsPath + "/" + exampleID, "/elsewhere", "?again", "https://elsewhere.example/%zz", "http://[::1",
		} {
			t.Run(fmt.Sprint(status, " ", location), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					// Whatever host the client dialled, it would arrive here and be counted.
					server := scriptixtest.NewPipeServer(t)
					server.Inject(scriptixtest.Fault{Status: status, Header: http.Header{"Location": {location}}})
					got := failure[*scriptix.RedirectError](t, getExample(t.Context(), newClient(t, server)))
					compare(t, "error", *got, scriptix.RedirectError{StatusCode: status, Location: location})
					compare(t, "requests", len(server.Requests()), 1)
				})
			})
		}
	}
}

func TestRedirectsToNowhereAreAnswersOfTheAPI(t *testing.T) {
	t.Parallel()
	for _, status := range []int{301, 302, 304, 307} {
		err := getExample(t.Context(), newStubClient(t, status, nil, ""))
		compare(t, "error", *failure[*scriptix.APIError](t, err), scriptix.APIError{StatusCode: status, Attempts: 1})
	}
}

// Location means something else where nothing redirects.
func TestLocationOfOtherStatusesIsNoRedirect(t *testing.T) {
	t.Parallel()
	header := http.Header{"Location": {"https://elsewhere.example"}}
	err := getExample(t.Context(), newStubClient(t, http.StatusConflict, header, ""))
	compare(t, "status", failure[*scriptix.APIError](t, err).StatusCode, http.StatusConflict)
	if err := getExample(t.Context(), newStubClient(t, http.StatusOK, header, scriptixtest.FailedSessionJSON)); err != nil {
		t.Errorf("status 200 with a Location: %v", err)
	}
}

func TestClientNamesItself(t *testing.T) {
	t.Parallel()
	client := newTransportClient(t, nil, func(config *scriptix.Config) {
		config.BaseURL = &url.URL{Scheme: "https", Host: "api.scriptix.io", User: url.UserPassword("user", "hunter2")}
	})
	compare(t, "text", client.String(), "Scriptix client of https://user:xxxxx@api.scriptix.io, token (redacted)")
}

func TestPollingClientSendsOnce(t *testing.T) {
	t.Parallel()
	tests := map[string]scriptixtest.Fault{
		"status 500":  {Status: http.StatusInternalServerError},
		"status 503":  {Status: http.StatusServiceUnavailable},
		"status 429":  {Status: http.StatusTooManyRequests},
		"reset":       {Reset: true},
		"broken off":  {Truncate: true},
		"no answer":   {Hang: true},
		"status 404":  {Status: http.StatusNotFound},
		"no sense":    {Body: "OK"},
		"redirection": {Status: http.StatusFound, Header: http.Header{"Location": {"/elsewhere"}}},
	}
	for name, fault := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := scriptixtest.NewPipeServer(t)
				server.Inject(fault)
				if err := getExample(t.Context(), newClient(t, server).ForPolling()); err == nil {
					t.Error("no error")
				}
				compare(t, "requests", len(server.Requests()), 1)
			})
		})
	}
}

func TestPollingClientLeavesTheOtherAsItWas(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := scriptixtest.NewPipeServer(t)
		server.Add(scriptixtest.Session{SessionID: exampleID})
		server.Inject(scriptixtest.Fault{Status: http.StatusServiceUnavailable, Times: 2})
		client := newClient(t, server)
		client.ForPolling()
		if err := getExample(t.Context(), client); err != nil {
			t.Errorf("the client it was made from no longer retries: %v", err)
		}
		compare(t, "requests", len(server.Requests()), 3)
	})
}

// With no Transport of its own a client has net/http's, which reaches a server by the network.
func TestClientReachesTheNetworkByDefault(t *testing.T) {
	t.Parallel()
	server := scriptixtest.NewServer(t)
	server.Add(scriptixtest.Session{SessionID: exampleID})
	client := scriptix.NewClient(newConfig(t, server.URL, nil))
	session, err := client.GetSession(t.Context(), exampleID)
	if err != nil {
		t.Fatal(err)
	}
	compare(t, "status", session.Status, scriptix.StatusCompleted)
}

func BenchmarkGetSession(b *testing.B) {
	client := newStubClient(b, http.StatusOK, nil, scriptixtest.CompletedSessionJSON)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := client.GetSession(b.Context(), exampleID); err != nil {
			b.Fatal(err)
		}
	}
}

// The same over the loopback interface, connection kept alive: what a poll costs this process.
func BenchmarkGetSessionOverTCP(b *testing.B) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(scriptixtest.CompletedSessionJSON))
	}))
	b.Cleanup(server.Close)
	client := scriptix.NewClient(newConfig(b, server.URL, server.Client().Transport))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := client.GetSession(b.Context(), exampleID); err != nil {
			b.Fatal(err)
		}
	}
}
