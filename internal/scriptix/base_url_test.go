package scriptix_test

import (
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
)

func TestParseBaseURL(t *testing.T) {
	t.Parallel()
	tests := map[string]string{ // from what is written to what is used
		"https://api.scriptix.io":            "https://api.scriptix.io",
		"https://api.scriptix.io/":           "https://api.scriptix.io",
		"https://api.scriptix.io///":         "https://api.scriptix.io",
		"HTTPS://api.scriptix.io":            "https://api.scriptix.io",
		"https://api.scriptix.io:8443":       "https://api.scriptix.io:8443",
		"https://proxy.example/scriptix":     "https://proxy.example/scriptix",
		"https://proxy.example/scriptix/eu/": "https://proxy.example/scriptix/eu",
		"https://proxy.example/a%2Fb":        "https://proxy.example/a%2Fb",
		"https://proxy.example/a%2F":         "https://proxy.example/a%2F",
		"https://proxy.example/a%2F/":        "https://proxy.example/a%2F",
		"https://proxy.example/a%20b":        "https://proxy.example/a%20b",
		"https://10.0.0.1":                   "https://10.0.0.1",
		"https://[2001:db8::1]:443":          "https://[2001:db8::1]:443",
		"http://localhost":                   "http://localhost",
		"http://LOCALHOST:8080/":             "http://LOCALHOST:8080",
		"http://127.0.0.1:8080":              "http://127.0.0.1:8080",
		"http://127.8.9.10":                  "http://127.8.9.10",
		"http://[::1]:8080/prefix":           "http://[::1]:8080/prefix",
	}
	for text, want := range tests {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			base, err := scriptix.ParseBaseURL(text)
			if err != nil {
				t.Fatal(err)
			}
			compare(t, "base URL", base.String(), want)
		})
	}
}

func TestParseBaseURLRefuses(t *testing.T) {
	t.Parallel()
	const (
		noURL         = `is not a URL`
		noScheme      = `must begin with a scheme, as in "https://api.scriptix.io"`
		noHost        = `must name a host, as in "https://api.scriptix.io"`
		noCredentials = `must not contain a user name or password`
		noQuery       = `must not contain a query`
		noFragment    = `must not contain a fragment`
		notPlain      = `must be https, because plain http shows the token to the network; only loopback addresses may use http`
	)
	tests := map[string]string{
		"":                                      noScheme,
		"api.scriptix.io":                       noScheme,
		"//api.scriptix.io":                     noScheme,
		"/api":                                  noScheme,
		"localhost:8080":                        noScheme,
		"mailto:someone@example.com":            noScheme,
		"127.0.0.1:8080":                        noURL,
		" https://api.scriptix.io":              noURL,
		"https://api.scriptix.io\n":             noURL,
		"https://api.scriptix.io:port":          noURL,
		"https://api scriptix.io":               noURL,
		"https://[::1":                          noURL,
		"https://api.scriptix.io/%zz":           noURL,
		"https://[fe80::1%25\xb0]":              noURL,
		"ftp://api.scriptix.io":                 `must begin with https://, not "ftp://"`,
		"httpss://api.scriptix.io":              `must begin with https://, not "httpss://"`,
		"file:///etc/passwd":                    `must begin with https://, not "file://"`,
		"https://":                              noHost,
		"https:///path":                         noHost,
		"https:api.scriptix.io":                 noHost,
		"https://:443":                          noHost,
		"https://user@api.scriptix.io":          noCredentials,
		"https://user:password@api.scriptix.io": noCredentials,
		"https://@api.scriptix.io":              noCredentials,
		"ftp://user:password@api.scriptix.io":   noCredentials,
		"https://api.scriptix.io?":              noQuery,
		"https://api.scriptix.io/?a=b":          noQuery,
		"https://api.scriptix.io#":              noFragment,
		"https://api.scriptix.io/#part":         noFragment,
		"http://api.scriptix.io":                notPlain,
		"http://10.0.0.1":                       notPlain,
		"http://0.0.0.0":                        notPlain,
		"http://128.0.0.1":                      notPlain,
		"http://[::]":                           notPlain,
		"http://[::2]":                          notPlain,
		"http://localhost.example.com":          notPlain,
		"http://127.0.0.1.example.com":          notPlain,
		"http://notlocalhost":                   notPlain,
		"http://2130706433":                     notPlain, // some resolvers take this for 127.0.0.1
		"http://":                               notPlain,
	}
	for text, want := range tests {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			_, err := scriptix.ParseBaseURL(text)
			compareWords(t, err, want)
		})
	}
}

// A password in a base URL that is refused must not come back in the error.
func TestParseBaseURLRepeatsNoSecret(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"https://user:hunter2@api.scriptix.io", "https://user:hunter2@api.scriptix.io:port", "https://user:hunter2@%zz",
		"http://example.com/hunter2", "https://api.scriptix.io?key=hunter2", "https://api.scriptix.io#hunter2",
	} {
		if _, err := scriptix.ParseBaseURL(text); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: got the error %v, want one without the secret", text, err)
		}
	}
}

// Whatever base URL is accepted, a request goes to its host and below its path, and only encrypted or to this
// very machine.
func FuzzParseBaseURL(f *testing.F) {
	for _, text := range []string{
		"https://api.scriptix.io", "https://proxy.example:8443/a%2Fb/", "http://127.0.0.1:1", "http://[::1]/x", "http://localhost",
		"", "api.scriptix.io", "https://user:password@host", "https://host?query", "https://host#fragment", "http://example.com",
		"https:opaque", "https://host:", "https://[fe80::1%25eth0]", "https://[::%25\xb0]", "https://host/../..", "https://host/%2e%2e/;a=b", "https://höst", "https://%41",
		"ftp://host", "//[", "%", "?#%", "\x8a://host", "A://",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		base, err := scriptix.ParseBaseURL(text)
		if err != nil {
			return
		}
		host := base.Hostname()
		loopback := strings.EqualFold(host, "localhost") || net.ParseIP(host).IsLoopback()
		if base.Scheme != "https" && (base.Scheme != "http" || !loopback) {
			t.Errorf("accepted %q", text)
		}
		if host == "" || base.User != nil || base.RawQuery != "" || base.Fragment != "" || strings.HasSuffix(base.EscapedPath(), "/") {
			t.Errorf("accepted %q as %#v", text, base)
		}
		again, err := scriptix.ParseBaseURL(base.String())
		if err != nil || again.String() != base.String() {
			t.Errorf("%q became %q, and that became %v, %v", text, base, again, err)
		}
		// The request as net/http would write it: the path on its first line, the host beside it.
		config := newConfig(t, scriptix.DefaultBaseURL, transport(func(request *http.Request) (*http.Response, error) {
			// net/http drops the colon of an empty port.
			if to := strings.TrimSuffix(base.Host, ":"); request.URL.Scheme != base.Scheme || request.URL.Host != to || request.Host != to {
				t.Errorf("a request below %q goes to %s", text, request.URL)
			}
			if want := base.EscapedPath() + sessionsPath + "/x"; request.URL.RequestURI() != want {
				t.Errorf("a request below %q is for %q, want %q", text, request.URL.RequestURI(), want)
			}
			return newResponse(http.StatusOK, nil, `{"session_id":"x","status":"queued"}`), nil
		}))
		config.BaseURL, config.MaxRetries = base, 0
		if _, err := scriptix.NewClient(config).GetSession(t.Context(), "x"); err != nil {
			t.Errorf("a request below %q: %v", text, err)
		}
	})
}
