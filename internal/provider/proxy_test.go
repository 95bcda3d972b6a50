package provider_test

import (
	"bytes"
	"encoding/pem"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
)

// proxyPassword is part of the proxy's address, as the environment has it.
const proxyPassword = "the-password-of-the-proxy"

// nobody is an address that no machine has: it is there for documentation.
const nobody = "192.0.2.1"

// forwardProxy is a proxy as companies have them. It leads every tunnel to one place, and remembers all that it is sent,
// in tunnels too.
type forwardProxy struct {
	*httptest.Server
	to      string           // where tunnels lead
	refusal http.HandlerFunc // instead of a tunnel

	mutex    sync.Mutex
	requests []string // method and address
	sent     bytes.Buffer
}

func newForwardProxy(t *testing.T, to string, refusal http.HandlerFunc) *forwardProxy {
	t.Helper()
	p := &forwardProxy{to: to, refusal: refusal}
	p.Server = httptest.NewServer(p)
	t.Cleanup(p.Close)
	return p
}

// address is what users set, password included.
func (p *forwardProxy) address() string {
	return strings.Replace(p.URL, "http://", "http://someone:"+proxyPassword+"@", 1)
}

func (p *forwardProxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	head, err := httputil.DumpRequest(r, false)
	if err != nil {
		panic(err)
	}
	p.mutex.Lock()
	p.requests = append(p.requests, r.Method+" "+r.RequestURI)
	p.sent.Write(head)
	p.mutex.Unlock()
	if p.refusal != nil {
		p.refusal(w, r)
		return
	}
	server, err := net.Dial("tcp", p.to)
	if err != nil {
		panic(err)
	}
	defer func() { _ = server.Close() }()
	client, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(err)
	}
	defer func() { _ = client.Close() }()
	_, _ = io.WriteString(client, "HTTP/1.1 200 Connection established\r\n\r\n")
	go func() { _, _ = io.Copy(client, server) }()
	_, _ = io.Copy(io.MultiWriter(server, p), client)
}

// Write remembers what comes through a tunnel.
func (p *forwardProxy) Write(sent []byte) (int, error) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	return p.sent.Write(sent)
}

// saw is which requests the proxy was sent, and all the bytes of them.
func (p *forwardProxy) saw() (requests []string, sent string) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	return p.requests, p.sent.String()
}

// throughProxy has the provider ask this address, in an environment with a proxy.
func (c *cli) throughProxy(baseURL, proxy string, more ...string) {
	// The lower-case names count when the others are not set, so that they have to be taken away from whoever runs this.
	c.environment = append(c.environment, "SCRIPTIX_BASE_URL="+baseURL,
		"HTTPS_PROXY="+proxy, "https_proxy="+proxy, "HTTP_PROXY="+proxy, "http_proxy="+proxy, "NO_PROXY=", "no_proxy=",
		"TF_LOG=TRACE", "TF_LOG_PATH="+filepath.Join(c.directory, "trace.log"))
	c.environment = append(c.environment, more...)
}

// keepsSecrets fails the test when the token or the proxy's password is in what Terraform printed, logged or stored.
func (c *cli) keepsSecrets(output string) {
	c.t.Helper()
	for _, secret := range []string{scriptixtest.Token, proxyPassword} {
		lacks(c.t, "the output", output, secret)
		if searched := noFileHolds(c.t, c.directory, secret); !searched["trace.log"] {
			c.t.Errorf("the log was not searched, but %v", searched)
		}
	}
}

// A proxy carries the token in an encrypted tunnel to the configured host, and learns nothing but the host's name.
func TestAProxyNeverSeesTheToken(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("skipped: Go takes no certificates from SSL_CERT_FILE on " + runtime.GOOS + ", and this test's server has one of its own")
	}
	api := scriptixtest.NewAPI()
	api.Add(scriptixtest.Session{SessionID: "test"})
	server := httptest.NewUnstartedServer(api)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	proxy := newForwardProxy(t, server.Listener.Addr().String(), nil)

	terraform := newCLI(t, scriptixtest.NewServer(t), session(`session_id = "test"`)+`output "status" { value = data.scriptix_session.test.status }`)
	certificate := filepath.Join(t.TempDir(), "ca.pem")
	write(t, certificate, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})))
	terraform.throughProxy("https://example.com", proxy.address())
	if untrusted := terraform.run(false, "plan", "-no-color"); !says("unknown authority", `see the guide "Networks"`).MatchString(untrusted) {
		t.Errorf("the message does not lead to the guide:\n%s", untrusted)
	}
	terraform.environment = append(terraform.environment, "SSL_CERT_FILE="+certificate)
	output := terraform.run(true, "apply", "-no-color", "-auto-approve")

	contains(t, output, "completed")
	requests, sent := proxy.saw()
	if len(requests) == 0 {
		t.Error("nothing went through the proxy")
	}
	for _, request := range requests {
		if request != "CONNECT example.com:443" {
			t.Errorf("the proxy was sent %q", request)
		}
	}
	contains(t, sent, "Proxy-Authorization")
	for _, secret := range []string{"\nAuthorization:", scriptixtest.Token, "speech-to-text"} {
		lacks(t, "what the proxy saw", sent, secret)
	}
	if received := api.Requests(); len(received) != 1 || received[0].Header.Get("Authorization") != "Bearer "+scriptixtest.Token {
		t.Errorf("the API received %v", received)
	} else if received[0].Header.Get("Proxy-Authorization") != "" {
		t.Error("the API was told the proxy's password")
	}
	terraform.keepsSecrets(output)
}

// A proxy that gives no tunnel, or is none, is an error that says so, and is not sent what was meant for the API.
func TestAProxyThatRefusesIsAnErrorWithoutSecrets(t *testing.T) {
	t.Parallel()
	page := func(status int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(status)
			_, _ = io.WriteString(w, "<html>Who are you?</html>")
		}
	}
	const refused = "the proxy in HTTPS_PROXY refused the connection: "
	tests := map[string]struct {
		refusal http.HandlerFunc
		words   string
	}{
		"it asks for a login": {
			page(http.StatusProxyAuthRequired),
			refused + "HTTP 407 (Proxy Authentication Required). The provider sent the request 1 time. " +
				"Put the name and the password into HTTPS_PROXY",
		},
		"it finds no host": {page(http.StatusBadGateway), refused + "HTTP 502 (Bad Gateway)"},
		"it forbids the host": {
			page(http.StatusForbidden),
			refused + "HTTP 403 (Forbidden). The provider sent the request 1 time. Let the administrators of the proxy allow the host of base_url.",
		},
		"a page instead of a tunnel":    {page(http.StatusOK), ""},
		"it sends the provider further": {http.RedirectHandler("https://login.example/", http.StatusFound).ServeHTTP, refused + "HTTP 302 (Found)"},
		"it hangs up":                   {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			proxy := newForwardProxy(t, "", test.refusal)
			terraform := newCLI(t, scriptixtest.NewServer(t), providerBlock("max_retries = 0")+session(`session_id = "test"`))
			terraform.throughProxy("https://example.com", proxy.address())
			output := terraform.run(false, "plan", "-no-color")
			if !says("Error: Unable to Read Session", test.words).MatchString(output) {
				t.Errorf("%q is missing in:\n%s", test.words, output)
			}
			requests, sent := proxy.saw()
			if len(requests) == 0 {
				t.Error("the proxy was not asked")
			}
			lacks(t, "what the proxy saw", sent, "\nAuthorization:")
			lacks(t, "what the proxy saw", sent, scriptixtest.Token)
			terraform.keepsSecrets(output)
		})
	}
}

// What makes no sense, or leads nowhere, is not repeated either: it holds the password. Go asks the host directly when it
// cannot read the proxy's address, so that the host is one that no machine has.
func TestAnUnusableProxyIsAnErrorWithoutSecrets(t *testing.T) {
	t.Parallel()
	for name, address := range map[string]string{
		"nobody listens":       "http://someone:" + proxyPassword + "@127.0.0.1:1",
		"not an address":       "http://someone:" + proxyPassword + "@proxy.example:port",
		"space in the address": "http://someone:" + proxyPassword + "@proxy example",
		"unknown scheme":       "ftp://someone:" + proxyPassword + "@127.0.0.1:1",
		"bad escape":           "http://someone:" + proxyPassword + "%zz@127.0.0.1:1",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			terraform := newCLI(t, scriptixtest.NewServer(t), providerBlock("max_retries = 0", `request_timeout = "1s"`)+session(`session_id = "test"`))
			terraform.throughProxy("https://"+nobody, address)
			output := terraform.run(false, "plan", "-no-color")
			contains(t, output, "Error: Unable to Read Session")
			terraform.keepsSecrets(output)
		})
	}
}

// Nothing of a server on this machine, with which alone http is allowed, goes through a proxy.
func TestThisMachineIsReachedWithoutTheProxy(t *testing.T) {
	t.Parallel()
	server := scriptixtest.NewServer(t)
	server.Add(scriptixtest.Session{SessionID: "test"})
	proxy := newForwardProxy(t, "", nil)
	for _, host := range []string{"127.0.0.1", "localhost"} {
		terraform := newCLI(t, server, session(`session_id = "test"`))
		terraform.throughProxy(strings.Replace(server.URL, "127.0.0.1", host, 1), proxy.address())
		terraform.keepsSecrets(terraform.run(true, "plan", "-no-color"))
	}
	if requests, _ := proxy.saw(); len(requests) > 0 {
		t.Errorf("the proxy was sent %q", requests)
	}
	if got := len(server.Requests()); got != 2 {
		t.Errorf("%d requests arrived, want one for each name of this machine", got)
	}
}

// NO_PROXY names hosts that are asked directly.
func TestNoProxyIsHeeded(t *testing.T) {
	t.Parallel()
	proxy := newForwardProxy(t, "", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) })
	terraform := newCLI(t, scriptixtest.NewServer(t), providerBlock("max_retries = 0", `request_timeout = "1s"`)+session(`session_id = "test"`))
	terraform.throughProxy("https://"+nobody, proxy.address(), "NO_PROXY="+nobody, "no_proxy="+nobody)
	output := terraform.run(false, "plan", "-no-color")
	contains(t, output, "Error: Unable to Read Session")
	if requests, _ := proxy.saw(); len(requests) > 0 {
		t.Errorf("the proxy was sent %q", requests)
	}
	terraform.keepsSecrets(output)
}
