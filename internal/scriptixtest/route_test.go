package scriptixtest_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
)

func TestRoutes(t *testing.T) {
	tests := map[string]struct {
		method, target string
		status         int
	}{
		"session":             {http.MethodGet, sessionsPath + "/one", http.StatusOK},
		"session, query":      {http.MethodGet, sessionsPath + "/one?verbose=1", http.StatusOK},
		"escaped session":     {http.MethodGet, sessionsPath + "/a%2Fb%20c", http.StatusOK},
		"list":                {http.MethodGet, sessionsPath, http.StatusOK},
		"unknown session":     {http.MethodGet, sessionsPath + "/two", http.StatusNotFound},
		"no session":          {http.MethodGet, sessionsPath + "/", http.StatusNotFound},
		"below a session":     {http.MethodGet, sessionsPath + "/one/document", http.StatusNotFound},
		"root":                {http.MethodGet, "/", http.StatusNotFound},
		"prefix":              {http.MethodGet, "/prefix" + sessionsPath, http.StatusNotFound},
		"double slash":        {http.MethodGet, "/" + sessionsPath, http.StatusNotFound},
		"another version":     {http.MethodGet, strings.Replace(sessionsPath, "v3", "v2", 1), http.StatusNotFound},
		"post to the list":    {http.MethodPost, sessionsPath, http.StatusMethodNotAllowed},
		"delete a session":    {http.MethodDelete, sessionsPath + "/one", http.StatusMethodNotAllowed},
		"head of a session":   {http.MethodHead, sessionsPath + "/one", http.StatusMethodNotAllowed},
		"post to nowhere":     {http.MethodPost, "/", http.StatusNotFound},
		"offset not a number": {http.MethodGet, sessionsPath + "?offset=x", http.StatusBadRequest},
		"negative offset":     {http.MethodGet, sessionsPath + "?offset=-1", http.StatusBadRequest},
		"limit not a number":  {http.MethodGet, sessionsPath + "?limit=1.5", http.StatusBadRequest},
		"limit of nothing":    {http.MethodGet, sessionsPath + "?limit=0", http.StatusBadRequest},
	}
	server := scriptixtest.NewServer(t)
	server.Add(scriptixtest.Session{SessionID: "one"}, scriptixtest.Session{SessionID: "a/b c"})
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			c := newClient(t, server)
			answer := c.do(c.request(test.method, test.target))

			equal(t, "status", answer.status, test.status)
			equal(t, "content type", answer.header.Get("Content-Type"), "application/json")
			equal(t, "says that a session is missing", strings.Contains(answer.body, "SESSION_NOT_FOUND"), name == "unknown session")
			equal(t, "allow", answer.header.Get("Allow") == "GET", test.status == http.StatusMethodNotAllowed)
			if test.status >= http.StatusBadRequest && test.method != http.MethodHead {
				problem := decode[map[string]any](t, answer.body)
				equal(t, "error", problem["error"], any(http.StatusText(test.status)))
			}
		})
	}
}

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
