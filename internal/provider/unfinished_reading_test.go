package provider

import (
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
)

// allowingUnfinished are the arguments of a wait that may end with what is there, with others.
func allowingUnfinished(others values) values {
	all := awaited(others)
	all["allow_unfinished"] = boolValue(true)
	return all
}

// warningOfUnfinished returns what the one warning says that a read must succeed with.
func warningOfUnfinished(t *testing.T, diagnostics []*tfprotov6.Diagnostic) string {
	t.Helper()
	if len(diagnostics) != 1 || diagnostics[0].Severity != tfprotov6.DiagnosticSeverityWarning {
		t.Fatalf("want one warning, got %s", texts(diagnostics))
	}
	if got := diagnostics[0].Summary; got != summaryNotFinished {
		t.Errorf("the warning is %q", got)
	}
	noteSummaries(diagnostics)
	return diagnostics[0].Detail
}

// The status that a poll showed counts, and not the one that the wait began with.
func TestUnfinishedSessionIsReturnedAsTheLastPollShowedIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := newPipeAPI(t)
		api.Add(scriptixtest.Session{SessionID: "test", Processing: forever})
		then(api, "test", "queued")
		state, diagnostics := newProtocolServer(t.Context(), t, api).readSession(allowingUnfinished(values{"timeouts": limitOf("read", "5s")}))
		saysInOrder(t, warningOfUnfinished(t, diagnostics), `Session "test" has not finished: its status is still processing. The wait reached its timeout of 5s after 1 poll.`)
		has(t, state, nil, "status", stringValue("processing"))
		sent(t, api, 2)
	})
}

func TestUnfinishedSessionIsAWarning(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := newPipeAPI(t)
		api.Add(scriptixtest.Session{SessionID: "test", Processing: forever})
		api.Inject(scriptixtest.Fault{After: 1, Status: http.StatusServiceUnavailable, Body: scriptixtest.ProxyPage})
		_, diagnostics := newProtocolServer(t.Context(), t, api).readSession(allowingUnfinished(values{"timeouts": limitOf("read", "5s")}))
		saysInOrder(t, warningOfUnfinished(t, diagnostics),
			`Session "test" has not finished: its status is still processing. The wait reached its timeout of 5s after 1 poll.`,
			`The last poll that failed reported: "status 503 Service Unavailable".`,
			`The result has each session as last read, because allow_unfinished is set. Check its status before you use it.`,
			`Sessions continue by themselves. Run Terraform again to wait for the rest.`)
		sent(t, api, 2)
	})
}

func TestUnfinishedSessionsAreReturnedAsLastRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := newPipeAPI(t)
		state, diagnostics := newProtocolServer(t.Context(), t, api).readSessions(allowingUnfinished(values{
			"session_ids": doneAndTwelveSlow(api), "timeouts": limitOf("read", "1500ms"),
		}))
		said := warningOfUnfinished(t, diagnostics)
		saysInOrder(t, said, `12 of 13 sessions have not finished: "slow-00" (queued), "slow-01" (queued),`,
			`"slow-09" (queued), and 2 more. The wait reached its timeout of 2s`)
		if regexp.MustCompile(`"slow-1\d"`).MatchString(said) {
			t.Errorf("more than ten sessions are named: %s", said)
		}
		if got := listed(t, state); len(got) != 13 || got[0] != "done: completed" || got[1] != "slow-00: queued" || got[12] != "slow-11: queued" {
			t.Errorf("found %q", got)
		}
		has(t, state, nil, "total_results", numberValue(13))
		has(t, state, nil, "allow_unfinished", boolValue(true))
	})
}

// spent is an answer after which the API takes no request for an hour.
func spent(body string) scriptixtest.Fault {
	return scriptixtest.Fault{Body: body, Header: http.Header{
		"X-Ratelimit-Limit":     {"100"},
		"X-Ratelimit-Remaining": {"0"},
		"X-Ratelimit-Reset":     {strconv.FormatInt(time.Now().Add(time.Hour).Unix(), 10)},
	}}
}

// readingKind is a kind of block that reads sessions and can return unfinished ones.
type readingKind struct {
	operation string // what its timeouts call it
	read      func(server *protocolServer, sessionID string, arguments values) (values, []*tfprotov6.Diagnostic)
}

// readingKinds are all of these.
var readingKinds = map[string]readingKind{
	"data source scriptix_session": {"read", func(server *protocolServer, sessionID string, arguments values) (values, []*tfprotov6.Diagnostic) {
		arguments["session_id"] = stringValue(sessionID)
		return server.readSession(arguments)
	}},
	"data source scriptix_sessions": {"read", func(server *protocolServer, sessionID string, arguments values) (values, []*tfprotov6.Diagnostic) {
		arguments["session_ids"] = stringList(sessionID)
		state, diagnostics := server.readSessions(arguments)
		return firstListed(server.t, state), diagnostics
	}},
	"ephemeral resource": {"open", func(server *protocolServer, sessionID string, arguments values) (values, []*tfprotov6.Diagnostic) {
		arguments["session_id"] = stringValue(sessionID)
		return server.openSession(arguments)
	}},
}

// firstListed returns the attributes of the first session of a list.
func firstListed(t testing.TB, state values) values {
	t.Helper()
	var sessions []tftypes.Value
	if list, ok := state["sessions"]; !ok || list.As(&sessions) != nil || len(sessions) == 0 {
		return nil
	}
	return objectValues(sessions[0])
}

// The rate limit leaves no poll before the timeout, so that the wait ends at once.
func TestSessionUnfinishedForARateLimitIsReturnedAsLastRead(t *testing.T) {
	for name, kind := range readingKinds {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				api := newPipeAPI(t)
				api.Inject(spent(`{"session_id":"test","status":"processing"}`))
				began := time.Now()
				session, diagnostics := kind.read(newProtocolServer(t.Context(), t, api), "test",
					allowingUnfinished(values{"timeouts": limitOf(kind.operation, "30m")}))
				saysInOrder(t, warningOfUnfinished(t, diagnostics), `Session "test" has not finished: its status is still processing. The wait ended`,
					"Scriptix accepts the next request at", "after the timeout of 30m.", "because allow_unfinished is set",
					"Run Terraform again to wait for the rest.")
				has(t, session, nil, "status", stringValue("processing"))
				sent(t, api, 1)
				if took := time.Since(began); took > time.Second {
					t.Errorf("the wait ended after %s", took)
				}
			})
		})
	}
}

// A list that has picked its sessions ends in the same way.
func TestListUnfinishedForARateLimitIsReturnedAsLastRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := newPipeAPI(t)
		api.Inject(spent(`{"count":1,"total_results":1,"result":[{"session_id":"test","status":"queued"}]}`))
		state, diagnostics := newProtocolServer(t.Context(), t, api).readSessions(allowingUnfinished(values{"timeouts": limitOf("read", "30m")}))
		saysInOrder(t, warningOfUnfinished(t, diagnostics), `Session "test" has not finished: its status is still queued. The wait ended`)
		if got := listed(t, state); !slices.Equal(got, []string{"test: queued"}) {
			t.Errorf("found %q", got)
		}
		sent(t, api, 1)
	})
}

func TestUnfinishedEphemeralSessionIsReturnedAsLastRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := newPipeAPI(t)
		api.Add(scriptixtest.Session{SessionID: "test", Processing: forever})
		session, diagnostics := newProtocolServer(t.Context(), t, api).openSession(allowingUnfinished(values{
			"session_id": stringValue("test"), "timeouts": limitOf("open", "1500ms"),
		}))
		saysInOrder(t, warningOfUnfinished(t, diagnostics), `Session "test" has not finished: its status is still processing. The wait reached its timeout of 2s`)
		has(t, session, nil, "status", stringValue("processing"))
		has(t, session, nil, "allow_unfinished", boolValue(true))
		if !session["document"].IsNull() {
			t.Errorf("document is %s", session["document"])
		}
	})
}

// allow_unfinished is about the end of a wait, and about nothing else.
func TestEveryOtherErrorStaysAnErrorWithAllowUnfinished(t *testing.T) {
	slow := scriptixtest.Session{SessionID: "slow", Processing: forever}
	bad := scriptixtest.Session{SessionID: "bad", Error: "Audio file is too short"}
	tests := map[string]struct {
		sessions  []scriptixtest.Session
		fault     *scriptixtest.Fault
		sessionID string
		words     []string
	}{
		"a failed session": {
			sessions: []scriptixtest.Session{bad}, sessionID: "bad", words: []string{"Session Failed", `"Audio file is too short"`},
		},
		"a session that fails while awaited": {
			sessions: []scriptixtest.Session{{SessionID: "bad", Processing: time.Second, Error: "Audio file is too short"}}, sessionID: "bad",
			words: []string{"Session Failed", `"Audio file is too short"`},
		},
		"a session that does not exist": {sessionID: "missing", words: []string{"Session Not Found"}},
		"a session deleted while awaited": {
			sessions: []scriptixtest.Session{slow}, sessionID: "slow",
			fault: &scriptixtest.Fault{After: 1, Status: http.StatusNotFound, Body: scriptixtest.NotFoundJSON},
			words: []string{"Session Not Found"},
		},
		"a token revoked while awaited": {
			sessions: []scriptixtest.Session{slow}, sessionID: "slow",
			fault: &scriptixtest.Fault{After: 1, Status: http.StatusUnauthorized, Body: scriptixtest.KeyRevokedBody},
			words: []string{"Invalid API Token", `"KEY_REVOKED"`},
		},
		"a first read that times out": {
			sessionID: "slow", fault: &scriptixtest.Fault{Hang: true}, words: []string{"Reading Timed Out"},
		},
		"a first read that the rate limit refuses": {
			sessionID: "slow", fault: &scriptixtest.Fault{
				Status: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {"3600"}}, Body: scriptixtest.RateLimitedBody,
			},
			words: []string{"Rate Limit Reached"},
		},
		"a first read that fails": {
			sessionID: "slow", fault: &scriptixtest.Fault{Status: http.StatusBadRequest}, words: []string{"Unable to", "HTTP 400"},
		},
	}
	for kindName, kind := range readingKinds {
		for name, test := range tests {
			t.Run(kindName+", "+name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					api := newPipeAPI(t)
					api.Add(test.sessions...)
					if test.fault != nil {
						api.Inject(*test.fault)
					}
					_, diagnostics := kind.read(newProtocolServer(t.Context(), t, api), test.sessionID,
						allowingUnfinished(values{"timeouts": limitOf(kind.operation, "30s")}))
					saysInOrder(t, problem(t, diagnostics), test.words...)
				})
			})
		}
	}
}

// A failed session among unfinished ones is the error that it always was.
func TestFailedSessionAmongUnfinishedOnesStaysAnError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := newPipeAPI(t)
		api.Add(
			scriptixtest.Session{SessionID: "slow", Processing: forever},
			scriptixtest.Session{SessionID: "bad", Error: "Audio file is too short"},
		)
		arguments := allowingUnfinished(values{"session_ids": stringList("slow", "bad"), "timeouts": limitOf("read", "10s")})
		saysInOrder(t, problemOfSessions(t, api, arguments), "Session Failed", `Session "bad"`, "1 other session had not finished")

		allowed := maps.Clone(arguments)
		allowed["allow_failed"] = boolValue(true)
		state, diagnostics := newProtocolServer(t.Context(), t, api).readSessions(allowed)
		warningOfUnfinished(t, diagnostics)
		if got := listed(t, state); !slices.Equal(got, []string{"slow: processing", "bad: failed"}) {
			t.Errorf("found %q", got)
		}
	})
}
