package scriptix

import (
	"context"
	"math/rand/v2"
	"net/http"
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
func newRetryingClient(sender http.RoundTripper, maxRetries int) *retryablehttp.Client {
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
