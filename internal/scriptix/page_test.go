package scriptix_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
)

func TestPageKnowsItsPlaceInTheList(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := scriptixtest.NewPipeServer(t)
		ids := addMany(server, 230, scriptixtest.Session{SessionID: "s"})
		client := newClient(t, server)
		for _, test := range []struct {
			offset, items int
			isLast        bool
		}{
			{0, 100, false}, {100, 100, false}, {129, 100, false}, {130, 100, true}, {150, 80, true}, {229, 1, true}, {230, 0, true}, {1000, 0, true},
		} {
			page, err := client.SessionPage(t.Context(), "", test.offset)
			if err != nil {
				t.Fatal(err)
			}
			what := fmt.Sprintf("page at %d: ", test.offset)
			compare(t, what+"offset", page.Offset, test.offset)
			compare(t, what+"items", page.Items, test.items)
			compare(t, what+"total", page.TotalResults, int64(230))
			compare(t, what+"offset of the next", page.Next(), test.offset+test.items)
			compare(t, what+"is last", page.IsLast(), test.isLast)
			compare(t, what+"malformed", page.Malformed, nil)
			compare(t, what+"sessions", idsOf(page.Sessions), ids[min(test.offset, 230):min(test.offset+test.items, 230)])
			for i := range page.Sessions {
				compare(t, what+"session there", page.Sessions[i].SessionID, ids[page.Place(i)])
			}
		}
	})
}

// The total may be wrong. One that a page exceeds tells nothing, and then a full page is not the last.
func TestLastPageUnderAWrongTotal(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		items, total int
		isLast       bool
	}{
		{0, 0, true},
		{0, 1000, true},
		{99, 100, false},
		{100, 100, true},
		{100, 101, false},
		{99, 0, true},
		{99, 98, true},
		{100, 99, false},
		{100, 0, false},
	} {
		t.Run(fmt.Sprintf("%d of %d", test.items, test.total), func(t *testing.T) {
			t.Parallel()
			page := scriptix.Page{Items: test.items, TotalResults: int64(test.total)}
			compare(t, "is last", page.IsLast(), test.isLast)
		})
	}
}

// Strangers may be anything. They keep their places, or whoever remembers where a session stands would be misled.
func TestPageLeavesMalformedItemsOut(t *testing.T) {
	t.Parallel()
	for _, malformed := range scriptixtest.MalformedItems() {
		t.Run(malformed, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := scriptixtest.NewPipeServer(t)
				server.Add(scriptixtest.Session{SessionID: "older"})
				server.Add(scriptixtest.Session{JSON: malformed}, scriptixtest.Session{JSON: malformed})
				server.Add(scriptixtest.Session{SessionID: "newer"})
				page, err := newClient(t, server).SessionPage(t.Context(), "", 0)
				if err != nil {
					t.Fatal(err)
				}
				compare(t, "sessions", idsOf(page.Sessions), []string{"newer", "older"})
				compare(t, "places", []int{page.Place(0), page.Place(1)}, []int{0, 3})
				compare(t, "items", page.Items, 4)
				compare(t, "is last", page.IsLast(), true)
				field := failure[*scriptix.AnswerError](t, page.Malformed).Field
				if !strings.HasPrefix(field, "result[1]") {
					t.Errorf("the first malformed item is %s, want result[1]", field)
				}
			})
		})
	}
}

// The index on the page alone would name an item of each page.
func TestListingNamesThePlaceOfAMalformedItem(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		malformed string
		place     int
		want      string
	}{
		{`{}`, 17, `result[17].session_id is missing`},
		{`{"session_id": "x"}`, 100, `result[0].status is missing on the page at offset 100`},
		{`{}`, 217, `result[17].session_id is missing on the page at offset 200`},
		{`7`, 217, `result[17] is a number instead of an object on the page at offset 200: "7"`},
	} {
		t.Run(test.want, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := scriptixtest.NewPipeServer(t)
				addMany(server, 317-test.place, scriptixtest.Session{SessionID: "older"})
				server.Add(scriptixtest.Session{JSON: test.malformed})
				addMany(server, test.place, scriptixtest.Session{SessionID: "newer"})
				listing, err := newClient(t, server).ListSessions(t.Context(), scriptix.ListOptions{})
				compareWords(t, failure[*scriptix.AnswerError](t, err), test.want)
				if listing != nil {
					t.Errorf("a listing of %d sessions in spite of the error", len(listing.Sessions))
				}
			})
		})
	}
}

// The pages are read together, and a later one may be answered first.
func TestListingNamesTheFirstOfSeveralMalformedItems(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := scriptixtest.NewPipeServer(t)
		for page := range 3 {
			server.Add(scriptixtest.Session{JSON: `{}`})
			addMany(server, 99, scriptixtest.Session{SessionID: fmt.Sprintf("page%d-", page)})
		}
		addMany(server, 100, scriptixtest.Session{SessionID: "newest"})
		server.Inject(scriptixtest.Fault{Match: scriptixtest.ForOffset(100), Latency: time.Second})
		_, err := newClient(t, server).ListSessions(t.Context(), scriptix.ListOptions{})
		compareWords(t, failure[*scriptix.AnswerError](t, err), "result[99].session_id is missing on the page at offset 100")
		compare(t, "requests", len(server.Requests()), 3)
	})
}

func TestPagesThatRepeatEachOther(t *testing.T) {
	t.Parallel()
	page := func(offset int, sessionIDs ...string) *scriptix.Page {
		page := &scriptix.Page{Offset: offset, Items: 100}
		for _, sessionID := range sessionIDs {
			page.Sessions = append(page.Sessions, scriptix.Session{SessionID: sessionID})
		}
		return page
	}
	for name, test := range map[string]struct {
		page, other *scriptix.Page
		want        bool
	}{
		"begins alike":                  {page(100, "a", "b"), page(0, "a", "c"), true},
		"begins alike, the other way":   {page(0, "a", "b"), page(100, "a", "c"), true},
		"the same page, read again":     {page(100, "a", "b"), page(100, "a", "b"), false},
		"the list moved by one":         {page(100, "b", "c"), page(0, "a", "b"), false},
		"the list moved back by one":    {page(0, "a", "b"), page(100, "b", "c"), false},
		"the page is empty":             {page(100), page(0, "a"), false},
		"the other is empty":            {page(100, "a"), page(0), false},
		"both are empty":                {page(100), page(0), false},
		"some sessions came in between": {page(3, "a"), page(0, "a"), false},
		"the server shows 50 a page":    {page(250, "a"), &scriptix.Page{Offset: 200, Items: 50, Sessions: page(200, "a").Sessions}, true},
	} {
		compare(t, name, test.page.Repeats(test.other), test.want)
	}
}
