package scriptix

import (
	"context"
	"fmt"
	"strconv"

	"golang.org/x/sync/errgroup"
)

// PageSize is the API's maximum for the limit of a list. Every page is asked for at this size, because
// requests are what the API's plans count.
const PageSize = 100

// maxPages bounds what a mistaken total can make us ask for: a million sessions, more than Terraform can hold.
const maxPages = 10_000

// smallestPageSize is the API's default for the limit: a list that is cut into smaller pages than that is broken.
const smallestPageSize = 25

// maxReadings bounds how often a list that moves while it is read is read again.
const maxReadings = 3

// ListOptions choose the sessions of a listing.
type ListOptions struct {
	Status     Status // only sessions of this status; empty is all
	MaxResults int    // the first so many; 0 is all
}

// Listing is what a list held.
type Listing struct {
	Sessions []Session // in the API's order, newest first; each once

	// TotalResults is how many sessions the API says there are, whatever MaxResults. It is the API's word: one that
	// ignores the status counts all sessions.
	TotalResults int64

	// Settled is false when the list was seen to move each time it was read, so that a session may be missing. It is no
	// proof of the contrary: when one session goes and another comes between two pages, nothing tells. Telling would take
	// another request for each page.
	Settled bool
}

// Page is one page of a list.
type Page struct {
	Sessions     []Session
	TotalResults int64 // of all pages
}

// SessionPage reads one page of at most PageSize sessions. It fails as GetSession does.
func (c *Client) SessionPage(ctx context.Context, status Status, offset int) (*Page, error) {
	answer, err := c.get(ctx, c.pageURL(status, offset))
	if err != nil {
		return nil, err
	}
	decoded, err := answer.page()
	if err == nil {
		err = decoded.malformed
	}
	if err != nil {
		return nil, err
	}
	page := &Page{Sessions: decoded.items, TotalResults: decoded.total}
	for i := range page.Sessions {
		page.Sessions[i].Listed = true
	}
	c.totals.learn(status, page.TotalResults)
	return page, nil
}

// ListSessions reads a whole list in as few requests as there are pages. A list that is seen to have moved meanwhile
// (its total changed, a session came twice, or the count does not add up) is read again, up to three times in all. If
// it never settles, a session that any of the readings found is in the listing. It fails as GetSession does.
func (c *Client) ListSessions(ctx context.Context, options ListOptions) (*Listing, error) {
	listing := &Listing{}
	for range maxReadings {
		reading, err := c.readList(ctx, options)
		if err != nil {
			return nil, err
		}
		if reading.Settled {
			listing = reading
			break
		}
		reading.Sessions = insertMissing(reading.Sessions, listing.Sessions)
		listing = reading
	}
	if options.MaxResults > 0 && len(listing.Sessions) > options.MaxResults {
		listing.Sessions = listing.Sessions[:options.MaxResults]
	}
	return listing, nil
}

// insertMissing adds what an earlier reading found and a later one did not, each behind the session that it
// followed.
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

// readList reads the list once: the first page tells how many there are, the others are fetched together. When the API
// lists sessions of another status, any page may hold those that are wanted, and all are read.
func (c *Client) readList(ctx context.Context, options ListOptions) (*Listing, error) {
	first, err := c.SessionPage(ctx, options.Status, 0)
	if err != nil {
		return nil, err
	}
	wanted := first.TotalResults
	if options.MaxResults > 0 {
		wanted = min(wanted, int64(options.MaxResults))
	}
	rest, err := c.readPages(ctx, options.Status, len(first.Sessions), wanted)
	if err != nil {
		return nil, err
	}
	listing := joinPages(append([]*Page{first}, rest...), wanted)
	read := len(listing.Sessions)
	listing.Sessions = withStatus(listing.Sessions, options.Status)
	if kept := len(listing.Sessions); kept < read && kept < options.MaxResults && wanted < first.TotalResults {
		return c.readList(ctx, ListOptions{Status: options.Status})
	}
	return listing, nil
}

// readPages fetches the pages that follow a first one of the given size. The client bounds how many are in
// flight.
func (c *Client) readPages(ctx context.Context, status Status, size int, wanted int64) ([]*Page, error) {
	if wanted > maxPages*PageSize {
		return nil, &AnswerError{
			Field:   "total_results",
			Problem: fmt.Sprintf("would take more than %d requests to list", maxPages),
			Value:   strconv.FormatInt(wanted, 10),
		}
	}
	if size < smallestPageSize || int64(size) >= wanted {
		return nil, nil
	}
	pages := make([]*Page, (wanted-1)/int64(size))
	group, ctx := errgroup.WithContext(ctx)
	for i := range pages {
		group.Go(func() (err error) {
			pages[i], err = c.SessionPage(ctx, status, (i+1)*size)
			return err
		})
	}
	return pages, group.Wait()
}

// joinPages puts pages together, each session once, and judges whether they are of one unmoved list.
func joinPages(pages []*Page, wanted int64) *Listing {
	last := pages[len(pages)-1]
	listing := &Listing{TotalResults: last.TotalResults, Settled: true}
	seen := make(map[string]bool, len(pages)*PageSize)
	for _, page := range pages {
		if page.TotalResults != last.TotalResults {
			listing.Settled = false
		}
		for _, session := range page.Sessions {
			if seen[session.SessionID] {
				listing.Settled = false
				continue
			}
			seen[session.SessionID] = true
			listing.Sessions = append(listing.Sessions, session)
		}
	}
	if int64(len(listing.Sessions)) < wanted || int64(len(listing.Sessions)) > listing.TotalResults {
		listing.Settled = false
	}
	return listing
}

// withStatus drops sessions that the API lists under a status they are not in (any more).
func withStatus(sessions []Session, status Status) []Session {
	if status == "" {
		return sessions
	}
	kept := sessions[:0]
	for _, session := range sessions {
		if session.Status == status {
			kept = append(kept, session)
		}
	}
	return kept
}
