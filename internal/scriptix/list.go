package scriptix

import (
	"context"
	"fmt"
	"strconv"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
)

// maxPages bounds the requests for one reading, whatever the total and the size of the pages. Full pages hold a million
// sessions then, more than Terraform can hold.
const maxPages = 10_000

// maxReadings bounds how often a list that moves while it is read is read again.
const maxReadings = 3

// ListOptions choose the sessions of a listing.
type ListOptions struct {
	Status     Status // only sessions of this status; empty is all
	MaxResults int    // the first so many; 0 is all

	// Only sessions created between these moments, both included. A zero moment sets no limit. CreatedAfter also saves
	// requests: no page is read below the first that ends with an older session.
	CreatedAfter, CreatedBefore time.Time
}

// Listing is what a list held.
type Listing struct {
	Sessions []Session // in the API's order, newest first; each once

	// TotalResults is the number of sessions that the API reports, whatever MaxResults, CreatedAfter, and CreatedBefore. An
	// API that ignores the status counts all sessions.
	TotalResults int64

	// Settled is false if the list was seen to move each time it was read, or its pages repeat each other or end before
	// the API's total, so that a session may be missing. It is no proof of the contrary: when one session goes and another
	// comes between two pages, nothing shows it. Seeing it would take another request for each page. A reading that
	// stopped at CreatedAfter is judged down to there.
	Settled bool
}

// ListSessions reads a whole list in as few requests as there are pages. A list that is seen to have moved meanwhile
// (its total changed, a session came twice, or the count does not add up) is read again, up to three times in all, unless
// its pages repeat each other. If it never settles, a session that any of the readings found is in the listing. It fails
// as GetSession does, and with an *AnswerError for an item that breaks the contract: a list with holes could open a gate.
//
// With CreatedAfter, the pages are read one by one, down to the first that ends with an older session. If created_at is
// missing, or the list is not newest first, all pages are read. A session whose created_at is missing in the list costs a
// GET of its own. If that lacks it too, the session is in the listing.
func (c *Client) ListSessions(ctx context.Context, options ListOptions) (*Listing, error) {
	listing := &Listing{}
	for range maxReadings {
		reading, err := c.readList(ctx, options)
		if err != nil {
			return nil, err
		}
		latest := reading.listing()
		if !latest.Settled {
			latest.Sessions = insertMissing(latest.Sessions, listing.Sessions)
		}
		listing = latest
		if listing.Settled || reading.isRepeated {
			break
		}
	}
	var err error
	if listing.Sessions, err = c.pickedByDate(ctx, listing.Sessions, options); err != nil {
		return nil, err
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

// readList reads the list once: the first page shows how many there are, the others are fetched together, unless each of
// them may end the reading.
func (c *Client) readList(ctx context.Context, options ListOptions) (*reading, error) {
	r := &reading{options: options, seen: make(map[string]bool)}
	offsets := []int{0}
	for len(offsets) > 0 {
		pages, err := c.readPages(ctx, r, offsets)
		if err != nil {
			return nil, err
		}
		for _, page := range pages {
			r.add(page)
		}
		if offsets, err = r.following(); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// readPages reads the pages at the offsets, as many at the same time as the client sends. It sends no further request
// after a page that ends the reading: one that is empty, repeats another page, or holds an item that breaks the contract.
// It returns the pages in order, up to the first such page.
func (c *Client) readPages(ctx context.Context, r *reading, offsets []int) ([]*Page, error) {
	pages, repeated := make([]*Page, len(offsets)), make([]bool, len(offsets))
	var ended atomic.Bool
	group, ctx := errgroup.WithContext(ctx)
	// The group's own limit would let a request wait for its turn that nobody needs any more when its turn comes.
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
			page, err := c.SessionPage(ctx, r.options.Status, offset)
			if err != nil {
				return err
			}
			pages[i], repeated[i] = page, r.starts.add(page)
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
		r.isRepeated = repeated[i]
		if page.Items == 0 || repeated[i] {
			return pages[:i+1], nil
		}
	}
	return pages[:sent], nil
}

// reading is what one attempt to read a list has found.
type reading struct {
	options     ListOptions
	first, last *Page // by their offsets
	pages       int
	starts      pageStarts
	isRepeated  bool // the last page repeats another one

	seen     map[string]bool // by session ID, of all statuses
	sessions []Session       // that the options choose
	undated  int             // sessions among them that may turn out to be too old or too new
	order    creationOrder   // followed only if the options have dates
	hasMoved bool            // the total changed, or a session came twice
}

// add adds the page that follows the last one.
func (r *reading) add(page *Page) {
	if r.first == nil {
		r.first = page
	}
	r.last = page
	r.pages++
	r.hasMoved = r.hasMoved || page.TotalResults != r.first.TotalResults
	for _, session := range page.Sessions {
		if r.seen[session.SessionID] {
			r.hasMoved = true
			continue
		}
		r.seen[session.SessionID] = true
		if r.options.hasDates() {
			r.order.add(&session)
		}
		if r.options.Status != "" && session.Status != r.options.Status || !r.options.picksDate(&session) {
			continue
		}
		r.sessions = append(r.sessions, session)
		if r.options.hasDates() && hasNoDate(&session) {
			r.undated++
		}
	}
}

// isEnough reports whether there are as many sessions as the options ask for at most.
func (r *reading) isEnough() bool {
	return r.options.MaxResults > 0 && r.certain() >= r.options.MaxResults
}

// certain returns how many of the sessions the options choose whatever their own GETs will show.
func (r *reading) certain() int { return len(r.sessions) - r.undated }

// isPastDates reports whether all further sessions are older than CreatedAfter.
func (r *reading) isPastDates() bool { return r.order.isOlderThan(r.options.CreatedAfter) }

// mayEndEarly reports whether the next page may be the last one needed, so that none is read ahead of it.
func (r *reading) mayEndEarly() bool { return !r.options.CreatedAfter.IsZero() && !r.order.isBroken }

// following returns the offsets of the pages that are still to be read; none at the end of the list, and when the pages
// already hold all that the options choose. An error is always an *AnswerError.
func (r *reading) following() ([]int, error) {
	if r.last.IsLast() || r.isRepeated || r.isEnough() || r.isPastDates() {
		return nil, nil
	}
	wanted := max(1, r.last.TotalResults-int64(r.last.Next()))
	if r.options.MaxResults > 0 {
		wanted = min(wanted, int64(r.options.MaxResults-r.certain()))
	}
	if r.mayEndEarly() {
		wanted = 1
	}
	size := int64(r.first.Items)
	more := (wanted + size - 1) / size
	if int64(r.pages)+more > maxPages {
		return nil, &AnswerError{
			Field:   "total_results",
			Problem: fmt.Sprintf("would take more than %d requests to list", maxPages),
			Value:   strconv.FormatInt(r.last.TotalResults, 10),
		}
	}
	offsets := make([]int, more)
	for i := range offsets {
		offsets[i] = r.last.Next() + i*r.first.Items
	}
	return offsets, nil
}

// listing returns what was found, and judges whether the pages are of one unmoved list.
func (r *reading) listing() *Listing {
	found, total := int64(len(r.seen)), r.last.TotalResults
	return &Listing{
		Sessions:     r.sessions,
		TotalResults: total,
		Settled:      !r.hasMoved && (found == total || r.isEnough() || r.isPastDates()),
	}
}
