package scriptix

import (
	"context"
	"errors"
	"fmt"
	"sync"
)

// PageSize is the API's maximum for the limit of a list. Every page is asked for at this size, because
// requests are what the API's plans count.
const PageSize = 100

// Page is one page of a list.
type Page struct {
	Offset       int       // place of the page's first item in the list
	Sessions     []Session // without the items that break the contract
	Items        int       // number of items on the page, with those that break the contract
	TotalResults int64     // number of sessions on all pages, as the API reports it

	// Malformed is an *AnswerError about the first item that breaks the contract, with its place in the list; nil if there
	// is none. The item may be a session that nobody has asked for.
	Malformed error

	places []int // of each session on the page; nil: the sessions are all of its items
}

// SessionPage reads the page of at most PageSize sessions that begins at offset. An empty status lists sessions of every
// status. It fails as GetSession does; an item that breaks the contract is left out of the page.
func (c *Client) SessionPage(ctx context.Context, status Status, offset int) (*Page, error) {
	answer, err := c.get(ctx, c.pageURL(status, offset))
	if err != nil {
		return nil, err
	}
	decoded, err := answer.page()
	if err != nil {
		return nil, err
	}
	return &Page{
		Offset:       offset,
		Sessions:     decoded.items,
		Items:        decoded.count,
		TotalResults: decoded.total,
		Malformed:    onPage(offset, decoded.malformed),
		places:       decoded.places,
	}, nil
}

// onPage adds the offset of the page to an error that names the index of an item on its page.
func onPage(offset int, malformed error) error {
	var problem *AnswerError
	if offset == 0 || !errors.As(malformed, &problem) {
		return malformed
	}
	placed := *problem
	placed.Problem += fmt.Sprintf(" on the page at offset %d", offset)
	return &placed
}

// Place returns the place in the list of the page's i-th session.
func (p *Page) Place(i int) int {
	if p.places == nil {
		return p.Offset + i
	}
	return p.Offset + p.places[i]
}

// Next returns the offset of the page that follows.
func (p *Page) Next() int { return p.Offset + p.Items }

// IsLast reports whether the list ends with this page: the page is empty, or reaches the API's total. A total that the
// page exceeds is wrong, and any page ends the list then if it is not full.
func (p *Page) IsLast() bool {
	next := int64(p.Next())
	return p.Items == 0 || next == p.TotalResults || next > p.TotalResults && p.Items < PageSize
}

// Repeats reports whether the page begins with the session that another page of the same list began with, a page or more
// away. The server then ignores the offset, and every further page would hold the same sessions. Pages that are nearer
// can begin alike because new sessions came in between.
func (p *Page) Repeats(other *Page) bool {
	if max(p.Offset-other.Offset, other.Offset-p.Offset) < PageSize || len(p.Sessions) == 0 || len(other.Sessions) == 0 {
		return false
	}
	return p.Sessions[0].SessionID == other.Sessions[0].SessionID
}

// pageStarts are the sessions that the pages of one list begin with. It is safe for concurrent use.
type pageStarts struct {
	sessionIDs sync.Map
}

// add adds a page that is read for the first time, and reports whether another page begins with the same session. The
// server then ignores the offset, or gives its last page for every offset beyond it: further pages show nothing new.
func (s *pageStarts) add(page *Page) (isRepeated bool) {
	if len(page.Sessions) == 0 {
		return false
	}
	_, isRepeated = s.sessionIDs.LoadOrStore(page.Sessions[0].SessionID, true)
	return isRepeated
}
