package scriptixtest_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
)

const sessionsPath = "/api/v3/speech-to-text/session"

// client sends requests to a server and fails the test when they go wrong in a way it does not expect.
type client struct {
	*http.Client
	t     *testing.T
	url   string
	token string
}

type response struct {
	status int
	header http.Header
	body   string
}

func newClient(t *testing.T, server *scriptixtest.Server) *client {
	t.Helper()
	return &client{
		Client: &http.Client{Transport: server.Transport()},
		t:      t,
		url:    server.URL,
		token:  scriptixtest.Token,
	}
}

func (c *client) request(method, target string) *http.Request {
	c.t.Helper()
	request, err := http.NewRequestWithContext(c.t.Context(), method, c.url+target, http.NoBody)
	if err != nil {
		c.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+c.token)
	return request
}

// try returns the error that a request ended with, be it while waiting for the answer or reading it.
func (c *client) try(request *http.Request) (response, error) {
	answer, err := c.Do(request)
	if err != nil {
		return response{}, err
	}
	body, err := io.ReadAll(answer.Body)
	return response{answer.StatusCode, answer.Header, string(body)}, errors.Join(err, answer.Body.Close())
}

func (c *client) do(request *http.Request) response {
	c.t.Helper()
	answer, err := c.try(request)
	if err != nil {
		c.t.Fatalf("%s %s: %v", request.Method, request.URL, err)
	}
	return answer
}

func (c *client) get(target string) response {
	c.t.Helper()
	return c.do(c.request(http.MethodGet, target))
}

func (c *client) session(id string) response {
	c.t.Helper()
	return c.get(sessionsPath + "/" + id)
}

// fields reads a session by id and returns its members.
func (c *client) fields(id string) map[string]any {
	c.t.Helper()
	answer := c.session(id)
	if answer.status != http.StatusOK {
		c.t.Fatalf("reading session %s: status %d, body %s", id, answer.status, answer.body)
	}
	return decode[map[string]any](c.t, answer.body)
}

type list struct {
	Count        int `json:"count"`
	TotalResults int `json:"total_results"`
	Result       []struct {
		SessionID string `json:"session_id"`
		Status    string `json:"status"`
	} `json:"result"`
}

func (c *client) list(query string) list {
	c.t.Helper()
	answer := c.get(sessionsPath + query)
	if answer.status != http.StatusOK {
		c.t.Fatalf("listing %s: status %d, body %s", query, answer.status, answer.body)
	}
	return decode[list](c.t, answer.body)
}

func (l list) ids() []string {
	ids := make([]string, 0, len(l.Result))
	for _, session := range l.Result {
		ids = append(ids, session.SessionID)
	}
	return ids
}

func decode[T any](t *testing.T, text string) T {
	t.Helper()
	var value T
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		t.Fatalf("decoding %q: %v", text, err)
	}
	return value
}

// pass lets time pass on a bubble's clock.
func pass(length time.Duration) {
	<-time.After(length)
}

func equal[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}
