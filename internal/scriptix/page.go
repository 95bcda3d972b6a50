package scriptix

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"sync"
)

// PageSize is the API's maximum for the limit of a list. The client always asks for pages of this size, because the API's
// plans count requests.
const PageSize = 100

// Page is one page of a list.
type Page struct {
	Offset       int       // place of the page's first item in the list
	Sessions     []Session // without the items that break the contract
	Items        int       // number of items on the page, including those that break the contract
	TotalResults int64     // number of sessions on all pages, as the API reports it

	// Malformed is an *AnswerError about the first item that breaks the contract; nil if there is none. The item may be a
	// session that nobody has asked for.
	Malformed error

	places []int // index on the page of each session; nil: no item breaks the contract
}

// SessionPage reads the page of at most PageSize sessions that begins at offset. An empty status lists sessions of every
// status. It fails as GetSession does. It leaves out items that break the contract.
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

// pageURL returns the address of one page of a list. An empty status lists sessions of every status.
func (c *Client) pageURL(status Status, offset int) *url.URL {
	query := url.Values{"offset": {strconv.Itoa(offset)}, "limit": {strconv.Itoa(PageSize)}}
	if status != "" {
		query.Set("status", string(status))
	}
	address := *c.sessions
	address.RawQuery = query.Encode()
	return &address
}

// onPage adds the offset of the page to an error that names an item by its index on the page.
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

// Next returns the offset of the next page.
func (p *Page) Next() int { return p.Offset + p.Items }

// IsLast reports whether the list ends with this page: the page is empty, or it ends at the API's total. If the page
// exceeds the total, the total is wrong, and the first page that is not full is the last.
func (p *Page) IsLast() bool {
	next := int64(p.Next())
	return p.Items == 0 || next == p.TotalResults || next > p.TotalResults && p.Items < PageSize
}

// Repeats reports whether another page of the same list begins with the same session, although both show different places. The
// server then ignores the offset, or returns its last page for every offset beyond it, and other pages show nothing new.
// Pages that overlap can begin with the same session because new sessions moved it.
func (p *Page) Repeats(other *Page) bool {
	if len(p.Sessions) == 0 || len(other.Sessions) == 0 || p.Sessions[0].SessionID != other.Sessions[0].SessionID {
		return false
	}
	if p.Offset < other.Offset {
		p, other = other, p
	}
	return p.Offset >= other.Next()
}

// pageStarts holds the pages of one list by the session that they begin with. It is safe for concurrent use.
type pageStarts struct {
	pages sync.Map
}

// add adds a page, and reports whether it repeats one that was added before.
func (s *pageStarts) add(page *Page) (isRepeated bool) {
	if len(page.Sessions) == 0 {
		return false
	}
	earlier, isKnown := s.pages.LoadOrStore(page.Sessions[0].SessionID, page)
	return isKnown && page.Repeats(earlier.(*Page)) //nolint:errcheck,forcetypeassert // add stores nothing else
}
