package scriptix

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// APIError is an answer that reports an error: by its status or, with status 200, in its body. Its texts come from
// outside: they may hold anything and be of any length.
type APIError struct {
	StatusCode int       // HTTP status
	Type       string    // the API's name for the kind of error, such as "Not Found"
	ErrorCode  string    // such as "SESSION_NOT_FOUND"
	Message    string    // what the API says, for people
	Details    string    // further details, as compact JSON or text
	RetryAt    time.Time // when the API takes requests again, by this machine's clock; zero if it did not say
	Attempts   int       // how often the request was sent
	FromAPI    bool      // the body has the shape of the API's page: error_code, or error and message
	NotJSON    bool      // the body was not JSON: most likely a proxy answered, not the API
}

func (e *APIError) Error() string {
	text := fmt.Sprintf("status %d %s", e.StatusCode, http.StatusText(e.StatusCode))
	if e.ErrorCode != "" {
		text += fmt.Sprintf(", %.100q", e.ErrorCode)
	}
	if e.Message != "" {
		text += fmt.Sprintf(": %.300q", e.Message)
	}
	return text
}

// RedirectError says that the API's address points elsewhere. The client follows no redirect, because it would send the
// token there.
type RedirectError struct {
	StatusCode int
	Location   string
}

func (e *RedirectError) Error() string {
	return fmt.Sprintf("status %d redirects to %.200q", e.StatusCode, e.Location)
}

// RateLimitError says that a rate limit allows no request before the caller's deadline or, for a client that fails fast,
// now.
type RateLimitError struct {
	Until  time.Time // when the next request may be sent, by this machine's clock
	OwnCap bool      // the limit is the user's own cap, and not the API's
}

func (e *RateLimitError) Error() string {
	return "no request can be sent before " + e.Until.UTC().Format(time.RFC3339)
}

// AttemptTimeoutError says that one attempt brought no complete answer in time.
type AttemptTimeoutError struct {
	Timeout time.Duration
}

func (e *AttemptTimeoutError) Error() string {
	return fmt.Sprintf("no complete answer within %s", e.Timeout)
}

// ProxyError says that a proxy refused to connect to the API.
type ProxyError struct {
	StatusCode int // HTTP status of the proxy
}

func (e *ProxyError) Error() string {
	return fmt.Sprintf("the proxy refused the connection: status %d %s", e.StatusCode, http.StatusText(e.StatusCode))
}

// RequestError says that a request brought no answer: the network failed, an attempt timed out, or the caller's context
// ended. Then Err is the cause of the context.
type RequestError struct {
	Method, Path string
	Attempts     int   // how often the request was sent
	Err          error // what ended it
	Ended        bool  // the caller's context ended; Err alone does not show it, because errors of the network look alike
	LastFailure  error // if Ended: the last failure before, if there was one
}

func (e *RequestError) Error() string {
	text := fmt.Sprintf("%s %s: %v", e.Method, e.Path, e.Err)
	if e.LastFailure != nil {
		text += fmt.Sprintf(" (last failure: %v)", e.LastFailure)
	}
	return text
}

// Unwrap returns what ended the request.
func (e *RequestError) Unwrap() error { return e.Err }

// SessionError says which session an error is about.
type SessionError struct {
	SessionID string
	Err       error
}

func (e *SessionError) Error() string { return fmt.Sprintf("session %.100q: %v", e.SessionID, e.Err) }

// Unwrap returns what went wrong with the session.
func (e *SessionError) Unwrap() error { return e.Err }

// NewEndedRequestError returns the error of a read whose context has ended.
func NewEndedRequestError(ctx context.Context, sessionID string, attempts int, lastFailure error) *RequestError {
	return &RequestError{
		Method: http.MethodGet, Path: sessionsPath + "/" + sessionID, Attempts: attempts,
		Err: context.Cause(ctx), Ended: true, LastFailure: lastFailure,
	}
}

// WithAttempts returns an error of a request that was sent so often. Its caller sent it again, and not the client.
func WithAttempts(err error, attempts int) error {
	var apiError *APIError
	var request *RequestError
	switch {
	case errors.As(err, &apiError):
		repeated := *apiError
		repeated.Attempts = attempts
		return &repeated
	case errors.As(err, &request):
		repeated := *request
		repeated.Attempts = attempts
		return &repeated
	}
	return err
}
