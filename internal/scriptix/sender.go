package scriptix

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"time"
)

// maxAnswerBytes bounds an answer. A page of 100 sessions has about 100 kB.
const maxAnswerBytes = 10 << 20

// byteOrderMark is what some servers put before UTF-8. The grammar of JSON has no place for it, but lets readers ignore
// it.
const byteOrderMark = "\ufeff"

// sender is the http.RoundTripper below the retries. It sends one attempt of a request when the limiter allows it. It reads
// the complete answer, so that one that breaks off is a failed attempt like any other.
type sender struct {
	transport http.RoundTripper
	timeout   time.Duration // of one attempt
	limiter   *limiter
	failFast  bool // fails with *RateLimitError instead of waiting for a rate limit
	token     Token
	logger    *slog.Logger
}

// RoundTrip sends the request and returns its answer. It returns a redirect as an error, before net/http can follow it
// and send the token along.
func (s *sender) RoundTrip(request *http.Request) (*http.Response, error) {
	ctx := request.Context()
	if err := s.limiter.acquire(ctx, s.failFast); err != nil {
		return nil, err
	}
	attemptsOf(ctx).count++
	started := time.Now()
	response, err := s.attempt(request)
	recognized := s.limiter.release(response, time.Now())
	s.log(request, response, err, time.Since(started))
	if recognized != nil {
		s.logger.InfoContext(ctx, "Recognized the Scriptix plan from its rate limit", "plan", recognized.name,
			"requests_per_minute", recognized.perMinute, "requests_per_hour", recognized.perHour)
	}
	if err != nil {
		return nil, err
	}
	if location := response.Header.Get("Location"); location != "" && response.StatusCode/100 == 3 {
		return nil, &RedirectError{StatusCode: response.StatusCode, Location: s.token.redact(location)}
	}
	return response, nil
}

// attempt sends the request once and reads the complete answer.
func (s *sender) attempt(request *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithTimeout(request.Context(), s.timeout)
	defer cancel()
	response, err := s.transport.RoundTrip(request.Clone(ctx))
	if err != nil {
		return nil, s.explain(request.Context(), ctx, err)
	}
	defer response.Body.Close()
	body, err := readBounded(response)
	if err != nil {
		return nil, s.explain(request.Context(), ctx, err)
	}
	response.Body = io.NopCloser(bytes.NewReader(body))
	return response, nil
}

// explain distinguishes the end of the caller's context from the timeout of the attempt.
func (s *sender) explain(caller, attempt context.Context, err error) error {
	if caller.Err() != nil {
		return context.Cause(caller)
	}
	if errors.Is(attempt.Err(), context.DeadlineExceeded) {
		return &AttemptTimeoutError{Timeout: s.timeout}
	}
	return s.withoutToken(err)
}

// withoutToken replaces an error that holds the token. Errors of net/http quote broken answers, which may repeat the
// request.
func (s *sender) withoutToken(err error) error {
	text := err.Error()
	if clean := s.token.redact(text); clean != text {
		return errors.New(clean)
	}
	return err
}

func readBounded(response *http.Response) ([]byte, error) {
	tooLarge := &AnswerError{Problem: fmt.Sprintf("is larger than %d MiB", maxAnswerBytes>>20)}
	if response.ContentLength > maxAnswerBytes {
		return nil, tooLarge
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, maxAnswerBytes+1))
	if err != nil {
		return nil, fmt.Errorf("the answer broke off: %w", err)
	}
	if len(body) > maxAnswerBytes {
		return nil, tooLarge
	}
	return bytes.TrimPrefix(body, []byte(byteOrderMark)), nil
}

// log logs the request without headers, body, and host, which may hold secrets. The query holds only the status and the
// place in a list.
func (s *sender) log(request *http.Request, response *http.Response, err error, duration time.Duration) {
	attributes := []slog.Attr{
		slog.String("method", request.Method),
		slog.String("path", request.URL.Path),
		slog.String("query", request.URL.RawQuery),
		slog.Duration("duration", duration),
	}
	if err != nil {
		attributes = append(attributes, slog.String("error", err.Error()))
	} else {
		attributes = append(attributes, slog.Int("status", response.StatusCode))
	}
	s.logger.LogAttrs(request.Context(), slog.LevelDebug, "Scriptix API request", attributes...)
}
