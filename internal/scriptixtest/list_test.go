package scriptixtest_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
)

func TestListIsNewestFirst(t *testing.T) {
	server := scriptixtest.NewServer(t)
	old := time.Now().Add(-time.Hour)
	server.Add(
		scriptixtest.Session{SessionID: "a", CreatedAt: old},
		scriptixtest.Session{SessionID: "b"},
		scriptixtest.Session{SessionID: "c"},
		scriptixtest.Session{SessionID: "d", CreatedAt: old.Add(-time.Hour)},
		scriptixtest.Session{SessionID: "e", CreatedAt: old},
	)

	equal(t, "order", strings.Join(newClient(t, server).list("").ids(), " "), "c b e a d")
}

func TestListPages(t *testing.T) {
	tests := map[string]struct {
		query               string
		first, count, total int
	}{
		"default":             {query: "", first: 0, count: 25, total: 250},
		"limit":               {query: "?limit=50", first: 0, count: 50, total: 250},
		"maximum":             {query: "?limit=100", first: 0, count: 100, total: 250},
		"over the maximum":    {query: "?limit=101", first: 0, count: 100, total: 250},
		"offset":              {query: "?offset=30", first: 30, count: 25, total: 250},
		"last page":           {query: "?offset=200&limit=100", first: 200, count: 50, total: 250},
		"just past the end":   {query: "?offset=250&limit=100", first: 250, count: 0, total: 250},
		"far past the end":    {query: "?offset=9999", first: 250, count: 0, total: 250},
		"empty values":        {query: "?offset=&limit=&status=", first: 0, count: 25, total: 250},
		"filtered page":       {query: "?status=completed&offset=240", first: 240, count: 10, total: 250},
		"nothing has a state": {query: "?status=failed", first: 0, count: 0, total: 0},
	}
	server := scriptixtest.NewServer(t)
	var all []string
	for i := range 250 {
		id := fmt.Sprintf("session-%d", i)
		server.Add(scriptixtest.Session{SessionID: id})
		all = append(all, id)
	}
	slices.Reverse(all)
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := newClient(t, server).list(test.query)
			equal(t, "count", got.Count, test.count)
			equal(t, "total_results", got.TotalResults, test.total)
			if want := all[test.first : test.first+test.count]; !slices.Equal(got.ids(), want) {
				t.Errorf("result: got %v, want %v", got.ids(), want)
			}
		})
	}
	equal(t, "an empty list", newClient(t, server).get(sessionsPath+"?offset=250").body, `{"count":0,"total_results":250,"result":[]}`)
}

// addOneOfEach adds a session of every status, whose ids are their statuses.
func addOneOfEach(server *scriptixtest.Server) {
	server.Add(
		scriptixtest.Session{SessionID: "queued", Queued: time.Hour},
		scriptixtest.Session{SessionID: "processing", Processing: time.Hour},
		scriptixtest.Session{SessionID: "completed"},
		scriptixtest.Session{SessionID: "failed", Error: "Audio file is too short"},
		scriptixtest.Session{SessionID: "new", InitialStatus: "new", Initial: time.Hour},
	)
}

func TestListFilter(t *testing.T) {
	const all = "new failed completed processing queued"
	tests := map[string]struct{ status, filtered string }{
		"none":       {"", all},
		"queued":     {"queued", "queued"},
		"processing": {"processing", "processing"},
		"completed":  {"completed", "completed"},
		"failed":     {"failed", "failed"},
		"new":        {"new", "new"},
		"unknown":    {"unknown", ""},
	}
	filtering := scriptixtest.NewServer(t)
	addOneOfEach(filtering)
	ignoring := scriptixtest.NewServer(t, scriptixtest.WithIgnoredStatusFilter())
	addOneOfEach(ignoring)
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			query := "?status=" + url.QueryEscape(test.status)
			equal(t, "filtered", strings.Join(newClient(t, filtering).list(query).ids(), " "), test.filtered)
			equal(t, "filter ignored", strings.Join(newClient(t, ignoring).list(query).ids(), " "), all)
		})
	}
}

func TestListLag(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := scriptixtest.NewPipeServer(t, scriptixtest.WithListLag(10*time.Second))
		server.Add(scriptixtest.Session{SessionID: "one", Processing: time.Minute})
		c := newClient(t, server)
		steps := []struct {
			sleep        time.Duration
			do           func()
			byID, listed string
		}{
			{sleep: 9 * time.Second, byID: "processing", listed: ""},
			{sleep: time.Second, byID: "processing", listed: "processing"},
			{sleep: 55 * time.Second, byID: "completed", listed: "processing"},
			{sleep: 5 * time.Second, byID: "completed", listed: "completed"},
			{do: func() { server.Remove("one") }, byID: "", listed: "completed"},
			{sleep: 9 * time.Second, byID: "", listed: "completed"},
			{sleep: time.Second, byID: "", listed: ""},
		}
		for i, step := range steps {
			pass(step.sleep)
			if step.do != nil {
				step.do()
			}
			var byID, listed string
			if session := c.session("one"); session.status == http.StatusOK {
				byID = c.fields("one")["status"].(string)
			}
			for _, session := range c.list("").Result {
				listed = session.Status
			}
			equal(t, fmt.Sprintf("step %d by id", i), byID, step.byID)
			equal(t, fmt.Sprintf("step %d in the list", i), listed, step.listed)
			if step.listed != "" {
				equal(t, fmt.Sprintf("step %d filtered", i), c.list("?status="+step.listed).Count, 1)
			}
		}
	})
}

// addNumbered adds sessions with the ids 0, 1, 2 and so on. The last one is the newest.
func addNumbered(server *scriptixtest.Server, count int) {
	for i := range count {
		server.Add(scriptixtest.Session{SessionID: fmt.Sprint(i)})
	}
}

// listed returns the ids and statuses in a list, newest first.
func (c *client) listed(query string) string {
	c.t.Helper()
	var rows []string
	for _, session := range c.list(query).Result {
		rows = append(rows, session.SessionID+":"+session.Status)
	}
	return strings.Join(rows, " ")
}

func TestListIgnoresOffset(t *testing.T) {
	tests := map[string]struct{ query, want string }{
		"none":           {"", "4 3 2 1 0"},
		"offset":         {"?offset=3", "4 3 2 1 0"},
		"past the end":   {"?offset=99", "4 3 2 1 0"},
		"limit":          {"?offset=2&limit=2", "4 3"},
		"filter":         {"?offset=2&limit=2&status=completed", "4 3"},
		"offset invalid": {"?offset=x", "4 3 2 1 0"},
	}
	server := scriptixtest.NewServer(t, scriptixtest.WithIgnoredOffset())
	addNumbered(server, 5)
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := newClient(t, server).list(test.query)
			equal(t, "result", strings.Join(got.ids(), " "), test.want)
			equal(t, "count", got.Count, len(got.Result))
			equal(t, "total_results", got.TotalResults, 5)
		})
	}
	equal(t, "invalid limit", newClient(t, server).get(sessionsPath+"?limit=x").status, http.StatusBadRequest)
}

func TestListSortsOnRequest(t *testing.T) {
	const ascending = "sort=created_at&direction=asc"
	tests := map[string]struct {
		options     []scriptixtest.Option
		query, want string
	}{
		"by default":   {nil, "?" + ascending, "4 3 2 1 0"},
		"ascending":    {[]scriptixtest.Option{scriptixtest.WithSorting()}, "?" + ascending, "0 1 2 3 4"},
		"page":         {[]scriptixtest.Option{scriptixtest.WithSorting()}, "?offset=1&limit=2&" + ascending, "1 2"},
		"descending":   {[]scriptixtest.Option{scriptixtest.WithSorting()}, "?sort=created_at&direction=desc", "4 3 2 1 0"},
		"oldest first": {[]scriptixtest.Option{scriptixtest.WithOldestFirst()}, "", "0 1 2 3 4"},
		"other sort":   {[]scriptixtest.Option{scriptixtest.WithSorting()}, "?sort=filename&direction=asc", "4 3 2 1 0"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			server := scriptixtest.NewServer(t, test.options...)
			addNumbered(server, 5)
			equal(t, "result", strings.Join(newClient(t, server).list(test.query).ids(), " "), test.want)
		})
	}
}

func TestListAbbreviatesItems(t *testing.T) {
	const exact = `{"session_id":"exact","status":"completed","language":"en"}`
	const abbreviated = `{"id":7,"session_id":"abc123","status":"completed","filename":"meeting.mp3"}`
	server := scriptixtest.NewServer(t, scriptixtest.WithAbbreviatedItems())
	server.Add(
		scriptixtest.Session{SessionID: "exact", JSON: exact},
		scriptixtest.Session{SessionID: "abc123", ID: 7, Filename: "meeting.mp3"},
	)
	c := newClient(t, server)

	for _, query := range []string{"", "?status=completed"} {
		equal(t, "list "+query, c.get(sessionsPath+query).body,
			`{"count":2,"total_results":2,"result":[`+abbreviated+`,`+exact+`]}`)
	}
	equal(t, "fields by id", len(c.fields("abc123")), 15)
}

func TestListOmitsMediaURL(t *testing.T) {
	server := scriptixtest.NewServer(t, scriptixtest.WithoutMediaURLInLists())
	server.Add(scriptixtest.Session{SessionID: "abc123"})
	c := newClient(t, server)
	equal(t, "media_url in the list", strings.Contains(c.get(sessionsPath).body, "media_url"), false)
	equal(t, "media_url by id", strings.Contains(c.get(sessionsPath+"/abc123").body, "media_url"), true)
}

func TestListHasMalformedItems(t *testing.T) {
	// The filter that an item matches besides the empty one, by the item's id; no filter at all for the rest.
	filters := map[string][]string{"completed": {"900001"}, "queued": {"900002"}, "processing": {"900003"}, "failed": {"900004"}}
	server := scriptixtest.NewServer(t)
	start := time.Now().Add(-time.Hour)
	server.Add(scriptixtest.Session{SessionID: "oldest", InitialStatus: "new", Initial: 2 * time.Hour, CreatedAt: start.Add(-1)})
	items := scriptixtest.MalformedItems()
	for i, item := range items {
		server.Add(scriptixtest.Session{JSON: item, CreatedAt: start.Add(time.Duration(i))})
	}
	server.Add(scriptixtest.Session{SessionID: "newest", InitialStatus: "new", Initial: time.Hour})
	c := newClient(t, server)

	rows := func(query string) []string {
		list := decode[struct {
			TotalResults int               `json:"total_results"`
			Result       []json.RawMessage `json:"result"`
		}](t, c.get(sessionsPath+query).body)
		equal(t, "total_results "+query, list.TotalResults, len(list.Result))
		texts := make([]string, 0, len(list.Result))
		for _, row := range list.Result {
			texts = append(texts, string(row))
		}
		return texts
	}
	all := rows("")
	slices.Reverse(all)
	if got := all[1 : len(all)-1]; !slices.Equal(got, items) {
		t.Errorf("unfiltered: got %v, want %v", got, items)
	}
	for status, ids := range filters {
		got := rows("?status=" + status)
		if len(got) != len(ids) || !strings.Contains(got[0], ids[0]) {
			t.Errorf("%s: got %v, want the item %v", status, got, ids)
		}
	}
	for _, id := range []string{"900003", "no-status", "null-status", "number-for-status"} {
		equal(t, "by id "+id, c.session(id).status, http.StatusNotFound)
	}
	server.Remove("")
	equal(t, "left by removing no id", len(rows("")), len(items)+2)
}

// Each breaks the contract in its own way: none of them is a session with both a session_id and a status.
func TestMalformedItemsBreakTheContract(t *testing.T) {
	for _, item := range scriptixtest.MalformedItems() {
		equal(t, "is JSON: "+item, json.Valid([]byte(item)), true)
		var session struct {
			SessionID *string `json:"session_id"`
			Status    *string `json:"status"`
		}
		err := json.Unmarshal([]byte(item), &session)
		sound := err == nil && session.SessionID != nil && *session.SessionID != "" && session.Status != nil
		equal(t, "is sound: "+item, sound, false)
	}
}

func TestMalformedItemCanHaveAnID(t *testing.T) {
	const text = `{"id":1,"session_id":7,"status":"completed"}`
	server := scriptixtest.NewServer(t)
	server.Add(scriptixtest.Session{SessionID: "7", JSON: text})
	c := newClient(t, server)

	equal(t, "by id", c.session("7").body, text)
	server.Remove("7")
	equal(t, "listed once removed", c.get(sessionsPath).body, `{"count":0,"total_results":0,"result":[]}`)
}

// The changes come at the very moment of the freeze, because time stands still in a bubble while a test works.
func TestListsFreezeAndThaw(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := scriptixtest.NewPipeServer(t)
		server.Add(
			scriptixtest.Session{SessionID: "moving", Processing: time.Minute},
			scriptixtest.Session{SessionID: "removed"},
			scriptixtest.Session{SessionID: "replaced"},
		)
		c := newClient(t, server)
		before := c.listed("")
		equal(t, "before", before, "replaced:completed removed:completed moving:processing")

		server.FreezeLists()
		server.Remove("removed")
		server.Add(
			scriptixtest.Session{SessionID: "replaced", Error: "Processing timeout"},
			scriptixtest.Session{SessionID: "new"},
			scriptixtest.Session{SessionID: "old", CreatedAt: time.Now().Add(-time.Hour)},
		)
		equal(t, "at once", c.listed(""), before)
		pass(time.Hour)
		server.FreezeLists()
		equal(t, "later", c.listed(""), before)
		equal(t, "filtered", c.listed("?status=processing"), "moving:processing")
		equal(t, "total", c.list("?limit=1").TotalResults, 3)
		equal(t, "moving by id", c.fields("moving")["status"], any("completed"))
		equal(t, "removed by id", c.session("removed").status, http.StatusNotFound)
		equal(t, "new by id", c.session("new").status, http.StatusOK)

		server.ThawLists()
		const after = "new:completed replaced:failed moving:completed old:completed"
		equal(t, "thawed", c.listed(""), after)
		server.FreezeLists()
		server.Remove("new")
		equal(t, "frozen again", c.listed(""), after)
	})
}

func TestListsFreezeByTheClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := scriptixtest.NewPipeServer(t, scriptixtest.WithFrozenLists(30*time.Second))
		server.Add(scriptixtest.Session{SessionID: "one", Queued: 20 * time.Second, Processing: 20 * time.Second})
		c := newClient(t, server)
		steps := []struct {
			sleep time.Duration
			do    func()
			want  string
		}{
			{want: "one:queued"},
			{sleep: 29 * time.Second, want: "one:processing"},
			{sleep: 11 * time.Second, want: "one:processing"},
			{do: func() { server.Add(scriptixtest.Session{SessionID: "two"}) }, want: "one:processing"},
			{do: func() { server.Remove("one") }, want: "one:processing"},
			{sleep: 1000 * time.Hour, want: "one:processing"},
			{do: server.ThawLists, want: "two:completed"},
		}
		for i, step := range steps {
			pass(step.sleep)
			if step.do != nil {
				step.do()
			}
			equal(t, fmt.Sprintf("step %d", i), c.listed(""), step.want)
		}
	})
}

func TestListsFreezeEmpty(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := scriptixtest.NewPipeServer(t, scriptixtest.WithFrozenLists(0))
		server.Add(scriptixtest.Session{SessionID: "one"})
		c := newClient(t, server)
		equal(t, "frozen", c.listed(""), "")
		pass(time.Hour)
		equal(t, "later", c.listed(""), "")
		server.ThawLists()
		equal(t, "thawed", c.listed(""), "one:completed")
	})
}

func TestThawCallsOffAFreeze(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := scriptixtest.NewPipeServer(t, scriptixtest.WithFrozenLists(time.Minute))
		server.Add(scriptixtest.Session{SessionID: "one", Processing: time.Hour})
		server.ThawLists()
		pass(2 * time.Hour)
		equal(t, "after the hour", newClient(t, server).listed(""), "one:completed")
	})
}

// Lists that lag and freeze keep showing what they showed when they froze.
func TestListsFreezeBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := scriptixtest.NewPipeServer(t, scriptixtest.WithListLag(10*time.Second))
		server.Add(
			scriptixtest.Session{SessionID: "one", Queued: 15 * time.Second, Processing: time.Hour},
			scriptixtest.Session{SessionID: "removed", Processing: time.Hour},
		)
		c := newClient(t, server)
		pass(15 * time.Second)
		server.Remove("removed")
		server.Add(scriptixtest.Session{SessionID: "new"})
		pass(5 * time.Second)
		const frozen = "removed:processing one:queued"
		equal(t, "before", c.listed(""), frozen)
		server.FreezeLists()
		pass(time.Minute)
		equal(t, "frozen", c.listed(""), frozen)
		equal(t, "one by id", c.fields("one")["status"], any("processing"))
		server.ThawLists()
		equal(t, "thawed", c.listed(""), "new:completed one:processing")
	})
}

func TestSessionStuckInLists(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := scriptixtest.NewPipeServer(t, scriptixtest.WithListLag(time.Second))
		moving := scriptixtest.Session{SessionID: "moving", Queued: 10 * time.Second, Processing: 10 * time.Second}
		queued, processing, completed := moving, moving, moving
		queued.SessionID, queued.Stuck = "queued", 1
		processing.SessionID, processing.Stuck = "processing", 15*time.Second
		completed.SessionID, completed.Stuck = "completed", 20*time.Second
		server.Add(completed, processing, queued, moving)
		c := newClient(t, server)

		equal(t, "at first", c.listed(""), "")
		pass(time.Second)
		equal(t, "once shown", c.listed(""), "moving:queued queued:queued processing:queued completed:queued")
		pass(10 * time.Second)
		equal(t, "in the middle", c.listed(""), "moving:processing queued:queued processing:processing completed:processing")
		pass(time.Hour)
		equal(t, "in the end", c.listed(""), "moving:completed queued:queued processing:processing completed:completed")
		equal(t, "filtered", c.listed("?status=processing"), "processing:processing")
		for _, id := range []string{"moving", "queued", "processing", "completed"} {
			equal(t, "by id "+id, c.fields(id)["status"], any("completed"))
		}

		server.Remove("processing")
		server.Remove("moving")
		pass(time.Hour)
		equal(t, "removed", c.listed(""), "queued:queued processing:processing completed:completed")
		equal(t, "removed, by id", c.session("processing").status, http.StatusNotFound)
	})
}

func TestListClaimsATotal(t *testing.T) {
	tests := map[string]struct {
		claim func(int) int
		want  map[string]int // by query
	}{
		"fixed":     {func(int) int { return 7 }, map[string]int{"": 7, "?limit=1": 7, "?status=failed": 7}},
		"too small": {func(actual int) int { return actual - 1 }, map[string]int{"": 2, "?offset=2": 2, "?status=failed": -1}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			server := scriptixtest.NewServer(t, scriptixtest.WithTotalResults(test.claim))
			plain := scriptixtest.NewServer(t)
			addNumbered(server, 3)
			addNumbered(plain, 3)
			for _, query := range slices.Sorted(maps.Keys(test.want)) {
				got, want := newClient(t, server).list(query), newClient(t, plain).list(query)
				equal(t, "total_results "+query, got.TotalResults, test.want[query])
				equal(t, "count "+query, got.Count, want.Count)
				equal(t, "result "+query, strings.Join(got.ids(), " "), strings.Join(want.ids(), " "))
			}
		})
	}
}

func TestListCutsPages(t *testing.T) {
	tests := map[string]struct{ query, want string }{
		"default":       {"", "4 3"},
		"maximum":       {"?limit=100", "4 3"},
		"less":          {"?limit=1", "4"},
		"second page":   {"?offset=2&limit=100", "2 1"},
		"last page":     {"?offset=4&limit=100", "0"},
		"filtered page": {"?offset=3&limit=100&status=completed", "1 0"},
	}
	server := scriptixtest.NewServer(t, scriptixtest.WithMaxPageSize(2))
	addNumbered(server, 5)
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := newClient(t, server).list(test.query)
			equal(t, "result", strings.Join(got.ids(), " "), test.want)
			equal(t, "count", got.Count, len(got.Result))
			equal(t, "total_results", got.TotalResults, 5)
		})
	}
}

// Uploads, removals, and replacements leave the order right, wherever in the list they come.
func TestListFollowsChanges(t *testing.T) {
	server := scriptixtest.NewServer(t)
	moment := time.Now().Add(-time.Hour)
	add := func(id string, offset time.Duration) {
		server.Add(scriptixtest.Session{SessionID: id, CreatedAt: moment.Add(offset)})
	}
	c := newClient(t, server)
	for _, id := range []string{"a", "b", "c", "d"} {
		add(id, 0)
	}
	server.Remove("b")
	equal(t, "removed among equals", strings.Join(c.list("").ids(), " "), "d c a")
	add("c", -1)
	equal(t, "replaced by an older one", strings.Join(c.list("").ids(), " "), "d a c")
	add("a", 1)
	equal(t, "replaced by a newer one", strings.Join(c.list("").ids(), " "), "a d c")
	add("b", 0)
	equal(t, "added again", strings.Join(c.list("").ids(), " "), "a b d c")
	server.Remove("d")
	server.Remove("d")
	equal(t, "removed twice", strings.Join(c.list("").ids(), " "), "a b c")
}
