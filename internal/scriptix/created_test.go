package scriptix_test

import (
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
)

// addHourly adds sessions that were created an hour apart, the last one now, and returns their ids, the newest first.
func addHourly(server *scriptixtest.Server, many int) []string {
	now := time.Now()
	newestFirst := make([]string, many)
	for i := range many {
		age := many - 1 - i
		newestFirst[age] = fmt.Sprintf("%d-hours-old", age)
		server.Add(scriptixtest.Session{SessionID: newestFirst[age], CreatedAt: now.Add(-time.Duration(age) * time.Hour)})
	}
	return newestFirst
}

// hoursAgo is the creation of a session of addHourly.
func hoursAgo(age int) time.Time { return time.Now().Add(-time.Duration(age) * time.Hour) }

func TestListingByDateCostsItsOwnPages(t *testing.T) {
	t.Parallel()
	const total = 2_000
	for name, test := range map[string]struct {
		after, before time.Duration // back from now; zero: no limit
		maxResults    int
		first, last   int // ages in hours, both included
		requests      int
	}{
		"a day":                              {after: 24 * time.Hour, first: 0, last: 24, requests: 1},
		"up to the last of a page":           {after: 98 * time.Hour, first: 0, last: 98, requests: 1},
		"with the last of a page":            {after: 99 * time.Hour, first: 0, last: 99, requests: 2}, // more may be as old
		"up to the middle of a page":         {after: 1250 * time.Hour, first: 0, last: 1250, requests: 13},
		"between two sessions":               {after: 1250*time.Hour + time.Second, first: 0, last: 1250, requests: 13},
		"a span":                             {after: 1250 * time.Hour, before: 250 * time.Hour, first: 250, last: 1250, requests: 13},
		"a moment":                           {after: 250 * time.Hour, before: 250 * time.Hour, first: 250, last: 250, requests: 3},
		"the first of a span":                {after: 1250 * time.Hour, before: 250 * time.Hour, maxResults: 20, first: 250, last: 269, requests: 3},
		"the whole list":                     {after: (total + 1) * time.Hour, first: 0, last: total - 1, requests: total / 100},
		"the oldest need all pages":          {before: (total - 2) * time.Hour, first: total - 2, last: total - 1, requests: total / 100},
		"the first of those before a moment": {before: 150 * time.Hour, maxResults: 50, first: 150, last: 199, requests: 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := scriptixtest.NewPipeServer(t)
				ids := addHourly(server, total)
				options := scriptix.ListOptions{MaxResults: test.maxResults}
				if test.after > 0 {
					options.CreatedAfter = time.Now().Add(-test.after)
				}
				if test.before > 0 {
					options.CreatedBefore = time.Now().Add(-test.before)
				}
				// Requests that are sent together are under way together.
				server.Inject(scriptixtest.Fault{Latency: 80 * time.Millisecond})
				listing, err := newClient(t, server, withConcurrency(20)).ListSessions(t.Context(), options)
				if err != nil {
					t.Fatal(err)
				}
				compare(t, "sessions", idsOf(listing.Sessions), ids[test.first:test.last+1])
				compare(t, "the API's total", listing.TotalResults, int64(total))
				compare(t, "settled", listing.Settled, true)
				compare(t, "requests", len(server.Requests()), test.requests)
			})
		})
	}
}

// What counts is the moment, however the API writes it.
func TestListingByDateComparesMoments(t *testing.T) {
	t.Parallel()
	noon := time.Date(2025, 1, 15, 12, 0, 0, 0, time.UTC)
	for createdAt, want := range map[string]bool{
		"2025-01-15T11:59:59Z":             false,
		"2025-01-15T11:59:59.999999Z":      false,
		"2025-01-15T12:00:00Z":             true,
		"2025-01-15T12:00:00+00:00":        true,
		"2025-01-15T12:00:00.000000+00:00": true,
		"2025-01-15T12:00:00.000001Z":      true,
		"2025-01-15T13:00:00+01:00":        true,
		"2025-01-15T12:30:00+01:00":        false,
		"2025-01-15T11:30:00-01:00":        true,
		"2025-01-15T13:00:00Z":             true,
		"2025-01-15T13:00:00.000001Z":      false,
		"2025-01-15T08:00:00.000001-05:00": false,
	} {
		t.Run(createdAt, func(t *testing.T) {
			t.Parallel()
			client := newStubClient(t, http.StatusOK, nil,
				`{"total_results": 1, "result": [{"session_id": "x", "status": "queued", "created_at": "`+createdAt+`"}]}`)
			listing, err := client.ListSessions(t.Context(), scriptix.ListOptions{
				CreatedAfter: noon.In(time.FixedZone("", 3600)), CreatedBefore: noon.Add(time.Hour),
			})
			if err != nil {
				t.Fatal(err)
			}
			compare(t, "is listed", len(listing.Sessions) == 1, want)
			compare(t, "settled", listing.Settled, true)
		})
	}
}

// The list that moves is read again, and again only as far down as is needed.
func TestListingByDateOfAListThatMoves(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := scriptixtest.NewPipeServer(t)
		ids := addHourly(server, 5000)
		options := scriptix.ListOptions{CreatedAfter: hoursAgo(250)}
		moves := 0
		server.Inject(scriptixtest.Fault{Match: func(r *http.Request) bool {
			if scriptixtest.ForOffset(100)(r) && moves == 0 {
				for i := range 3 { // more than one, so that the page begins with sessions that are newer than the last one
					server.Add(scriptixtest.Session{SessionID: fmt.Sprint("new-", i)})
				}
				moves++
			}
			return false // nothing goes wrong but this
		}})
		listing, err := newClient(t, server).ListSessions(t.Context(), options)
		if err != nil {
			t.Fatal(err)
		}
		compare(t, "sessions", idsOf(listing.Sessions), append([]string{"new-2", "new-1", "new-0"}, ids[:251]...))
		compare(t, "settled", listing.Settled, true)
		compare(t, "requests", len(server.Requests()), 3+3)
	})
}

func TestListingByDateThatNeverSettlesSaysSo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := scriptixtest.NewPipeServer(t)
		addHourly(server, 5000)
		options := scriptix.ListOptions{CreatedAfter: hoursAgo(150)}
		server.Inject(scriptixtest.Fault{Match: func(r *http.Request) bool {
			if scriptixtest.ForOffset(100)(r) {
				server.Add(scriptixtest.Session{SessionID: fmt.Sprint("new-", len(server.Requests()))})
			}
			return false
		}})
		listing, err := newClient(t, server).ListSessions(t.Context(), options)
		if err != nil {
			t.Fatal(err)
		}
		compare(t, "settled", listing.Settled, false)
		compare(t, "requests", len(server.Requests()), 3*2)
	})
}

// datedPages serves pages of sessions s0, s1, … whose created_at comes from a function; "" is none. GETs show the date of
// ownDate, and 404 for "deleted".
func datedPages(t *testing.T, total int, listDate, ownDate func(i int) string, sent map[string]int) *scriptix.Client {
	t.Helper()
	object := func(i int, date string) string {
		if date == "" {
			return fmt.Sprintf(`{"session_id": "s%d", "status": "failed"}`, i)
		}
		return fmt.Sprintf(`{"session_id": "s%d", "status": "failed", "created_at": %q}`, i, date)
	}
	return newTransportClient(t, func(request *http.Request) (*http.Response, error) {
		if request.URL.RawQuery == "" {
			sent["GETs"]++
			var i int
			if _, err := fmt.Sscanf(request.URL.Path, sessionsPath+"/s%d", &i); err != nil {
				t.Error(err)
			}
			if date := ownDate(i); date != "deleted" {
				return newResponse(http.StatusOK, nil, object(i, date)), nil
			}
			return newResponse(http.StatusNotFound, nil, scriptixtest.NotFoundJSON), nil
		}
		sent["pages"]++
		items := ""
		for i := offsetOf(t, request); i < min(total, offsetOf(t, request)+100); i++ {
			if items != "" {
				items += ","
			}
			items += object(i, listDate(i))
		}
		return newResponse(http.StatusOK, nil, fmt.Sprintf(`{"total_results": %d, "result": [%s]}`, total, items)), nil
	}, withConcurrency(1))
}

// dayOf is the date of a session that was created so many days before the 1st of January 2025.
func dayOf(age int) string {
	return time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, -age).Format(time.RFC3339)
}

// A list that is not newest first, or does not show when its sessions were created, is read to its end.
func TestListingByDateReadsAllPagesOfAListThatItCannotJudge(t *testing.T) {
	t.Parallel()
	const total = 500
	after, _ := time.Parse(time.RFC3339, dayOf(9))
	newestTen := func(first, step int) (ids []string) {
		for i := range 10 {
			ids = append(ids, fmt.Sprintf("s%d", first+step*i))
		}
		return ids
	}
	for name, test := range map[string]struct {
		listDate, ownDate func(i int) string
		maxResults        int
		want              []string
		pages, gets       int
	}{
		"newest first": {listDate: dayOf, want: newestTen(0, 1), pages: 1},
		"oldest first": {listDate: func(i int) string { return dayOf(total - 1 - i) }, want: newestTen(490, 1), pages: 5},
		"one out of its place": {
			listDate: func(i int) string {
				if i == 50 {
					return dayOf(0)
				}
				return dayOf(i)
			},
			want: append(newestTen(0, 1), "s50"), pages: 5,
		},
		"one without a date": {
			listDate: func(i int) string {
				if i == 5 {
					return ""
				}
				return dayOf(i)
			},
			ownDate: dayOf, want: newestTen(0, 1), pages: 5, gets: 1,
		},
		"one whose date is nowhere": {
			listDate: func(i int) string {
				if i == 400 {
					return ""
				}
				return dayOf(min(i, 9)) // the order shows nothing before the last page
			},
			ownDate: func(int) string { return "" }, want: nil, pages: 5, gets: 1,
		},
		"one that was deleted": {
			listDate: func(i int) string {
				if i == 5 {
					return ""
				}
				return dayOf(i)
			},
			ownDate: func(int) string { return "deleted" }, want: append(newestTen(0, 1)[:5], newestTen(0, 1)[6:]...), pages: 5, gets: 1,
		},
		"no date at all":              {listDate: func(int) string { return "" }, ownDate: dayOf, want: newestTen(0, 1), pages: 5, gets: total},
		"no date, and few are wanted": {listDate: func(int) string { return "" }, ownDate: dayOf, maxResults: 3, want: newestTen(0, 1)[:3], pages: 5, gets: 3},
		"a date in another form":      {listDate: func(int) string { return "yesterday" }, ownDate: dayOf, maxResults: 1, want: []string{"s0"}, pages: 5, gets: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sent := map[string]int{}
			client := datedPages(t, total, test.listDate, test.ownDate, sent)
			listing, err := client.ListSessions(t.Context(), scriptix.ListOptions{CreatedAfter: after, MaxResults: test.maxResults})
			if err != nil {
				t.Fatal(err)
			}
			if test.want == nil { // all are young enough, or nobody knows
				compare(t, "number of sessions", len(listing.Sessions), total)
			} else {
				compare(t, "sessions", idsOf(listing.Sessions), test.want)
			}
			compare(t, "settled", listing.Settled, true)
			compare(t, "pages", sent["pages"], test.pages)
			compare(t, "GETs", sent["GETs"], test.gets)
		})
	}
}

// The date comes from the session's own GET, and everything else from the list: it was asked for its status.
func TestListingByDateKeepsItemsAsTheyAreListed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := scriptixtest.NewPipeServer(t, scriptixtest.WithAbbreviatedItems())
		created := time.Now().Add(-time.Minute)
		server.Add(scriptixtest.Session{SessionID: "running", Processing: time.Hour, CreatedAt: created})
		listing, err := newClient(t, server).ListSessions(t.Context(), scriptix.ListOptions{CreatedAfter: created})
		if err != nil {
			t.Fatal(err)
		}
		compare(t, "sessions", listing.Sessions, []scriptix.Session{{
			ID: new(int64(1)), SessionID: "running", Status: scriptix.StatusProcessing, Filename: new("running.mp3"),
			CreatedAt: new(created.UTC().Format(time.RFC3339)),
		}})
	})
}

func TestListingByDateFailsIfADateCannotBeRead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := scriptixtest.NewPipeServer(t, scriptixtest.WithAbbreviatedItems())
		addHourly(server, 3)
		server.Inject(scriptixtest.Fault{Match: scriptixtest.ForSession("1-hours-old"), Status: http.StatusForbidden})
		_, err := newClient(t, server).ListSessions(t.Context(), scriptix.ListOptions{CreatedAfter: hoursAgo(24)})
		compare(t, "session at fault", failure[*scriptix.SessionError](t, err).SessionID, "1-hours-old")
		compare(t, "status", failure[*scriptix.APIError](t, err).StatusCode, http.StatusForbidden)
	})
}
