package scriptix

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"github.com/hashicorp/go-retryablehttp"
)

// attempts records the attempts of one request. It travels in the context of the request, which is all that retryablehttp
// passes to CheckRetry.
type attempts struct {
	count       int   // how often the request was sent
	lastFailure error // nil if no attempt has failed
}

type attemptsKey struct{}

func withAttempts(request *retryablehttp.Request) (*retryablehttp.Request, *attempts) {
	record := &attempts{}
	return request.WithContext(context.WithValue(request.Context(), attemptsKey{}, record)), record
}

func attemptsOf(ctx context.Context) *attempts {
	return ctx.Value(attemptsKey{}).(*attempts) //nolint:errcheck // Client.get puts it into every request
}

// requestError returns typed errors as they are, and every other failure as a *RequestError.
func (a *attempts) requestError(request *http.Request, err error) error {
	err = withoutURL(err)
	var answer *AnswerError
	var redirect *RedirectError
	var rateLimit *RateLimitError
	if errors.As(err, &answer) || errors.As(err, &redirect) || errors.As(err, &rateLimit) {
		return err
	}
	failure := &RequestError{Method: request.Method, Path: request.URL.Path, Attempts: a.count, Err: err}
	if ctx := request.Context(); ctx.Err() != nil {
		failure.Err, failure.Ended, failure.LastFailure = context.Cause(ctx), true, a.lastFailure
	}
	return failure
}

// withoutURL removes the wrapping of net/http, which repeats method and URL.
func withoutURL(err error) error {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		return wrapped.Err
	}
	return err
}
