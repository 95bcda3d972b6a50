package scriptix

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

// Defaults of Config, as the provider documents them.
const (
	// DefaultMaxConcurrentRequests is what the API's smallest plan allows at the same time.
	DefaultMaxConcurrentRequests = 2
	// DefaultMaxRetries is how often a request that failed is sent again.
	DefaultMaxRetries = 4
	// DefaultRequestTimeout bounds one HTTP attempt, its body included.
	DefaultRequestTimeout = 30 * time.Second
)

// sessionsPath is the endpoint of the API's page, below the base URL.
const sessionsPath = "/api/v3/speech-to-text/session"

// Config is what a Client needs to know. Nothing has a default here, save Logger and Transport.
type Config struct {
	BaseURL               *url.URL          // see ParseBaseURL
	Token                 Token             // see NewToken
	UserAgent             string            // sent with every request
	MaxConcurrentRequests int               // requests in flight at one moment, at least 1
	RequestsPerMinute     int               // a cap of the user's own on any 60 seconds; 0 is none
	MaxRetries            int               // attempts after the first, 0 is none
	RequestTimeout        time.Duration     // of one attempt; waiting for a turn does not count
	Logger                *slog.Logger      // every request at DEBUG; nil discards
	Transport             http.RoundTripper // nil is net/http's, with proxy and CA settings from the environment
}

// Client reads sessions. It is safe for concurrent use; all requests of one client share its limits.
type Client struct {
	config   Config
	sessions *url.URL
	http     *retryablehttp.Client
	sender   *sender
}

// NewClient makes a client; it sends nothing.
func NewClient(config Config) *Client {
	if config.Logger == nil {
		config.Logger = slog.New(slog.DiscardHandler)
	}
	if config.Transport == nil {
		config.Transport = newTransport()
	}
	sender := newSender(config)
	return &Client{
		config:   config,
		sessions: below(config.BaseURL, sessionsPath, sessionsPath),
		http:     newRetryingClient(sender, config.MaxRetries),
		sender:   sender,
	}
}

// newTransport is net/http's own, which takes proxy and CA settings from the environment, but with connections
// that no other user of net/http shares.
func newTransport() http.RoundTripper {
	if standard, ok := http.DefaultTransport.(*http.Transport); ok {
		return standard.Clone()
	}
	return http.DefaultTransport
}

// ForPolling returns a client that shares all limits with c, but tells at once what c would sit out: it sends
// each request once, and fails with *RateLimitError when none may be sent now. It is for callers that ask again
// themselves: two layers must never both retry.
func (c *Client) ForPolling() *Client {
	sender := *c.sender
	sender.patient = false
	polling := *c
	polling.sender = &sender
	polling.http = newRetryingClient(&sender, 0)
	return &polling
}

// NextPoll returns the earliest moment for the next request of a poll loop that sent its latest one at last, so that
// everything that limits requests is spent evenly: what the API reports as left in the window of its plan, the other
// window of that plan if the plan is known, and the user's own cap. It is last itself while nothing limits requests.
func (c *Client) NextPoll(last time.Time) time.Time { return c.sender.gate.nextPoll(last, time.Now()) }

// Closed says until when, and why, no request can be sent; nil while requests can be sent.
func (c *Client) Closed() *RateLimitError { return c.sender.gate.closed(time.Now()) }

// MaxConcurrentRequests is how many requests the client sends at the same time; others wait for their turn.
func (c *Client) MaxConcurrentRequests() int { return c.config.MaxConcurrentRequests }

// String names the client without its token.
func (c *Client) String() string {
	return fmt.Sprintf("Scriptix client of %s, token %s", c.config.BaseURL.Redacted(), c.config.Token)
}

// GetSession reads one session by its own GET. It fails with *APIError, *AnswerError, *RedirectError,
// *RateLimitError or *RequestError.
func (c *Client) GetSession(ctx context.Context, sessionID string) (*Session, error) {
	if err := ValidateSessionID(sessionID); err != nil {
		return nil, fmt.Errorf("session id %q %w", sessionID, err)
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

	request, tries := withTries(request) //nolint:contextcheck // it extends the context that the request has
	response, err := c.http.Do(request)
	if err != nil {
		return nil, tries.requestError(request.Request, err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, tries.requestError(request.Request, err)
	}
	if response.StatusCode == http.StatusOK {
		return &answer{
			body: body, contentType: response.Header.Get("Content-Type"), token: c.config.Token, attempts: tries.count,
		}, nil
	}
	return nil, c.refusal(response, body, tries.count)
}

// refusal is the typed error for an answer whose status is not 200.
func (c *Client) refusal(response *http.Response, body []byte, attempts int) error {
	response.Body = io.NopCloser(bytes.NewReader(body))
	refusal := parseAPIError(response)
	refusal.Attempts = attempts
	c.config.Token.redactRefusal(refusal)
	return refusal
}

// below appends to the path of an address, keeping whatever is escaped in it.
func below(address *url.URL, path, escapedPath string) *url.URL {
	result := *address
	result.Path = address.Path + path
	result.RawPath = address.EscapedPath() + escapedPath
	return &result
}

// pageURL addresses one page of a list. An empty status means sessions of every status.
func (c *Client) pageURL(status Status, offset int) *url.URL {
	query := url.Values{"offset": {strconv.Itoa(offset)}, "limit": {strconv.Itoa(PageSize)}}
	if status != "" {
		query.Set("status", string(status))
	}
	address := *c.sessions
	address.RawQuery = query.Encode()
	return &address
}
