package provider_test

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
)

const theCompletion = "scriptix_session_completion.test"

// completion is a resource of the name "test" with these arguments.
func completion(arguments ...string) string {
	return fmt.Sprintf("resource \"scriptix_session_completion\" \"test\" {\n  %s\n}\n", strings.Join(arguments, "\n  "))
}

// planned checks what a plan is to do with the completion, before it is applied.
func planned(action plancheck.ResourceActionType, others ...plancheck.PlanCheck) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: append(others, plancheck.ExpectResourceAction(theCompletion, action))}
}

type planCheck func() error

func (c planCheck) CheckPlan(_ context.Context, _ plancheck.CheckPlanRequest, response *plancheck.CheckPlanResponse) {
	response.Error = c()
}

// planSent checks how many requests planning has cost.
func planSent(server *scriptixtest.Server, want int) plancheck.PlanCheck {
	return planCheck(func() error {
		if got := len(server.Requests()); got != want {
			return fmt.Errorf("planning has sent %d requests, want %d: %q", got, want, paths(server))
		}
		return nil
	})
}

func TestCompletionHasEveryFieldOfTheSessionButTheRecording(t *testing.T) {
	t.Parallel()
	server := scriptixtest.NewServer(t)
	server.Add(scriptixtest.Session{SessionID: contractID, JSON: scriptixtest.CompletedSessionJSON})
	apply(t, resource.TestStep{
		Config: using(server, completion(`session_id = "`+contractID+`"`)),
		ConfigPlanChecks: planned(plancheck.ResourceActionCreate, planSent(server, 0),
			plancheck.ExpectUnknownValue(theCompletion, tfjsonpath.New("status")),
			plancheck.ExpectUnknownValue(theCompletion, tfjsonpath.New("document"))),
		ConfigStateChecks: []statecheck.StateCheck{
			sent(server, 1),
			hasExactly(theCompletion, contractSession(map[string]knownvalue.Check{
				"id":            knownvalue.StringExact(contractID),
				"allow_failed":  knownvalue.Null(),
				"poll_interval": knownvalue.Null(),
				"timeouts":      knownvalue.Null(),
				"triggers":      knownvalue.Null(),
			})),
		},
	})
}

func TestCompletionWaitsWhileTerraformApplies(t *testing.T) {
	t.Parallel()
	server := scriptixtest.NewServer(t)
	server.Add(scriptixtest.Session{SessionID: "test"}, scriptixtest.Session{SessionID: "first", Filename: "test"})
	then(server, "test", inStatus("test", "queued"), inStatus("test", "processing"))
	// The id is known only once another resource is there.
	config := using(server, "resource \"scriptix_session_completion\" \"first\" { session_id = \"first\" }\n"+
		completion(`session_id = scriptix_session_completion.first.filename`))
	apply(t, resource.TestStep{
		Config:           config,
		ConfigPlanChecks: planned(plancheck.ResourceActionCreate, planSent(server, 0)),
		ConfigStateChecks: []statecheck.StateCheck{
			sent(server, 4),
			has(theCompletion, "session_id", knownvalue.StringExact("test")),
			has(theCompletion, "status", knownvalue.StringExact("completed")),
			has(theCompletion, "document", knownvalue.NotNull()),
		},
	})
}

// Were it tainted, the next plan would replace what it would have to create.
func TestCompletionThatFailsLeavesNothingInTheState(t *testing.T) {
	t.Parallel()
	server := scriptixtest.NewServer(t)
	server.Add(scriptixtest.Session{SessionID: "test", Filename: "talk.mp3", Error: "Audio file is too short"})
	then(server, "test", inStatus("test", "processing"))
	config := using(server, completion(`session_id = "test"`))
	words := says("Session Failed", `Session "test" ("talk.mp3") failed: "Audio file is too short"`, "allow_failed = true")
	apply(t,
		resource.TestStep{Config: config, ExpectError: words},
		resource.TestStep{
			PreConfig:        server.ResetRequests,
			Config:           using(server, completion(`session_id = "test"`, `allow_failed = true`)),
			ConfigPlanChecks: planned(plancheck.ResourceActionCreate, planSent(server, 0)),
			ConfigStateChecks: []statecheck.StateCheck{
				sent(server, 1),
				has(theCompletion, "status", knownvalue.StringExact("failed")),
				has(theCompletion, "error", knownvalue.StringExact("Audio file is too short")),
			},
		},
	)
}

func TestCompletionThatOutlastsTheTimeoutLeavesNothingInTheState(t *testing.T) {
	t.Parallel()
	server := scriptixtest.NewServer(t)
	server.Add(scriptixtest.Session{SessionID: "test", Processing: forever})
	apply(t,
		resource.TestStep{
			Config: using(server, completion(`session_id = "test"`, `timeouts = { create = "2s" }`)),
			ExpectError: says("Session Still Processing", `Session "test" has not finished: its status is still processing. The wait reached its timeout of 2s after`,
				"To wait longer, raise timeouts.create."),
		},
		resource.TestStep{
			PreConfig: func() {
				server.Add(scriptixtest.Session{SessionID: "test"})
				server.ResetRequests()
			},
			Config:            using(server, completion(`session_id = "test"`)),
			ConfigPlanChecks:  planned(plancheck.ResourceActionCreate, planSent(server, 0)),
			ConfigStateChecks: []statecheck.StateCheck{has(theCompletion, "status", knownvalue.StringExact("completed"))},
		},
	)
}

func TestCompletionIsReplacedWhenItsSessionOrATriggerChanges(t *testing.T) {
	t.Parallel()
	server := scriptixtest.NewServer(t)
	server.Add(scriptixtest.Session{SessionID: "test"}, scriptixtest.Session{SessionID: "other"})
	replaced := func(id string, arguments ...string) resource.TestStep {
		return resource.TestStep{
			Config: using(server, completion(append(arguments, `session_id = "`+id+`"`)...)),
			ConfigPlanChecks: planned(plancheck.ResourceActionDestroyBeforeCreate,
				plancheck.ExpectUnknownValue(theCompletion, tfjsonpath.New("status")),
				plancheck.ExpectUnknownValue(theCompletion, tfjsonpath.New("id"))),
			ConfigStateChecks: []statecheck.StateCheck{
				has(theCompletion, "session_id", knownvalue.StringExact(id)),
				has(theCompletion, "filename", knownvalue.StringExact(id+".mp3")),
			},
		}
	}
	apply(t,
		resource.TestStep{
			Config:            using(server, completion(`session_id = "test"`)),
			ConfigPlanChecks:  planned(plancheck.ResourceActionCreate),
			ConfigStateChecks: []statecheck.StateCheck{has(theCompletion, "filename", knownvalue.StringExact("test.mp3"))},
		},
		replaced("other"),
		replaced("other", `triggers = { revision = "1" }`),
	)
}

// The arguments of the wait are for the next one: changing them reads nothing, waits for nothing and shows nothing as
// unknown, whatever the session does meanwhile.
func TestCompletionTakesOverArgumentsWithoutWaiting(t *testing.T) {
	t.Parallel()
	server := scriptixtest.NewServer(t)
	server.Add(scriptixtest.Session{SessionID: "test"})
	terraform := newCLI(t, server, completion(`session_id = "test"`))
	terraform.run(true, "apply", "-no-color", "-auto-approve")
	server.Add(scriptixtest.Session{SessionID: "test", Processing: forever})
	server.ResetRequests()

	changed := completion(`session_id = "test"`, `allow_failed = true`, `poll_interval = "1m"`, `timeouts = { create = "2m" }`)
	write(t, filepath.Join(terraform.directory, "main.tf"), requirement+changed)
	output := terraform.run(true, "apply", "-no-color", "-auto-approve", "-refresh=false")
	contains(t, output, "will be updated in-place", "0 to add, 1 to change, 0 to destroy")
	lacks(t, "the plan", output, "known after apply")
	nothingSent(t, server)
	contains(t, terraform.run(true, "state", "show", "-no-color", theCompletion), `"completed"`, `"1m"`, `"2m"`)
}

func TestCompletionIsImportedByItsSession(t *testing.T) {
	t.Parallel()
	server := scriptixtest.NewServer(t)
	server.Add(scriptixtest.Session{SessionID: "test"}, scriptixtest.Session{SessionID: "running", Processing: forever})
	config := using(server, completion(`session_id = "test"`))
	imported := func(id string) resource.TestStep {
		return resource.TestStep{
			Config: config, ResourceName: theCompletion, ImportState: true, ImportStateId: id,
			ImportStateVerifyIdentifierAttribute: "session_id",
		}
	}
	verified := imported("test")
	verified.ImportStateVerify = true
	refused := func(id string, words ...string) resource.TestStep {
		step := imported(id)
		step.ExpectError = says(words...)
		return step
	}
	apply(t,
		resource.TestStep{Config: config, ConfigStateChecks: []statecheck.StateCheck{sent(server, 1)}},
		verified,
		refused("a/b", "Invalid Argument", `session_id must not contain a slash.`),
		refused("missing", "Session Not Found", `Reading session "missing" failed: HTTP 404`),
	)
}
