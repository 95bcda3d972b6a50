package scriptix

import (
	"context"
	"crypto/tls"
	"errors"
	"net/http"
	"strings"
)

// Class says what a caller can do about the error of a request.
type Class int

// The classes of errors.
const (
	// ClassPermanent errors come again: 403 and every 4xx without a class of its own, a redirect, an answer that breaks
	// the contract, and an error before any request. A wait ends.
	ClassPermanent Class = iota

	// ClassRetryable errors may pass within seconds: the network failed, an attempt timed out, an answer broke off, or
	// the status was 408, 429, 500, 502, 503, or 504. The client retries them, and a wait leaves them to the next poll.
	ClassRetryable

	// ClassPassing errors may pass, but not within seconds: another 5xx, such as 501 or 521, an answer that is not JSON,
	// or a certificate that does not verify. The client does not retry them. A wait leaves them to the next poll.
	ClassPassing

	// ClassNotFound is the API's own statement that the session does not exist for this token: its error code is
	// SESSION_NOT_FOUND or, without a code, its message begins with "session" as in the contract. A wait ends.
	ClassNotFound

	// ClassWrongAddress is a 404 in any other shape. Nothing at this address knows about sessions, so that every request
	// fails. A wait ends.
	ClassWrongAddress

	// ClassTokenRefused errors hold for every request: the token is wrong or revoked (401), or its quota is used up
	// (402). All waits end.
	ClassTokenRefused

	// ClassNotSent errors are *RateLimitError: a rate limit allows no request before its Until.
	ClassNotSent

	// ClassContextEnded errors are the end of the caller's context: its deadline or its cancellation.
	ClassContextEnded
)

// Classify returns the class of an error of this package, wrapped or not. No other code decides what can be done about an
// error. The error must not be nil.
func Classify(err error) Class {
	var apiError *APIError
	var answer *AnswerError
	var redirect *RedirectError
	var rateLimit *RateLimitError
	var request *RequestError
	switch {
	case errors.As(err, &apiError):
		return apiError.class()
	case errors.As(err, &answer) && answer.NotJSON:
		return ClassPassing
	case errors.As(err, &answer), errors.As(err, &redirect):
		return ClassPermanent
	case errors.As(err, &rateLimit):
		return ClassNotSent
	case errors.As(err, &request):
		return request.class()
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return ClassContextEnded
	}
	return ClassPermanent
}

func (e *APIError) class() Class {
	switch e.StatusCode {
	case http.StatusUnauthorized, http.StatusPaymentRequired:
		return ClassTokenRefused
	case http.StatusNotFound:
		if e.FromAPI && e.isAboutSession() {
			return ClassNotFound
		}
		return ClassWrongAddress
	case http.StatusRequestTimeout, http.StatusTooManyRequests, http.StatusInternalServerError,
		http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return ClassRetryable
	}
	if e.StatusCode >= http.StatusInternalServerError {
		return ClassPassing
	}
	return ClassPermanent
}

// class returns the class of a request without an answer. A certificate that does not verify is the same a second later,
// so that it is not retried.
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

// EndsWait reports whether an error ends a wait that has begun: the API itself refuses the token (401), its quota (402), or
// the session (403, 404), or no request could be built. Any other answer may come from a gateway, a login page, or a release
// of the API, and the next poll asks again.
func EndsWait(err error) bool {
	if apiError, ok := errors.AsType[*APIError](err); ok {
		return apiError.isOwnRefusal()
	}
	var answer *AnswerError
	var redirect *RedirectError
	return Classify(err) == ClassPermanent && !errors.As(err, &answer) && !errors.As(err, &redirect)
}

// isOwnRefusal reports whether the API itself says that it refuses the token or the session.
func (e *APIError) isOwnRefusal() bool {
	switch e.StatusCode {
	case http.StatusUnauthorized, http.StatusPaymentRequired, http.StatusForbidden:
		return e.FromAPI
	}
	return e.class() == ClassNotFound
}

// RefusesList reports whether the error of a page says that this address has no list that can be read. GETs of single sessions
// may succeed.
func RefusesList(err error) bool {
	switch Classify(err) {
	case ClassPermanent, ClassNotFound, ClassWrongAddress, ClassTokenRefused:
		return true
	case ClassRetryable, ClassPassing, ClassNotSent, ClassContextEnded:
	}
	return false
}

// IsNotFound reports whether the API says that the session does not exist for this token.
func IsNotFound(err error) bool { return err != nil && Classify(err) == ClassNotFound }

// IsPostponed reports whether the API rejected a request because of a rate limit (429), and says when it accepts it.
func IsPostponed(err error) bool {
	apiError, ok := errors.AsType[*APIError](err)
	return ok && apiError.StatusCode == http.StatusTooManyRequests && !apiError.RetryAt.IsZero()
}

// isAboutSession reports whether a 404 is about a session, and not about a path that leads nowhere.
func (e *APIError) isAboutSession() bool {
	if e.ErrorCode != "" {
		return e.ErrorCode == "SESSION_NOT_FOUND"
	}
	return strings.HasPrefix(strings.ToLower(strings.TrimSpace(e.Message)), "session")
}
