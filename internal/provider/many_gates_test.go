package provider_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
)

// apiLatency is how long the fake takes for an answer, as an API does that is far away.
const apiLatency = 80 * time.Millisecond

// aHundred are the IDs of a hundred sessions, in Terraform's language.
const aHundred = `[for i in range(100) : format("session-%03d", i)]`

// eachOfAHundred is a block for each of a hundred sessions.
func eachOfAHundred(block, name string, arguments ...string) string {
	return fmt.Sprintf("%s \"scriptix_%s\" \"test\" {\n  for_each   = toset(%s)\n  session_id = each.key\n  %s\n}\n",
		block, name, aHundred, strings.Join(arguments, "\n  "))
}

// addAHundred uploads a hundred sessions that have finished. It replaces some, and omits those that are nil.
func addAHundred(server *scriptixtest.Server, instead map[int]*scriptixtest.Session) {
	for i := range 100 {
		session := scriptixtest.Session{SessionID: fmt.Sprintf("session-%03d", i)}
		if other, isReplaced := instead[i]; isReplaced {
			if other == nil {
				continue
			}
			other.SessionID = session.SessionID
			session = *other
		}
		server.Add(session)
	}
}

// slowToBegin are faults for a busy machine. Gates share requests if they wait at the same time, and there, Terraform needs
// longer than apiLatency to start its second gate. So the first answers take longer.
func slowToBegin() []scriptixtest.Fault {
	return []scriptixtest.Fault{{Latency: 3 * time.Second, Times: 2}, {Latency: apiLatency}}
}

// A hundred gates cost about what one costs, also if Terraform asks for them one by one.
// TestGatesOfManySessionsShareTheirRequests has the exact bounds.
func TestTerraformSharesTheRequestsOfManyGates(t *testing.T) {
	t.Parallel()
	each := eachOfAHundred("resource", "session_completion")
	dataSources := eachOfAHundred("data", "session")
	tests := map[string]struct {
		config   string
		command  []string
		newer    int // sessions that were uploaded later
		requests int // at most
	}{
		"completions":                 {config: each, requests: 10},
		"completions, all at once":    {config: each, command: []string{"-parallelism=100"}, requests: 10},
		"data sources":                {config: dataSources, requests: 10},
		"data sources, all at once":   {config: dataSources, command: []string{"-parallelism=100"}, requests: 10},
		"completions of old sessions": {config: each, newer: 1000, requests: 115},
		"one gate for the batch":      {config: completionsOfAHundred, requests: 5},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := scriptixtest.NewServer(t)
			addAHundred(server, nil)
			for i := range test.newer {
				server.Add(scriptixtest.Session{SessionID: fmt.Sprintf("newer-%04d", i)})
			}
			server.Inject(slowToBegin()...)
			terraform := newCLI(t, server, test.config)
			began := time.Now()
			terraform.run(true, append([]string{"apply", "-no-color", "-auto-approve"}, test.command...)...)
			if requests := len(server.Requests()); requests > test.requests {
				t.Errorf("%d requests, want at most %d:\n%s", requests, test.requests, strings.Join(paths(server), "\n"))
			}
			t.Logf("%d requests, %s", len(server.Requests()), time.Since(began).Round(10*time.Millisecond))
		})
	}
}

// Each gate has its own outcome: what becomes of some sessions takes nothing away from the others.
func TestTerraformKeepsTheFatesOfManyGatesApart(t *testing.T) {
	t.Parallel()
	server := scriptixtest.NewServer(t)
	addAHundred(server, map[int]*scriptixtest.Session{
		7: nil, 42: {Processing: forever}, 77: {Error: "Audio file is too short"},
	})
	server.Inject(
		scriptixtest.Fault{Match: scriptixtest.ForSession("session-042"), Hang: true},
		scriptixtest.Fault{Latency: apiLatency},
	)
	terraform := newCLI(t, server, eachOfAHundred("resource", "session_completion", `timeouts = { create = "12s" }`))
	_, output, _ := strings.Cut(terraform.run(false, "apply", "-no-color", "-auto-approve"), "Plan: 100 to add")
	if errors := strings.Count(output, "Error: "); errors != 3 {
		t.Errorf("Terraform reports %d errors, want 3:\n%s", errors, output)
	}
	for _, words := range [][]string{
		{"Session Not Found", `session "session-007"`},
		{"Error: ", `"session-042"`, "raise timeouts.create"},
		{"Session Failed", `Session "session-077" ("session-077.mp3") failed: "Audio file is too short"`},
	} {
		if !says(words...).MatchString(output) {
			t.Errorf("%q is missing in:\n%s", words, output)
		}
	}
	created := terraform.run(true, "state", "list")
	if count := strings.Count(created, "\n"); count != 97 {
		t.Errorf("the state holds %d completions, want 97:\n%s", count, created)
	}
	// The missing session is asked for again during ten seconds, and the hanging one with each poll.
	if requests := len(server.Requests()); requests > 40 {
		t.Errorf("%d requests, want at most 40:\n%s", requests, strings.Join(paths(server), "\n"))
	}
}

const completionsOfAHundred = `
resource "scriptix_session_completions" "test" {
  session_ids = ` + aHundred + `
}
`
