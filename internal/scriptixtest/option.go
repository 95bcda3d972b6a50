package scriptixtest

import "time"

// Option changes how the API behaves from its defaults.
type Option func(*API)

// WithToken sets the only token that is accepted. Default: [Token].
func WithToken(token string) Option {
	return func(a *API) { a.token = token }
}

// WithPlan sets the limits the token has. Default: [Unlimited].
func WithPlan(plan Plan) Option {
	return func(a *API) { a.budget = newBudget(plan) }
}

// WithoutRateLimitHeaders leaves the X-RateLimit headers out of every answer. Retry-After is not one of them.
func WithoutRateLimitHeaders() Option {
	return func(a *API) { a.withoutRateLimitHeaders = true }
}

// WithClockSkew sets how far the server's clock is ahead of the true one; negative: behind. It shows in every
// moment the server tells: Date, X-RateLimit-Reset, Retry-After as a date, and the timestamps of sessions.
func WithClockSkew(skew time.Duration) Option {
	return func(a *API) { a.skew = skew }
}

// RetryAfterForm is how a 429 says when to ask again. Its body always carries retry_after, in seconds.
type RetryAfterForm int

// The forms of Retry-After.
const (
	RetryAfterSeconds  RetryAfterForm = iota // in a header, as seconds: the form the API's public page shows
	RetryAfterDate                           // in a header, as an HTTP date
	RetryAfterBodyOnly                       // in no header
)

// WithRetryAfter sets the form of Retry-After. Default: [RetryAfterSeconds].
func WithRetryAfter(form RetryAfterForm) Option {
	return func(a *API) { a.retryAfter = form }
}

// Envelope is what a single session comes wrapped in.
type Envelope int

// The envelopes seen on the API's pages.
const (
	Flat             Envelope = iota // the session object itself, as the contract has it
	Wrapped                          // {"result":{...}}
	WrappedWithCount                 // {"count":1,"total_results":1,"result":{...}}
)

// WithEnvelope sets the envelope of a session read by id. Default: [Flat]. Sessions with an exact JSON text
// are never wrapped.
func WithEnvelope(envelope Envelope) Option {
	return func(a *API) { a.envelope = envelope }
}

// WithListLag makes lists show the world as it was this long ago. Reading a session by id always shows it
// as it is.
func WithListLag(lag time.Duration) Option {
	return func(a *API) { a.lists.lag = lag }
}

// WithFrozenLists freezes lists this long after the API is made, as [API.FreezeLists] does then. With zero, that
// is before any session is added, and lists stay empty.
func WithFrozenLists(after time.Duration) Option {
	return func(a *API) { a.sessions.freeze = freeze{from: time.Now().Add(after)} }
}

// WithIgnoredStatusFilter makes lists show all sessions, whatever status they are asked for.
func WithIgnoredStatusFilter() Option {
	return func(a *API) { a.lists.ignoresStatus = true }
}

// WithIgnoredOffset makes lists begin at the newest session, whatever offset they are asked for.
func WithIgnoredOffset() Option {
	return func(a *API) { a.lists.ignoresOffset = true }
}

// WithAbbreviatedItems makes list items hold only the fields that the contract's list example prints: id,
// session_id, status, and filename. The contract prints "..." after them, so whether more follows is unknown.
// Reading a session by id still shows everything. Sessions with an exact JSON text are never abbreviated.
func WithAbbreviatedItems() Option {
	return func(a *API) { a.lists.abbreviates = true }
}

// WithMaxPageSize makes lists give at most this many sessions a page, whatever limit they are asked for. Default:
// 100, as the API's public page says. That a server cuts a page instead of refusing the limit is a choice.
func WithMaxPageSize(size int) Option {
	return func(a *API) { a.lists.maximum = size }
}

// WithSorting makes lists obey sort=created_at with direction=asc, which another page of the API names and the contract
// does not. By default the parameters are ignored, as every unknown one is.
func WithSorting() Option {
	return func(a *API) { a.lists.sorts = true }
}

// WithTotalResults makes lists claim another total_results. Claim gets the number of sessions that match the
// list's filter. count and result stay true.
func WithTotalResults(claim func(actual int) int) Option {
	return func(a *API) { a.lists.totalResultsOf = claim }
}

// WithObserver has observe called with every request as its answer is decided, from as many goroutines as
// there are requests.
func WithObserver(observe func(Request)) Option {
	return func(a *API) { a.observe = observe }
}
