package scriptixtest

import (
	"net/http"
	"time"
)

// Token is the batch token that is accepted by default. It is like no other text, so that outputs can be
// searched for it.
const Token = "fake-batch-token-7Qm2xVb9KdTz"

// API is the fake API, an [http.Handler]. Its methods may be called at any time, also while it answers.
type API struct {
	token                   string
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

// NewAPI returns an API that knows no sessions yet.
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

// Add makes sessions known. Lists show the newest first: by creation time, and of sessions created at the
// same moment the one added later. A session with an id that is known already replaces the one there was.
func (a *API) Add(sessions ...Session) {
	now := time.Now()
	for _, session := range sessions {
		a.sessions.add(session, now)
	}
}

// Remove makes a session unknown. Nothing happens when it is unknown already.
func (a *API) Remove(sessionID string) {
	a.sessions.remove(sessionID, time.Now())
}

// FreezeLists makes lists show from now on what they show now, behind by any lag they have. No later Add or
// Remove shows in them. Reading a session by id still shows it as it is. Frozen lists stay as they are.
func (a *API) FreezeLists() {
	a.sessions.freezeLists(time.Now())
}

// ThawLists makes lists show the world again. It also calls off a freeze of [WithFrozenLists] that is yet to come.
func (a *API) ThawLists() {
	a.sessions.thawLists()
}

// Inject adds faults behind those injected before.
func (a *API) Inject(faults ...Fault) {
	a.faults.inject(faults)
}

// ClearFaults ends all faults. A request that one has hit already stays hit.
func (a *API) ClearFaults() {
	a.faults.clear()
}

// Requests returns everything received so far, in order of arrival.
func (a *API) Requests() []Request {
	return a.log.all()
}

// ResetRequests forgets everything received, and starts MaxInFlight over.
func (a *API) ResetRequests() {
	a.log.reset()
}

// MaxInFlight returns the most requests that were being handled at one moment, those refused or hit by a
// fault included. A request is being handled from its arrival until its answer begins to be sent.
func (a *API) MaxInFlight() int {
	return a.log.most()
}

// ServeHTTP answers one request.
//
// The answer is made first and sent last. So a client that has it already finds it in Requests, and its next
// request never meets this one in flight.
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

// reply returns the answer to a request, and nil when the connection is to be closed without one.
func (a *API) reply(r *http.Request) *answer {
	fault := a.faults.strike(r)
	reply := a.replyThrough(fault, r)
	if reply == nil {
		return nil
	}
	reply.truncated = fault.Truncate
	if reply.header.Get("Date") == "" {
		// net/http would set the date too, but from a clock it caches, and from the true one.
		reply.header.Set("Date", a.shown(time.Now()).Format(http.TimeFormat))
	}
	return reply
}

func (a *API) replyThrough(fault Fault, r *http.Request) *answer {
	if !fault.standsInFront() {
		return a.admit(r, fault.Latency)
	}
	if !wait(r.Context(), fault.Latency) {
		return nil
	}
	return fault.answer(r.Context())
}

// admit lets a request in, if token and plan allow, and answers it after some latency.
//
// The request takes its place in the plan when it arrives, so that latency makes requests meet. That a
// request with a bad token costs nothing, and that any other does, even for a path that leads nowhere, is a
// choice.
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

// shown is a moment as the server's clock shows it.
func (a *API) shown(moment time.Time) time.Time {
	return moment.Add(a.skew).UTC()
}
