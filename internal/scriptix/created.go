package scriptix

import (
	"context"
	"slices"
	"time"
)

// creationOrder tracks whether a list is sorted by creation, newest first.
type creationOrder struct {
	last     time.Time // creation of the last session; zero before the first
	isBroken bool      // a session has no created_at, or is newer than the one before it
}

func (o *creationOrder) add(session *Session) {
	created, known := session.created()
	if !known || !o.last.IsZero() && created.After(o.last) {
		o.isBroken = true
		return
	}
	o.last = created
}

// isOlderThan reports whether all sessions that follow in the list were created before the moment.
func (o *creationOrder) isOlderThan(moment time.Time) bool {
	return !o.isBroken && !o.last.IsZero() && o.last.Before(moment)
}

// filterByDate returns the sessions that match the dates of the options, at most MaxResults. It reads a session by its own
// GET if the list has no created_at, and sends no more GETs than MaxResults needs.
func (c *Client) filterByDate(ctx context.Context, sessions []Session, options ListOptions) ([]Session, error) {
	if !options.hasDates() {
		return sessions, nil
	}
	var matching []Session
	for some := range slices.Chunk(sessions, c.config.MaxConcurrentRequests) {
		dated, err := c.readAgain(ctx, some, hasNoDate, withDateOf)
		if err != nil {
			return nil, err
		}
		for _, session := range dated {
			if options.matchesDates(&session) {
				matching = append(matching, session)
			}
		}
		if options.MaxResults > 0 && len(matching) >= options.MaxResults {
			break
		}
	}
	return matching, nil
}

func hasNoDate(session *Session) bool {
	_, known := session.created()
	return !known
}

// withDateOf adds only the date. The session stays as the list shows it, with the status that the list was filtered by.
func withDateOf(listed, own Session) Session {
	listed.CreatedAt = own.CreatedAt
	return listed
}
