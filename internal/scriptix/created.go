package scriptix

import (
	"context"
	"slices"
	"time"
)

// created returns when the session was uploaded. It is not known when the answer has no created_at.
func (s *Session) created() (moment time.Time, known bool) {
	if s.CreatedAt == nil {
		return time.Time{}, false
	}
	moment, err := time.Parse(time.RFC3339, *s.CreatedAt)
	return moment, err == nil
}

// hasDates reports whether the options choose sessions by their creation.
func (o ListOptions) hasDates() bool { return !o.CreatedAfter.IsZero() || !o.CreatedBefore.IsZero() }

// picksDate reports whether the session was created between the two moments, both included. It also picks a session
// whose creation is not known: a list with holes could open a gate.
func (o ListOptions) picksDate(session *Session) bool {
	if !o.hasDates() {
		return true
	}
	created, known := session.created()
	if !known {
		return true
	}
	return !created.Before(o.CreatedAfter) && (o.CreatedBefore.IsZero() || !created.After(o.CreatedBefore))
}

// creationOrder follows the creation of sessions down a list.
type creationOrder struct {
	last     time.Time // creation of the last session; zero before the first
	isBroken bool      // a session has no created_at, or is newer than the one above it
}

func (o *creationOrder) add(session *Session) {
	created, known := session.created()
	if !known || !o.last.IsZero() && created.After(o.last) {
		o.isBroken = true
		return
	}
	o.last = created
}

// isOlderThan reports whether all further sessions were created before the moment.
func (o *creationOrder) isOlderThan(moment time.Time) bool {
	return !o.isBroken && !o.last.IsZero() && o.last.Before(moment)
}

// pickedByDate returns the sessions that the options choose by their creation, at most MaxResults. Only its own GET shows
// when a session was created that the list shows without created_at. No more GETs are sent than MaxResults needs.
func (c *Client) pickedByDate(ctx context.Context, sessions []Session, options ListOptions) ([]Session, error) {
	if !options.hasDates() {
		return sessions, nil
	}
	var picked []Session
	for some := range slices.Chunk(sessions, c.config.MaxConcurrentRequests) {
		dated, err := c.readAgain(ctx, some, hasNoDate, withDateOf)
		if err != nil {
			return nil, err
		}
		for _, session := range dated {
			if options.picksDate(&session) {
				picked = append(picked, session)
			}
		}
		if options.MaxResults > 0 && len(picked) >= options.MaxResults {
			break
		}
	}
	return picked, nil
}

func hasNoDate(session *Session) bool {
	_, known := session.created()
	return !known
}

// withDateOf adds nothing but the date: the session stays as the list shows it, in the status that was asked for.
func withDateOf(listed, own Session) Session {
	listed.CreatedAt = own.CreatedAt
	return listed
}
