package scriptix

import (
	"context"
	"errors"
	"fmt"
	"net/http"

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
// for each that remains. A session that a list shows as finished, but not in full, is read by its own GET as well. A list
// that cannot be had is done without. Sessions that do not exist are all found out before it fails; any other failure
// ends it at once. The error joins one *SessionError for each session at fault, or is as of GetSession.
func (c *Client) GetSessions(ctx context.Context, sessionIDs []string) ([]Session, error) {
	sessionIDs = unique(sessionIDs)
	found, err := c.findSessions(ctx, sessionIDs)
	if err != nil {
		return nil, err
	}
	sessions := make([]Session, len(sessionIDs))
	missing := make([]error, len(sessionIDs))
	group, groupCtx := errgroup.WithContext(ctx)
	// No more GETs than are sent at the same time: a poll would stand behind all that are queued.
	group.SetLimit(c.config.MaxConcurrentRequests)
	for i, sessionID := range sessionIDs {
		if session, ok := found[sessionID]; ok {
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

// findSessions looks for sessions in the list, page by page from the newest on, for as long as the rest of the list has
// fewer pages than sessions are missing. It returns those it found by their ids, without those that only their own GET
// shows in full.
func (c *Client) findSessions(ctx context.Context, sessionIDs []string) (map[string]Session, error) {
	found := make(map[string]Session, len(sessionIDs))
	if len(sessionIDs) <= fewSessions {
		return found, nil
	}
	wanted := make(map[string]bool, len(sessionIDs))
	for _, sessionID := range sessionIDs {
		wanted[sessionID] = true
	}
	var starts pageStarts
	offset, pagesLeft := 0, int64(1)
	// A total that grows with each page must not make the search endless.
	for pages := 0; int64(len(wanted)) > pagesLeft && pages < len(sessionIDs); pages++ {
		page, err := c.SessionPage(ctx, "", offset)
		if err != nil && isAboutList(err) {
			return found, nil
		}
		if err != nil {
			return nil, err
		}
		for _, session := range page.Sessions {
			if !wanted[session.SessionID] {
				continue
			}
			delete(wanted, session.SessionID)
			if session.Outcome() == Running || session.Settled() {
				found[session.SessionID] = session
			}
		}
		if page.IsLast() || starts.add(page) {
			break
		}
		offset = page.Next()
		pagesLeft = max(1, (page.TotalResults-int64(offset)+int64(page.Items)-1)/int64(page.Items))
	}
	return found, nil
}

// isAboutList reports whether a list failed for a reason that need not hold for single sessions: the API refuses the
// list, or its answer is wrong. A 404 that is not the API's holds for all of its paths.
func isAboutList(err error) bool {
	if refusal, ok := errors.AsType[*APIError](err); ok {
		class := Classify(err)
		return class == ClassNotFound || class == ClassRefused && refusal.StatusCode != http.StatusNotFound
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
