package scriptix

import (
	"context"
	"net/http"
	"sync"
	"time"
)

// gate decides when the next request of a client may be sent. Every attempt passes it, so a refusal that one
// request met holds back all of them, and what the API's plan and the user's own cap leave is shared by all.
type gate struct {
	perMinute int // the user's own cap; 0: none

	mu       sync.Mutex
	opensAt  time.Time   // the API has refused a request and takes none before; zero when it never did
	budget   budget      // what the API's plan leaves
	inFlight int         // requests that passed and have not been answered
	recently []time.Time // when the last perMinute requests were sent, oldest first
}

func newGate(perMinute int) *gate {
	return &gate{perMinute: perMinute}
}

// await returns when the gate is open. When that moment lies after the deadline of ctx it fails at once with a
// *RateLimitError: there is nothing to wait for. An impatient caller never waits.
func (g *gate) await(ctx context.Context, patient bool) error {
	for {
		obstacle := g.closed(time.Now())
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

// enter counts one request as sent, or reports that the gate is closed. Whoever has entered must leave.
func (g *gate) enter(now time.Time) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.obstacle(now) != nil {
		return false
	}
	if g.perMinute > 0 {
		g.recently = append(g.recently[max(0, len(g.recently)+1-g.perMinute):], now)
	}
	g.budget = g.budget.spent()
	g.inFlight++
	return true
}

// obstacle is whatever keeps requests back longest.
func (g *gate) obstacle(now time.Time) *RateLimitError {
	var obstacle *RateLimitError
	hold := func(until time.Time, reason RateLimitError) {
		if until.After(now) && (obstacle == nil || until.After(obstacle.Until)) {
			reason.Until = until
			obstacle = &reason
		}
	}
	hold(g.opensAt, RateLimitError{Refused: true})
	hold(g.budget.usedUpUntil(), RateLimitError{})
	if g.perMinute > 0 && len(g.recently) == g.perMinute {
		hold(g.recently[0].Add(time.Minute), RateLimitError{OwnCap: true})
	}
	return obstacle
}

// leave ends the request. From its answer, nil when there was none, the gate learns when the API will take the
// next.
func (g *gate) leave(response *http.Response, now time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.inFlight--
	if response == nil {
		return
	}
	if at := reopening(response, now); at.After(g.opensAt) {
		g.opensAt = at
	}
	if told, ok := readBudget(response, now); ok {
		g.budget = g.budget.afterwards(told, g.inFlight)
	}
}

// closed says until when no request passes, and why; nil while the gate is open.
func (g *gate) closed(now time.Time) *RateLimitError {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.obstacle(now)
}

// pace is how long so many requests are to take, so that what the API's plan leaves, and the user's own cap, are spent
// evenly.
func (g *gate) pace(requests int, now time.Time) time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	pace := g.budget.pace(requests, now)
	if g.perMinute > 0 {
		pace = max(pace, time.Minute/time.Duration(g.perMinute)*time.Duration(requests))
	}
	return pace
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
