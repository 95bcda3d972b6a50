package provider_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
)

// These tests change the environment of the process, so that they cannot run beside others.
func TestProviderTakesTokenAndAddressFromArgumentOrEnvironment(t *testing.T) {
	const other = "another-batch-token-0Zk4"
	// In arguments and variables, "URL" stands for the address of the server that is to be asked.
	tests := map[string]struct {
		arguments []string
		token     string // in the environment; "unset" is not there at all
		baseURL   string
	}{
		"both from arguments":           {[]string{`api_token = "` + other + `"`, `base_url = "URL"`}, "unset", "unset"},
		"both from the environment":     {nil, other, "URL"},
		"token from the environment":    {[]string{`base_url = "URL"`}, other, "unset"},
		"address from the environment":  {[]string{`api_token = "` + other + `"`}, "unset", "URL"},
		"arguments win":                 {[]string{`api_token = "` + other + `"`, `base_url = "URL"`}, scriptixtest.Token, "http://127.0.0.1:1"},
		"arguments win over nonsense":   {[]string{`api_token = "` + other + `"`, `base_url = "URL"`}, " ", "nonsense"},
		"null leaves it to environment": {[]string{`api_token = null`, `base_url = null`}, other, "URL"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			server := scriptixtest.NewServer(t, scriptixtest.WithToken(other))
			server.Add(scriptixtest.Session{SessionID: "test"})
			setenv(t, "SCRIPTIX_API_TOKEN", test.token)
			setenv(t, "SCRIPTIX_BASE_URL", replaceURL(test.baseURL, server))
			var arguments []string
			for _, argument := range test.arguments {
				arguments = append(arguments, replaceURL(argument, server))
			}
			apply(t, resource.TestStep{
				Config: providerBlock(arguments...) + session(`session_id = "test"`),
				ConfigStateChecks: []statecheck.StateCheck{
					sent(server, 1),
					has(theSession, "status", knownvalue.StringExact("completed")),
				},
			})
			if got, want := tokensSent(server), []string{"Bearer " + other}; !slices.Equal(got, want) {
				t.Errorf("sent %q, want %q", got, want)
			}
		})
	}
}

func setenv(t *testing.T, name, value string) {
	t.Helper()
	if value != "unset" {
		t.Setenv(name, value)
	}
}

func replaceURL(text string, server *scriptixtest.Server) string {
	return regexp.MustCompile(`URL`).ReplaceAllString(text, server.URL)
}

func TestProviderRefusesAMalformedEnvironment(t *testing.T) {
	tests := map[string]struct {
		variable, value string
		words           []string
	}{
		"no token": {
			"TF_APPEND_USER_AGENT", "irrelevant",
			[]string{
				"Missing API Token", "Scriptix answers only to requests with a batch token, and none is configured.",
				"Set the environment variable SCRIPTIX_API_TOKEN, or the argument api_token of the provider block.",
			},
		},
		"empty token": {
			"SCRIPTIX_API_TOKEN", "", []string{"Missing API Token", "Set the environment variable SCRIPTIX_API_TOKEN"},
		},
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
			expectError(t, providerBlock()+session(`session_id = "test"`), test.words...)
		})
	}
}

func TestProviderNamesItselfAndWhoRunsIt(t *testing.T) {
	const own = `^terraform-provider-scriptix/test Terraform/[0-9]+\.[0-9]+\.[0-9]+[-a-z0-9.]*`
	tests := map[string]struct{ appended, want string }{
		"alone":                       {"unset", own + `$`},
		"in a pipeline":               {"my-ci/1.0 (job 7)", own + ` my-ci/1\.0 \(job 7\)$`},
		"that tries to add a header":  {"a\r\nX-Evil: b", own + ` aX-Evil: b$`},
		"of which nothing is sayable": {" \n\t ", own + `$`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			setenv(t, "TF_APPEND_USER_AGENT", test.appended)
			server := scriptixtest.NewServer(t)
			server.Add(scriptixtest.Session{SessionID: "test"})
			apply(t, resource.TestStep{
				Config:            using(server, session(`session_id = "test"`)),
				ConfigStateChecks: []statecheck.StateCheck{sent(server, 1)},
			})
			header := server.Requests()[0].Header
			if got := header.Get("User-Agent"); !regexp.MustCompile(test.want).MatchString(got) {
				t.Errorf("User-Agent is %q, want %s", got, test.want)
			}
			if got := header.Get("X-Evil"); got != "" {
				t.Errorf("X-Evil is %q, want no such header", got)
			}
		})
	}
}

func TestProviderArgumentsAreRefusedBeforeAnythingIsSent(t *testing.T) {
	t.Parallel()
	server := scriptixtest.NewServer(t)
	token, address := fmt.Sprintf("api_token = %q", scriptixtest.Token), fmt.Sprintf("base_url = %q", server.URL)
	const blame = "Invalid Argument"
	tests := map[string]refusal{}
	for _, refused := range []refusal{
		{[]string{`api_token = ""`, address}, []string{blame, "api_token must not be empty."}},
		{[]string{`api_token = "  "`, address}, []string{blame, "api_token must not be empty."}},
		{[]string{`api_token = "a\nb"`, address}, []string{blame, "api_token must not contain white space, line breaks, control characters or characters outside ASCII."}},
		{[]string{`api_token = "abc "`, address}, []string{blame, "api_token must not contain white space"}},
		{[]string{`api_token = "Bearer abc"`, address}, []string{blame, "api_token must not contain white space"}},
		{[]string{`api_token = "tökén"`, address}, []string{blame, "api_token must not contain white space, line breaks, control characters or characters outside ASCII."}},
		{[]string{token, `base_url = ""`}, []string{blame, `base_url must begin with a scheme, as in "https://api.scriptix.io".`}},
		{[]string{token, `base_url = "api.scriptix.io"`}, []string{blame, "base_url must begin with a scheme"}},
		{[]string{token, `base_url = "localhost:8080"`}, []string{blame, "base_url must begin with"}},
		{[]string{token, `base_url = "https://user:pass@api.scriptix.io"`}, []string{blame, "base_url must not contain a user name or password."}},
		{[]string{token, `base_url = "https://api.scriptix.io?a=b"`}, []string{blame, "base_url must not contain a query."}},
		{[]string{token, `base_url = "https://api.scriptix.io?"`}, []string{blame, "base_url must not contain a query."}},
		{[]string{token, `base_url = "https://api.scriptix.io#a"`}, []string{blame, "base_url must not contain a fragment."}},
		{[]string{token, `base_url = "https://"`}, []string{blame, `base_url must name a host, as in "https://api.scriptix.io".`}},
		{[]string{token, `base_url = "http://api.scriptix.io"`}, []string{blame, "base_url must be https: over plain http the token could be read on its way; http is accepted for loopback addresses only."}},
		{[]string{token, `base_url = "http://192.168.1.1"`}, []string{blame, "base_url must be https"}},
		{[]string{token, `base_url = "http://localhost.evil.example"`}, []string{blame, "base_url must be https"}},
		{[]string{token, `base_url = "ftp://api.scriptix.io"`}, []string{blame, `base_url must begin with https://, not "ftp://".`}},
		{[]string{token, `base_url = "file:///etc/passwd"`}, []string{blame, `base_url must begin with https://, not "file://".`}},
		{[]string{token, `base_url = "https://api.scriptix.io:port"`}, []string{blame, "base_url is not a URL."}},
		{[]string{token, address, `max_concurrent_requests = 0`}, []string{"Invalid Attribute Value", "max_concurrent_requests value must be at least 1, got: 0"}},
		{[]string{token, address, `max_concurrent_requests = -1`}, []string{"Invalid Attribute Value", "max_concurrent_requests value must be at least 1, got: -1"}},
		{[]string{token, address, `requests_per_minute = 0`}, []string{"Invalid Attribute Value", "requests_per_minute value must be at least 1, got: 0"}},
		{[]string{token, address, `requests_per_minute = 0.5`}, []string{"requests_per_minute"}},
		{[]string{token, address, `max_retries = -1`}, []string{"Invalid Attribute Value", "max_retries value must be at least 0, got: -1"}},
		{[]string{token, address, `request_timeout = "0s"`}, []string{blame, `request_timeout = "0s" must be more than zero, such as "30s" or "75m".`}},
		{[]string{token, address, `request_timeout = "-1s"`}, []string{blame, `request_timeout = "-1s" must be more than zero`}},
		{[]string{token, address, `request_timeout = "1"`}, []string{blame, `request_timeout = "1" must be a number with a unit, such as "30s", "30m", or "1h30m".`}},
		{[]string{token, address, `token = "abc"`}, []string{"Unsupported argument", `"token"`}},
	} {
		tests[fmt.Sprint(refused.arguments)] = refused
	}
	refuseIn(t, newCLI(t, server, ""), tests, func(name string, arguments []string) string {
		return providerBlock(append(arguments, "alias = \""+name+"\"")...) +
			dataSource("scriptix_session", name, []string{`session_id = "test"`, "provider = scriptix." + name})
	})
	nothingSent(t, server)
}

func TestProviderArgumentsUnknownWhilePlanningAreRefused(t *testing.T) {
	t.Parallel()
	needsUsualCLI(t, terraformData)
	server := scriptixtest.NewServer(t)
	known := map[string]string{
		"api_token": fmt.Sprintf("%q", scriptixtest.Token), "base_url": fmt.Sprintf("%q", server.URL),
		"max_concurrent_requests": "2", "requests_per_minute": "30", "max_retries": "4", "request_timeout": `"30s"`,
	}
	var steps []resource.TestStep
	for unknown := range known {
		var arguments []string
		for name, value := range known {
			if name == unknown {
				value = "terraform_data.later.output"
			}
			arguments = append(arguments, name+" = "+value)
		}
		steps = append(steps, resource.TestStep{
			Config: `resource "terraform_data" "later" { input = ` + known[unknown] + " }\n" +
				providerBlock(arguments...) + session(`session_id = "test"`),
			ExpectError: says("Unknown Provider Argument", "The value of "+unknown+" is not known yet: it depends on something that this same run has still to create.",
				"terraform apply -target"),
		})
	}
	apply(t, steps...)
	nothingSent(t, server)
}

func TestProviderKeepsThePathOfTheAddress(t *testing.T) {
	t.Parallel()
	api := scriptixtest.NewAPI()
	api.Add(scriptixtest.Session{SessionID: "test"})
	proxy := httptest.NewServer(http.StripPrefix("/scriptix/eu", api))
	t.Cleanup(proxy.Close)
	for _, path := range []string{"/scriptix/eu", "/scriptix/eu/"} {
		apply(t, resource.TestStep{
			Config: providerBlock(fmt.Sprintf("api_token = %q", scriptixtest.Token), fmt.Sprintf("base_url = %q", proxy.URL+path)) +
				session(`session_id = "test"`) + sessions(),
			ConfigStateChecks: []statecheck.StateCheck{
				has(theSession, "status", knownvalue.StringExact("completed")),
				has(theSessions, "total_results", knownvalue.Int64Exact(1)),
			},
		})
	}
}

// Ten data sources, which Terraform reads at the same time: more in flight than allowed would show.
func TestProviderBoundsRequestsInFlight(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		arguments []string
		want      int
	}{
		"by default": {nil, 2},
		"one":        {[]string{`max_concurrent_requests = 1`}, 1},
		"five":       {[]string{`max_concurrent_requests = 5`}, 5},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := scriptixtest.NewServer(t)
			server.Inject(scriptixtest.Fault{Times: 10, Latency: 150 * time.Millisecond})
			for i := range 10 {
				server.Add(scriptixtest.Session{SessionID: fmt.Sprintf("session-%d", i)})
			}
			apply(t, resource.TestStep{
				Config: using(server, session(`count = 10`, `session_id = "session-${count.index}"`), test.arguments...),
				ConfigStateChecks: []statecheck.StateCheck{
					sent(server, 10),
					has(theSession+"[9]", "session_id", knownvalue.StringExact("session-9")),
				},
			})
			if got := server.MaxInFlight(); got != test.want {
				t.Errorf("%d requests were in flight at once, want %d", got, test.want)
			}
		})
	}
}

// The request beyond the cap fails at once, and may call off the one before it.
func TestProviderKeepsTheUsersOwnCap(t *testing.T) {
	t.Parallel()
	server := scriptixtest.NewServer(t)
	server.Add(scriptixtest.Session{SessionID: "a"}, scriptixtest.Session{SessionID: "b"})
	expectError(t, using(server, sessions(`session_ids = ["a", "b"]`, `timeouts = { read = "30s" }`), `requests_per_minute = 1`, `max_concurrent_requests = 1`),
		"Rate Limit Reached", "The cap requests_per_minute lets the next request pass at", "which is after the timeout of 30s: session",
		"Raise requests_per_minute in the provider block, or timeouts.read.")
	if got := len(server.Requests()); got > 1 {
		t.Errorf("%d requests were sent, want at most 1", got)
	}
}

func TestProviderRetriesAsOftenAsAllowed(t *testing.T) {
	t.Parallel()
	server := scriptixtest.NewServer(t)
	server.Inject(scriptixtest.Fault{Status: http.StatusBadGateway, Body: scriptixtest.ProxyPage})
	expectError(t, using(server, session(`session_id = "test"`), `max_retries = 1`),
		"Unable to Read Session", "HTTP status 502 (Bad Gateway).", "The request was sent 2 times.", "raise max_retries in the provider block")
	if got := len(server.Requests()); got != 2 {
		t.Errorf("%d requests were sent, want 2", got)
	}
}

func TestProviderBoundsOneAttempt(t *testing.T) {
	t.Parallel()
	server := scriptixtest.NewServer(t)
	server.Add(scriptixtest.Session{SessionID: "test"})
	server.Inject(scriptixtest.Fault{Times: 2, Hang: true})
	config := using(server, session(`session_id = "test"`), `max_retries = 1`, `request_timeout = "150ms"`)
	apply(t,
		resource.TestStep{
			Config: config,
			ExpectError: says("Unable to Read Session", `Scriptix did not answer the request for session "test" within 150ms. The request was sent 2 times.`,
				"raise request_timeout in the provider block"),
		},
		// An attempt that hangs is given up for another one, which does not.
		resource.TestStep{
			PreConfig: func() {
				server.ResetRequests()
				server.ClearFaults()
				server.Inject(scriptixtest.Fault{Times: 1, Hang: true})
			},
			Config:            using(server, session(`session_id = "test"`), `max_retries = 1`, `request_timeout = "1s"`),
			ConfigStateChecks: []statecheck.StateCheck{sent(server, 2), has(theSession, "status", knownvalue.StringExact("completed"))},
		},
	)
}
