package scriptix

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"net/url"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

// Bounds of the pause between two attempts of one request. The pause doubles each time, and jitter shortens it by up to
// half.
const (
	shortestBackoff = 500 * time.Millisecond
	longestBackoff  = 30 * time.Second
)

// newRetryingClient returns an HTTP client that sends through sender, and retries what Classify calls retryable. Retrying
// is always safe, because the client only reads.
func newRetryingClient(sender *sender, maxRetries int) *retryablehttp.Client {
	return &retryablehttp.Client{
		HTTPClient:   &http.Client{Transport: sender},
		RetryMax:     maxRetries,
		RetryWaitMin: shortestBackoff,
		RetryWaitMax: longestBackoff,
		CheckRetry:   checkRetry,
		Backoff:      backoff,
		ErrorHandler: retryablehttp.PassthroughErrorHandler, // keeps the last response when retries end
	}
}

// checkRetry is called after every attempt. It also records the failure of the attempt.
func checkRetry(ctx context.Context, response *http.Response, err error) (bool, error) {
	if ctx.Err() != nil {
		return false, context.Cause(ctx)
	}
	attempts := attemptsOf(ctx)
	if err != nil {
		attempts.lastFailure = withoutURL(err)
		return Classify(&RequestError{Err: attempts.lastFailure}) == ClassRetryable, nil
	}
	apiError := &APIError{StatusCode: response.StatusCode}
	if Classify(apiError) != ClassRetryable {
		return false, nil
	}
	attempts.lastFailure = apiError
	deadline, ok := ctx.Deadline()
	tooLate := ok && retryAt(response, time.Now()).After(deadline)
	return !tooLate, nil
}

// backoff returns the pause before the next attempt. It ignores when the API asks to come back, because the limiter
// holds back the attempt until then.
func backoff(shortest, longest time.Duration, attempt int, _ *http.Response) time.Duration {
	pause := retryablehttp.DefaultBackoff(shortest, longest, attempt, nil)
	return pause/2 + rand.N(pause/2+1)
}

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
	if answer, ok := errors.AsType[*AnswerError](err); ok {
		return answer
	}
	if redirect, ok := errors.AsType[*RedirectError](err); ok {
		return redirect
	}
	if rateLimit, ok := errors.AsType[*RateLimitError](err); ok {
		return rateLimit
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
