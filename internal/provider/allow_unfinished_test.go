package provider_test

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
)

func TestUnfinishedSessionIsInTheStateAsLastRead(t *testing.T) {
	t.Parallel()
	server := scriptixtest.NewServer(t)
	server.Add(scriptixtest.Session{SessionID: "test", Filename: "talk.mp3", Processing: forever})
	config := using(server, session(waits, `allow_unfinished = true`, `timeouts = { read = "1500ms" }`, `session_id = "test"`))
	apply(t,
		resource.TestStep{
			Config: config,
			ConfigStateChecks: []statecheck.StateCheck{
				has(theSession, "status", knownvalue.StringExact("processing")),
				has(theSession, "filename", knownvalue.StringExact("talk.mp3")),
				has(theSession, "document", knownvalue.Null()),
				has(theSession, "finished_at", knownvalue.Null()),
				has(theSession, "allow_unfinished", knownvalue.Bool(true)),
				// Terraform's test framework plans again after the checks. Those plans need not wait.
				stateCheck(func(context.Context, statecheck.CheckStateRequest, *statecheck.CheckStateResponse) {
					server.Add(scriptixtest.Session{SessionID: "test", Filename: "talk.mp3"})
				}),
			},
		},
		// Running Terraform again waits for the rest.
		resource.TestStep{
			Config: config,
			ConfigStateChecks: []statecheck.StateCheck{
				has(theSession, "status", knownvalue.StringExact("completed")),
				has(theSession, "document", knownvalue.NotNull()),
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
