package scriptix

import (
	"context"
	"fmt"
	"strconv"
	"sync/atomic"

	"golang.org/x/sync/errgroup"
)

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

	// TotalResults is the number of sessions that the API reports, whatever MaxResults. An API that ignores the status
	// counts all sessions.
	TotalResults int64

	// Settled is false if the list was seen to move each time it was read, or its pages repeat each other or end before
	// the API's total, so that a session may be missing. It is no proof of the contrary: when one session goes and another
	// comes between two pages, nothing shows it. Seeing it would take another request for each page.
	Settled bool
}

// ListSessions reads a whole list in as few requests as there are pages. A list that is seen to have moved meanwhile
// (its total changed, a session came twice, or the count does not add up) is read again, up to three times in all. If
// it never settles, a session that any of the readings found is in the listing. It fails as GetSession does, and with an
// *AnswerError for an item that breaks the contract: a list with holes could open a gate.
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

// readList reads the list once: the first page shows how many there are, the others are fetched together.
func (c *Client) readList(ctx context.Context, options ListOptions) (*Listing, error) {
	var pages []*Page
	offsets := []int{0}
	for len(offsets) > 0 {
		more, err := c.readPages(ctx, options.Status, offsets, pages)
		if err != nil {
			return nil, err
		}
		pages = append(pages, more...)
		if offsets, err = following(pages, options); err != nil {
			return nil, err
		}
	}
	return joinPages(pages, options), nil
}

// readPages reads the pages at the offsets, as many at the same time as the client sends. It sends no further request
// once a page is empty or repeats the first page of the list, and leaves out what it has read beyond that page.
func (c *Client) readPages(ctx context.Context, status Status, offsets []int, before []*Page) ([]*Page, error) {
	pages := make([]*Page, len(offsets))
	var ended atomic.Bool
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(c.config.MaxConcurrentRequests)
	sent := 0
	for i, offset := range offsets {
		if ended.Load() || sent > 0 && ctx.Err() != nil {
			break
		}
		sent++
		group.Go(func() error {
			page, err := c.SessionPage(ctx, status, offset)
			if err != nil {
				return err
			}
			if page.Malformed != nil {
				return page.Malformed
			}
			if endsReading(page, before) {
				ended.Store(true)
			}
			pages[i] = page
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	for i, page := range pages[:sent] {
		if endsReading(page, before) {
			return pages[:i+1], nil
		}
	}
	return pages, nil
}

// endsReading reports whether a page shows that there is no more to read: it is empty, or repeats the first page.
func endsReading(page *Page, before []*Page) bool {
	return page.Items == 0 || len(before) > 0 && page.Repeats(before[0])
}

// following returns the offsets of the pages that are still to be read; none at the end of the list, and when the pages
// already hold enough. An error is always an *AnswerError.
func following(pages []*Page, options ListOptions) ([]int, error) {
	first, last := pages[0], pages[len(pages)-1]
	if last.IsLast() || last.Repeats(first) || first.Items < smallestPageSize {
		return nil, nil
	}
	wanted := last.TotalResults - int64(last.Next())
	if options.MaxResults > 0 {
		wanted = min(wanted, int64(options.MaxResults-len(joinPages(pages, options).Sessions)))
	}
	size := int64(first.Items)
	more := (wanted + size - 1) / size
	if more <= 0 {
		return nil, nil
	}
	if int64(len(pages))+more > maxPages {
		return nil, &AnswerError{
			Field:   "total_results",
			Problem: fmt.Sprintf("would take more than %d requests to list", maxPages),
			Value:   strconv.FormatInt(last.TotalResults, 10),
		}
	}
	offsets := make([]int, more)
	for i := range offsets {
		offsets[i] = last.Next() + i*first.Items
	}
	return offsets, nil
}

// joinPages puts pages together, each session once, and judges whether they are of one unmoved list.
func joinPages(pages []*Page, options ListOptions) *Listing {
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
			if options.Status == "" || session.Status == options.Status {
				listing.Sessions = append(listing.Sessions, session)
			}
		}
	}
	read := int64(len(seen))
	isEnough := options.MaxResults > 0 && len(listing.Sessions) >= options.MaxResults
	if read > last.TotalResults || read < last.TotalResults && !isEnough {
		listing.Settled = false
	}
	return listing
}
