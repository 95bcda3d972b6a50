package provider_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
)

// The guide on gates says how many requests each command costs.
func TestGateGuideSaysWhatEachCommandCosts(t *testing.T) {
	t.Parallel()
	type costs struct{ validate, firstPlan, apply, plan, planOffline, destroy, destroyOffline int }
	const used = `
resource "terraform_data" "user" {
  provisioner "local-exec" {
    command     = "exit 0"
    environment = { STATUS = ephemeral.scriptix_session.test.status }
  }
}
`
	tests := map[string]struct {
		config string
		needs  feature
		costs  costs
	}{
		"resource":           {completion(`session_id = "test"`), feature{}, costs{0, 0, 1, 0, 0, 0, 0}},
		"plural resource":    {completions(sessionIDs("test")), feature{}, costs{0, 0, 1, 0, 0, 0, 0}},
		"data source":        {session(`session_id = "test"`, waits), feature{}, costs{0, 1, 0, 1, 1, 1, 0}},
		"ephemeral resource": {ephemeralSession(`session_id = "test"`, waits) + used, ephemeralResources, costs{0, 1, 1, 1, 1, 1, 0}},
		"action": {waitAction(`session_ids = ["test"]`) + `
resource "terraform_data" "user" {
  lifecycle {
    action_trigger {
      events  = [after_create]
      actions = [action.scriptix_wait_for_completion.test]
    }
  }
}
`, actionBlocks, costs{0, 0, 1, 0, 0, 0, 0}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			executable := cliWith(t, test.needs)
			server := scriptixtest.NewServer(t)
			server.Add(scriptixtest.Session{SessionID: "test"})
			terraform := newCLI(t, server, test.config)
			terraform.executable = executable
			costs := func(want int, arguments ...string) {
				server.ResetRequests()
				terraform.run(true, arguments...)
				if got := len(server.Requests()); got != want {
					t.Errorf("%q has sent %d requests, want %d", arguments, got, want)
				}
			}
			costs(test.costs.validate, "validate")
			costs(test.costs.firstPlan, "plan", "-out=saved.tfplan")
			costs(test.costs.apply, "apply", "saved.tfplan")
			costs(test.costs.plan, "plan")
			costs(test.costs.planOffline, "plan", "-refresh=false")
			costs(test.costs.destroyOffline, "plan", "-destroy", "-refresh=false")
			costs(test.costs.destroy, "destroy", "-auto-approve")
		})
	}
}

// The guide on waiting says which other commands read data sources.
func TestWaitingGuideSaysWhatReadsDataSources(t *testing.T) {
	t.Parallel()
	server := scriptixtest.NewServer(t)
	server.Add(scriptixtest.Session{SessionID: "imported"})
	// Reads of single sessions may share a page, and this one has a page of its own.
	terraform := newCLI(t, server, sessions(`status = "failed"`)+completion(`session_id = "imported"`))
	product, minor := versionOf(t, terraform.executable)
	for _, command := range [][]string{{"import", "scriptix_session_completion.test", "imported"}, {"refresh"}} {
		server.ResetRequests()
		terraform.run(true, command...)
		want := command[0] != "import" || importsThatRead.in(product, minor)
		got := paths(server)
		if slices.ContainsFunc(got, func(path string) bool { return strings.Contains(path, "status=failed") }) != want {
			t.Errorf("terraform %s reads the data source: %t, want %t; it sent %q", command[0], !want, want, got)
		}
		contains(t, read(t, "../../docs/guides/waiting.md"), "| `terraform "+command[0]+"` | yes")
	}
}
