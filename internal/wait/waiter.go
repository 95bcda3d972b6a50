// Package wait waits for sessions to finish. It knows nothing of Terraform.
package wait

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
)

// Client is what a Waiter asks. It must report failures at once: the Waiter asks again by itself.
type Client interface {
	GetSession(ctx context.Context, sessionID string) (*scriptix.Session, error)
}

// Waiter runs all waits of one configured provider. They share their polling: a session that several wait for is
// asked for once.
type Waiter struct {
	client Client
	logger *slog.Logger

	mu       sync.Mutex
	waits    map[*wait]struct{}
	joined   chan struct{}      // tells a sleeping poll loop that there may be something due earlier
	stopLoop context.CancelFunc // nil when no poll loop runs
}

// NewWaiter makes a Waiter that polls through client and tells the story of each wait to logger at INFO.
func NewWaiter(client Client, logger *slog.Logger) *Waiter {
	return &Waiter{
		client: client,
		logger: logger,
		waits:  make(map[*wait]struct{}),
		joined: make(chan struct{}, 1),
	}
}

// Options say how to wait.
type Options struct {
	PollInterval time.Duration // between two polls of a session; 0 is the schedule of the API's page
	AllowFailed  bool          // a failed session is a result like any other, and no error
}

// Wait returns when all sessions have finished: each as its last own GET gave it, in the order given. The
// sessions are what the caller has just read; those that have finished cost nothing more.
//
// It ends early, with *FailedError as soon as a session has failed unless that is allowed, with *TimeoutError at
// the deadline of ctx, with *CancelledError when ctx is cancelled, with *scriptix.RateLimitError when no poll can
// be sent before the deadline, and with *scriptix.SessionError for what asking again cannot mend.
func (w *Waiter) Wait(ctx context.Context, sessions []scriptix.Session, options Options) ([]scriptix.Session, error) {
	this := newWait(ctx, sessions, options)
	if this.settle() {
		return this.result()
	}
	w.logger.InfoContext(ctx, "Waiting for sessions to finish", this.attributes()...)
	w.join(this)
	select {
	case <-this.done:
	case <-ctx.Done():
	}
	w.leave(this)
	this.abandon(ctx)
	w.logger.InfoContext(ctx, "Waiting ended", this.attributes()...)
	return this.result()
}

// join adds a wait and starts the poll loop if there is none.
func (w *Waiter) join(this *wait) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.waits[this] = struct{}{}
	if w.stopLoop == nil {
		// The loop outlives the wait that starts it when others have joined, but logs in its name.
		ctx, stop := context.WithCancel(context.WithoutCancel(this.ctx))
		w.stopLoop = stop
		go w.loop(ctx)
		return
	}
	select {
	case w.joined <- struct{}{}:
	default:
	}
}

// leave removes a wait; with the last one the loop ends, and with it any request under way.
func (w *Waiter) leave(this *wait) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.waits, this)
	if len(w.waits) == 0 {
		w.stopLoop()
		w.stopLoop = nil
	}
}

// loop polls whatever is due, for all waits, until the last of them has left.
func (w *Waiter) loop(ctx context.Context) {
	for {
		due, next := w.due(time.Now())
		if len(due) == 0 {
			w.sleep(ctx, next)
		} else {
			w.deliver(ctx, w.ask(ctx, due))
		}
		if ctx.Err() != nil {
			return
		}
	}
}

// sleep lasts until the moment given, a new wait, or the end of ctx.
func (w *Waiter) sleep(ctx context.Context, until time.Time) {
	timer := time.NewTimer(time.Until(until))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-w.joined:
	case <-ctx.Done():
	}
}

// due lists the sessions to ask for now, or says when the next will be due.
func (w *Waiter) due(now time.Time) (sessionIDs []string, next time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	due := make(map[string]struct{})
	for this := range w.waits {
		if this.err != nil {
			continue
		}
		for sessionID, moment := range this.pending {
			if !moment.After(now) {
				due[sessionID] = struct{}{}
			}
			if next.IsZero() || moment.Before(next) {
				next = moment
			}
		}
	}
	return slices.Sorted(maps.Keys(due)), next
}

// answer is what asking for one session brought.
type answer struct {
	sessionID string
	session   *scriptix.Session
	err       error
}

// ask fetches the sessions, all at once: the client bounds how many requests are in flight.
func (w *Waiter) ask(ctx context.Context, sessionIDs []string) []answer {
	answers := make([]answer, len(sessionIDs))
	var group sync.WaitGroup
	for i, sessionID := range sessionIDs {
		group.Go(func() {
			session, err := w.client.GetSession(ctx, sessionID)
			answers[i] = answer{sessionID, session, err}
		})
	}
	group.Wait()
	return answers
}

// deliver hands answers to every wait that is interested in them.
func (w *Waiter) deliver(ctx context.Context, answers []answer) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if ctx.Err() != nil {
		return
	}
	for this := range w.waits {
		if this.take(answers, time.Now()) {
			w.logger.InfoContext(this.ctx, "Polled sessions", append(this.attributes(), "requests", len(answers))...)
		}
	}
}
