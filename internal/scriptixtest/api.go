package scriptixtest

import (
	"cmp"
	"net/http"
	"time"
)

// Token is the batch token that the API accepts by default. It is like no other text, so that tests can search outputs for
// it.
const Token = "fake-batch-token-7Qm2xVb9KdTz"

// API is the fake API, an [http.Handler]. Its methods may be called at any time, even while it answers.
type API struct {
	token                   string
	furtherTokens           []string
	skew                    time.Duration
	retryAfter              RetryAfterForm
	envelope                Envelope
	withoutRateLimitHeaders bool
	observe                 func(Request)

	lists    listBehavior
	sessions sessionStore
	budget   *budget
	faults   faultList
	log      requestLog
}

// NewAPI returns an API without sessions.
func NewAPI(options ...Option) *API {
	a := &API{
		token:    Token,
		observe:  func(Request) {},
		lists:    contractLists(),
		budget:   newBudget(Unlimited),
		sessions: sessionStore{byID: map[string]*storedSession{}},
	}
	for _, option := range options {
		option(a)
	}
	return a
}

// Add adds sessions. Lists show the newest first: by creation time, and of sessions created at the same moment, the one
// added later. A session replaces one with the same ID.
func (a *API) Add(sessions ...Session) {
	now := time.Now()
	for _, session := range sessions {
		session.Token = cmp.Or(session.Token, a.token)
		a.sessions.add(session, now)
	}
}

// Remove deletes a session. It does nothing if the session does not exist.
func (a *API) Remove(sessionID string) {
	a.sessions.remove(sessionID, time.Now())
}

// FreezeLists makes lists show what they show now, including their lag. Later calls of Add and Remove do not change them.
// Reading a session by ID still shows it as it is. A second call does nothing.
func (a *API) FreezeLists() {
	a.sessions.freezeLists(time.Now())
}

// ThawLists ends FreezeLists. It also cancels a freeze of [WithFrozenLists] that has not begun.
func (a *API) ThawLists() {
	a.sessions.thawLists()
}

// Inject adds faults after those injected before.
func (a *API) Inject(faults ...Fault) {
	a.faults.inject(faults)
}

// ClearFaults removes all faults. Requests that a fault has hit stay affected.
func (a *API) ClearFaults() {
	a.faults.clear()
}

// Requests returns all requests so far, in order of arrival.
func (a *API) Requests() []Request {
	return a.log.all()
}

// ResetRequests forgets all requests, and resets MaxInFlight.
func (a *API) ResetRequests() {
	a.log.reset()
}

// MaxInFlight returns the largest number of requests in flight at one moment, including those that were refused or hit by
// a fault. A request is in flight from its arrival until its answer begins.
func (a *API) MaxInFlight() int {
	return a.log.most()
}

// ServeHTTP answers one request. It records the answer before it sends it. So Requests has every answer that a client has
// received, and the client's next request never meets this one in flight.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	request := a.log.begin(r)
	reply, status := a.reply(r), 0
	if reply != nil {
		status = reply.status
	}
	a.observe(a.log.end(request, status))
	if reply == nil {
		hangUp(w)
		return
	}
	reply.send(w)
}

// reply returns the answer to a request; nil if the connection must be closed without one.
func (a *API) reply(r *http.Request) *answer {
	fault := a.faults.next(r)
	reply := a.replyThrough(fault, r)
	if reply == nil {
		return nil
	}
	reply.truncated = fault.Truncate
	if reply.header.Get("Date") == "" {
		// net/http would set the date from a cached clock, and without the skew.
		reply.header.Set("Date", a.shown(time.Now()).Format(http.TimeFormat))
	}
	return reply
}

func (a *API) replyThrough(fault Fault, r *http.Request) *answer {
	if !fault.answersItself() {
		return a.admit(r, fault.Latency)
	}
	if !wait(r.Context(), fault.Latency) {
		return nil
	}
	return fault.answer(r.Context())
}

// admit answers a request after some latency, if its token and the plan allow it. The request takes its place in the plan
// when it arrives, so that latency makes requests meet.
//
// It is a choice that a request with a bad token costs nothing, and that every other request does, even for an unknown
// path.
func (a *API) admit(r *http.Request, latency time.Duration) *answer {
	refusal := a.checkToken(r)
	place := a.budget.look(time.Now())
	if refusal == nil {
		place = a.budget.enter(time.Now())
		defer a.budget.leave(place)
	}
	if !wait(r.Context(), latency) {
		return nil
	}
	if refusal == nil && place.refused {
		refusal = a.tooManyRequests(place.retryAt)
	}
	reply := refusal
	if reply == nil {
		reply = a.route(r)
	}
	a.setRateLimitHeaders(reply.header, place.standing)
	return reply
}
