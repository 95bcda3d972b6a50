package provider

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
)

// Whatever goes wrong with a request, its class alone decides what each layer does about it.
func TestEveryLayerFollowsTheClassOfAnError(t *testing.T) {
	own := func(code int) scriptixtest.Fault {
		return scriptixtest.Fault{Status: code, Body: `{"error": "Refused", "message": "refused", "error_code": "` + ownRefusal + `"}`}
	}
	status := func(code int) scriptixtest.Fault { return scriptixtest.Fault{Status: code} }
	for name, test := range map[string]struct {
		fault   scriptixtest.Fault
		class   scriptix.Class
		summary string
		detail  string
	}{
		"400":            {status(400), scriptix.ClassPermanent, summaryUnableToRead, "HTTP 400 (Bad Request)"},
		"401":            {status(401), scriptix.ClassTokenRefused, summaryInvalidAPIToken, "HTTP 401 (Unauthorized)"},
		"402":            {status(402), scriptix.ClassTokenRefused, summaryQuotaExceeded, "HTTP 402 (Payment Required)"},
		"403":            {status(403), scriptix.ClassPermanent, summaryAccessDenied, "HTTP 403 (Forbidden)"},
		"401 of the API": {own(401), scriptix.ClassTokenRefused, summaryInvalidAPIToken, "HTTP 401 (Unauthorized)"},
		"402 of the API": {own(402), scriptix.ClassTokenRefused, summaryQuotaExceeded, "HTTP 402 (Payment Required)"},
		"403 of the API": {own(403), scriptix.ClassPermanent, summaryAccessDenied, "HTTP 403 (Forbidden)"},
		"404 of the API": {
			scriptixtest.Fault{Status: 404, Body: scriptixtest.NotFoundJSON}, scriptix.ClassNotFound, summaryNotFound, "HTTP 404 (Not Found)",
		},
		"404 of a proxy": {
			scriptixtest.Fault{Status: 404, Body: scriptixtest.ProxyPage},
			scriptix.ClassWrongAddress, summaryUnableToRead,
			"There seems to be no Scriptix API at this address.",
		},
		"404 of a gateway, as JSON": {
			scriptixtest.Fault{Status: 404, Body: `{"error": "Not Found", "message": "no route matched"}`},
			scriptix.ClassWrongAddress, summaryUnableToRead, "There seems to be no Scriptix API at this address.",
		},
		"408": {status(408), scriptix.ClassRetryable, summaryUnableToRead, "HTTP 408 (Request Timeout)"},
		"409": {status(409), scriptix.ClassPermanent, summaryUnableToRead, "HTTP 409 (Conflict)"},
		"422": {status(422), scriptix.ClassPermanent, summaryUnableToRead, "HTTP 422 (Unprocessable Entity)"},
		"429": {status(429), scriptix.ClassRetryable, summaryRateLimit, "HTTP 429 (Too Many Requests)"},
		"500": {status(500), scriptix.ClassRetryable, summaryUnableToRead, "HTTP 500 (Internal Server Error)"},
		"501": {status(501), scriptix.ClassPassing, summaryUnableToRead, "The provider does not retry this status."},
		"502": {status(502), scriptix.ClassRetryable, summaryUnableToRead, "HTTP 502 (Bad Gateway)"},
		"503": {status(503), scriptix.ClassRetryable, summaryUnableToRead, "HTTP 503 (Service Unavailable)"},
		"504": {status(504), scriptix.ClassRetryable, summaryUnableToRead, "HTTP 504 (Gateway Timeout)"},
		"505": {status(505), scriptix.ClassPassing, summaryUnableToRead, "The provider does not retry this status."},
		"520": {status(520), scriptix.ClassPassing, summaryUnableToRead, "HTTP 520."},
		"526": {status(526), scriptix.ClassPassing, summaryUnableToRead, "HTTP 526."},
		"redirect": {
			scriptixtest.Fault{Status: 302, Header: http.Header{"Location": {"/elsewhere"}}},
			scriptix.ClassPermanent, summaryRedirect,
			"HTTP 302 redirects",
		},
		"no JSON":          {scriptixtest.Fault{Body: scriptixtest.ProxyPage}, scriptix.ClassPassing, summaryUnexpectedAnswer, "is not JSON"},
		"another contract": {scriptixtest.Fault{Body: `{"status": 4}`}, scriptix.ClassPermanent, summaryUnexpectedAnswer, "is a number instead of a string"},
		"broken off":       {scriptixtest.Fault{Truncate: true}, scriptix.ClassRetryable, summaryUnableToRead, "the answer broke off"},
	} {
		t.Run(name, func(t *testing.T) {
			layers := layers{test.fault, test.class}
			t.Run("client", layers.client)
			t.Run("read", func(t *testing.T) { layers.read(t, test.summary, test.detail) })
			t.Run("read of several", layers.readOfSeveral)
			t.Run("wait", func(t *testing.T) { layers.wait(t, test.summary) })
			t.Run("import", func(t *testing.T) { layers.importing(t, test.summary) })
		})
	}
}

// ownRefusal is an error code, which only the API's own answers have.
const ownRefusal = "REFUSED"

// layers checks each layer against one fault and the class of its error.
type layers struct {
	fault scriptixtest.Fault
	class scriptix.Class
}

// isOneOf reports whether the class is one of these.
func (l layers) isOneOf(classes ...scriptix.Class) bool { return slices.Contains(classes, l.class) }

// with calls check with a configured provider and an API that knows the session "s", which takes ten seconds.
func (l layers) with(t *testing.T, fault scriptixtest.Fault, check func(*testing.T, *scriptixtest.Server, *protocolServer)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		defer func(original http.RoundTripper) { http.DefaultTransport = original }(http.DefaultTransport)
		api := scriptixtest.NewPipeServer(t)
		http.DefaultTransport = api.Transport()
		defer api.Transport().CloseIdleConnections()
		api.Add(scriptixtest.Session{SessionID: "s", Processing: 10 * time.Second})
		api.Inject(fault)
		check(t, api, newProtocolServer(t.Context(), t, api))
	})
}

// client checks the class itself.
func (l layers) client(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := scriptixtest.NewPipeServer(t)
		api.Inject(l.fault)
		token, err := scriptix.NewToken(scriptixtest.Token)
		check(t, err)
		base, err := scriptix.ParseBaseURL(api.URL)
		check(t, err)
		client := scriptix.NewClient(scriptix.Config{
			BaseURL: base, Token: token, MaxConcurrentRequests: 1, RequestTimeout: time.Minute, Transport: api.Transport(),
		})
		if _, err := client.GetSession(t.Context(), "s"); err == nil || scriptix.Classify(err) != l.class {
			t.Errorf("the class of %v is not %d", err, l.class)
		}
	})
}

// read checks that only what is retryable is sent again.
func (l layers) read(t *testing.T, summary, detail string) {
	t.Helper()
	l.with(t, l.fault, func(t *testing.T, api *scriptixtest.Server, server *protocolServer) {
		t.Helper()
		_, diagnostics := server.read(t.Context(), server.request("scriptix_session", values{"session_id": stringValue("s")}))
		said := texts(diagnostics)
		contains(t, said, "ERROR: "+summary+"\nReading session \"s\" failed: ", detail)
		want := 1
		if l.isOneOf(scriptix.ClassRetryable) {
			want += scriptix.DefaultMaxRetries
		}
		if got := len(api.Requests()); got != want {
			t.Errorf("%d requests, want %d: %s", got, want, said)
		}
	})
}

// readOfSeveral checks that requests for each session replace a list that fails by itself.
func (l layers) readOfSeveral(t *testing.T) {
	fault := l.fault
	fault.Match = scriptixtest.ForList()
	l.with(t, fault, func(t *testing.T, api *scriptixtest.Server, server *protocolServer) {
		t.Helper()
		api.Add(scriptixtest.Session{SessionID: "a"}, scriptixtest.Session{SessionID: "b"})
		_, diagnostics := server.read(t.Context(), server.request("scriptix_sessions", values{"session_ids": stringList("s", "a", "b")}))
		if len(diagnostics) > 0 {
			t.Errorf("got %s", texts(diagnostics))
		}
	})
}

// wait checks that only the API's own words end a wait that has begun.
func (l layers) wait(t *testing.T, summary string) {
	t.Helper()
	fault := l.fault
	fault.After, fault.Times = 1, 1
	l.with(t, fault, func(t *testing.T, _ *scriptixtest.Server, server *protocolServer) {
		t.Helper()
		state, diagnostics := server.read(t.Context(), server.request("scriptix_session", values{
			"session_id": stringValue("s"), "wait_for_completion": boolValue(true),
		}))
		said := texts(diagnostics)
		if l.class != scriptix.ClassNotFound && !strings.Contains(l.fault.Body, ownRefusal) {
			if said != "" || !state["status"].Equal(stringValue("completed")) {
				t.Errorf("want that the wait continues, got %s", said)
			}
			return
		}
		contains(t, said, "ERROR: "+summary)
	})
}

// importing checks that an import fails, and that no state comes of it.
func (l layers) importing(t *testing.T, summary string) {
	t.Helper()
	l.with(t, l.fault, func(t *testing.T, _ *scriptixtest.Server, server *protocolServer) {
		t.Helper()
		response, err := server.ImportResourceState(t.Context(), &tfprotov6.ImportResourceStateRequest{TypeName: completionResource, ID: "s"})
		check(t, err)
		contains(t, texts(response.Diagnostics), "ERROR: "+summary)
		if len(response.ImportedResources) > 0 {
			t.Errorf("imported %v", response.ImportedResources)
		}
	})
}
