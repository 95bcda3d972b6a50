package provider_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
)

const theCompletions = "scriptix_session_completions.test"

// completions is a resource of the name "test" with these arguments.
func completions(arguments ...string) string {
	return fmt.Sprintf("resource \"scriptix_session_completions\" \"test\" {\n  %s\n}\n", strings.Join(arguments, "\n  "))
}

func sessionIDs(ids ...string) string { return "session_ids = " + quotedList(ids...) }

// publishedEach publishes each session by itself, and replaces a publication when its document changes.
const publishedEach = `
resource "terraform_data" "publication" {
  for_each         = scriptix_session_completions.test.sessions
  triggers_replace = each.value.document == null ? "none" : each.value.document.id
}
`

func TestCompletionsAreAMapOfWhatAListHas(t *testing.T) {
	t.Parallel()
	server := scriptixtest.NewServer(t)
	server.Add(scriptixtest.Session{SessionID: contractID, JSON: scriptixtest.CompletedSessionJSON}, scriptixtest.Session{SessionID: "other"})
	at := func(id, attribute string) tfjsonpath.Path {
		return tfjsonpath.New("sessions").AtMapKey(id).AtMapKey(attribute)
	}
	apply(t, resource.TestStep{
		Config: using(server, completions(sessionIDs(contractID, "other"))),
		ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
			planSent(server, 0),
			plancheck.ExpectResourceAction(theCompletions, plancheck.ResourceActionCreate),
			plancheck.ExpectKnownValue(theCompletions, at("other", "session_id"), knownvalue.StringExact("other")),
			plancheck.ExpectUnknownValue(theCompletions, at("other", "status")),
			plancheck.ExpectUnknownValue(theCompletions, at("other", "document")),
		}},
		ConfigStateChecks: []statecheck.StateCheck{
			hasExactly(theCompletions, map[string]knownvalue.Check{
				"session_ids":   knownvalue.SetExact([]knownvalue.Check{knownvalue.StringExact(contractID), knownvalue.StringExact("other")}),
				"allow_failed":  knownvalue.Null(),
				"poll_interval": knownvalue.Null(),
				"timeouts":      knownvalue.Null(),
				"triggers":      knownvalue.Null(),
				"sessions": knownvalue.MapExact(map[string]knownvalue.Check{
					"other":    knownvalue.ObjectPartial(map[string]knownvalue.Check{"status": knownvalue.StringExact("completed")}),
					contractID: knownvalue.ObjectExact(contractSession(nil)),
				}),
			}),
		},
	})
}

// batchOf is a server with completed sessions, and a CLI that has created their completions and published each.
func batchOf(t *testing.T, ids ...string) (*scriptixtest.Server, *cli) {
	t.Helper()
	server := scriptixtest.NewServer(t)
	for _, id := range append(ids, "new") {
		server.Add(scriptixtest.Session{SessionID: id})
	}
	server.Add(scriptixtest.Session{SessionID: "failed", Error: "Audio file is too short"})
	terraform := newCLI(t, server, completions(sessionIDs(ids...))+publishedEach)
	terraform.executable = cliWith(t, terraformData)
	// The keys are known during the plan, so for_each needs no second apply.
	terraform.changes(1+len(ids), 0, 0)
	server.ResetRequests()
	return server, terraform
}

func TestAddedSessionsAloneAreWaitedFor(t *testing.T) {
	t.Parallel()
	server, terraform := batchOf(t, "a", "b", "c")
	for _, id := range []string{"a", "b", "c"} {
		server.Remove(id) // nobody asks for them again
	}
	server.Add(scriptixtest.Session{SessionID: "new", Processing: 2 * time.Second})
	terraform.become(completions(sessionIDs("a", "b", "c", "new"), `poll_interval = "3s"`) + publishedEach)
	terraform.changes(1, 1, 0)
	for _, path := range paths(server) {
		if !strings.Contains(path, "/new?") {
			t.Errorf("a request was sent for more than the new session: %s", path)
		}
	}
	contains(t, terraform.run(true, "plan", "-no-color", "-detailed-exitcode"), "No changes.")
}

func TestRemovedSessionsCostNothing(t *testing.T) {
	t.Parallel()
	server, terraform := batchOf(t, "a", "b", "c")
	terraform.become(completions(sessionIDs("b")) + publishedEach)
	terraform.changes(0, 1, 2)
	terraform.become(completions(sessionIDs()) + publishedEach)
	terraform.changes(0, 1, 1)
	nothingSent(t, server)
}

func TestUpdateThatFailsKeepsTheState(t *testing.T) {
	t.Parallel()
	server, terraform := batchOf(t, "a", "b")
	state := read(t, filepath.Join(terraform.directory, "terraform.tfstate"))
	server.Add(scriptixtest.Session{SessionID: "slow", Processing: forever})
	for name, test := range map[string]struct {
		config string
		words  []string
	}{
		"a failed session": {
			completions(sessionIDs("a", "b", "new", "failed")),
			[]string{"Session Failed", `Session "failed" ("failed.mp3") failed: "Audio file is too short"`},
		},
		"the timeout": {
			completions(sessionIDs("a", "b", "slow"), `timeouts = { update = "1s" }`),
			[]string{"Session Still Processing", `Session "slow" has not finished`, "raise timeouts.update"},
		},
		"a missing session": {
			completions(sessionIDs("a", "b", "missing")), []string{"Session Not Found", `session "missing"`},
		},
	} {
		terraform.become(test.config + publishedEach)
		output := terraform.run(false, "apply", "-no-color", "-auto-approve")
		if !says(test.words...).MatchString(output) {
			t.Errorf("%s: Terraform says %s", name, output)
		}
		lacks(t, "the apply", output, "Creating...")
		lacks(t, "the apply", output, "Destroying...")
		_, resources, _ := strings.Cut(state, `"resources"`)
		contains(t, read(t, filepath.Join(terraform.directory, "terraform.tfstate")), resources)
	}
}

func TestCompletionsStayWhateverHappens(t *testing.T) {
	t.Parallel()
	server, terraform := batchOf(t, "a", "b")
	environment := &cliEnvironment{terraform}
	environment.set("SCRIPTIX_API_TOKEN", "")
	server.Remove("a")
	contains(t, environment.run(true, "plan", "-no-color", "-detailed-exitcode"), "No changes.")
	environment.become(completions(sessionIDs("a", "b", "new")) + publishedEach)
	contains(t, environment.run(false, "plan", "-no-color"), "Missing API Token")
	environment.become(completions(sessionIDs("a", "b")) + publishedEach)
	contains(t, environment.run(true, "destroy", "-no-color", "-auto-approve"), "3 destroyed")
	nothingSent(t, server)
}

// namesOfDocuments shows the sessions in a way that every CLI has.
const namesOfDocuments = `
output "names" {
  value = { for id, session in scriptix_session_completions.test.sessions : id => session.document == null ? "none" : session.document.name }
}
`

// Every CLI runs through the operations of the resource, one after the other.
func TestLifeOfABatch(t *testing.T) {
	t.Parallel()
	server := importServer(t)
	server.Add(scriptixtest.Session{SessionID: "a"}, scriptixtest.Session{SessionID: "b"})
	terraform := newCLI(t, server, "")
	become := func(arguments ...string) { terraform.become(completions(arguments...) + namesOfDocuments) }
	costs := func(most int) {
		t.Helper()
		if requests := len(server.Requests()); requests > most {
			t.Errorf("%d requests, want at most %d: %s", requests, most, paths(server))
		}
		server.ResetRequests()
	}
	names := func(want string) {
		t.Helper()
		if got := strings.TrimSpace(terraform.run(true, "output", "-json", "names")); got != want {
			t.Errorf("the documents are %s, want %s", got, want)
		}
	}
	become(sessionIDs("a"))
	terraform.changes(1, 0, 0)
	names(`{"a":"a.mp3 Transcript"}`)
	costs(1)

	become(sessionIDs("a", "b"))
	terraform.changes(0, 1, 0)
	names(`{"a":"a.mp3 Transcript","b":"b.mp3 Transcript"}`)
	costs(1)

	become(sessionIDs("a", "b", "failed"))
	contains(t, terraform.run(false, "apply", "-no-color", "-auto-approve"), "Error: Session Failed")
	names(`{"a":"a.mp3 Transcript","b":"b.mp3 Transcript"}`)
	costs(1)

	become(sessionIDs("a", "b", "failed"), "allow_failed = true")
	terraform.changes(0, 1, 0)
	names(`{"a":"a.mp3 Transcript","b":"b.mp3 Transcript","failed":"none"}`)
	costs(1)

	become(sessionIDs("b"))
	terraform.changes(0, 1, 0)
	contains(t, terraform.run(true, "plan", "-no-color", "-detailed-exitcode"), "No changes.")
	contains(t, terraform.run(true, "refresh", "-no-color"), "names")
	costs(0)

	become(sessionIDs("b"), `triggers = { revision = "2" }`)
	terraform.changes(1, 0, 1)
	costs(1)
	terraform.run(true, "destroy", "-no-color", "-auto-approve")
	costs(0)

	become(sessionIDs("a", "b"))
	terraform.run(true, "import", "-no-color", theCompletions, "b,a")
	costs(2)
	terraform.run(true, "apply", "-no-color", "-auto-approve")
	names(`{"a":"a.mp3 Transcript","b":"b.mp3 Transcript"}`)
	costs(0)
}

func TestTriggersWaitForAllSessionsAgain(t *testing.T) {
	t.Parallel()
	server, terraform := batchOf(t, "a", "b")
	terraform.become(completions(sessionIDs("a", "b"), `triggers = { revision = "2" }`) + publishedEach)
	contains(t, terraform.run(true, "apply", "-no-color", "-auto-approve"), theCompletions+" must be replaced")
	if len(server.Requests()) == 0 {
		t.Error("no request was sent")
	}
}

func TestFailedSessionsCloseTheGateOfTheBatch(t *testing.T) {
	t.Parallel()
	server := importServer(t)
	server.Add(scriptixtest.Session{SessionID: "broken", Error: "Language detection failed"})
	batch := sessionIDs("completed", "failed", "broken")
	terraform := newCLI(t, server, completions(batch))
	output := terraform.run(false, "apply", "-no-color", "-auto-approve")
	both := says("Session Failed", `Session "broken" ("broken.mp3") failed`, `Session "failed" ("failed.mp3") failed`)
	if !both.MatchString(output) {
		t.Errorf("Terraform says %s", output)
	}
	terraform.become(completions(batch, "allow_failed = true"))
	terraform.changes(1, 0, 0)
	server.ResetRequests()

	terraform.become(completions(batch))
	if output := terraform.run(false, "apply", "-no-color", "-auto-approve"); !both.MatchString(output) {
		t.Errorf("Terraform says %s", output)
	}
	terraform.become(completions(sessionIDs("completed")))
	terraform.changes(0, 1, 0)
	nothingSent(t, server)
}

func TestEmptyBatchWaitsForNothing(t *testing.T) {
	t.Parallel()
	server := scriptixtest.NewServer(t)
	terraform := &cliEnvironment{newCLI(t, server, completions(sessionIDs()))}
	terraform.set("SCRIPTIX_API_TOKEN", "")
	terraform.changes(1, 0, 0)
	contains(t, terraform.run(true, "plan", "-no-color", "-detailed-exitcode"), "No changes.")
	nothingSent(t, server)
}

// IDs that another resource returns are known only during the apply.
func TestUnknownBatchWaitsForTheApply(t *testing.T) {
	t.Parallel()
	server := scriptixtest.NewServer(t)
	server.Add(scriptixtest.Session{SessionID: "first", Filename: "second"}, scriptixtest.Session{SessionID: "second"})
	config := completion(`session_id = "first"`)
	for name, ids := range map[string]string{
		"one of them is unknown": "[scriptix_session_completion.test.filename]",
		"all are unknown":        "toset(split(\",\", scriptix_session_completion.test.filename))",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			terraform := newCLI(t, server, config+completions("session_ids = "+ids)+namesOfDocuments)
			terraform.changes(2, 0, 0)
			contains(t, terraform.run(true, "output", "-json", "names"), `"second":"second.mp3 Transcript"`)
			contains(t, terraform.run(true, "plan", "-no-color", "-detailed-exitcode"), "No changes.")
		})
	}
}

func TestBatchIsImportedByItsIDs(t *testing.T) {
	t.Parallel()
	for id, words := range map[string][]string{
		"completed,queued,processing": {
			"Session Still Processing", `2 of 2 sessions have not finished: "processing" (processing), "queued" (queued).`,
			"An import takes only sessions that have finished.",
		},
		"completed,missing": {"Session Not Found", `session "missing"`},
		"completed,a/b":     {"Invalid Argument", `must not contain a slash.`},
		"completed,":        {"Invalid Argument", `must not be empty.`},
	} {
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			terraform := newCLI(t, importServer(t), completions(sessionIDs("completed")))
			output := terraform.run(false, "import", "-no-color", theCompletions, id)
			if !says(words...).MatchString(output) {
				t.Errorf("%q is missing in:\n%s", words, output)
			}
		})
	}
	t.Run("finished", func(t *testing.T) {
		t.Parallel()
		server := importServer(t)
		server.Add(scriptixtest.Session{SessionID: "other"})
		terraform := newCLI(t, server, completions(sessionIDs("completed", "other")))
		terraform.run(true, "import", "-no-color", theCompletions, "other, completed")
		server.ResetRequests()
		contains(t, terraform.run(true, "plan", "-no-color", "-detailed-exitcode"), "No changes.")
		terraform.become(completions(sessionIDs("completed", "other", "failed")))
		nothingSent(t, server)
	})
}

func TestCompletionsArgumentsAreRefusedBeforeAnythingIsSent(t *testing.T) {
	refuse(t, map[string]refusal{
		"a null":    {[]string{`session_ids = ["test", null]`}, []string{"Null Set Value", "This attribute contains a null value."}},
		"a bad ID":  {[]string{`session_ids = ["a/b"]`}, []string{"Invalid Argument", `must not contain a slash.`}},
		"no ID":     {[]string{`allow_failed = true`}, []string{"Missing required argument", "session_ids"}},
		"a timeout": {[]string{`session_ids = []`, `timeouts = { update = "0s" }`}, []string{"Invalid Argument", `timeouts.update must be more than zero`}},
		"an interval longer than create": {
			[]string{`session_ids = []`, `poll_interval = "2h"`, `timeouts = { update = "3h" }`},
			[]string{"Invalid Argument", `poll_interval must be shorter than timeouts.create, which is 1h15m`},
		},
		"an interval longer than update": {
			[]string{`session_ids = []`, `poll_interval = "2h"`, `timeouts = { create = "3h" }`},
			[]string{"Invalid Argument", `poll_interval must be shorter than timeouts.update, which is 1h15m`},
		},
	}, completions)
}

// A CLI cannot mock the elements of a map, so a test replaces the module with the gate.
func TestModuleWithCompletionsIsOverridden(t *testing.T) {
	t.Parallel()
	server := scriptixtest.NewServer(t)
	terraform := newCLI(t, server, `
module "gate" { source = "./gate" }
output "document" { value = module.gate.documents["a"] }
`)
	terraform.executable = cliWith(t, mocks)
	gate := filepath.Join(terraform.directory, "gate")
	if err := os.Mkdir(gate, 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(gate, "main.tf"), requirement+completions(sessionIDs("a"))+`
output "documents" {
  value = { for id, session in scriptix_session_completions.test.sessions : id => session.document.id }
}
`)
	write(t, filepath.Join(terraform.directory, "gate.tftest.hcl"), `
mock_provider "scriptix" {}
override_module {
  target  = module.gate
  outputs = { documents = { a = "67890" } }
}
run "opens" {
  assert {
    condition     = output.document == "67890"
    error_message = "The document is ${output.document}."
  }
}
`)
	terraform.run(true, "get", "-no-color")
	contains(t, terraform.run(true, "test", "-no-color"), "1 passed, 0 failed")
	nothingSent(t, server)
}
