package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

const (
	sessionsPath = "/api/v3/speech-to-text/session"
	// wrongToken has nothing of the real one in it.
	wrongToken = "not-a-token-of-scriptix"
	// maxRequests bounds a run, repetitions after a 429 included.
	maxRequests = 16
	// longestRefusal is how long a 429 is sat out.
	longestRefusal = 2 * time.Minute
	maxBody        = 16 << 20
	requestTimeout = 30 * time.Second
)

// reader sends requests that only read, one after the other. It is not built on the client, which would mend what is to
// be seen here.
type reader struct {
	base  *url.URL
	token string
	pause time.Duration
	sent  int

	replies []*answer // in the order of the requests, without those to a wrong token
}

// answer is an answer as it came.
type answer struct {
	status   int
	header   http.Header
	body     []byte
	received time.Time
}

// clock is the API's time when it answered.
func (a *answer) clock() time.Time {
	if date, err := http.ParseTime(a.header.Get("Date")); err == nil {
		return date
	}
	return a.received
}

// list asks for a page of the list.
func (r *reader) list(ctx context.Context, query string) (*answer, error) {
	return r.get(ctx, r.token, sessionsPath+query)
}

// session asks for one session.
func (r *reader) session(ctx context.Context, sessionID string) (*answer, error) {
	return r.get(ctx, r.token, sessionsPath+"/"+url.PathEscape(sessionID))
}

// document asks for the document of a session.
func (r *reader) document(ctx context.Context, sessionID, documentID string) (*answer, error) {
	return r.get(ctx, r.token, sessionsPath+"/"+url.PathEscape(sessionID)+"/document/"+url.PathEscape(documentID))
}

// strange asks for the list with a token that cannot be right.
func (r *reader) strange(ctx context.Context) (*answer, error) {
	return r.get(ctx, wrongToken, sessionsPath+"?limit=1")
}

// get sends a request, and once more when the API asks for a pause that is bearable.
func (r *reader) get(ctx context.Context, token, target string) (*answer, error) {
	reply, err := r.send(ctx, token, target)
	if err != nil || reply.status != http.StatusTooManyRequests {
		return reply, err
	}
	seconds, err := strconv.Atoi(reply.header.Get("Retry-After"))
	if refused := time.Duration(seconds) * time.Second; err == nil && refused <= longestRefusal {
		if err := sleep(ctx, refused); err != nil {
			return nil, err
		}
		return r.send(ctx, token, target)
	}
	return reply, nil
}

func (r *reader) send(ctx context.Context, token, target string) (*answer, error) {
	if r.sent == maxRequests {
		return nil, fmt.Errorf("%d requests have been sent, which is all that a run may cost", r.sent)
	}
	if r.sent > 0 {
		if err := sleep(ctx, r.pause); err != nil {
			return nil, err
		}
	}
	r.sent++
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, r.base.String()+target, http.NoBody)
	if err != nil {
		return nil, errors.New("the address of a request cannot be built")
	}
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Accept", "application/json")
	client := &http.Client{CheckRedirect: neverFollow}
	response, err := client.Do(request)
	if err != nil {
		return nil, withoutAddress(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxBody))
	if err != nil {
		return nil, fmt.Errorf("reading an answer: %w", err)
	}
	reply := &answer{status: response.StatusCode, header: response.Header, body: body, received: time.Now()}
	if token == r.token {
		r.replies = append(r.replies, reply)
	}
	return reply, nil
}

// neverFollow keeps the token at the host it was meant for.
func neverFollow(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// withoutAddress leaves out the address, since session ids are in it.
func withoutAddress(err error) error {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		return fmt.Errorf("a request brought no answer: %w", wrapped.Err)
	}
	return fmt.Errorf("a request brought no answer: %w", err)
}

func sleep(ctx context.Context, length time.Duration) error {
	timer := time.NewTimer(length)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
