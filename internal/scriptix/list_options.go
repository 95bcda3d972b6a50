package scriptix

import "time"

// ListOptions filter the sessions of a listing.
type ListOptions struct {
	Status     Status // only sessions of this status; empty is all
	MaxResults int    // at most so many, the first of the list; 0 is all

	// Only sessions that have finished, whatever their status. The client leaves out the others, so their pages cost requests.
	OnlyFinished bool

	// Only sessions created between these moments, both included. A zero moment sets no limit. CreatedAfter also saves
	// requests: the client reads no page after the first that ends with an older session.
	CreatedAfter, CreatedBefore time.Time
}

// hasDates reports whether the options filter sessions by their creation.
func (o ListOptions) hasDates() bool { return !o.CreatedAfter.IsZero() || !o.CreatedBefore.IsZero() }

// matches reports whether the listing has the session, as far as the list shows.
func (o ListOptions) matches(session *Session) bool {
	return (o.Status == "" || session.Status == o.Status) &&
		(!o.OnlyFinished || session.Outcome() != Running) &&
		o.matchesDates(session)
}

// matchesDates reports whether the session was created between the two moments, both included. A session whose creation is
// not known matches, because a list with holes could open a gate.
func (o ListOptions) matchesDates(session *Session) bool {
	if !o.hasDates() {
		return true
	}
	created, known := session.created()
	if !known {
		return true
	}
	return !created.Before(o.CreatedAfter) && (o.CreatedBefore.IsZero() || !created.After(o.CreatedBefore))
}
