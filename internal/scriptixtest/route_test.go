package scriptixtest_test

import (
	"net/http"
	"strings"
	"testing"

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
