// Package wait waits for sessions to finish. It knows nothing of Terraform.
package wait

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
)

// Client sends the requests of a Waiter. It must return errors at once instead of retrying or waiting for a rate limit: the
// Waiter asks again itself. See scriptix.Client.ForPolling.
type Client interface {
	GetSession(ctx context.Context, sessionID string) (*scriptix.Session, error)
	SessionPage(ctx context.Context, status scriptix.Status, offset int) (*scriptix.Page, error)
	limits
	MaxConcurrentRequests() int
}

// Waiter runs all waits and reads of one configured provider. One poll loop asks for all of them, in the cheapest way. A Waiter is
// safe for concurrent use.
type Waiter struct {
	client Client
	logger *slog.Logger

	mu       sync.Mutex
	loop     *loop
	joined   chan struct{}      // wakes the poll loop when it sleeps
	stopLoop context.CancelFunc // nil when no poll loop runs
}

// NewWaiter returns a Waiter that polls through client and logs each wait at INFO.
func NewWaiter(client Client, logger *slog.Logger) *Waiter {
	return &Waiter{client: client, logger: logger, loop: newLoop(client)}
}

// join adds a wait and starts the poll loop if there is none. It returns false if there is nothing to ask and the wait has
// ended.
func (w *Waiter) join(call *wait, sessions []scriptix.Session) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.loop.join(call, sessions)
	if w.stopLoop != nil {
		// Something may be due earlier now, and the sessions of this wait may be all that another wait needs.
		select {
		case w.joined <- struct{}{}:
		default:
		}
	}
	if call.pending == 0 || call.isFailing() || call.isDone() {
		call.end(nil)
		w.loop.leave(call)
		return false
	}
	if w.stopLoop == nil {
		// The loop outlives the wait that starts it if others have joined.
		ctx, stop := context.WithCancel(context.WithoutCancel(call.ctx))
		w.stopLoop = stop
		w.joined = make(chan struct{}, 1) // a loop that was stopped may still listen to its own channel
		go w.run(ctx, w.joined)
	}
	return true
}

// leave removes a wait. The last one stops the loop and all requests under way.
func (w *Waiter) leave(call *wait) {
	w.mu.Lock()
	defer w.mu.Unlock()
	call.endWithContext()
	w.loop.leave(call)
	if len(w.loop.board.waits) == 0 && w.stopLoop != nil {
		w.stopLoop()
		w.stopLoop = nil
	}
}

// run sends requests and takes in each answer as it comes, until the last wait has left.
func (w *Waiter) run(ctx context.Context, joined <-chan struct{}) {
	answers := make(chan func(now time.Time))
	free := w.client.MaxConcurrentRequests()
	for {
		requests, wake := w.requests(ctx, free)
		for _, r := range requests {
			free--
			go w.send(r, answers, ctx.Done())
		}
		select {
		case takeIn := <-answers:
			free++
			w.takeIn(ctx, takeIn)
		case <-joined:
		case <-alarm(wake):
		case <-ctx.Done():
			return
		}
	}
}

// requests returns those to send now, and when to call it again; zero: only after an answer or a new wait.
func (w *Waiter) requests(ctx context.Context, free int) ([]*request, time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if ctx.Err() != nil {
		return nil, time.Time{}
	}
	requests, wake := w.loop.requests(free, time.Now())
	for _, r := range requests {
		r.begin(ctx)
	}
	return requests, wake
}

// begin gives the request its context, before it is sent.
func (r *request) begin(ctx context.Context) { r.ctx, r.cancel = context.WithCancel(ctx) }

// send sends one request and passes on a function that takes in its answer, unless the loop has ended.
func (w *Waiter) send(r *request, answers chan<- func(time.Time), loopEnded <-chan struct{}) {
	defer r.cancel()
	var page *scriptix.Page
	var session *scriptix.Session
	var err error
	if r.isPage {
		page, err = w.client.SessionPage(r.ctx, r.status, r.offset)
	} else {
		session, err = w.client.GetSession(r.ctx, r.id)
	}
	takeIn := func(now time.Time) { w.loop.take(r, page, session, err, now) }
	select {
	case answers <- takeIn:
	case <-loopEnded:
	}
}

// takeIn takes in an answer unless the last wait has left.
func (w *Waiter) takeIn(ctx context.Context, takeIn func(time.Time)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if ctx.Err() == nil {
		takeIn(time.Now())
	}
}

// alarm returns a channel that receives at a moment; nil, which blocks for ever, if the moment is zero.
func alarm(at time.Time) <-chan time.Time {
	if at.IsZero() {
		return nil
	}
	return time.After(time.Until(at))
}
