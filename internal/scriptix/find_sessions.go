package scriptix

import (
	"context"
	"sync"
	"time"
)

// totalsTrustedFor is how long a list is taken to be as long as it last was. After that, one request asks anew.
const totalsTrustedFor = 5 * time.Minute

// totals remembers how long lists were, to know what reading them will cost.
type totals struct {
	mu   sync.Mutex
	seen map[Status]total
}

type total struct {
	sessions int64
	at       time.Time
}

func newTotals() *totals { return &totals{seen: make(map[Status]total)} }

func (t *totals) learn(status Status, sessions int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.seen[status] = total{sessions: sessions, at: time.Now()}
}

// pagesFrom is how many pages a list has from the offset on, as far as is known; at least one. Of a list of
// unknown length the first page will tell.
func (t *totals) pagesFrom(status Status, offset int) int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	last, ok := t.seen[status]
	if !ok || time.Since(last.at) > totalsTrustedFor {
		return 1
	}
	return max(1, (last.sessions-int64(offset)+PageSize-1)/PageSize)
}

// Found is what FindSessions found.
type Found struct {
	Sessions map[string]Session // by session id; all of them Listed, none that was not asked for
	Requests int                // how many were sent
	Next     int                // the offset of the first page that was not read
}

// FindSessions looks for sessions in a list, page by page from an offset on, for as long as that takes fewer requests
// than a GET for each session that is still missing. What it did not find may be there all the same: lists move while
// they are read. When a request fails, what was found before comes with the error, which is as of GetSession.
func (c *Client) FindSessions(ctx context.Context, status Status, sessionIDs []string, offset int) (Found, error) {
	missing := make(map[string]bool, len(sessionIDs))
	for _, sessionID := range sessionIDs {
		missing[sessionID] = true
	}
	found := Found{Sessions: make(map[string]Session, len(sessionIDs)), Next: offset}
	for int64(len(missing)) > c.totals.pagesFrom(status, found.Next) {
		page, err := c.SessionPage(ctx, status, found.Next)
		found.Requests++
		if err != nil {
			return found, err
		}
		for _, session := range page.Sessions {
			if missing[session.SessionID] {
				found.Sessions[session.SessionID] = session
				delete(missing, session.SessionID)
			}
		}
		if len(page.Sessions) < PageSize {
			break // the last page, or a list that is not worth following
		}
		found.Next += PageSize
	}
	return found, nil
}
