package scriptix

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/sync/errgroup"
)

// fewSessions are so few that looking for them in a list of unknown length may cost more than it saves.
const fewSessions = 2

// SessionError says which session an error is about.
type SessionError struct {
	SessionID string
	Err       error
}

func (e *SessionError) Error() string { return fmt.Sprintf("session %.100q: %v", e.SessionID, e.Err) }

// Unwrap returns what went wrong with the session.
func (e *SessionError) Unwrap() error { return e.Err }

// GetSessions reads sessions by their ids and returns them in that order, an id that stands twice once. It
// takes whatever costs fewer requests: pages of the list for as long as they may find what is missing, and a GET
// for each that remains. A list that cannot be had is done without. Sessions that do not exist are all found out before
// it fails; any other failure ends it at once. The error joins one *SessionError for each session at fault, or is as of
// GetSession.
func (c *Client) GetSessions(ctx context.Context, sessionIDs []string) ([]Session, error) {
	sessionIDs = unique(sessionIDs)
	found := Found{}
	if len(sessionIDs) > fewSessions {
		var err error
		if found, err = c.FindSessions(ctx, "", sessionIDs, 0); err != nil && !isAboutList(err) {
			return nil, err
		}
	}
	sessions := make([]Session, len(sessionIDs))
	missing := make([]error, len(sessionIDs))
	group, groupCtx := errgroup.WithContext(ctx)
	for i, sessionID := range sessionIDs {
		if session, ok := found.Sessions[sessionID]; ok {
			sessions[i] = session
			continue
		}
		group.Go(func() error {
			session, err := c.GetSession(groupCtx, sessionID)
			if err == nil {
				sessions[i] = *session
				return nil
			}
			missing[i] = &SessionError{SessionID: sessionID, Err: err}
			if IsNotFound(err) {
				return nil
			}
			return missing[i]
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

// isAboutList reports whether a list failed for a reason that need not hold for single sessions: the API refuses the
// list, though not the token as such, or its answer is wrong, maybe in a session that nobody has asked for.
func isAboutList(err error) bool {
	var refusal *APIError
	if errors.As(err, &refusal) {
		return !refusal.Transient() && !refusal.RefusesToken()
	}
	var answer *AnswerError
	var redirect *RedirectError
	return errors.As(err, &answer) || errors.As(err, &redirect)
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
