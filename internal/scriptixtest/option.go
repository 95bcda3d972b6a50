package scriptixtest

import "time"

// Option changes how the API behaves from its defaults.
type Option func(*API)

// WithToken sets the token of the API, which creates all sessions that name no other. It defaults to [Token].
func WithToken(token string) Option {
	return func(a *API) { a.token = token }
}

// WithFurtherTokens makes the API accept more tokens of the same account. Each of them sees only the sessions that it has
// created. The API's page on session status does not say so: this rests on other pages of the vendor.
func WithFurtherTokens(tokens ...string) Option {
	return func(a *API) { a.furtherTokens = append(a.furtherTokens, tokens...) }
}

// WithPlan sets the rate limits of the token. It defaults to [Unlimited].
func WithPlan(plan Plan) Option {
	return func(a *API) { a.budget = newBudget(plan) }
}

// WithoutRateLimitHeaders leaves the X-RateLimit headers out of every answer. Retry-After is not one of them.
func WithoutRateLimitHeaders() Option {
	return func(a *API) { a.withoutRateLimitHeaders = true }
}

// WithClockSkew sets how far the server's clock is ahead of the true one, or behind if it is negative. The skew shows in
// Date, X-RateLimit-Reset, Retry-After as a date, and the timestamps of sessions.
func WithClockSkew(skew time.Duration) Option {
	return func(a *API) { a.skew = skew }
}

// RetryAfterForm is how a 429 says when to ask again. Its body always has retry_after, in seconds.
type RetryAfterForm int

// The forms of Retry-After.
const (
	RetryAfterSeconds  RetryAfterForm = iota // in a header, as seconds: the form the API's public page shows
	RetryAfterDate                           // in a header, as an HTTP date
	RetryAfterBodyOnly                       // in no header
)

// WithRetryAfter sets the form of Retry-After. It defaults to [RetryAfterSeconds].
func WithRetryAfter(form RetryAfterForm) Option {
	return func(a *API) { a.retryAfter = form }
}

// Envelope is what wraps a single session.
type Envelope int

// The envelopes seen on the API's pages.
const (
	Flat             Envelope = iota // the session object itself, as the contract has it
	Wrapped                          // {"result":{...}}
	WrappedWithCount                 // {"count":1,"total_results":1,"result":{...}}
)

// WithEnvelope sets the envelope of a session that is read by its ID. It defaults to [Flat]. Sessions with an exact JSON
// text are never wrapped.
func WithEnvelope(envelope Envelope) Option {
	return func(a *API) { a.envelope = envelope }
}

// WithListLag makes lists show sessions as they were this long ago. Reading a session by ID always shows it as it is.
func WithListLag(lag time.Duration) Option {
	return func(a *API) { a.lists.lag = lag }
}

// WithFrozenLists freezes lists this long after NewAPI, as [API.FreezeLists] does. With zero, that is before any session is
// added, and lists stay empty.
func WithFrozenLists(after time.Duration) Option {
	return func(a *API) { a.sessions.freeze = freeze{from: time.Now().Add(after)} }
}

// WithIgnoredStatusFilter makes lists ignore the status that a request asks for, and show all sessions.
func WithIgnoredStatusFilter() Option {
	return func(a *API) { a.lists.ignoresStatus = true }
}

// WithIgnoredOffset makes lists ignore the offset that a request asks for, and begin at the newest session.
func WithIgnoredOffset() Option {
	return func(a *API) { a.lists.ignoresOffset = true }
}

// WithAbbreviatedItems makes list items have only the fields of the contract's list example: id, session_id, status, and
// filename. The contract has "..." after them, so it is unknown whether more follow. Reading a session by ID still shows
// every field. Sessions with an exact JSON text are never abbreviated.
func WithAbbreviatedItems() Option {
	return func(a *API) { a.lists.abbreviates = true }
}

// WithoutMediaURLInLists makes list items omit media_url. Sessions with an exact JSON text keep it.
func WithoutMediaURLInLists() Option {
	return func(a *API) { a.lists.hidesMedia = true }
}

// WithMaxPageSize sets the largest number of sessions on a page. It defaults to 100, as on the API's public page. It is a
// choice that the API shortens the page, and does not refuse a larger limit.
func WithMaxPageSize(size int) Option {
	return func(a *API) { a.lists.maximum = size }
}

// WithSorting makes lists obey sort=created_at with direction=asc, which another page of the API has and the contract has
// not. By default, lists ignore these parameters, as all unknown ones.
func WithSorting() Option {
	return func(a *API) { a.lists.sorts = true }
}

// WithOldestFirst makes lists begin with the oldest session. The contract does not say which order they have.
func WithOldestFirst() Option {
	return func(a *API) { a.lists.oldestFirst = true }
}

// WithTotalResults makes lists report another total_results: what claim returns for the number of sessions that match the
// filter. count and result stay true.
func WithTotalResults(claim func(actual int) int) Option {
	return func(a *API) { a.lists.totalResultsOf = claim }
}

// WithObserver sets a function that is called with every request when its answer is decided. Calls are concurrent.
func WithObserver(observe func(Request)) Option {
	return func(a *API) { a.observe = observe }
}
