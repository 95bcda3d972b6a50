package scriptix

import (
	"context"
	"net/http"
	"sync"
	"time"
)

// gate decides when the next request of a client may be sent. Every attempt passes it, so a refusal that one
// request met holds back all of them, and the user's own cap counts all of them.
type gate struct {
	perMinute int // 0: no cap

	mu       sync.Mutex
	opensAt  time.Time   // the API takes nothing before; zero when it never refused
	recently []time.Time // when the last perMinute requests were sent, oldest first
}

func newGate(perMinute int) *gate {
	return &gate{perMinute: perMinute}
}

// pass returns when the caller may send one request. When that moment lies after the deadline of ctx it fails
// at once with a *RateLimitError: there is nothing to wait for. An impatient caller never waits.
func (g *gate) pass(ctx context.Context, patient bool) error {
	for {
		obstacle := g.enter(time.Now())
		if obstacle == nil {
			return nil
		}
		if deadline, ok := ctx.Deadline(); !patient || ok && obstacle.Until.After(deadline) {
			return obstacle
		}
		if err := sleepUntil(ctx, obstacle.Until); err != nil {
			return err
		}
	}
}

// enter counts the request as sent, or says what is in its way and until when.
func (g *gate) enter(now time.Time) *RateLimitError {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.opensAt.After(now) {
		return &RateLimitError{Until: g.opensAt, Refused: true}
	}
	if g.perMinute == 0 {
		return nil
	}
	if len(g.recently) == g.perMinute {
		if free := g.recently[0].Add(time.Minute); free.After(now) {
			return &RateLimitError{Until: free, OwnCap: true}
		}
		g.recently = g.recently[1:]
	}
	g.recently = append(g.recently, now)
	return nil
}

// learn takes from an answer when the API will take the next request.
func (g *gate) learn(response *http.Response, now time.Time) {
	reopening := reopening(response, now)
	g.mu.Lock()
	defer g.mu.Unlock()
	if reopening.After(g.opensAt) {
		g.opensAt = reopening
	}
}

// sleepUntil ends early, with the cause, when ctx does.
func sleepUntil(ctx context.Context, moment time.Time) error {
	timer := time.NewTimer(time.Until(moment))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}
