package provider_test

import (
	"fmt"
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
)

func TestProviderArgumentsAreRefusedBeforeAnythingIsSent(t *testing.T) {
	t.Parallel()
	server := scriptixtest.NewServer(t)
	token, address := fmt.Sprintf("api_token = %q", scriptixtest.Token), fmt.Sprintf("base_url = %q", server.URL)
	const blame = "Invalid Argument"
	tests := map[string]refusal{}
	for _, refused := range []refusal{
		{[]string{`api_token = ""`, address}, []string{blame, "api_token must not be empty."}},
		{[]string{`api_token = "  "`, address}, []string{blame, "api_token must not be empty."}},
		{[]string{`api_token = "a\nb"`, address}, []string{blame, "api_token must not contain white space, line breaks, control characters, or characters outside ASCII."}},
		{[]string{`api_token = "abc "`, address}, []string{blame, "api_token must not contain white space"}},
		{[]string{`api_token = "Bearer abc"`, address}, []string{blame, "api_token must not contain white space"}},
		{[]string{`api_token = "tökén"`, address}, []string{blame, "api_token must not contain white space, line breaks, control characters, or characters outside ASCII."}},
		{[]string{token, `base_url = ""`}, []string{blame, `base_url must begin with a scheme, as in "https://api.scriptix.io".`}},
		{[]string{token, `base_url = "api.scriptix.io"`}, []string{blame, "base_url must begin with a scheme"}},
		{[]string{token, `base_url = "localhost:8080"`}, []string{blame, "base_url must begin with"}},
		{[]string{token, `base_url = "https://user:pass@api.scriptix.io"`}, []string{blame, "base_url must not contain a user name or password."}},
		{[]string{token, `base_url = "https://api.scriptix.io?a=b"`}, []string{blame, "base_url must not contain a query."}},
		{[]string{token, `base_url = "https://api.scriptix.io?"`}, []string{blame, "base_url must not contain a query."}},
		{[]string{token, `base_url = "https://api.scriptix.io#a"`}, []string{blame, "base_url must not contain a fragment."}},
		{[]string{token, `base_url = "https://"`}, []string{blame, `base_url must name a host, as in "https://api.scriptix.io".`}},
		{[]string{token, `base_url = "http://api.scriptix.io"`}, []string{blame, "base_url must be https, because plain http shows the token to the network; only loopback addresses may use http."}},
		{[]string{token, `base_url = "http://192.168.1.1"`}, []string{blame, "base_url must be https"}},
		{[]string{token, `base_url = "http://localhost.evil.example"`}, []string{blame, "base_url must be https"}},
		{[]string{token, `base_url = "ftp://api.scriptix.io"`}, []string{blame, `base_url must begin with https://, not "ftp://".`}},
		{[]string{token, `base_url = "file:///etc/passwd"`}, []string{blame, `base_url must begin with https://, not "file://".`}},
		{[]string{token, `base_url = "https://api.scriptix.io:port"`}, []string{blame, "base_url is not a URL."}},
		{[]string{token, address, `max_concurrent_requests = 0`}, []string{"Invalid Argument", "max_concurrent_requests must be a whole number from 1 to 2147483647."}},
		{[]string{token, address, `max_concurrent_requests = 5 / 2`}, []string{"Invalid Argument", "max_concurrent_requests must be a whole number from 1 to 2147483647."}},
		{[]string{token, address, `max_concurrent_requests = 1e30`}, []string{"Invalid Argument", "max_concurrent_requests must be a whole number from 1 to 2147483647."}},
		{[]string{token, address, `max_concurrent_requests = 2147483648`}, []string{"Invalid Argument", "max_concurrent_requests must be a whole number from 1 to 2147483647."}},
		{[]string{token, address, `max_concurrent_requests = 4294967297`}, []string{"Invalid Argument", "max_concurrent_requests must be a whole number from 1 to 2147483647."}},
		{[]string{token, address, `requests_per_minute = 0`}, []string{"Invalid Argument", "requests_per_minute must be a whole number from 1 to 2147483647."}},
		{[]string{token, address, `requests_per_minute = 5 / 2`}, []string{"Invalid Argument", "requests_per_minute must be a whole number from 1 to 2147483647."}},
		{[]string{token, address, `requests_per_minute = 1e30`}, []string{"Invalid Argument", "requests_per_minute must be a whole number from 1 to 2147483647."}},
		{[]string{token, address, `requests_per_minute = 2147483648`}, []string{"Invalid Argument", "requests_per_minute must be a whole number from 1 to 2147483647."}},
		{[]string{token, address, `requests_per_minute = 4294967297`}, []string{"Invalid Argument", "requests_per_minute must be a whole number from 1 to 2147483647."}},
		{[]string{token, address, `max_retries = -1`}, []string{"Invalid Argument", "max_retries must be a whole number from 0 to 2147483647."}},
		{[]string{token, address, `max_retries = 5 / 2`}, []string{"Invalid Argument", "max_retries must be a whole number from 0 to 2147483647."}},
		{[]string{token, address, `max_retries = 1e30`}, []string{"Invalid Argument", "max_retries must be a whole number from 0 to 2147483647."}},
		{[]string{token, address, `max_retries = 2147483648`}, []string{"Invalid Argument", "max_retries must be a whole number from 0 to 2147483647."}},
		{[]string{token, address, `max_retries = 4294967297`}, []string{"Invalid Argument", "max_retries must be a whole number from 0 to 2147483647."}},
		{[]string{token, address, `request_timeout = "0s"`}, []string{blame, `request_timeout must be more than zero, such as "30s" or "75m".`}},
		{[]string{token, address, `request_timeout = "-1s"`}, []string{blame, `request_timeout must be more than zero`}},
		{[]string{token, address, `request_timeout = "1"`}, []string{blame, `request_timeout must be a number with a unit, such as "30s", "30m", or "1h30m".`}},
		{[]string{token, address, `request_timeout = "9999999h"`}, []string{blame, `request_timeout is too long.`}},
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

// Terraform tells the provider its version. What else the provider takes from its block and the environment needs no Terraform.
func TestProviderNamesTheTerraformThatRunsIt(t *testing.T) {
	t.Parallel()
	server := scriptixtest.NewServer(t)
	server.Add(scriptixtest.Session{SessionID: "test"})
	apply(t, resource.TestStep{
		Config: using(server, session(`session_id = "test"`)),
		ConfigStateChecks: []statecheck.StateCheck{
			sent(server, 1), has(theSession, "status", knownvalue.StringExact("completed")),
		},
	})
	want := regexp.MustCompile(`^terraform-provider-scriptix/test Terraform/[0-9]+\.[0-9]+\.[0-9]+[-a-z0-9.]*$`)
	if got := server.Requests()[0].Header.Get("User-Agent"); !want.MatchString(got) {
		t.Errorf("User-Agent is %q, want %s", got, want)
	}
}
