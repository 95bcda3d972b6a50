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
	plan     plan        // the API's plan, and what is left of its other window; zero while it is not known
	inFlight int         // requests that passed and have not been answered
	recently []time.Time // when the last perMinute requests were sent, oldest first
}

// oneByOne is how far apart a poll loop sends requests at least under a known plan, so that each has been counted before
// the next is paced.
const oneByOne = time.Millisecond

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
	g.plan.spend(now)
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
// next. It returns the plan when this answer is the first that shows which one the account has.
func (g *gate) leave(response *http.Response, now time.Time) (recognized *plan) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.inFlight--
	if response == nil {
		return nil
	}
	if at := reopening(response, now); at.After(g.opensAt) {
		g.opensAt = at
	}
	shown, ok := readBudget(response, now)
	if !ok {
		return nil
	}
	g.budget = g.budget.afterwards(shown, g.inFlight)
	if g.perMinute > 0 || !g.plan.recognize(shown, now) {
		return nil
	}
	known := g.plan
	return &known
}

// closed says until when no request passes, and why; nil while the gate is open.
func (g *gate) closed(now time.Time) *RateLimitError {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.obstacle(now)
}

// nextPoll returns when a poll loop that sent its latest request at last may send the next one.
func (g *gate) nextPoll(last, now time.Time) time.Time {
	g.mu.Lock()
	defer g.mu.Unlock()
	next := last.Add(g.budget.pace(now))
	if g.perMinute > 0 {
		next = later(next, last.Add(time.Minute/time.Duration(g.perMinute)))
	}
	if g.plan.other != nil {
		next = later(next, last.Add(oneByOne))
	}
	return later(next, g.plan.ready(now))
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
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
