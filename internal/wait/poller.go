package wait

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
)

// Client is what a Waiter asks. It must report failures at once, and must not sit out a closed gate: the Waiter
// asks again by itself. See scriptix.Client.ForPolling.
type Client interface {
	GetSession(ctx context.Context, sessionID string) (*scriptix.Session, error)
	FindSessions(ctx context.Context, status scriptix.Status, sessionIDs []string) (scriptix.Found, error)
	Pace(requests int) time.Duration
	Closed() *scriptix.RateLimitError
}

// listsTrustedFor is how long lists are believed that say that a session is running. Each session is asked for
// by its own GET that often, a few in every round, so that a list that never moves on holds nobody up for ever.
const listsTrustedFor = 15 * time.Minute

// round is the sessions to ask for, by id, as last seen.
type round map[string]scriptix.Session

// add keeps what is known best when several waits know a session: a session that is being processed does not go
// back into the queue.
func (r round) add(session scriptix.Session) {
	if known, ok := r[session.SessionID]; ok && known.Status == scriptix.StatusProcessing {
		return
	}
	r[session.SessionID] = session
}

// report is what a round brought.
type report struct {
	answers  map[string]answer        // by session id
	requests int                      // how many were sent
	pace     time.Duration            // how long the next round must wait, to spend the API's budget evenly
	closed   *scriptix.RateLimitError // no request can be sent for a while; nil: they can
}

// answer is what asking for one session brought: the session or an error.
type answer struct {
	session *scriptix.Session
	err     error
}

// poller asks for the sessions of a round with as few requests as it can: the lists of queued and processing
// sessions tell of up to a hundred at a time that they are still running. They are only ever a hint to ask no
// further; that a session has finished is learnt from its own GET alone, so that lists may lag, move while they
// are read, or leave sessions out.
//
// Only one round is asked for at a time.
type poller struct {
	client     Client
	confirmed  map[string]time.Time // when a running session's own GET last answered, or it was first asked for
	doubts     float64              // how many own GETs lists have saved that are to be made up for
	lastRound  time.Time
	listFailed bool // the latest round could not list: the next one does without
	listless   bool // the API refuses to list: no round asks for lists any more
}

func newPoller(client Client) *poller {
	return &poller{client: client, confirmed: make(map[string]time.Time)}
}

// poll asks for every session of the round.
func (p *poller) poll(ctx context.Context, round round) report {
	report := report{answers: make(map[string]answer, len(round))}
	p.askLists(ctx, round, &report)
	again := report.requests // what the next round is going to cost, too
	again += p.askEach(ctx, p.unanswered(round, &report), &report)
	report.pace = p.client.Pace(max(1, again))
	report.closed = p.client.Closed()
	return report
}

// askLists looks for running sessions in the lists, the queue first: a session that moves on in between is then
// found in the second one.
func (p *poller) askLists(ctx context.Context, round round, report *report) {
	if p.listless || p.listFailed {
		p.listFailed = false
		return
	}
	for _, status := range []scriptix.Status{scriptix.StatusQueued, scriptix.StatusProcessing} {
		found, err := p.client.FindSessions(ctx, status, mayBe(status, round, report))
		report.requests += found.Requests
		for sessionID, session := range found.Sessions {
			if session.Outcome() == scriptix.Running {
				report.answers[sessionID] = answer{session: &session}
			}
		}
		if err != nil {
			p.giveUpList(err, round, report)
			return
		}
	}
}

// mayBe lists the sessions of the round that no answer has come for yet and that may have that status now.
func mayBe(status scriptix.Status, round round, report *report) []string {
	var sessionIDs []string
	for sessionID, session := range round {
		_, answered := report.answers[sessionID]
		leftQueue := status == scriptix.StatusQueued && session.Status == scriptix.StatusProcessing
		if !answered && !leftQueue && session.Outcome() == scriptix.Running {
			sessionIDs = append(sessionIDs, sessionID)
		}
	}
	return sessionIDs
}

// giveUpList makes the failure of a list the answer for every session that it was to tell of, so that an API in
// trouble is not sent a GET for each as well; the next round asks for each. Where lists are refused for good,
// this round asks for each already.
func (p *poller) giveUpList(err error, round round, report *report) {
	if endsWait(err) {
		p.listless = true
		return
	}
	p.listFailed = closedGate(err) == nil // a rate limit says nothing about lists
	for sessionID := range round {
		if _, answered := report.answers[sessionID]; !answered {
			report.answers[sessionID] = answer{err: err}
		}
	}
}

// unanswered lists the sessions to ask for by their own GET: those that no list told of, and a share of those
// that one did.
func (p *poller) unanswered(round round, report *report) []string {
	now := time.Now()
	var unanswered, listed []string
	for sessionID := range round {
		answer, answered := report.answers[sessionID]
		switch {
		case !answered:
			unanswered = append(unanswered, sessionID)
		case answer.err == nil:
			listed = append(listed, sessionID)
		}
	}
	return append(unanswered, p.doubted(listed, now)...)
}

// doubted picks the sessions whose word by a list is not taken this time: those whose own GET is
// listsTrustedFor ago and, so that these never come all at once, a few of the others in each round.
func (p *poller) doubted(listed []string, now time.Time) []string {
	if !p.lastRound.IsZero() {
		share := float64(now.Sub(p.lastRound)) / float64(listsTrustedFor)
		p.doubts += float64(len(listed)) * min(share, 1)
	}
	p.lastRound = now
	overdue := 0
	for _, sessionID := range listed {
		if _, known := p.confirmed[sessionID]; !known {
			p.confirmed[sessionID] = now
		}
		if now.Sub(p.confirmed[sessionID]) >= listsTrustedFor {
			overdue++
		}
	}
	slices.SortFunc(listed, func(a, b string) int {
		return cmp.Or(p.confirmed[a].Compare(p.confirmed[b]), cmp.Compare(a, b))
	})
	count := min(max(int(p.doubts), overdue), len(listed))
	p.doubts = max(0, p.doubts-float64(count))
	return listed[:count]
}

// askEach fetches sessions by their own GET, all at once: the client bounds how many requests are in flight. It
// returns how many of them have to be asked for again.
func (p *poller) askEach(ctx context.Context, sessionIDs []string, report *report) int {
	answers := make([]answer, len(sessionIDs))
	var group sync.WaitGroup
	for i, sessionID := range sessionIDs {
		group.Go(func() {
			session, err := p.client.GetSession(ctx, sessionID)
			answers[i] = answer{session, err}
		})
	}
	group.Wait()
	again := 0
	for i, sessionID := range sessionIDs {
		report.answers[sessionID] = answers[i]
		if isClosed(answers[i].err) {
			continue
		}
		report.requests++
		if answers[i].err == nil && answers[i].session.Outcome() != scriptix.Running {
			delete(p.confirmed, sessionID)
			continue
		}
		p.confirmed[sessionID] = time.Now()
		again++
	}
	return again
}
