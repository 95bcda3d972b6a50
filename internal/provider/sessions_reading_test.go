package provider

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
)

// readSessions reads a list of sessions.
func (s *protocolServer) readSessions(arguments values) (values, []*tfprotov6.Diagnostic) {
	s.t.Helper()
	return s.read(s.t.Context(), s.request("scriptix_sessions", arguments))
}

// problemOfSessions reads a list of sessions, which must fail with one error, and returns what that says.
func problemOfSessions(t *testing.T, api *scriptixtest.Server, arguments values, block ...values) string {
	t.Helper()
	_, diagnostics := newProtocolServer(t.Context(), t, api, block...).readSessions(arguments)
	return problem(t, diagnostics)
}

// listed returns a list of sessions, each as "id: status".
func listed(t *testing.T, state values) []string {
	t.Helper()
	var sessions []tftypes.Value
	if err := state["sessions"].As(&sessions); err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, session := range sessions {
		attributes := objectValues(session)
		found = append(found, textOf(t, attributes["session_id"])+": "+textOf(t, attributes["status"]))
	}
	return found
}

// lists fails the test unless a read has succeeded, without a warning, and found these sessions.
func lists(t *testing.T, state values, diagnostics []*tfprotov6.Diagnostic, want ...string) {
	t.Helper()
	if len(diagnostics) > 0 {
		t.Fatal(texts(diagnostics))
	}
	if got := listed(t, state); !slices.Equal(got, want) {
		t.Errorf("found %q, want %q", got, want)
	}
}

func TestSessionsErrorsSayWhatToDo(t *testing.T) {
	tests := map[string]struct {
		fault     scriptixtest.Fault
		arguments values
		words     []string
	}{
		"401": {
			scriptixtest.Fault{Status: 401, Body: scriptixtest.KeyRevokedBody},
			nil,
			[]string{"Invalid API Token", "Reading the list of sessions failed: HTTP 401", `"KEY_REVOKED"`},
		},
		"401, by id": {
			scriptixtest.Fault{Status: 401, Body: scriptixtest.KeyRevokedBody},
			values{"session_ids": stringList("test")},
			[]string{"Invalid API Token", `Reading session "test" failed: HTTP 401`, `"KEY_REVOKED"`},
		},
		"404 is the address, not a session": {
			scriptixtest.Fault{Status: 404, Body: `{"error":"Not Found"}`},
			nil,
			[]string{"Unable to List Sessions", "There seems to be no Scriptix API at this address. Check base_url"},
		},
		"500": {
			scriptixtest.Fault{Status: 500},
			values{"status": stringValue("failed")},
			[]string{"Unable to List Sessions", "Reading the list of failed sessions failed: HTTP 500", "This may be temporary."},
		},
		"500, by id": {
			scriptixtest.Fault{Status: 500},
			values{"session_ids": stringList("test")},
			[]string{"Unable to Read Session", `Reading session "test" failed: HTTP 500`, "This may be temporary."},
		},
		"no total": {
			scriptixtest.Fault{Body: `{"count":0,"result":[]}`},
			nil,
			[]string{"Unexpected API Answer", `Reading the list of sessions failed: the field "total_results" of the answer is missing.`},
		},
		"error in a 200": {
			scriptixtest.Fault{Body: scriptixtest.KeyRevokedBody},
			nil,
			[]string{
				"Unable to List Sessions", "Reading the list of sessions failed: HTTP 200, but the answer reports an error,",
				`error code "KEY_REVOKED", "API key has been revoked".`,
			},
		},
		"a total that cannot be": {
			scriptixtest.Fault{Body: `{"count":1,"total_results":4000000000000000000,"result":[` + `{"session_id":"test","status":"queued"}` + `]}`},
			nil,
			[]string{"Unexpected API Answer", `the field "total_results" of the answer would take more than 10000 requests to list: "4000000000000000000".`},
		},
		"no result": {
			scriptixtest.Fault{Body: `{"count":0,"total_results":0}`},
			nil,
			[]string{"Unexpected API Answer", `the field "result" of the answer is missing.`},
		},
		"no object": {
			scriptixtest.Fault{Body: `{"count":1,"total_results":1,"result":[null]}`},
			nil,
			[]string{"Unexpected API Answer", `the field "result[0]" of the answer is null instead of an object.`},
		},
		"session without a status": {
			scriptixtest.Fault{Body: `{"count":2,"total_results":2,"result":[` + `{"session_id":"test","status":"queued"}` + `,{"session_id":"x"}]}`},
			nil,
			[]string{"Unexpected API Answer", `the field "result[1].status" of the answer is missing.`},
		},
		"HTML": {
			scriptixtest.Fault{Body: scriptixtest.ProxyPage},
			nil,
			[]string{"Unexpected API Answer", "the answer is not JSON", "Check base_url"},
		},
		"redirect": {
			scriptixtest.Fault{Status: 307, Header: http.Header{"Location": {"/elsewhere"}}},
			nil,
			[]string{"Redirect Refused", `Reading the list of sessions failed: HTTP 307 redirects to "/elsewhere".`},
		},
		"timeout": {
			scriptixtest.Fault{Hang: true},
			values{"timeouts": limitOf("read", "200ms")},
			[]string{"Reading Timed Out", "Reading the list of sessions did not end within the timeout of 200ms."},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				api := newPipeAPI(t)
				api.Inject(test.fault)
				saysInOrder(t, problemOfSessions(t, api, test.arguments, values{"max_retries": numberValue(0)}), test.words...)
				sent(t, api, 1)
			})
		})
	}
}

// A page that fails ends the listing, though the pages before it were fine.
func TestSessionsNeedEveryPage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := newPipeAPI(t)
		for i := range 101 {
			api.Add(scriptixtest.Session{SessionID: fmt.Sprintf("session-%d", i)})
		}
		api.Inject(scriptixtest.Fault{Match: scriptixtest.ForOffset(100), Status: http.StatusForbidden})
		saysInOrder(t, problemOfSessions(t, api, nil, values{"max_retries": numberValue(0)}), "Access Denied", "the list of sessions",
			"Use a batch token of the account that may list sessions, or name the sessions in session_ids of the data source scriptix_sessions.")
	})
}

// A token may be allowed to read sessions and not to list them.
func TestSessionsByIDDoWithoutAListThatIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := newPipeAPI(t)
		for _, name := range []string{"a", "b", "c"} {
			api.Add(scriptixtest.Session{SessionID: name})
		}
		api.Inject(scriptixtest.Fault{Match: scriptixtest.ForList(), Status: http.StatusForbidden})
		state, diagnostics := newProtocolServer(t.Context(), t, api).readSessions(values{"session_ids": stringList("c", "a", "b")})
		lists(t, state, diagnostics, "c: completed", "a: completed", "b: completed")
		has(t, state, diagnostics, "total_results", numberValue(3))
	})
}

func TestSessionsNameEveryOneThatIsMissing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := newPipeAPI(t)
		api.Add(scriptixtest.Session{SessionID: "there"})
		_, diagnostics := newProtocolServer(t.Context(), t, api).readSessions(values{"session_ids": stringList("gone-1", "there", "gone-2", "gone-3")})
		saysInOrder(t, texts(diagnostics),
			"ERROR: Session Not Found", `Reading session "gone-1" failed: HTTP 404`,
			"ERROR: Session Not Found", `Reading session "gone-2" failed: HTTP 404`,
			"ERROR: Session Not Found", `Reading session "gone-3" failed: HTTP 404`)
		sent(t, api, 4)
	})
}

// A session that is older than asked for may take as long as it likes.
func TestSessionsAwaitedAreThoseOfTheDatesAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := newPipeAPI(t)
		now := time.Now()
		api.Add(
			scriptixtest.Session{SessionID: "old", Processing: forever, CreatedAt: now.Add(-48 * time.Hour)},
			scriptixtest.Session{SessionID: "recent", Processing: time.Hour + 2*time.Second, CreatedAt: now.Add(-time.Hour)},
		)
		state, diagnostics := newProtocolServer(t.Context(), t, api).readSessions(awaited(values{
			"created_after": stringValue(now.Add(-24 * time.Hour).Format(time.RFC3339)),
		}))
		lists(t, state, diagnostics, "recent: completed")
		has(t, state, diagnostics, "total_results", numberValue(2))
	})
}

// One session that fails ends the wait. A list may lag behind, so that the failed session's own GET has the last word.
func TestSessionsAwaitedStopWhenOneFails(t *testing.T) {
	for name, arguments := range map[string]values{"by id": {"session_ids": stringList("slow", "bad", "good")}, "from a list": nil} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				api := newPipeAPI(t)
				api.Add(
					scriptixtest.Session{SessionID: "slow", Processing: forever},
					scriptixtest.Session{SessionID: "bad", Filename: "noise.mp3", Error: "Language detection failed for this file"},
					scriptixtest.Session{SessionID: "good"},
				)
				saysInOrder(t, problemOfSessions(t, api, awaited(arguments)),
					"Session Failed", `Session "bad" ("noise.mp3") failed: "Language detection failed for this file"`,
					"Set the language when you upload, or improve the audio", "When the wait ended, 1 other session had not finished.",
					"set allow_failed = true")
				if got := len(api.Requests()); got > 3 {
					t.Errorf("%d requests were sent, want one list and the GETs of at most those that have finished", got)
				}
			})
		})
	}
}

func TestSessionsThatOutlastTheTimeoutAreNamed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := newPipeAPI(t)
		saysInOrder(t, problemOfSessions(t, api, awaited(values{"session_ids": doneAndTwelveSlow(api), "timeouts": limitOf("read", "1500ms")})),
			"Session Still Processing", `12 of 13 sessions have not finished: "slow-00" (queued), "slow-01" (queued),`,
			`"slow-09" (queued), and 2 more. The wait reached its timeout of`, "timeouts.read")
	})
}

// doneAndTwelveSlow adds a session that has finished, and a dozen that never will. It returns their ids, in this order.
func doneAndTwelveSlow(api *scriptixtest.Server) tftypes.Value {
	names := []string{"done"}
	api.Add(scriptixtest.Session{SessionID: "done"})
	for i := range 12 {
		name := fmt.Sprintf("slow-%02d", i)
		names = append(names, name)
		api.Add(scriptixtest.Session{SessionID: name, Queued: forever})
	}
	return stringList(names...)
}
