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

	"golang.org/x/sync/semaphore"
)

// maxAnswerBytes bounds an answer. A page of 100 sessions is about 100 kB.
const maxAnswerBytes = 10 << 20

// byteOrderMark is what some servers put before UTF-8. JSON's grammar has no place for it, and lets readers ignore it.
const byteOrderMark = "\ufeff"

// sender sends one attempt of a request, for every attempt of every request of a client: when its turn has
// come, within its own timeout, and with the whole answer read, so that a body that breaks off is a failed
// attempt like any other. It is an http.RoundTripper below the retries.
type sender struct {
	transport http.RoundTripper
	timeout   time.Duration
	slots     *semaphore.Weighted
	gate      *gate
	patient   bool // waits for the gate to open; otherwise fails when it is closed
	token     Token
	logger    *slog.Logger
}

func newSender(config Config) *sender {
	return &sender{
		transport: config.Transport,
		timeout:   config.RequestTimeout,
		slots:     semaphore.NewWeighted(int64(config.MaxConcurrentRequests)),
		gate:      newGate(config.RequestsPerMinute),
		patient:   true,
		token:     config.Token,
		logger:    config.Logger,
	}
}

// RoundTrip waits for the request's turn, then sends it. A redirect is an error already here, before net/http
// looks at where it points: following it would carry the token there.
func (s *sender) RoundTrip(request *http.Request) (*http.Response, error) {
	ctx := request.Context()
	if err := s.takeTurn(ctx); err != nil {
		return nil, err
	}
	defer s.slots.Release(1)
	triesOf(ctx).count++
	started := time.Now()
	response, err := s.attempt(request)
	recognized := s.gate.leave(response, time.Now())
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

// takeTurn returns with a slot taken and the request counted. It holds no slot while it waits for the gate, so that a
// request that sits out a pause keeps none from failing at once; and it looks at the gate again once it has a slot,
// because the gate may have closed meanwhile.
func (s *sender) takeTurn(ctx context.Context) error {
	for {
		if err := s.gate.await(ctx, s.patient); err != nil {
			return err
		}
		if err := s.slots.Acquire(ctx, 1); err != nil {
			return err
		}
		if s.gate.enter(time.Now()) {
			return nil
		}
		s.slots.Release(1)
	}
}

// attempt sends the request once and reads the whole answer, within the timeout of one attempt.
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

// explain tells the end of the caller's context from the end of the attempt's own.
func (s *sender) explain(caller, attempt context.Context, err error) error {
	if caller.Err() != nil {
		return context.Cause(caller)
	}
	if errors.Is(attempt.Err(), context.DeadlineExceeded) {
		return &AttemptTimeoutError{Timeout: s.timeout}
	}
	return s.withoutToken(err)
}

// withoutToken replaces an error that repeats the token. Those of net/http quote from broken answers, which may
// repeat the request.
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

// log records the request, but never a header, a body or the host: those may hold secrets. The query holds nothing
// but the status and the place in a list.
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
