// Package wait waits for sessions to finish. It knows nothing of Terraform.
package wait

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
)

// Waiter runs all waits of one configured provider. They share their polling: each round of polls asks for what
// all of them need to know, in the cheapest way there is.
type Waiter struct {
	poller *poller
	logger *slog.Logger

	mu        sync.Mutex
	waits     map[*wait]struct{}
	notBefore time.Time          // the next round comes no sooner, to spend the API's budget evenly
	joined    chan struct{}      // tells a sleeping poll loop that there may be something due earlier
	stopLoop  context.CancelFunc // nil when no poll loop runs
	loopEnded chan struct{}      // closed once the latest poll loop has ended; nil when there was none
}

// NewWaiter makes a Waiter that polls through client and tells the story of each wait to logger at INFO.
func NewWaiter(client Client, logger *slog.Logger) *Waiter {
	return &Waiter{
		poller: newPoller(client),
		logger: logger,
		waits:  make(map[*wait]struct{}),
		joined: make(chan struct{}, 1),
	}
}

// lastLookMargin leaves time for the last poll before a deadline.
const lastLookMargin = 5 * time.Second

// Options say how to wait.
type Options struct {
	PollInterval time.Duration // between two polls of a session; 0 is the schedule of the API's page
	AllowFailed  bool          // a failed session is a result like any other, and no error

	// Progress, unless nil, is told after each poll how far the wait has come, but not after the one that ends it. It
	// runs in the goroutine that called Wait; polls that come while it runs are told of together.
	Progress func(Progress)
}

// Wait returns when all sessions have finished: each as its last own GET gave it, in the order given. The
// sessions are what the caller has just read; those that their own GET showed finished cost nothing more.
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
	w.waits[this] = struct{}{}
	if w.stopLoop == nil {
		w.pace(w.poller.client.Pace(1), this.started)
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
	if len(w.waits) == 0 {
		w.stopLoop()
		w.stopLoop = nil
	}
}

// startLoop starts a poll loop as soon as the one before has ended: that one has been told to, but may still be in
// the middle of a round.
func (w *Waiter) startLoop(ctx context.Context) {
	previous, ended := w.loopEnded, make(chan struct{})
	w.loopEnded = ended
	go func() {
		defer close(ended)
		if previous != nil {
			<-previous
		}
		w.loop(ctx)
	}()
}

// loop polls whatever is due, for all waits, until the last of them has left.
func (w *Waiter) loop(ctx context.Context) {
	for ctx.Err() == nil {
		round, next := w.due(time.Now())
		if len(round) == 0 {
			w.sleep(ctx, next)
			continue
		}
		w.deliver(ctx, w.poller.poll(ctx, round))
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

// due collects the sessions of the next round, or says when it will be due. A round that is due takes along what
// would be due soon after, so that waits that began at different moments come to poll together.
func (w *Waiter) due(now time.Time) (due round, next time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	due = make(round)
	isDue := false
	for this := range w.waits {
		if this.err != nil {
			continue // it has its result and is about to leave
		}
		for sessionID, moment := range this.pending {
			if next.IsZero() || moment.Before(next) {
				next = moment
			}
			if !moment.After(now) {
				isDue = true
			}
			if !moment.After(now.Add(this.slack(now))) {
				due.add(this.sessions[this.index[sessionID]])
			}
		}
	}
	if w.notBefore.After(now) {
		return nil, later(next, w.notBefore)
	}
	if !isDue {
		return nil, next
	}
	return due, next
}

// deliver hands what a round brought to every wait, and decides how soon the next may come.
func (w *Waiter) deliver(ctx context.Context, report report) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if ctx.Err() != nil {
		return
	}
	now := time.Now()
	w.pace(report.pace, now)
	for this := range w.waits {
		if this.take(report, now) {
			w.logger.InfoContext(this.ctx, "Polled sessions", append(this.attributes(), "requests", report.requests)...) //nolint:contextcheck // each wait logs in its own name
		}
	}
}

// pace holds the next round back, but not beyond the last moment at which it can be of use.
func (w *Waiter) pace(pause time.Duration, now time.Time) {
	w.notBefore = now.Add(pause)
	if last := w.lastLook(); last.After(now) && last.Before(w.notBefore) {
		w.notBefore = last
	}
}

// lastLook is the last moment at which a round can still tell a wait something: shortly before the latest
// deadline. A pace that reaches beyond it would leave the last request unspent. It is zero when a wait has no
// deadline.
func (w *Waiter) lastLook() time.Time {
	var latest time.Time
	for this := range w.waits {
		deadline, ok := this.ctx.Deadline()
		if !ok {
			return time.Time{}
		}
		latest = later(latest, deadline)
	}
	return latest.Add(-lastLookMargin)
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
