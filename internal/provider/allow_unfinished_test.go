package provider_test

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
)

// unfinishedWait are the arguments of a wait that soon ends with what is there.
func unfinishedWait(timeout string) []string {
	return []string{waits, `allow_unfinished = true`, `timeouts = { ` + timeout + ` }`}
}

// warningOfUnfinished plans a configuration with a CLI, and returns the warning in one line. There must be one.
func warningOfUnfinished(t *testing.T, terraform *cli) string {
	t.Helper()
	output := terraform.run(true, "plan", "-input=false")
	if got := strings.Count(output, "Sessions Not Finished"); got != 1 {
		t.Errorf("%d warnings, want 1:\n%s", got, output)
	}
	box := diagnosticIn(t, "Sessions Not Finished", output)
	contains(t, box, "Warning: ")
	return steady(box)
}

func TestUnfinishedSessionIsReturnedAsLastRead(t *testing.T) {
	t.Parallel()
	server := scriptixtest.NewServer(t)
	server.Add(scriptixtest.Session{SessionID: "test", Filename: "talk.mp3", Processing: forever})
	config := session(append(unfinishedWait(`read = "1500ms"`), `session_id = "test"`)...)
	apply(t,
		resource.TestStep{
			Config: using(server, config),
			ConfigStateChecks: []statecheck.StateCheck{
				has(theSession, "status", knownvalue.StringExact("processing")),
				has(theSession, "filename", knownvalue.StringExact("talk.mp3")),
				has(theSession, "document", knownvalue.Null()),
				has(theSession, "finished_at", knownvalue.Null()),
				has(theSession, "allow_unfinished", knownvalue.Bool(true)),
			},
		},
		resource.TestStep{
			Config:      using(server, strings.Replace(config, "allow_unfinished = true", "allow_unfinished = false", 1)),
			ExpectError: says("Session Still Processing", `Session "test" has not finished: its status is still processing`),
		},
		// Running Terraform again waits for the rest.
		resource.TestStep{
			PreConfig: func() { server.Add(scriptixtest.Session{SessionID: "test", Filename: "talk.mp3"}) },
			Config:    using(server, config),
			ConfigStateChecks: []statecheck.StateCheck{
				has(theSession, "status", knownvalue.StringExact("completed")),
				has(theSession, "document", knownvalue.NotNull()),
			},
		},
	)
}

// The status that a poll showed counts, and not the one that the wait began with.
func TestUnfinishedSessionIsReturnedAsTheLastPollShowedIt(t *testing.T) {
	t.Parallel()
	server := scriptixtest.NewServer(t)
	server.Add(scriptixtest.Session{SessionID: "test", Processing: forever})
	then(server, "test", inStatus("test", "queued"))
	apply(t, resource.TestStep{
		Config: using(server, session(append(unfinishedWait(`read = "5s"`), `session_id = "test"`)...)),
		ConfigStateChecks: []statecheck.StateCheck{
			sent(server, 2),
			has(theSession, "status", knownvalue.StringExact("processing")),
		},
	})
}

func TestUnfinishedSessionIsAWarning(t *testing.T) {
	t.Parallel()
	server := scriptixtest.NewServer(t)
	server.Add(scriptixtest.Session{SessionID: "test", Processing: forever})
	server.Inject(scriptixtest.Fault{After: 1, Status: http.StatusServiceUnavailable, Body: scriptixtest.ProxyPage})
	terraform := newCLI(t, server, session(append(unfinishedWait(`read = "5s"`), `session_id = "test"`)...))
	contains(t, warningOfUnfinished(t, terraform),
		`with data.scriptix_session.test,`,
		`Session "test" has not finished: its status is still processing. The wait reached its timeout of 5s after some polls. `+
			`The last poll that failed reported: "status 503 Service Unavailable". `+
			`The result has each session as last read, because allow_unfinished is set. Check its status before you use it. `+
			`Sessions continue by themselves. Run Terraform again to wait for the rest.`)
	if got := len(server.Requests()); got != 2 {
		t.Errorf("%d requests were sent, want 2", got)
	}
}

func TestUnfinishedSessionsAreReturnedAsLastRead(t *testing.T) {
	t.Parallel()
	server := scriptixtest.NewServer(t)
	server.Add(scriptixtest.Session{SessionID: "done"})
	names := []string{"done"}
	want := []knownvalue.Check{knownvalue.ObjectPartial(map[string]knownvalue.Check{
		"session_id": knownvalue.StringExact("done"), "status": knownvalue.StringExact("completed"), "document": knownvalue.NotNull(),
	})}
	for i := range 12 {
		name := fmt.Sprintf("slow-%02d", i)
		server.Add(scriptixtest.Session{SessionID: name, Queued: forever})
		names = append(names, name)
		want = append(want, knownvalue.ObjectPartial(map[string]knownvalue.Check{
			"session_id": knownvalue.StringExact(name), "status": knownvalue.StringExact("queued"), "document": knownvalue.Null(),
		}))
	}
	config := sessions(append(unfinishedWait(`read = "1500ms"`), `session_ids = `+quotedList(names...))...)
	t.Run("in the state", func(t *testing.T) {
		t.Parallel()
		apply(t, resource.TestStep{
			Config: using(server, config),
			ConfigStateChecks: []statecheck.StateCheck{
				has(theSessions, "sessions", knownvalue.ListExact(want)),
				has(theSessions, "total_results", knownvalue.Int64Exact(13)),
				has(theSessions, "allow_unfinished", knownvalue.Bool(true)),
			},
		})
	})
	t.Run("with one warning", func(t *testing.T) {
		t.Parallel()
		got := warningOfUnfinished(t, newCLI(t, server, config))
		contains(t, got, `12 of 13 sessions have not finished: "slow-00" (queued), "slow-01" (queued),`,
			`"slow-09" (queued), and 2 more. The wait reached its timeout of 2s after some polls.`)
		lacks(t, "the warning", got, `"slow-10"`)
	})
}

func TestUnfinishedEphemeralSessionIsReturnedAsLastRead(t *testing.T) {
	t.Parallel()
	server := scriptixtest.NewServer(t)
	server.Add(scriptixtest.Session{SessionID: "test", Processing: forever})
	config := ephemeralSession(append(unfinishedWait(`open = "1500ms"`), `session_id = "test"`)...)
	t.Run("as a value", func(t *testing.T) {
		t.Parallel()
		applyEphemeral(t, resource.TestStep{
			Config: using(server, echoed(config)),
			ConfigStateChecks: []statecheck.StateCheck{
				echoHas("status", knownvalue.StringExact("processing")),
				echoHas("document", knownvalue.Null()),
				echoHas("allow_unfinished", knownvalue.Bool(true)),
			},
		})
	})
	t.Run("with one warning", func(t *testing.T) {
		t.Parallel()
		terraform := newCLI(t, server, config)
		terraform.executable = cliWith(t, ephemeralResources)
		contains(t, warningOfUnfinished(t, terraform), `with ephemeral.scriptix_session.test,`,
			`Session "test" has not finished: its status is still processing. The wait reached its timeout of 2s after some polls.`)
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

// The rate limit leaves no poll before the timeout, so that the wait ends at once.
func TestSessionUnfinishedForARateLimitIsReturnedAsLastRead(t *testing.T) {
	t.Parallel()
	one := spent(inStatus("test", "processing"))
	list := spent(`{"count":1,"total_results":1,"result":[` + inStatus("test", "queued") + `]}`)
	words := []string{
		`Session "test" has not finished: its status is still`, `The wait ended after some polls, because Scriptix accepts the next request at a moment, after the timeout of 30m.`,
		`because allow_unfinished is set`, `Run Terraform again to wait for the rest.`,
	}
	t.Run("data source scriptix_session", func(t *testing.T) {
		t.Parallel()
		server := scriptixtest.NewServer(t)
		server.Inject(one)
		config := session(append(unfinishedWait(`read = "30m"`), `session_id = "test"`)...)
		apply(t, resource.TestStep{
			Config: using(server, config),
			ConfigStateChecks: []statecheck.StateCheck{
				sent(server, 1), has(theSession, "status", knownvalue.StringExact("processing")),
			},
		})
		contains(t, warningOfUnfinished(t, newCLI(t, server, config)), words...)
	})
	t.Run("data source scriptix_sessions", func(t *testing.T) {
		t.Parallel()
		server := scriptixtest.NewServer(t)
		server.Inject(list)
		config := sessions(unfinishedWait(`read = "30m"`)...)
		apply(t, resource.TestStep{
			Config: using(server, config),
			ConfigStateChecks: []statecheck.StateCheck{
				sent(server, 1),
				has(theSessions, "sessions", knownvalue.ListExact([]knownvalue.Check{knownvalue.ObjectPartial(map[string]knownvalue.Check{
					"session_id": knownvalue.StringExact("test"), "status": knownvalue.StringExact("queued"),
				})})),
			},
		})
		contains(t, warningOfUnfinished(t, newCLI(t, server, config)), words...)
	})
	t.Run("ephemeral resource", func(t *testing.T) {
		t.Parallel()
		server := scriptixtest.NewServer(t)
		server.Inject(one)
		config := ephemeralSession(append(unfinishedWait(`open = "30m"`), `session_id = "test"`)...)
		terraform := newCLI(t, server, config)
		terraform.executable = cliWith(t, ephemeralResources)
		contains(t, warningOfUnfinished(t, terraform), words...)
		applyEphemeral(t, resource.TestStep{
			Config:            using(server, echoed(config)),
			ConfigStateChecks: []statecheck.StateCheck{echoHas("status", knownvalue.StringExact("processing"))},
		})
	})
}

// allow_unfinished is about the end of a wait, and about nothing else.
func TestEveryOtherErrorStaysAnErrorWithAllowUnfinished(t *testing.T) {
	t.Parallel()
	slow := scriptixtest.Session{SessionID: "slow", Processing: forever}
	bad := scriptixtest.Session{SessionID: "bad", Error: "Audio file is too short"}
	tests := map[string]struct {
		sessions  []scriptixtest.Session
		fault     *scriptixtest.Fault
		sessionID string
		timeout   string // default: one that no case reaches
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
			sessionID: "slow", fault: &scriptixtest.Fault{Hang: true}, timeout: "500ms", words: []string{"Reading Timed Out"},
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
	// The cases are the steps of one test for each kind: starting Terraform's test framework anew for each takes longer.
	steps := func(configOf func(timeout, sessionID string) string) []resource.TestStep {
		var steps []resource.TestStep
		for _, name := range slices.Sorted(maps.Keys(tests)) {
			test := tests[name]
			server := scriptixtest.NewServer(t)
			if test.fault != nil {
				server.Inject(*test.fault)
			}
			timeout := cmp.Or(test.timeout, "30s")
			steps = append(steps, resource.TestStep{
				PreConfig:   func() { server.Add(test.sessions...) }, // their time begins with the step
				Config:      using(server, configOf(timeout, test.sessionID)),
				ExpectError: says(test.words...),
			})
		}
		return steps
	}
	t.Run("data source scriptix_session", func(t *testing.T) {
		t.Parallel()
		apply(t, steps(func(timeout, sessionID string) string {
			return session(append(unfinishedWait(`read = "`+timeout+`"`), `session_id = "`+sessionID+`"`)...)
		})...)
	})
	t.Run("data source scriptix_sessions", func(t *testing.T) {
		t.Parallel()
		apply(t, steps(func(timeout, sessionID string) string {
			return sessions(append(unfinishedWait(`read = "`+timeout+`"`), `session_ids = ["`+sessionID+`"]`)...)
		})...)
	})
	t.Run("ephemeral resource", func(t *testing.T) {
		t.Parallel()
		applyEphemeral(t, steps(func(timeout, sessionID string) string {
			return echoed(ephemeralSession(append(unfinishedWait(`open = "`+timeout+`"`), `session_id = "`+sessionID+`"`)...))
		})...)
	})
}

// A failed session among unfinished ones is the error that it always was.
func TestFailedSessionAmongUnfinishedOnesStaysAnError(t *testing.T) {
	t.Parallel()
	server := scriptixtest.NewServer(t)
	server.Add(
		scriptixtest.Session{SessionID: "slow", Processing: forever},
		scriptixtest.Session{SessionID: "bad", Error: "Audio file is too short"},
	)
	arguments := append(unfinishedWait(`read = "1500ms"`), `session_ids = ["slow", "bad"]`)
	apply(t,
		resource.TestStep{
			Config:      using(server, sessions(arguments...)),
			ExpectError: says("Session Failed", `Session "bad"`, "1 other session had not finished"),
		},
		resource.TestStep{
			Config: using(server, sessions(append(arguments, `allow_failed = true`)...)),
			ConfigStateChecks: []statecheck.StateCheck{
				has(theSessions, "sessions", knownvalue.ListExact([]knownvalue.Check{
					knownvalue.ObjectPartial(map[string]knownvalue.Check{"status": knownvalue.StringExact("processing")}),
					knownvalue.ObjectPartial(map[string]knownvalue.Check{"status": knownvalue.StringExact("failed")}),
				})),
			},
		},
	)
}

// exampleWithin is an example whose wait ends soon.
func exampleWithin(t *testing.T, server *scriptixtest.Server, example, timeout string) *cli {
	t.Helper()
	needsWhatIsRequired(t, filepath.Join("data-sources", filepath.Dir(example)))
	text := read(t, filepath.Join(examples, "data-sources", example))
	if strings.Count(text, timeout) != 1 {
		t.Fatalf("the example does not have one timeout of %s:\n%s", timeout, text)
	}
	return newCLI(t, server, strings.Replace(text, timeout, "2s", 1))
}

func TestExamplePublishesWhatIsReadyAndTheRestLater(t *testing.T) {
	t.Parallel()
	server := scriptixtest.NewServer(t)
	server.Add(scriptixtest.Session{SessionID: "abc123def456", Processing: forever}, scriptixtest.Session{SessionID: "def456abc123", Processing: forever})
	terraform := exampleWithin(t, server, "scriptix_sessions/publish.tf", "20m")
	unpublished := func() string { return strings.TrimSpace(terraform.run(true, "output", "-json", "unpublished")) }
	apply := func(succeeds bool) string {
		return terraform.run(succeeds, "apply", "-no-color", "-input=false", "-auto-approve")
	}

	output := apply(false)
	contains(t, output, "Resource postcondition failed", "No transcript is ready after 20 minutes: run Terraform again.")

	server.Add(scriptixtest.Session{SessionID: "abc123def456"})
	output = apply(true)
	contains(t, output, "Sessions Not Finished", `terraform_data.publication["abc123def456"]: Creation complete`, "1 added, 0 changed, 0 destroyed")
	if got := unpublished(); got != `["def456abc123"]` {
		t.Errorf("unpublished is %s", got)
	}

	server.Add(scriptixtest.Session{SessionID: "def456abc123"})
	output = apply(true)
	contains(t, output, `terraform_data.publication["def456abc123"]: Creation complete`, "1 added, 0 changed, 0 destroyed")
	lacks(t, "the output", output, "Sessions Not Finished")
	if got := unpublished(); got != `[]` {
		t.Errorf("unpublished is %s", got)
	}
}

func TestExampleStopsOnlyForAQueuedSession(t *testing.T) {
	t.Parallel()
	server := scriptixtest.NewServer(t)
	server.Add(scriptixtest.Session{SessionID: "def456abc123", Queued: forever})
	terraform := exampleWithin(t, server, "scriptix_session/allow_unfinished.tf", "30m")
	contains(t, terraform.run(false, "plan", "-no-color", "-input=false"),
		"Resource postcondition failed", "Session def456abc123 is still queued after 30 minutes.")

	server.Add(scriptixtest.Session{SessionID: "def456abc123", Processing: forever})
	contains(t, terraform.run(true, "plan", "-no-color", "-input=false"), "Sessions Not Finished")
}
