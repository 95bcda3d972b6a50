package scriptix

import (
	"context"

	"golang.org/x/sync/errgroup"
)

// readAgain reads by their own GETs the sessions of a list that need it, and merges each answer with what the list shows.
// It leaves out sessions that do not exist any more. It fails as GetSession does, with a *SessionError.
func (c *Client) readAgain(
	ctx context.Context, sessions []Session, needsGet func(*Session) bool, merge func(listed, own Session) Session,
) ([]Session, error) {
	read, deleted := make([]Session, len(sessions)), make([]bool, len(sessions))
	group, ctx := errgroup.WithContext(ctx)
	// No more GETs than are sent at the same time: a poll would stand behind all that are queued.
	group.SetLimit(c.config.MaxConcurrentRequests)
	for i, session := range sessions {
		if !needsGet(&session) {
			read[i] = session
			continue
		}
		group.Go(func() error {
			own, err := c.GetSession(ctx, session.SessionID)
			if IsNotFound(err) {
				deleted[i] = true
				return nil
			}
			if err != nil {
				return &SessionError{SessionID: session.SessionID, Err: err}
			}
			read[i] = merge(session, *own)
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	var existing []Session
	for i := range read {
		if !deleted[i] {
			existing = append(existing, read[i])
		}
	}
	return existing, nil
}

// InFull returns the sessions of a list as far as they still exist. It reads a session that has finished by its own GET if
// the list does not show it in full. It fails as GetSession does, with a *SessionError.
func (c *Client) InFull(ctx context.Context, sessions []Session) ([]Session, error) {
	isAbbreviated := func(s *Session) bool { return s.Outcome() != Running && !s.Settled() }
	return c.readAgain(ctx, sessions, isAbbreviated, func(_, own Session) Session { return own })
}
