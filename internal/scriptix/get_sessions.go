package scriptix

import (
	"context"
	"errors"

	"golang.org/x/sync/errgroup"
)

// fewSessions is the number of sessions up to which a list of unknown length may cost more requests than it saves.
const fewSessions = 2

// GetSessions reads sessions by their IDs and returns them in that order, each once. It takes the cheaper way: pages of
// the list while they may show missing sessions, then a GET for each session that is left. It also sends a GET for a
// finished session that the list does not show in full. If the list as such fails, it sends GETs only.
//
// If sessions do not exist, the error joins a *SessionError for each of them. Any other failure ends the call at once,
// with a *SessionError or with the error of the list, which is as of GetSession.
func (c *Client) GetSessions(ctx context.Context, sessionIDs []string) ([]Session, error) {
	sessionIDs = unique(sessionIDs)
	found, err := c.findSessions(ctx, sessionIDs)
	if err != nil {
		return nil, err
	}
	sessions := make([]Session, len(sessionIDs))
	missing := make([]error, len(sessionIDs))
	group, groupCtx := errgroup.WithContext(ctx)
	// Queue no more GETs than are sent at the same time: a poll would have to wait for all of them.
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

// Missing returns the IDs of the sessions that do not exist, by an error of GetSessions.
func Missing(err error) []string {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return nil
	}
	var missing []string
	for _, err := range joined.Unwrap() {
		if session, ok := errors.AsType[*SessionError](err); ok && IsNotFound(session) {
			missing = append(missing, session.SessionID)
		}
	}
	return missing
}

// findSessions looks for sessions in the list, page by page from the newest on. It stops when the rest of the list has at
// least as many pages as sessions are missing. It returns the sessions it found by their IDs, without those that only
// their own GET shows in full.
func (c *Client) findSessions(ctx context.Context, sessionIDs []string) (map[string]Session, error) {
	found := make(map[string]Session, len(sessionIDs))
	if len(sessionIDs) <= fewSessions {
		return found, nil
	}
	wanted := make(map[string]bool, len(sessionIDs))
	for _, sessionID := range sessionIDs {
		wanted[sessionID] = true
	}
	once := c.withoutRetries() // GETs replace a list that fails
	var starts pageStarts
	offset, pagesLeft := 0, int64(1)
	// The search must end even if the total grows with each page.
	for pages := 0; int64(len(wanted)) > pagesLeft && pages < len(sessionIDs); pages++ {
		page, err := once.SessionPage(ctx, "", offset)
		if isTooMany(err) { // GETs would meet the same limit
			page, err = c.SessionPage(ctx, "", offset)
		}
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
			if !session.NeedsOwnGet() {
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

// unique returns each text once, in the order of their first places.
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
