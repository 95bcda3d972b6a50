package scriptix_test

import (
	"maps"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
)

// badSessionIDs says for each what is wrong with it, in the words a user reads.
func badSessionIDs() map[string]string {
	const (
		slash   = "must not contain a slash"
		space   = "must not contain white space"
		control = "must not contain control characters"
		dots    = `must not be "." or "..", which are parts of a path`
	)
	return map[string]string{
		"":                     "must not be empty",
		".":                    dots,
		"..":                   dots,
		"/":                    slash,
		"a/b":                  slash,
		"../other":             slash,
		`a\b`:                  slash,
		" ":                    space,
		"abc123 ":              space,
		"abc\t123":             space,
		"abc123\n":             space,
		"abc\r\nX-Header: 1":   space,
		"no-break\u00a0space":  space,
		"line\u2028separator":  space,
		"\x00":                 control,
		"abc\x07":              control,
		"abc\x7f":              control,
		"abc\x1b[31m":          control,
		"right-to-left\u202e":  control,
		"zero\u200bwidth":      control,
		"byte order\ufeffmark": space, // the space goes first
		"mark\ufeff":           control,
		"no UTF-8\xff":         space,
		"\xff":                 control,
		"private use \ue000":   space,
		"\ue000":               control,
	}
}

// The token as a session ID would be part of the address of a request, and of its log.
func TestClientSendsNoTokenAsASessionID(t *testing.T) {
	t.Parallel()
	server := scriptixtest.NewServer(t)
	client := newClient(t, server)
	_, err := client.GetSession(t.Context(), scriptixtest.Token)
	compareWords(t, err, "session id must not contain the API token")
	compareWords(t, client.CheckSessionIDs("test", "a"+scriptixtest.Token), "must not contain the API token")
	if err := client.CheckSessionIDs("test", scriptixtest.Token[1:]); err != nil {
		t.Error(err)
	}
	if sent := len(server.Requests()); sent != 0 {
		t.Errorf("%d requests were sent", sent)
	}
}

func TestValidateSessionIDRefuses(t *testing.T) {
	t.Parallel()
	for sessionID, want := range badSessionIDs() {
		compareWords(t, scriptix.ValidateSessionID(sessionID), want)
	}
}

func TestBadSessionIDsSendNothing(t *testing.T) {
	t.Parallel()
	client := newTransportClient(t, func(request *http.Request) (*http.Response, error) {
		t.Errorf("sent %s", request.URL)
		return newResponse(http.StatusOK, nil, "{}"), nil
	})
	for sessionID, want := range badSessionIDs() {
		_, err := client.GetSession(t.Context(), sessionID)
		if err == nil || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("%q: got the error %v, want one that ends with %q", sessionID, err, want)
		}
	}
}

// oddSessionIDs may stand in the path of a request only when they are escaped.
func oddSessionIDs() []string {
	return []string{
		exampleID, "a", "...", ".a", "~", "a?b#c%2Fd", "%", "%zz", "%2e%2e", "..%2f", ";a=b", "a:b@c", "a&b=c+d",
		"[x]", "<script>", `"quoted"`, "it's", "{}|^`", "séance", "会議", "🎤", strings.Repeat("x", 2_000),
	}
}

func TestValidateSessionIDAcceptsAnythingElse(t *testing.T) {
	t.Parallel()
	for _, sessionID := range oddSessionIDs() {
		compareWords(t, scriptix.ValidateSessionID(sessionID), "")
	}
}

func TestOddSessionIDsReachTheAPIUnharmed(t *testing.T) {
	t.Parallel()
	for _, sessionID := range oddSessionIDs() {
		t.Run(sessionID[:min(len(sessionID), 20)], func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := scriptixtest.NewPipeServer(t)
				server.Add(scriptixtest.Session{SessionID: sessionID})
				session, err := newClient(t, server).GetSession(t.Context(), sessionID)
				if err != nil {
					t.Fatal(err)
				}
				compare(t, "session read", session.SessionID, sessionID)
				compare(t, "session asked for", server.Requests()[0].SessionID, sessionID)
			})
		})
	}
}

// Whatever id is accepted, the request's path ends in exactly one segment more, which reads back as the id.
func FuzzValidateSessionID(f *testing.F) {
	for _, sessionID := range oddSessionIDs() {
		f.Add(sessionID)
	}
	for _, sessionID := range slices.Sorted(maps.Keys(badSessionIDs())) {
		f.Add(sessionID)
	}
	f.Fuzz(func(t *testing.T, sessionID string) {
		sent := 0
		client := newTransportClient(t, func(request *http.Request) (*http.Response, error) {
			sent++
			// Read as a server reads it: from the first line of the request.
			target, err := url.ParseRequestURI(request.URL.RequestURI())
			if err != nil {
				t.Fatalf("%q is sent as %q: %v", sessionID, request.URL.RequestURI(), err)
			}
			segment, below := strings.CutPrefix(target.EscapedPath(), sessionsPath+"/")
			back, err := url.PathUnescape(segment)
			switch {
			case !below || segment == "" || strings.Contains(segment, "/"):
				t.Errorf("%q is sent as the path %q", sessionID, target.EscapedPath())
			case err != nil || back != sessionID:
				t.Errorf("%q is sent as %q, which reads %q", sessionID, segment, back)
			case path.Clean(target.Path) != target.Path && !strings.HasSuffix(target.Path, "/"):
				t.Errorf("%q is sent as the path %q, which is another one to a proxy", sessionID, target.Path)
			case target.RawQuery != "" || target.ForceQuery || target.Fragment != "":
				t.Errorf("%q is sent with a query: %q", sessionID, target)
			}
			return newResponse(http.StatusNotFound, nil, scriptixtest.NotFoundJSON), nil
		})
		_, err := client.GetSession(t.Context(), sessionID)
		if valid := scriptix.ValidateSessionID(sessionID) == nil; valid != (sent == 1) || !valid && sent != 0 {
			t.Errorf("%q: accepted: %t, requests: %d", sessionID, valid, sent)
		}
		if err == nil {
			t.Errorf("%q: no error", sessionID)
		}
	})
}
