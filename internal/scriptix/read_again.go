package scriptix

import (
	"context"

	"golang.org/x/sync/errgroup"
)

// readAgain sends a GET for each session of a list that needs it, and merges the answer with what the list shows. It leaves
// out sessions that do not exist any more. It fails with a *SessionError, which wraps the error of GetSession.
func (c *Client) readAgain(
	ctx context.Context, sessions []Session, needsGet func(*Session) bool, merge func(listed, own Session) Session,
) ([]Session, error) {
	read, deleted := make([]Session, len(sessions)), make([]bool, len(sessions))
	group, ctx := errgroup.WithContext(ctx)
	// Queue no more GETs than are sent at the same time: a poll would have to wait for all of them.
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

// InFull returns those sessions of a list that still exist. It sends a GET for each finished session that the list does not
// show in full. It fails with a *SessionError, which wraps the error of GetSession.
func (c *Client) InFull(ctx context.Context, sessions []Session) ([]Session, error) {
	return c.readAgain(ctx, sessions, (*Session).NeedsOwnGet, func(_, own Session) Session { return own })
}

// NeedsOwnGet reports whether a list shows that the session has finished, but not in full.
func (s *Session) NeedsOwnGet() bool { return s.Outcome() != Running && !s.Settled() }
