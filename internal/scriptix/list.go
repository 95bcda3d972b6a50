package scriptix

import (
	"context"
	"fmt"
	"strconv"
	"sync/atomic"

	"golang.org/x/sync/errgroup"
)

// maxPages bounds the requests for one pass over a list. Full pages then hold a million sessions, more than Terraform can
// hold.
const maxPages = 10_000

// maxPasses bounds how often a list is read if it changes meanwhile.
const maxPasses = 3

// Listing is the result of ListSessions.
type Listing struct {
	Sessions []Session // in the API's order, newest first; each once

	// TotalResults is the number of sessions that the API reports, regardless of MaxResults, CreatedAfter, and
	// CreatedBefore. An API that ignores the status counts all sessions.
	TotalResults int64

	// Settled is false if a session may be missing: the list changed in each pass, its pages repeat each other, or they end
	// before the API's total. If Settled is true, a session can still be missing: nothing shows that one session disappears
	// and another appears between two pages, short of another request for each page. A pass that stopped at CreatedAfter
	// is judged down to there.
	Settled bool
}

// ListSessions reads a complete list with one request for each page. It reads the list again, up to three times in all, if
// the list changed meanwhile: its total changed, a session appeared twice, or the sessions do not add up to the total. If
// the list never settles, the listing has every session that any pass found. Pages that repeat each other are not read
// again. It fails as GetSession does, and with an *AnswerError for an item that breaks the contract: a list with holes
// could open a gate.
//
// With CreatedAfter, it reads the pages one by one, down to the first that ends with an older session. If created_at is
// missing, or the list is not newest first, it reads all pages. It sends a GET for each session that has no created_at in
// the list. If the GET shows none either, the session is in the listing.
func (c *Client) ListSessions(ctx context.Context, options ListOptions) (*Listing, error) {
	listing := &Listing{}
	for range maxPasses {
		pass, err := c.readList(ctx, options)
		if err != nil {
			return nil, err
		}
		latest := pass.listing()
		if !latest.Settled {
			latest.Sessions = insertMissing(latest.Sessions, listing.Sessions)
		}
		listing = latest
		if listing.Settled || pass.isRepeated {
			break
		}
	}
	var err error
	if listing.Sessions, err = c.filterByDate(ctx, listing.Sessions, options); err != nil {
		return nil, err
	}
	if options.MaxResults > 0 && len(listing.Sessions) > options.MaxResults {
		listing.Sessions = listing.Sessions[:options.MaxResults]
	}
	return listing, nil
}

// insertMissing adds the sessions that only the earlier pass found, each after the session that it followed.
func insertMissing(later, earlier []Session) []Session {
	seen := make(map[string]bool, len(later))
	for i := range later {
		seen[later[i].SessionID] = true
	}
	followers := make(map[string][]Session) // by the session they followed; "" for the first
	predecessor := ""
	for _, session := range earlier {
		if seen[session.SessionID] {
			predecessor = session.SessionID
			continue
		}
		followers[predecessor] = append(followers[predecessor], session)
	}
	merged := append([]Session{}, followers[""]...)
	for _, session := range later {
		merged = append(merged, session)
		merged = append(merged, followers[session.SessionID]...)
	}
	return merged
}

// readList reads the list once. The first page shows how many pages there are. The others are read concurrently, unless
// each of them may be the last.
func (c *Client) readList(ctx context.Context, options ListOptions) (*pass, error) {
	p := &pass{options: options, seen: make(map[string]bool)}
	offsets := []int{0}
	for len(offsets) > 0 {
		pages, err := c.readPages(ctx, p, offsets)
		if err != nil {
			return nil, err
		}
		for _, page := range pages {
			p.add(page)
		}
		if offsets, err = p.following(); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// readPages reads the pages at the offsets, as many at the same time as the client sends. It sends no further request
// after a page that ends the pass: one that is empty, repeats another page, or holds an item that breaks the contract. It
// returns the pages in order, up to the first such page.
func (c *Client) readPages(ctx context.Context, p *pass, offsets []int) ([]*Page, error) {
	pages, repeated := make([]*Page, len(offsets)), make([]bool, len(offsets))
	var ended atomic.Bool
	group, ctx := errgroup.WithContext(ctx)
	// The limit of the group would also let requests wait that nobody needs when their turn comes.
	turns := make(chan struct{}, c.config.MaxConcurrentRequests)
	sent := 0
	for i, offset := range offsets {
		turns <- struct{}{}
		if ended.Load() || sent > 0 && ctx.Err() != nil {
			break
		}
		sent++
		group.Go(func() error {
			defer func() { <-turns }()
			page, err := c.SessionPage(ctx, p.options.Status, offset)
			if err != nil {
				return err
			}
			pages[i], repeated[i] = page, p.starts.add(page)
			if page.Items == 0 || page.Malformed != nil || repeated[i] {
				ended.Store(true)
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	for i, page := range pages[:sent] {
		if page.Malformed != nil {
			return nil, page.Malformed
		}
		p.isRepeated = repeated[i]
		if page.Items == 0 || repeated[i] {
			return pages[:i+1], nil
		}
	}
	return pages[:sent], nil
}

// pass is one pass over the pages of a list, and what it has found.
type pass struct {
	options     ListOptions
	first, last *Page // by their offsets
	pages       int
	starts      pageStarts
	isRepeated  bool // the last page repeats another one

	seen     map[string]bool // by session ID, of all statuses
	sessions []Session       // that match the options
	undated  int             // how many of them have no created_at, so that they may turn out not to match
	order    creationOrder   // tracked only if the options have dates
	hasMoved bool            // the total changed, or a session appeared twice
}

// add adds the page that follows the last one.
func (p *pass) add(page *Page) {
	if p.first == nil {
		p.first = page
	}
	p.last = page
	p.pages++
	p.hasMoved = p.hasMoved || page.TotalResults != p.first.TotalResults
	for _, session := range page.Sessions {
		if p.seen[session.SessionID] {
			p.hasMoved = true
			continue
		}
		p.seen[session.SessionID] = true
		if p.options.hasDates() {
			p.order.add(&session)
		}
		if !p.options.matches(&session) {
			continue
		}
		p.sessions = append(p.sessions, session)
		if p.options.hasDates() && hasNoDate(&session) {
			p.undated++
		}
	}
}

// isEnough reports whether the pass has found MaxResults sessions.
func (p *pass) isEnough() bool {
	return p.options.MaxResults > 0 && p.certain() >= p.options.MaxResults
}

// certain returns how many sessions match the options, regardless of what their own GETs will show.
func (p *pass) certain() int { return len(p.sessions) - p.undated }

// isPastDates reports whether all sessions that follow are older than CreatedAfter.
func (p *pass) isPastDates() bool { return p.order.isOlderThan(p.options.CreatedAfter) }

// mayEndEarly reports whether the next page may be the last one needed, so that no other is read at the same time.
func (p *pass) mayEndEarly() bool { return !p.options.CreatedAfter.IsZero() && !p.order.isBroken }

// following returns the offsets of the pages to read next. It returns none at the end of the list, or if the pages already
// hold everything that the options ask for. The error is always an *AnswerError.
func (p *pass) following() ([]int, error) {
	if p.last.IsLast() || p.isRepeated || p.isEnough() || p.isPastDates() {
		return nil, nil
	}
	wanted := max(1, p.last.TotalResults-int64(p.last.Next()))
	if p.options.MaxResults > 0 {
		wanted = min(wanted, int64(p.options.MaxResults-p.certain()))
	}
	if p.mayEndEarly() {
		wanted = 1
	}
	size := int64(p.first.Items)
	more := (wanted + size - 1) / size
	if int64(p.pages)+more > maxPages {
		return nil, &AnswerError{
			Field:   "total_results",
			Problem: fmt.Sprintf("would take more than %d requests to list", maxPages),
			Value:   strconv.FormatInt(p.last.TotalResults, 10),
		}
	}
	offsets := make([]int, more)
	for i := range offsets {
		offsets[i] = p.last.Next() + i*p.first.Items
	}
	return offsets, nil
}

// listing returns what the pass has found, and whether the list is settled.
func (p *pass) listing() *Listing {
	found, total := int64(len(p.seen)), p.last.TotalResults
	return &Listing{
		Sessions:     p.sessions,
		TotalResults: total,
		Settled:      !p.hasMoved && (found == total || p.isEnough() || p.isPastDates()),
	}
}
