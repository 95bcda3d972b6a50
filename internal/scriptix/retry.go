package scriptix

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

// Pauses between the attempts of one request: doubled each time, halved at random at most, within these.
const (
	shortestBackoff = 500 * time.Millisecond
	longestBackoff  = 30 * time.Second
)

// newRetryingClient sends through sender and repeats what may succeed the next time. The API is only read,
// so that repeating is always safe.
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

// checkRetry is asked after every attempt, so it also remembers the last failure.
func checkRetry(ctx context.Context, response *http.Response, err error) (bool, error) {
	if ctx.Err() != nil {
		return false, context.Cause(ctx)
	}
	tries := triesOf(ctx)
	if err != nil {
		tries.last = withoutURL(err)
		return Classify(&RequestError{Err: tries.last}) == ClassRetryable, nil
	}
	refusal := &APIError{StatusCode: response.StatusCode}
	if Classify(refusal) != ClassRetryable {
		return false, nil
	}
	tries.last = refusal
	deadline, ok := ctx.Deadline()
	tooLate := ok && reopening(response, time.Now()).After(deadline)
	return !tooLate, nil
}

// backoff is the pause before the next attempt. When the API has said when to come back, the gate makes the
// attempt wait until then, so that is not looked at here.
func backoff(shortest, longest time.Duration, attempt int, _ *http.Response) time.Duration {
	pause := retryablehttp.DefaultBackoff(shortest, longest, attempt, nil)
	return pause/2 + rand.N(pause/2+1)
}

// tries is the story of one request's attempts. It travels in the request's context, the only thing that
// retryablehttp hands to CheckRetry.
type tries struct {
	count int   // how often the request was sent
	last  error // the last failure; nil when there was none
}

type triesKey struct{}

func withTries(request *retryablehttp.Request) (*retryablehttp.Request, *tries) {
	story := &tries{}
	return request.WithContext(context.WithValue(request.Context(), triesKey{}, story)), story
}

func triesOf(ctx context.Context) *tries {
	return ctx.Value(triesKey{}).(*tries) //nolint:errcheck // every request is made by Client.get, which puts them there
}

// requestError keeps typed errors as they are and dresses every other failure as a *RequestError.
func (t *tries) requestError(request *http.Request, err error) error {
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
	failure := &RequestError{Method: request.Method, Path: request.URL.Path, Attempts: t.count, Err: err}
	if ctx := request.Context(); ctx.Err() != nil {
		failure.Err, failure.Ended, failure.LastFailure = context.Cause(ctx), true, t.last
	}
	return failure
}
