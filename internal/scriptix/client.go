package scriptix

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

// Defaults of Config, as the provider documents them.
const (
	// DefaultMaxConcurrentRequests is the limit of the API's smallest plan.
	DefaultMaxConcurrentRequests = 2
	// DefaultMaxRetries is how often the client sends a failed request again.
	DefaultMaxRetries = 4
	// DefaultRequestTimeout bounds one HTTP attempt, including its body.
	DefaultRequestTimeout = 30 * time.Second
)

// sessionsPath is the endpoint of the API's page, below the base URL.
const sessionsPath = "/api/v3/speech-to-text/session"

// Config configures a Client. Only Logger and Transport have defaults.
type Config struct {
	BaseURL               *url.URL          // see ParseBaseURL
	Token                 Token             // see NewToken
	UserAgent             string            // sent with every request
	MaxConcurrentRequests int               // requests in flight at one moment, at least 1
	RequestsPerMinute     int               // the user's own cap for any 60 seconds; 0 is none
	MaxRetries            int               // attempts after the first; 0 is none
	RequestTimeout        time.Duration     // of one attempt, without the time that limits hold it back
	Logger                *slog.Logger      // logs every request at DEBUG; nil discards
	Transport             http.RoundTripper // nil is net/http's, with proxy and CA settings from the environment
}

// Client reads sessions. It is safe for concurrent use. All requests of one client share its limits.
type Client struct {
	config   Config
	sessions *url.URL
	limiter  *limiter
	http     *retryablehttp.Client
}

// NewClient returns a client. It sends nothing.
func NewClient(config Config) *Client {
	if config.Logger == nil {
		config.Logger = slog.New(slog.DiscardHandler)
	}
	if config.Transport == nil {
		config.Transport = newTransport()
	}
	return newClient(config, newLimiter(config.MaxConcurrentRequests, config.RequestsPerMinute), config.MaxRetries, false)
}

// ForPolling returns a client that shares all limits with c. It sends each request once, and fails with *RateLimitError
// instead of waiting for a rate limit. It is for callers that ask again themselves: two layers must never both retry.
func (c *Client) ForPolling() *Client {
	return newClient(c.config, c.limiter, 0, true)
}

func newClient(config Config, limiter *limiter, maxRetries int, failFast bool) *Client {
	sender := &sender{
		transport: config.Transport,
		timeout:   config.RequestTimeout,
		limiter:   limiter,
		failFast:  failFast,
		token:     config.Token,
		logger:    config.Logger,
	}
	return &Client{
		config:   config,
		sessions: below(config.BaseURL, sessionsPath, sessionsPath),
		limiter:  limiter,
		http:     newRetryingClient(sender, maxRetries),
	}
}

// Bounds of the silence on an HTTP/2 connection before it is given up: the client sends a ping after the first, and waits
// the second for the answer. Every attempt would otherwise use, and lose, a connection that a NAT or a load balancer has
// forgotten.
const (
	silenceBeforePing = 10 * time.Second
	pingTimeout       = 5 * time.Second
)

// newTransport returns a transport with the settings of net/http's own, which takes proxy and CA settings from the
// environment. It shares no connections with other users of net/http.
func newTransport() http.RoundTripper {
	standard, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		return http.DefaultTransport
	}
	transport := standard.Clone()
	transport.HTTP2 = &http.HTTP2Config{SendPingTimeout: silenceBeforePing, PingTimeout: pingTimeout}
	transport.OnProxyConnectResponse = checkTunnel
	return transport
}

// checkTunnel returns a *ProxyError if a proxy gives no tunnel. net/http's own error is the name of the status alone, and reads as
// if Scriptix had answered.
func checkTunnel(_ context.Context, _ *url.URL, _ *http.Request, answer *http.Response) error {
	if answer.StatusCode == http.StatusOK {
		return nil
	}
	return &ProxyError{answer.StatusCode}
}

// NextPoll returns the earliest moment for the next request of a poll loop that sent its latest one at last. It spreads
// requests evenly over what limits them: the window that the API's headers describe, the other window if the plan is
// known, and the user's own cap. It returns last if nothing limits requests.
func (c *Client) NextPoll(last time.Time) time.Time { return c.limiter.nextPoll(last, time.Now()) }

// RateLimited returns the rate limit that allows no request of a poll loop at the moment; nil if requests can be sent.
func (c *Client) RateLimited() *RateLimitError { return c.limiter.limitedBy(time.Now(), true) }

// MaxConcurrentRequests returns how many requests the client sends at the same time. Further requests wait.
func (c *Client) MaxConcurrentRequests() int { return c.config.MaxConcurrentRequests }

// MaxRetries returns how often a failed request is sent again. A client for polling leaves that to its caller.
func (c *Client) MaxRetries() int { return c.config.MaxRetries }

// String describes the client without its token.
func (c *Client) String() string {
	return fmt.Sprintf("Scriptix client of %s, token %s", c.config.BaseURL.Redacted(), c.config.Token)
}

// GetSession reads one session by its own GET. It fails with *APIError, *AnswerError, *RedirectError, *RateLimitError, or
// *RequestError.
func (c *Client) GetSession(ctx context.Context, sessionID string) (*Session, error) {
	if err := ValidateSessionID(sessionID); err != nil {
		return nil, fmt.Errorf("session id %q %w", sessionID, err)
	}
	if err := c.CheckSessionIDs(sessionID); err != nil {
		return nil, fmt.Errorf("session id %w", err)
	}
	answer, err := c.get(ctx, below(c.sessions, "/"+sessionID, "/"+url.PathEscape(sessionID)))
	if err != nil {
		return nil, err
	}
	return answer.session(sessionID)
}

// get returns an answer with status 200.
func (c *Client) get(ctx context.Context, address *url.URL) (*answer, error) {
	request, err := retryablehttp.NewRequestWithContext(ctx, http.MethodGet, address.String(), nil)
	if err != nil {
		return nil, fmt.Errorf("building the request: %w", err)
	}
	request.Header.Set("Authorization", c.config.Token.header())
	request.Header.Set("Accept", "application/json")
	request.Header.Set("User-Agent", c.config.UserAgent)

	request, attempts := withAttempts(request) //nolint:contextcheck // it extends the context of the request
	response, err := c.http.Do(request)
	if err != nil {
		return nil, attempts.requestError(request.Request, err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, c.apiError(response, attempts.count)
	}
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, attempts.requestError(request.Request, err)
	}
	return &answer{
		body: body, contentType: response.Header.Get("Content-Type"), token: c.config.Token, attempts: attempts.count,
	}, nil
}

// apiError returns the error for an answer whose status is not 200.
func (c *Client) apiError(response *http.Response, attempts int) error {
	apiError := parseAPIError(response)
	apiError.RetryAt = retryAt(response, time.Now())
	apiError.Attempts = attempts
	c.config.Token.redactError(apiError)
	return apiError
}

// below appends to the path of an address, and keeps what is escaped in it.
func below(address *url.URL, path, escapedPath string) *url.URL {
	result := *address
	result.Path = address.Path + path
	result.RawPath = address.EscapedPath() + escapedPath
	return &result
}
