package scriptix_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
)

// addMany adds sessions and returns their ids in the API's order: the newest, which is added last, first.
func addMany(server *scriptixtest.Server, many int, session scriptixtest.Session) []string {
	prefix := session.SessionID
	newestFirst := make([]string, many)
	for i := range many {
		session.SessionID = fmt.Sprintf("%s%03d", prefix, i)
		server.Add(session)
		newestFirst[many-1-i] = session.SessionID
	}
	return newestFirst
}

func idsOf(sessions []scriptix.Session) []string {
	ids := make([]string, len(sessions))
	for i, session := range sessions {
		ids[i] = session.SessionID
	}
	return ids
}

// queries are the queries of all requests that reached the server.
func queries(server *scriptixtest.Server) []url.Values {
	all := []url.Values{}
	for _, request := range server.Requests() {
		all = append(all, request.Query)
	}
	return all
}

func TestListingCostsOneRequestAPage(t *testing.T) {
	t.Parallel()
	tests := []struct {
		sessions, maxResults int
		want, requests       int
	}{
		{sessions: 0, want: 0, requests: 1}, // the one that says so
		{sessions: 1, want: 1, requests: 1},
		{sessions: 99, want: 99, requests: 1},
		{sessions: 100, want: 100, requests: 1},
		{sessions: 101, want: 101, requests: 2},
		{sessions: 200, want: 200, requests: 2},
		{sessions: 250, want: 250, requests: 3},
		{sessions: 0, maxResults: 5, want: 0, requests: 1},
		{sessions: 250, maxResults: 1, want: 1, requests: 1},
		{sessions: 250, maxResults: 100, want: 100, requests: 1},
		{sessions: 250, maxResults: 101, want: 101, requests: 2},
		{sessions: 250, maxResults: 200, want: 200, requests: 2},
		{sessions: 250, maxResults: 250, want: 250, requests: 3},
		{sessions: 250, maxResults: 1000, want: 250, requests: 3},
	}
	for _, test := range tests {
		t.Run(fmt.Sprintf("%d sessions, max_results %d", test.sessions, test.maxResults), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := scriptixtest.NewPipeServer(t)
				all := addMany(server, test.sessions, scriptixtest.Session{SessionID: "s"})
				// Later pages overtake earlier ones, and still stand behind them.
				server.Inject(scriptixtest.Fault{Match: scriptixtest.ForOffset(100), Latency: time.Second})
				listing, err := newClient(t, server).ListSessions(t.Context(), scriptix.ListOptions{MaxResults: test.maxResults})
				if err != nil {
					t.Fatal(err)
				}
				compare(t, "sessions", idsOf(listing.Sessions), all[:test.want])
				compare(t, "total", listing.TotalResults, int64(test.sessions))
				compare(t, "settled", listing.Settled, true)
				compare(t, "requests", len(server.Requests()), test.requests)
				asked := map[string]int{}
				for _, query := range queries(server) {
					asked[query.Encode()]++
				}
				want := map[string]int{}
				for page := range test.requests {
					want[fmt.Sprintf("limit=100&offset=%d", page*100)] = 1
				}
				compare(t, "queries", asked, want)
			})
		})
	}
}

func TestListingOfAStatus(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := scriptixtest.NewPipeServer(t)
		addMany(server, 30, scriptixtest.Session{SessionID: "done"})
		running := addMany(server, 150, scriptixtest.Session{SessionID: "running", Processing: time.Hour})
		addMany(server, 30, scriptixtest.Session{SessionID: "broken", Error: "Processing timeout"})
		listing, err := newClient(t, server).ListSessions(t.Context(), scriptix.ListOptions{Status: scriptix.StatusProcessing})
		if err != nil {
			t.Fatal(err)
		}
		compare(t, "sessions", idsOf(listing.Sessions), running)
		compare(t, "total", listing.TotalResults, int64(150))
		compare(t, "queries", queries(server), []url.Values{
			{"limit": {"100"}, "offset": {"0"}, "status": {"processing"}},
			{"limit": {"100"}, "offset": {"100"}, "status": {"processing"}},
		})
		for _, session := range listing.Sessions {
			if session.Status != scriptix.StatusProcessing {
				t.Errorf("%s: status %s", session.SessionID, session.Status)
			}
		}
	})
}

// An API that ignores the filter must not make a gate open on sessions nobody asked for.
func TestListingDropsSessionsOfOtherStatuses(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := scriptixtest.NewPipeServer(t, scriptixtest.WithIgnoredStatusFilter())
		server.Add(scriptixtest.Session{SessionID: "done"}, scriptixtest.Session{SessionID: "running", Processing: time.Hour})
		listing, err := newClient(t, server).ListSessions(t.Context(), scriptix.ListOptions{Status: scriptix.StatusProcessing})
		if err != nil {
			t.Fatal(err)
		}
		compare(t, "sessions", idsOf(listing.Sessions), []string{"running"})
	})
}

// Those that are wanted may then stand on any page.
func TestListingWithABoundLooksPastSessionsOfOtherStatuses(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		maxResults int
		requests   int
		found      int
	}{
		"enough on the pages read":  {maxResults: 20, requests: 1, found: 20},
		"enough on the next one":    {maxResults: 60, requests: 2, found: 60},
		"not enough in the list":    {maxResults: 400, requests: 5, found: 200},
		"all of the list were read": {maxResults: 1000, requests: 5, found: 200},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := scriptixtest.NewPipeServer(t, scriptixtest.WithIgnoredStatusFilter())
				for i := range 200 { // two in five of every page
					server.Add(scriptixtest.Session{SessionID: fmt.Sprint("running-", i), Processing: time.Hour})
					addMany(server, 1, scriptixtest.Session{SessionID: fmt.Sprint("done-", i)})
					if i%2 == 0 {
						addMany(server, 1, scriptixtest.Session{SessionID: fmt.Sprint("older-", i)})
					}
				}
				listing, err := newClient(t, server).ListSessions(t.Context(), scriptix.ListOptions{
					Status: scriptix.StatusProcessing, MaxResults: test.maxResults,
				})
				if err != nil {
					t.Fatal(err)
				}
				compare(t, "sessions found", len(listing.Sessions), test.found)
				compare(t, "the newest", listing.Sessions[0].SessionID, "running-199")
				compare(t, "settled", listing.Settled, true)
				compare(t, "the API's total", listing.TotalResults, int64(500))
				compare(t, "requests", len(server.Requests()), test.requests)
			})
		})
	}
}

func TestListThatMovedIsReadAgain(t *testing.T) {
	t.Parallel()
	const many = 150
	tests := map[string]struct {
		moves    int // how often a session comes in front while the list is read; zero: always
		requests int
		settled  bool
	}{
		"once":   {1, 4, true},
		"twice":  {2, 6, true},
		"always": {0, 6, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := scriptixtest.NewPipeServer(t)
				ids := addMany(server, many, scriptixtest.Session{SessionID: "s"})
				moved := 0
				server.Inject(scriptixtest.Fault{Match: func(r *http.Request) bool {
					if scriptixtest.ForOffset(100)(r) && (test.moves == 0 || moved < test.moves) {
						session := fmt.Sprintf("new%d", moved)
						server.Add(scriptixtest.Session{SessionID: session})
						ids = append([]string{session}, ids...)
						moved++
					}
					return false // nothing goes wrong but this
				}})
				listing, err := newClient(t, server).ListSessions(t.Context(), scriptix.ListOptions{})
				if err != nil {
					t.Fatal(err)
				}
				compare(t, "settled", listing.Settled, test.settled)
				compare(t, "requests", len(server.Requests()), test.requests)
				want := ids
				if !test.settled {
					want = ids[1:] // the one that came during the last reading
				}
				compare(t, "sessions", idsOf(listing.Sessions), want)
			})
		})
	}
}

func TestListThatShrinksIsReadAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := scriptixtest.NewPipeServer(t)
		ids := addMany(server, 150, scriptixtest.Session{SessionID: "s"})
		removed := false
		server.Inject(scriptixtest.Fault{Match: func(r *http.Request) bool {
			if scriptixtest.ForOffset(100)(r) && !removed {
				server.Remove(ids[0]) // so that one moves from the second page to the first, and is seen on neither
				removed = true
			}
			return false
		}})
		listing, err := newClient(t, server).ListSessions(t.Context(), scriptix.ListOptions{})
		if err != nil {
			t.Fatal(err)
		}
		compare(t, "sessions", idsOf(listing.Sessions), ids[1:])
		compare(t, "total", listing.TotalResults, int64(149))
		compare(t, "settled", listing.Settled, true)
	})
}

// Here the total stays the same, and as many sessions as are asked for are found.
func TestListThatMovedWithoutChangingItsTotalIsReadAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := scriptixtest.NewPipeServer(t)
		ids := addMany(server, 250, scriptixtest.Session{SessionID: "s"})
		moved := false
		server.Inject(scriptixtest.Fault{Match: func(r *http.Request) bool {
			if scriptixtest.ForOffset(100)(r) && !moved {
				server.Add(scriptixtest.Session{SessionID: "newest"})
				server.Remove(ids[249])
				moved = true
			}
			return false
		}})
		listing, err := newClient(t, server).ListSessions(t.Context(), scriptix.ListOptions{MaxResults: 150})
		if err != nil {
			t.Fatal(err)
		}
		compare(t, "sessions", idsOf(listing.Sessions), append([]string{"newest"}, ids[:149]...))
		compare(t, "settled", listing.Settled, true)
		compare(t, "requests", len(server.Requests()), 4)
	})
}

// Here no session comes twice and none is missing of those first counted: only the total tells.
func TestListThatGrowsAtItsEndIsReadAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := scriptixtest.NewPipeServer(t)
		ids := addMany(server, 150, scriptixtest.Session{SessionID: "s"})
		grown := false
		server.Inject(scriptixtest.Fault{Match: func(r *http.Request) bool {
			if scriptixtest.ForOffset(100)(r) && !grown {
				server.Add(scriptixtest.Session{SessionID: "oldest", CreatedAt: time.Now().Add(-time.Hour)})
				grown = true
			}
			return false
		}})
		listing, err := newClient(t, server).ListSessions(t.Context(), scriptix.ListOptions{})
		if err != nil {
			t.Fatal(err)
		}
		compare(t, "sessions", idsOf(listing.Sessions), append(ids, "oldest"))
		compare(t, "settled", listing.Settled, true)
		compare(t, "requests", len(server.Requests()), 4)
	})
}

// A total that no list can have must cost neither memory nor requests.
func TestAbsurdTotals(t *testing.T) {
	t.Parallel()
	const session = `{"session_id": "x", "status": "queued"}`
	tests := map[string]struct {
		total, result string
		maxResults    int
		refused       bool
		requests      int
	}{
		"a million pages":             {"1000000000000000000", session, 0, true, 1},
		"the greatest number":         {"9223372036854775807", session, 0, true, 1},
		"nothing on the first page":   {"1000000000000000000", "", 0, false, 3},
		"nothing where there is some": {"9000", "", 0, false, 3},
		"one where there are many":    {"9000", session, 0, false, 2},
		"one where there is none":     {"0", session, 0, false, 3},
		"only the first is wanted":    {"1000000000000000000", session, 1, false, 1},
		"more than the greatest int":  {"9223372036854775808", session, 0, true, 1},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sent := 0
			client := newTransportClient(t, func(*http.Request) (*http.Response, error) {
				sent++
				return newResponse(http.StatusOK, nil, `{"count": 1, "total_results": `+test.total+`, "result": [`+test.result+`]}`), nil
			}, withConcurrency(1))
			listing, err := client.ListSessions(t.Context(), scriptix.ListOptions{MaxResults: test.maxResults})
			compare(t, "requests", sent, test.requests)
			if test.refused {
				compare(t, "field at fault", failure[*scriptix.AnswerError](t, err).Field, "total_results")
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			compare(t, "settled", listing.Settled, test.maxResults > 0)
		})
	}
}

// The bound is on requests, whatever a page holds.
func TestListingIsBoundedInPages(t *testing.T) {
	t.Parallel()
	const maxPages = 10_000
	for _, size := range []int{1, 25, 100} {
		for name, test := range map[string]struct {
			total    int
			refused  bool
			requests int
		}{
			"as many as allowed": {maxPages * size, false, 3 * 2}, // the second page is empty
			"one more":           {maxPages*size + 1, true, 1},
		} {
			t.Run(fmt.Sprintf("pages of %d, %s", size, name), func(t *testing.T) {
				t.Parallel()
				sent := 0
				client := newTransportClient(t, func(request *http.Request) (*http.Response, error) {
					sent++
					return newPage(test.total, offsetOf(t, request), size, func(offset int) bool { return offset > 0 }), nil
				}, withConcurrency(1))
				_, err := client.ListSessions(t.Context(), scriptix.ListOptions{})
				compare(t, "requests", sent, test.requests)
				if !test.refused {
					compare(t, "error", err, nil)
					return
				}
				compareWords(t, failure[*scriptix.AnswerError](t, err),
					fmt.Sprintf(`total_results would take more than 10000 requests to list: "%d"`, test.total))
			})
		}
	}
}

// Each page promises one more.
func TestListingOfAListWithoutEnd(t *testing.T) {
	t.Parallel()
	sent := 0
	client := newTransportClient(t, func(request *http.Request) (*http.Response, error) {
		sent++
		offset := offsetOf(t, request)
		return newPage(offset+2, offset, 1, nil), nil
	}, withConcurrency(1))
	_, err := client.ListSessions(t.Context(), scriptix.ListOptions{})
	compare(t, "field at fault", failure[*scriptix.AnswerError](t, err).Field, "total_results")
	compare(t, "requests", sent, 10_000)
}

// newPage is a page of sessions that no other page holds. A nil isEmpty means that no page is empty.
func newPage(total, offset, size int, isEmpty func(offset int) bool) *http.Response {
	var items []string
	for i := range size {
		items = append(items, fmt.Sprintf(`{"session_id": "s%d", "status": "queued"}`, offset+i))
	}
	if isEmpty != nil && isEmpty(offset) {
		items = nil
	}
	return newResponse(http.StatusOK, nil, fmt.Sprintf(`{"total_results": %d, "result": [%s]}`, total, strings.Join(items, ",")))
}

func offsetOf(t *testing.T, request *http.Request) int {
	t.Helper()
	offset, err := strconv.Atoi(request.URL.Query().Get("offset"))
	if err != nil {
		t.Error(err)
	}
	return offset
}

// Reading on would bring the same page again and again. It is not read again either: nothing would change.
func TestListingEndsIfTheServerIgnoresTheOffset(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		sessions, concurrency int
		options               scriptix.ListOptions
		want                  int
		settled               bool
		requests              int
	}{
		{sessions: 100, concurrency: 2, want: 100, settled: true, requests: 1},
		{sessions: 150, concurrency: 2, want: 100, requests: 2},
		{sessions: 5000, concurrency: 1, want: 100, requests: 2},
		{sessions: 5000, concurrency: 2, want: 100, requests: 3},
		{sessions: 5000, concurrency: 20, want: 100, requests: 21},
		{sessions: 5000, concurrency: 2, options: scriptix.ListOptions{MaxResults: 100}, want: 100, settled: true, requests: 1},
		{sessions: 5000, concurrency: 2, options: scriptix.ListOptions{MaxResults: 1000}, want: 100, requests: 3},
		{sessions: 5000, concurrency: 2, options: scriptix.ListOptions{Status: scriptix.StatusCompleted}, want: 100, requests: 3},
	} {
		t.Run(fmt.Sprintf("%d sessions, %d at a time, %+v", test.sessions, test.concurrency, test.options), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := scriptixtest.NewPipeServer(t, scriptixtest.WithIgnoredOffset())
				ids := addMany(server, test.sessions, scriptixtest.Session{SessionID: "s"})
				// Requests that are sent together are under way together.
				server.Inject(scriptixtest.Fault{Latency: 80 * time.Millisecond})
				listing, err := newClient(t, server, withConcurrency(test.concurrency)).ListSessions(t.Context(), test.options)
				if err != nil {
					t.Fatal(err)
				}
				compare(t, "sessions", idsOf(listing.Sessions), ids[:test.want])
				compare(t, "total", listing.TotalResults, int64(test.sessions))
				compare(t, "settled", listing.Settled, test.settled)
				compare(t, "requests", len(server.Requests()), test.requests)
			})
		})
	}
}

// Some servers give their last page for every offset beyond it.
func TestListingEndsIfTheServerRepeatsItsLastPage(t *testing.T) {
	t.Parallel()
	const sessions = 250
	sent := 0
	client := newTransportClient(t, func(request *http.Request) (*http.Response, error) {
		sent++
		offset := min(offsetOf(t, request), 200)
		return newPage(100_000, offset, min(100, sessions-offset), nil), nil
	}, withConcurrency(1))
	listing, err := client.ListSessions(t.Context(), scriptix.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	compare(t, "number of sessions", len(listing.Sessions), sessions)
	compare(t, "settled", listing.Settled, false)
	compare(t, "requests", sent, 4)
}

func TestListingUnderAWrongTotal(t *testing.T) {
	t.Parallel()
	constant := func(total int) func(int) int { return func(int) int { return total } }
	for name, test := range map[string]struct {
		sessions int
		total    func(actual int) int
		want     int
		settled  bool
		requests int // three readings, except when nothing shows that the total is wrong
	}{
		"far too large":                    {150, constant(100_000), 150, false, 3 * 3},
		"too large by one":                 {150, constant(151), 150, false, 3 * 3},
		"too large by one, full pages":     {200, constant(201), 200, false, 3 * 3},
		"some where there are none":        {0, constant(150), 0, false, 3},
		"too small by one":                 {150, constant(149), 150, false, 3 * 2},
		"less than the first page":         {150, constant(99), 150, false, 3 * 2},
		"zero":                             {150, constant(0), 150, false, 3 * 2},
		"zero, one page":                   {99, constant(0), 99, false, 3},
		"zero, full pages":                 {300, constant(0), 300, false, 3 * 4},
		"zero, many pages":                 {1050, constant(0), 1050, false, 3 * 11},
		"just the first page":              {150, constant(100), 100, true, 1}, // to doubt it would cost a request for each list
		"grows with each request":          {150, growing(100), 150, false, 3 * 3},
		"grows by one with each request":   {150, growing(1), 150, false, 3 * 3},
		"shrinks by one with each request": {150, growing(-1), 150, false, 3 * 2},
		"shrinks by 100 with each request": {450, growing(-100), 450, false, 3 * 5},
		"shrinks to nothing":               {150, growing(-1000), 150, false, 3 * 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := scriptixtest.NewPipeServer(t, scriptixtest.WithTotalResults(test.total))
				ids := addMany(server, test.sessions, scriptixtest.Session{SessionID: "s"})
				listing, err := newClient(t, server, withConcurrency(1)).ListSessions(t.Context(), scriptix.ListOptions{})
				if err != nil {
					t.Fatal(err)
				}
				compare(t, "sessions", idsOf(listing.Sessions), ids[:test.want])
				compare(t, "settled", listing.Settled, test.settled)
				compare(t, "requests", len(server.Requests()), test.requests)
			})
		})
	}
}

// growing returns a total that is true at first, and grows by step with each request.
func growing(step int) func(actual int) int {
	var requests atomic.Int64
	return func(actual int) int { return max(0, actual+step*int(requests.Add(1)-1)) }
}

// The requests that are under way when the empty page comes are more than would be sent one after another.
func TestListingUnderAWrongTotalSendsFewRequestsMoreTogether(t *testing.T) {
	t.Parallel()
	for _, concurrency := range []int{2, 20} {
		t.Run(fmt.Sprint(concurrency), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := scriptixtest.NewPipeServer(t, scriptixtest.WithTotalResults(func(int) int { return 100_000 }))
				ids := addMany(server, 150, scriptixtest.Session{SessionID: "s"})
				server.Inject(scriptixtest.Fault{Latency: 80 * time.Millisecond})
				listing, err := newClient(t, server, withConcurrency(concurrency)).ListSessions(t.Context(), scriptix.ListOptions{})
				if err != nil {
					t.Fatal(err)
				}
				compare(t, "sessions", idsOf(listing.Sessions), ids)
				compare(t, "settled", listing.Settled, false)
				// In each reading: the first page, as many as are sent at a time, and one more when the second page
				// is answered just before the third.
				if requests, most := len(server.Requests()), 3*(1+concurrency+1); requests > most {
					t.Errorf("%d requests, want at most %d", requests, most)
				}
			})
		})
	}
}

func TestListingEndsAtAnEmptyPage(t *testing.T) {
	t.Parallel()
	const total = 350
	for name, test := range map[string]struct {
		offset, times int
		want          int
		settled       bool
		requests      int
	}{
		"the first, once":   {0, 1, total, true, 1 + 4},
		"the second, once":  {100, 1, total, true, 2 + 4},
		"the second, twice": {100, 2, total, true, 2 + 2 + 4},
		"the last, once":    {300, 1, total, true, 4 + 4},
		"the first, ever":   {0, 0, 0, false, 3 * 1},
		"the second, ever":  {100, 0, 100, false, 3 * 2},
		"the last, ever":    {300, 0, 300, false, 3 * 4},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := scriptixtest.NewPipeServer(t)
				ids := addMany(server, total, scriptixtest.Session{SessionID: "s"})
				server.Inject(scriptixtest.Fault{
					Match: scriptixtest.ForOffset(test.offset), Times: test.times, Body: `{"count": 0, "total_results": 350, "result": []}`,
				})
				listing, err := newClient(t, server, withConcurrency(1)).ListSessions(t.Context(), scriptix.ListOptions{})
				if err != nil {
					t.Fatal(err)
				}
				compare(t, "sessions", idsOf(listing.Sessions), ids[:test.want])
				compare(t, "settled", listing.Settled, test.settled)
				compare(t, "requests", len(server.Requests()), test.requests)
			})
		})
	}
}

// What else was read meanwhile would leave a hole before it, or begin the reading again behind it.
func TestListingUsesNothingBehindThePageThatEndsIt(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		size     int // of the second page, which begins with the session that the list begins with
		readings int
	}{
		"an empty page":   {0, 3},
		"a repeated page": {100, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var sent atomic.Int64
				client := newTransportClient(t, func(request *http.Request) (*http.Response, error) {
					sent.Add(1)
					time.Sleep(80 * time.Millisecond)
					if offset := offsetOf(t, request); offset != 100 {
						return newPage(1000, offset, 100, nil), nil
					}
					return newPage(1000, 0, test.size, nil), nil
				}, withConcurrency(3))
				listing, err := client.ListSessions(t.Context(), scriptix.ListOptions{})
				if err != nil {
					t.Fatal(err)
				}
				compare(t, "number of sessions", len(listing.Sessions), 100)
				compare(t, "settled", listing.Settled, false)
				// In each reading: the first page, three together, and two more when the second page is answered last.
				if most := int64(test.readings * (1 + 3 + 2)); sent.Load() > most {
					t.Errorf("%d requests, want at most %d", sent.Load(), most)
				}
			})
		})
	}
}

// A server may give fewer sessions a page than it is asked for.
func TestListingOfSmallerPages(t *testing.T) {
	t.Parallel()
	for size, requests := range map[int]int{1: 150, 10: 15, 24: 7, 25: 6, 50: 3, 99: 2, 150: 2} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := scriptixtest.NewPipeServer(t, scriptixtest.WithMaxPageSize(size))
				ids := addMany(server, 150, scriptixtest.Session{SessionID: "s"})
				listing, err := newClient(t, server).ListSessions(t.Context(), scriptix.ListOptions{})
				if err != nil {
					t.Fatal(err)
				}
				compare(t, "sessions", idsOf(listing.Sessions), ids)
				compare(t, "settled", listing.Settled, true)
				compare(t, "requests", len(server.Requests()), requests)
			})
		})
	}
}

// What is missing after the first page is fetched from where it ended, and not all of the list.
func TestOneSessionOfAnotherStatusCostsOneMoreRequest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := scriptixtest.NewPipeServer(t, scriptixtest.WithIgnoredStatusFilter())
		ids := addMany(server, 5000, scriptixtest.Session{SessionID: "s", Processing: time.Hour})
		server.Add(scriptixtest.Session{SessionID: "done"})
		listing, err := newClient(t, server).ListSessions(t.Context(), scriptix.ListOptions{
			Status: scriptix.StatusProcessing, MaxResults: 100,
		})
		if err != nil {
			t.Fatal(err)
		}
		compare(t, "sessions", idsOf(listing.Sessions), ids[:100])
		compare(t, "settled", listing.Settled, true)
		compare(t, "requests", len(server.Requests()), 2)
	})
}

func TestFailureOfAnyPageFailsTheListing(t *testing.T) {
	t.Parallel()
	for _, offset := range []int{0, 100, 200} {
		t.Run(fmt.Sprint(offset), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := scriptixtest.NewPipeServer(t)
				addMany(server, 250, scriptixtest.Session{SessionID: "s"})
				server.Inject(scriptixtest.Fault{Match: scriptixtest.ForOffset(offset), Status: http.StatusForbidden, Body: scriptixtest.DetailErrorBody})
				listing, err := newClient(t, server).ListSessions(t.Context(), scriptix.ListOptions{})
				compare(t, "status", failure[*scriptix.APIError](t, err).StatusCode, http.StatusForbidden)
				if listing != nil {
					t.Errorf("a listing of %d sessions in spite of the error", len(listing.Sessions))
				}
			})
		})
	}
}

func TestListingRetriesThePageThatFailed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := scriptixtest.NewPipeServer(t)
		ids := addMany(server, 250, scriptixtest.Session{SessionID: "s"})
		server.Inject(scriptixtest.Fault{Match: scriptixtest.ForOffset(100), Status: http.StatusBadGateway, Times: 2})
		listing, err := newClient(t, server).ListSessions(t.Context(), scriptix.ListOptions{})
		if err != nil {
			t.Fatal(err)
		}
		compare(t, "sessions", idsOf(listing.Sessions), ids)
		compare(t, "requests", len(server.Requests()), 5)
	})
}

// Whatever the answer, reading a page gives either an error about the answer or sessions that keep their promises.
func FuzzDecodingOfPage(f *testing.F) {
	for _, body := range []string{
		"", "null", "[]", "{}", `{"total_results":0,"result":[]}`, `{"total_results":-1,"result":[]}`,
		`{"total_results":1e18,"result":[]}`, `{"total_results":1,"result":[null]}`, `{"total_results":1,"result":[{}]}`,
		`{"count":2,"total_results":2,"result":[` + scriptixtest.CompletedSessionJSON + `,` + scriptixtest.FailedSessionJSON + `]}`,
		scriptixtest.CompletedSessionJSON, scriptixtest.ProxyPage, scriptixtest.KeyRevokedBody,
		"\ufeff" + `{"total_results":0,"result":[]}`, `{"total_results":0,"error":"x","message":"` + scriptixtest.Token + `"}`,
		`{"total_results":3,"result":[{"session_id":"a","status":"Failed","id":"x"},7,{"session_id":"` + scriptixtest.Token + `"}]}`,
		`{"total_results":1,"result":[{"session_id":"` + escaped(scriptixtest.Token) + `","status":"x","document":"` + scriptixtest.Token + `"}]}`,
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		page, err := newStubClient(t, http.StatusOK, nil, string(body)).SessionPage(t.Context(), "", 0)
		if err != nil {
			checkAnswerError(t, err, body)
			return
		}
		if page.TotalResults < 0 {
			t.Errorf("accepted a total of %d", page.TotalResults)
		}
		for _, session := range page.Sessions {
			checkPromises(t, &session)
		}
	})
}

func BenchmarkDecodingOfAPageOf100(b *testing.B) {
	sessions := strings.TrimSuffix(strings.Repeat(scriptixtest.CompletedSessionJSON+",", scriptix.PageSize), ",")
	body := `{"count": 100, "total_results": 100, "result": [` + sessions + `]}`
	client := newStubClient(b, http.StatusOK, nil, body)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		page, err := client.SessionPage(b.Context(), "", 0)
		if err != nil || len(page.Sessions) != scriptix.PageSize {
			b.Fatalf("got %v, %v", page, err)
		}
	}
}
