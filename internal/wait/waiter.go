// Package wait waits for sessions to finish. It knows nothing of Terraform.
package wait

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
)

// Waiter runs all waits of one configured provider. They share their polling: one poll loop asks for what all of them
// need to know, in the cheapest way there is.
type Waiter struct {
	client Client
	logger *slog.Logger

	mu        sync.Mutex
	waits     map[*wait]struct{} // those that have joined and not left
	agenda    *agenda
	polling   polling
	joined    chan struct{}      // tells a sleeping poll loop that there may be something due earlier
	stopLoop  context.CancelFunc // nil when no poll loop runs
	loopEnded chan struct{}      // closed once the latest poll loop has ended; nil when there was none
}

// NewWaiter makes a Waiter that polls through client and tells the story of each wait to logger at INFO.
func NewWaiter(client Client, logger *slog.Logger) *Waiter {
	return &Waiter{
		client:  client,
		logger:  logger,
		waits:   make(map[*wait]struct{}),
		agenda:  newAgenda(),
		polling: polling{lists: &lists{client: client}},
		joined:  make(chan struct{}, 1),
	}
}

// Options say how to wait.
type Options struct {
	PollInterval time.Duration // between two polls of a session; 0 is the schedule of the API's page
	AllowFailed  bool          // a failed session is a result like any other, and no error

	// Progress, unless nil, is told after each poll how far the wait has come, but not after the one that ends it. It
	// runs in the goroutine that called Wait; polls that come while it runs are told of together.
	Progress func(Progress)
}

// Wait returns when all sessions have finished: each as its last own GET gave it, in the order given. The
// sessions are what the caller has just read, each once; those that their own GET showed finished cost nothing more.
//
// It ends early, with *FailedError when a session has failed unless that is allowed, with *TimeoutError at the deadline
// of ctx, with *CancelledError when ctx is cancelled, with *RateLimitError when the polls that would still come cannot
// be sent before the deadline, and for what asking again cannot mend: with one *scriptix.SessionError joined for each
// session at fault, or with the API's refusal of the token. A session that fails, or is at fault, ends the wait as soon
// as those are known, too, that no list finds running any more.
func (w *Waiter) Wait(ctx context.Context, sessions []scriptix.Session, options Options) ([]scriptix.Session, error) {
	this := newWait(ctx, sessions, options)
	if this.isOver() || this.failing() {
		this.conclude()
		return this.result()
	}
	w.logger.InfoContext(ctx, "Waiting for sessions to finish", this.attributes()...)
	w.join(this) //nolint:contextcheck // the poll loop serves other waits too, and outlives this one for them
	w.follow(ctx, this)
	w.leave(this)
	this.abandon(ctx)
	w.logger.InfoContext(ctx, "Waiting ended", this.attributes()...)
	return this.result()
}

// follow returns when the wait has its result, or ctx has ended.
func (w *Waiter) follow(ctx context.Context, this *wait) {
	for {
		select {
		case <-this.done:
			return
		case <-ctx.Done():
			return
		case <-this.polled:
			if report := this.options.Progress; report != nil {
				report(w.progress(this))
			}
		}
	}
}

func (w *Waiter) progress(this *wait) Progress {
	w.mu.Lock()
	defer w.mu.Unlock()
	return this.progress()
}

// join adds a wait and starts the poll loop if there is none.
func (w *Waiter) join(this *wait) {
	w.mu.Lock()
	defer w.mu.Unlock()
	this.requestsBefore = w.polling.requests
	w.waits[this] = struct{}{}
	w.agenda.add(this)
	if w.stopLoop == nil {
		w.pace(w.client.Pace(1), this.started)
		// The loop outlives the wait that starts it when others have joined, but logs in its name.
		ctx, stop := context.WithCancel(context.WithoutCancel(this.ctx))
		w.stopLoop = stop
		w.startLoop(ctx)
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
	w.agenda.remove(this)
	if len(w.waits) == 0 {
		w.stopLoop()
		w.stopLoop = nil
	}
}

// startLoop starts a poll loop as soon as the one before has ended: that one has been told to, but requests may still
// be under way, the answers of which it drops.
func (w *Waiter) startLoop(ctx context.Context) {
	previous, ended := w.loopEnded, make(chan struct{})
	w.loopEnded = ended
	w.polling.listing = false
	go func() {
		defer close(ended)
		if previous != nil {
			<-previous
		}
		w.poll(ctx)
	}()
}
