// Package wait waits for sessions to finish. It knows nothing of Terraform.
package wait

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
)

// Client is what a Waiter asks. It must report failures at once, and must not sit out a rate limit: the Waiter asks
// again by itself. See scriptix.Client.ForPolling.
type Client interface {
	GetSession(ctx context.Context, sessionID string) (*scriptix.Session, error)
	SessionPage(ctx context.Context, status scriptix.Status, offset int) (*scriptix.Page, error)
	NextPoll(last time.Time) time.Time
	RateLimited() *scriptix.RateLimitError
	MaxConcurrentRequests() int
}

// Waiter runs all waits of one configured provider. They share their polling: one poll loop asks for what all of them
// need to know, in the cheapest way there is. It is safe for concurrent use.
type Waiter struct {
	client Client
	logger *slog.Logger

	mu       sync.Mutex
	polling  *polling
	joined   chan struct{}      // wakes the poll loop when it sleeps
	stopLoop context.CancelFunc // nil when no poll loop runs
}

// NewWaiter makes a Waiter that polls through client and logs each wait at INFO.
func NewWaiter(client Client, logger *slog.Logger) *Waiter {
	return &Waiter{client: client, logger: logger, polling: newPolling(client)}
}

// Options say how to wait.
type Options struct {
	PollInterval time.Duration // between two polls of a session; 0 is the schedule of the API's page
	AllowFailed  bool          // a failed session is a result like any other, and no error

	// Progress, unless nil, is called at the start of a wait that has to ask for sessions, whenever the number of sessions
	// of a status has changed, and otherwise every 30 seconds. It runs in the goroutine that called Wait.
	Progress func(Progress)
}

// Wait returns when all sessions have finished, in the order given, as the API last showed them in full. The
// sessions are what the caller has just read, each once; those that are settled cost no request.
//
// It ends early, with *FailedError when a session has failed unless that is allowed, with *TimeoutError at the deadline
// of ctx, with *CancelledError when ctx is cancelled, with *RateLimitError when no request can be sent before the
// deadline though polls are due, and for what asking again cannot mend: with one *scriptix.SessionError joined for each
// session at fault, or with the API's refusal of the token. A session that fails, or is at fault, ends the wait when the
// poll that showed it is through, or three seconds later if that takes longer.
//
// With *TimeoutError and *RateLimitError it also returns the sessions as last read. The caller decides whether that is a
// result. With every other error it returns none.
func (w *Waiter) Wait(ctx context.Context, sessions []scriptix.Session, options Options) ([]scriptix.Session, error) {
	call := newWait(ctx, options)
	if !w.join(call, sessions) { //nolint:contextcheck // the poll loop serves other waits too, and outlives this one for them
		return call.result()
	}
	w.follow(ctx, call)
	w.leave(call)
	w.logEnd(ctx, call)
	return call.result()
}

// join adds a wait and starts the poll loop if there is none. It reports false if the wait has ended at once, because
// there is nothing to ask.
func (w *Waiter) join(call *wait, sessions []scriptix.Session) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.polling.join(call, sessions)
	if w.stopLoop != nil {
		// There may be something due earlier, and what this wait has read may be all that another waits for.
		select {
		case w.joined <- struct{}{}:
		default:
		}
	}
	if call.pending == 0 || call.isFailing() {
		call.end(nil)
		w.polling.leave(call)
		return false
	}
	if w.stopLoop == nil {
		// The loop outlives the wait that starts it when others have joined.
		ctx, stop := context.WithCancel(context.WithoutCancel(call.ctx))
		w.stopLoop = stop
		w.joined = make(chan struct{}, 1) // one that has been told to stop may still listen to its own
		go w.poll(ctx, w.joined)
	}
	return true
}

// leave removes a wait; with the last one the loop ends, and with it any request under way.
func (w *Waiter) leave(call *wait) {
	w.mu.Lock()
	defer w.mu.Unlock()
	call.endWithContext()
	w.polling.leave(call)
	if len(w.polling.board.waits) == 0 && w.stopLoop != nil {
		w.stopLoop()
		w.stopLoop = nil
	}
}

// poll sends what is to be asked, until the last wait has left. It takes in each answer as it comes.
func (w *Waiter) poll(ctx context.Context, joined <-chan struct{}) {
	answers := make(chan func(now time.Time))
	free := w.client.MaxConcurrentRequests()
	for {
		asks, wake := w.next(ctx, free)
		for _, request := range asks {
			free--
			go w.send(ctx, request, answers)
		}
		takeIn, isOver := await(ctx, answers, joined, wake)
		if isOver {
			return
		}
		if takeIn != nil {
			free++
			w.takeIn(ctx, takeIn)
		}
	}
}

// next returns what to send now, and when to look again.
func (w *Waiter) next(ctx context.Context, free int) ([]*ask, time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if ctx.Err() != nil {
		return nil, time.Time{}
	}
	return w.polling.next(free, time.Now())
}

// send sends one request and hands over how to take in its answer. When the loop has ended meanwhile, nobody wants it.
func (w *Waiter) send(loop context.Context, request *ask, answers chan<- func(time.Time)) {
	ctx, cancel := context.WithCancel(loop)
	defer cancel()
	go func() {
		select {
		case <-request.dropped:
			cancel()
		case <-ctx.Done():
		}
	}()
	var takeIn func(time.Time)
	if request.entry == nil {
		page, err := w.client.SessionPage(ctx, request.status, request.offset)
		takeIn = func(now time.Time) { w.polling.takePage(request, page, err, now) }
	} else {
		session, err := w.client.GetSession(ctx, request.id)
		takeIn = func(now time.Time) { w.polling.takeGet(request, session, err, now) }
	}
	select {
	case answers <- takeIn:
	case <-loop.Done():
	}
}

// takeIn takes in an answer, unless the last wait has left.
func (w *Waiter) takeIn(ctx context.Context, takeIn func(time.Time)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if ctx.Err() == nil {
		takeIn(time.Now())
	}
}

// await lasts until an answer has come, which it returns, or until the moment given, a new wait, or the end of the loop.
// A zero moment never comes.
func await(
	ctx context.Context, answers <-chan func(time.Time), joined <-chan struct{}, until time.Time,
) (takeIn func(time.Time), isOver bool) {
	var alarm <-chan time.Time
	if !until.IsZero() {
		timer := time.NewTimer(time.Until(until))
		defer timer.Stop()
		alarm = timer.C
	}
	select {
	case takeIn := <-answers:
		return takeIn, false
	case <-alarm:
	case <-joined:
	case <-ctx.Done():
		return nil, true
	}
	return nil, false
}
