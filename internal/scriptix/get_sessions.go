package scriptix

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/sync/errgroup"
)

// SessionError says which session an error is about.
type SessionError struct {
	SessionID string
	Err       error
}

func (e *SessionError) Error() string { return fmt.Sprintf("session %.100q: %v", e.SessionID, e.Err) }

// Unwrap returns what went wrong with the session.
func (e *SessionError) Unwrap() error { return e.Err }

// GetSessions reads sessions by their ids and returns them in that order, an id that stands twice once. Sessions
// that do not exist are all found out before it fails; any other failure ends it at once. The error joins
// one *SessionError for each session at fault.
func (c *Client) GetSessions(ctx context.Context, sessionIDs []string) ([]Session, error) {
	sessionIDs = unique(sessionIDs)
	sessions := make([]Session, len(sessionIDs))
	missing := make([]error, len(sessionIDs))
	group, groupCtx := errgroup.WithContext(ctx)
	for i, sessionID := range sessionIDs {
		group.Go(func() error {
			session, err := c.GetSession(groupCtx, sessionID)
			if err == nil {
				sessions[i] = *session
				return nil
			}
			failure := &SessionError{SessionID: sessionID, Err: err}
			if IsNotFound(err) {
				missing[i] = failure
				return nil
			}
			return failure
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	if err := errors.Join(missing...); err != nil {
		return nil, err
	}
	return sessions, nil
}

// IsNotFound reports whether the API has no such session for this token.
func IsNotFound(err error) bool {
	var refusal *APIError
	return errors.As(err, &refusal) && refusal.StatusCode == 404
}

// unique keeps the first of each.
func unique(texts []string) []string {
	seen := make(map[string]bool, len(texts))
	kept := make([]string, 0, len(texts))
	for _, text := range texts {
		if !seen[text] {
			seen[text] = true
			kept = append(kept, text)
		}
	}
	return kept
}
