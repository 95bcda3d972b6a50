package provider

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
)

// configured configures a provider with exactly this block, and returns what it says of that.
func configured(t *testing.T, block values) (*protocolServer, string) {
	t.Helper()
	server := NewServer(context.Background(), "test")()
	schema, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	s := &protocolServer{ProviderServer: server, t: t, schema: schema}
	response, err := s.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{
		TerraformVersion: "1.11.4", Config: s.dynamic(schema.Provider, block),
	})
	if err != nil {
		t.Fatal(err)
	}
	return s, texts(response.Diagnostics)
}

// These tests change the environment of the process, so that they cannot run beside others.
func TestProviderTakesTokenAndAddressFromArgumentOrEnvironment(t *testing.T) {
	const other, unset = "another-batch-token-0Zk4", "unset"
	// "URL" stands for the address of the server that is to be asked; unset is not in the environment at all.
	tests := map[string]struct {
		block          values
		token, baseURL string // in the environment
	}{
		"both from arguments":           {values{"api_token": stringValue(other), "base_url": stringValue("URL")}, unset, unset},
		"both from the environment":     {nil, other, "URL"},
		"token from the environment":    {values{"base_url": stringValue("URL")}, other, unset},
		"address from the environment":  {values{"api_token": stringValue(other)}, unset, "URL"},
		"arguments win":                 {values{"api_token": stringValue(other), "base_url": stringValue("URL")}, scriptixtest.Token, "http://127.0.0.1:1"},
		"arguments win over nonsense":   {values{"api_token": stringValue(other), "base_url": stringValue("URL")}, " ", "nonsense"},
		"null leaves it to environment": {values{"api_token": noText, "base_url": noText}, other, "URL"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			api := scriptixtest.NewServer(t, scriptixtest.WithToken(other))
			api.Add(scriptixtest.Session{SessionID: "test"})
			for variable, value := range map[string]string{"SCRIPTIX_API_TOKEN": test.token, "SCRIPTIX_BASE_URL": test.baseURL} {
				if value != unset {
					t.Setenv(variable, strings.Replace(value, "URL", api.URL, 1))
				}
			}
			block := maps.Clone(test.block)
			if url, isSet := block["base_url"]; isSet && url.Equal(stringValue("URL")) {
				block["base_url"] = stringValue(api.URL)
			}
			server, said := configured(t, block)
			if said != "" {
				t.Fatal(said)
			}
			state, diagnostics := server.readSession(nil)
			has(t, state, diagnostics, "status", stringValue("completed")) // the API accepts no other token
			sent(t, api, 1)
		})
	}
}

func TestProviderRefusesAMalformedEnvironment(t *testing.T) {
	tests := map[string]struct {
		variable, value string
		words           []string
	}{
		"blank token": {
			"SCRIPTIX_API_TOKEN", " \t", []string{"Invalid Argument", "The environment variable SCRIPTIX_API_TOKEN must not be empty."},
		},
		"token with a line break": {
			"SCRIPTIX_API_TOKEN", "secret\n",
			[]string{"Invalid Argument", "The environment variable SCRIPTIX_API_TOKEN must not contain white space, line breaks,"},
		},
		"address without a scheme": {
			"SCRIPTIX_BASE_URL", "api.scriptix.io",
			[]string{"Invalid Argument", `The environment variable SCRIPTIX_BASE_URL must begin with a scheme, as in "https://api.scriptix.io".`},
		},
		"blank address": {
			"SCRIPTIX_BASE_URL", " ", []string{"Invalid Argument", "The environment variable SCRIPTIX_BASE_URL must begin with a scheme"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if test.variable == "SCRIPTIX_BASE_URL" {
				t.Setenv("SCRIPTIX_API_TOKEN", scriptixtest.Token)
			}
			t.Setenv(test.variable, test.value)
			_, said := configured(t, nil)
			saysInOrder(t, said, append([]string{"ERROR: "}, test.words...)...)
		})
	}
}

func TestProviderNamesItselfAndWhoRunsIt(t *testing.T) {
	const own = "terraform-provider-scriptix/test Terraform/1.11.4"
	tests := map[string]struct{ appended, want string }{
		"alone":                       {"", own},
		"in a pipeline":               {"my-ci/1.0 (job 7)", own + " my-ci/1.0 (job 7)"},
		"that tries to add a header":  {"a\r\nX-Evil: b", own + " aX-Evil: b"},
		"of which nothing is sayable": {" \n\t ", own},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if test.appended != "" {
				t.Setenv("TF_APPEND_USER_AGENT", test.appended)
			}
			synctest.Test(t, func(t *testing.T) {
				api := newPipeAPI(t)
				api.Add(scriptixtest.Session{SessionID: "test"})
				if _, diagnostics := newProtocolServer(t.Context(), t, api).readSession(nil); len(diagnostics) > 0 {
					t.Fatal(texts(diagnostics))
				}
				header := api.Requests()[0].Header
				if got := header.Get("User-Agent"); got != test.want {
					t.Errorf("User-Agent is %q, want %q", got, test.want)
				}
				if got := header.Get("X-Evil"); got != "" {
					t.Errorf("X-Evil is %q, want no such header", got)
				}
			})
		})
	}
}

func TestProviderKeepsThePathOfTheAddress(t *testing.T) {
	t.Parallel()
	api := scriptixtest.NewAPI()
	api.Add(scriptixtest.Session{SessionID: "test"})
	proxy := httptest.NewServer(http.StripPrefix("/scriptix/eu", api))
	t.Cleanup(proxy.Close)
	for _, path := range []string{"/scriptix/eu", "/scriptix/eu/"} {
		server, said := configured(t, values{"api_token": stringValue(scriptixtest.Token), "base_url": stringValue(proxy.URL + path)})
		if said != "" {
			t.Fatal(said)
		}
		state, diagnostics := server.readSession(nil)
		has(t, state, diagnostics, "status", stringValue("completed"))
		state, diagnostics = server.readSessions(nil)
		has(t, state, diagnostics, "total_results", numberValue(1))
	}
}

// Ten data sources, which Terraform reads at the same time: more in flight than allowed would show.
func TestProviderBoundsRequestsInFlight(t *testing.T) {
	tests := map[string]struct {
		block values
		want  int
	}{
		"by default": {nil, 2},
		"one":        {values{"max_concurrent_requests": numberValue(1)}, 1},
		"five":       {values{"max_concurrent_requests": numberValue(5)}, 5},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				api := newPipeAPI(t)
				api.Inject(scriptixtest.Fault{Latency: 150 * time.Millisecond})
				server := newProtocolServer(t.Context(), t, api, test.block)
				var reads sync.WaitGroup
				for i := range 10 {
					id := fmt.Sprintf("session-%d", i)
					// No list shows it, so that each read needs a request of its own.
					api.Add(scriptixtest.Session{SessionID: id, Unlisted: true})
					reads.Go(func() {
						state, diagnostics := server.readSession(values{"session_id": stringValue(id)})
						has(t, state, diagnostics, "session_id", stringValue(id))
					})
				}
				reads.Wait()
				// Before the first page has come, pages for those that joined later may be under way.
				if requests := len(api.Requests()); requests < 10 || requests > 10+test.want {
					t.Errorf("%d requests were sent, want 10 and at most %d pages", requests, test.want)
				}
				if got := api.MaxInFlight(); got != test.want {
					t.Errorf("%d requests were in flight at once, want %d", got, test.want)
				}
			})
		})
	}
}

// The request beyond the cap fails at once, and may call off the one before it.
func TestProviderKeepsTheUsersOwnCap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := newPipeAPI(t)
		api.Add(scriptixtest.Session{SessionID: "a"}, scriptixtest.Session{SessionID: "b"})
		began := time.Now()
		said := problemOfSessions(t, api, values{"session_ids": stringList("a", "b"), "timeouts": limitOf("read", "30s")},
			values{"requests_per_minute": numberValue(1), "max_concurrent_requests": numberValue(1)})
		saysInOrder(t, said, "Rate Limit Reached", "failed: requests_per_minute allows the next request at",
			"after the timeout of 30s.", "Raise requests_per_minute in the provider block, or timeouts.read.")
		if got := len(api.Requests()); got > 1 {
			t.Errorf("%d requests were sent, want at most 1", got)
		}
		if took := time.Since(began); took > time.Second {
			t.Errorf("the read failed after %s", took)
		}
	})
}

func TestProviderRetriesAsOftenAsAllowed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := newPipeAPI(t)
		api.Inject(scriptixtest.Fault{Status: http.StatusBadGateway, Body: scriptixtest.ProxyPage})
		saysInOrder(t, problemOfSession(t, api, nil, values{"max_retries": numberValue(1)}),
			"Unable to Read Session", "HTTP 502 (Bad Gateway).", "The provider sent the request 2 times.", "raise max_retries in the provider block")
		sent(t, api, 2)
	})
}

func TestProviderBoundsOneAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := newPipeAPI(t)
		api.Add(scriptixtest.Session{SessionID: "test"})
		api.Inject(scriptixtest.Fault{Times: 3, Hang: true})
		block := values{"max_retries": numberValue(1), "request_timeout": stringValue("150ms")}
		saysInOrder(t, problemOfSession(t, api, nil, block), "Unable to Read Session",
			`Reading session "test" failed: Scriptix did not answer within 150ms. The provider sent the request 2 times.`,
			"raise request_timeout in the provider block")
		sent(t, api, 2)

		// An attempt that hangs is given up for another one, which does not.
		state, diagnostics := newProtocolServer(t.Context(), t, api, block).readSession(nil)
		has(t, state, diagnostics, "status", stringValue("completed"))
		sent(t, api, 4)
	})
}
