package provider_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
)

// waitAction is an action of the name "test" with these arguments.
func waitAction(arguments ...string) string {
	return fmt.Sprintf("action \"scriptix_wait_for_completion\" \"test\" {\n  config {\n    %s\n  }\n}\n", strings.Join(arguments, "\n    "))
}

// What a person sees of the action, with a CLI that has actions.
func TestActionInARealCLI(t *testing.T) {
	t.Parallel()
	executable := cliWith(t, actionBlocks)
	tests := map[string]struct {
		config    string
		arguments []string
	}{
		"invoked by hand": {
			"", []string{"apply", "-no-color", "-auto-approve", "-invoke=action.scriptix_wait_for_completion.test"},
		},
		"triggered": {
			`
resource "terraform_data" "publication" {
  input = "test"
  lifecycle {
    action_trigger {
      events  = [before_create]
      actions = [action.scriptix_wait_for_completion.test]
    }
  }
}
`, []string{"apply", "-no-color", "-auto-approve"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := scriptixtest.NewServer(t)
			server.Add(scriptixtest.Session{SessionID: "short"}, scriptixtest.Session{SessionID: "long"})
			then(server, "long", inStatus("long", "queued"))
			terraform := newCLI(t, server, waitAction(`session_ids = ["short", "long"]`)+test.config)
			terraform.executable = executable

			terraform.run(true, "plan", "-no-color")
			nothingSent(t, server)
			output := terraform.run(true, test.arguments...)
			if !says("1 of 2 finished, 1 queued, 0 s", "2 of 2 finished").MatchString(output) {
				t.Errorf("the progress is missing in:\n%s", output)
			}
			if got := len(server.Requests()); got != 3 {
				t.Errorf("%d requests were sent, want 3: %q", got, paths(server))
			}
		})
	}
	t.Run("failed", func(t *testing.T) {
		t.Parallel()
		server := scriptixtest.NewServer(t)
		server.Add(scriptixtest.Session{SessionID: "test", Error: "Audio file is too short"})
		terraform := newCLI(t, server, "")
		terraform.executable = executable
		write(t, filepath.Join(terraform.directory, "main.tf"), requirement+waitAction(`session_ids = ["test"]`)+tests["triggered"].config)
		output := terraform.run(false, "apply", "-no-color", "-auto-approve")
		if !says("Session Failed", `Session "test" ("test.mp3") failed: "Audio file is too short"`).MatchString(output) {
			t.Errorf("the failure is missing in:\n%s", output)
		}
		// What waits for the session is not made when it has failed.
		if state := terraform.run(true, "state", "list"); strings.Contains(state, "publication") {
			t.Errorf("the state holds %s", state)
		}
	})
}
