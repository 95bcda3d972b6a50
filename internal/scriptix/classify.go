package scriptix

import (
	"context"
	"crypto/tls"
	"errors"
	"net/http"
	"strings"
)

// Class is what an error of a request means for whoever may ask again.
type Class int

// The classes of errors.
const (
	// ClassRefused errors come again: 403 and every 4xx without a class of its own, a redirect, an answer that breaks
	// the contract, and an error that no request made. A wait ends.
	ClassRefused Class = iota

	// ClassRetryable errors may pass within seconds: the network failed, an attempt timed out, an answer broke off, or
	// the status was 408, 429, 500, 502, 503, or 504. The client retries them, and a wait leaves them to the next poll.
	ClassRetryable

	// ClassPassing errors may pass, but not within seconds: another 5xx, such as 501 or 521, or an answer that is not
	// JSON and that something in between gave. The client does not retry them; a wait leaves them to the next poll.
	ClassPassing

	// ClassNotFound is the API's own statement that the session does not exist for this token: its error code is
	// SESSION_NOT_FOUND or, without a code, its message begins with "session" as in the contract. A 404 in any other
	// shape is ClassRefused: nothing at this address knows about sessions.
	ClassNotFound

	// ClassTokenRefused errors hold for every request: the token is wrong or revoked (401) or its quota is used up (402).
	ClassTokenRefused

	// ClassNotSent errors are *RateLimitError: no request was sent, because none may be sent before its Until.
	ClassNotSent

	// ClassContextEnded errors are the end of the caller's context: its deadline or its cancellation.
	ClassContextEnded
)

// Classify returns the class of an error of this package, wrapped or not. No other code decides what can be done about an
// error. Nil is no error: do not pass it.
func Classify(err error) Class {
	var refusal *APIError
	var answer *AnswerError
	var redirect *RedirectError
	var rateLimit *RateLimitError
	var request *RequestError
	switch {
	case errors.As(err, &refusal):
		return refusal.class()
	case errors.As(err, &answer) && answer.NotJSON:
		return ClassPassing
	case errors.As(err, &answer), errors.As(err, &redirect):
		return ClassRefused
	case errors.As(err, &rateLimit):
		return ClassNotSent
	case errors.As(err, &request):
		return request.class()
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return ClassContextEnded
	}
	return ClassRefused
}

func (e *APIError) class() Class {
	switch e.StatusCode {
	case http.StatusUnauthorized, http.StatusPaymentRequired:
		return ClassTokenRefused
	case http.StatusNotFound:
		if e.FromAPI && e.namesSession() {
			return ClassNotFound
		}
		return ClassRefused
	case http.StatusRequestTimeout, http.StatusTooManyRequests, http.StatusInternalServerError,
		http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return ClassRetryable
	}
	if e.StatusCode >= http.StatusInternalServerError {
		return ClassPassing
	}
	return ClassRefused
}

// class of a request without an answer. A certificate that does not verify is not retried: it is the same a second
// later, though not for ever.
func (e *RequestError) class() Class {
	var certificate *tls.CertificateVerificationError
	switch {
	case e.Ended:
		return ClassContextEnded
	case errors.As(e.Err, &certificate):
		return ClassPassing
	}
	return ClassRetryable
}

// IsNotFound reports whether the API says that it has no such session for this token. A 404 in any other shape comes
// from something else, and says nothing about sessions.
func IsNotFound(err error) bool { return err != nil && Classify(err) == ClassNotFound }

// namesSession reports whether a 404 is about a session, and not about a path that leads nowhere.
func (e *APIError) namesSession() bool {
	if e.ErrorCode != "" {
		return e.ErrorCode == "SESSION_NOT_FOUND"
	}
	return strings.HasPrefix(strings.ToLower(strings.TrimSpace(e.Message)), "session")
}
