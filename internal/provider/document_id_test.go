package provider_test

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
)

// Earlier versions stored document.id as a number. Each CLI reads such a state, and finds nothing to change in it.
func TestStateWithANumberForADocumentIsRead(t *testing.T) {
	t.Parallel()
	for _, executable := range clis(t) {
		t.Run(strings.ReplaceAll(executable, "/", "_"), func(t *testing.T) {
			t.Parallel()
			server := scriptixtest.NewServer(t)
			server.Add(scriptixtest.Session{SessionID: "test", DocumentID: 1<<53 + 1})
			terraform := newCLI(t, server, session(`session_id = "test"`)+sessions()+completion(`session_id = "test"`))
			terraform.executable = executable
			terraform.run(true, "apply", "-no-color", "-auto-approve")

			path := filepath.Join(terraform.directory, "terraform.tfstate")
			state := read(t, path)
			if got := strings.Count(state, `"id": "9007199254740993"`); got != 3 {
				t.Fatalf("want the document's ID in three places of the state, got %d:\n%s", got, state)
			}
			write(t, path, strings.ReplaceAll(state, `"id": "9007199254740993"`, `"id": 9007199254740993`))

			terraform.run(true, "plan", "-no-color", "-detailed-exitcode", "-refresh=false")
			terraform.run(true, "plan", "-no-color", "-detailed-exitcode")
			shown := documentIDs(t, terraform.run(true, "show", "-json"))
			if len(shown) != 2 || shown["data"] != "9007199254740993" || shown["managed"] != "9007199254740993" {
				t.Errorf("the CLI shows %v", shown)
			}
			terraform.run(true, "apply", "-no-color", "-auto-approve")
			terraform.run(true, "destroy", "-no-color", "-auto-approve")
		})
	}
}

// documentIDs are the IDs of documents in what "show -json" prints, by the mode of the resource.
func documentIDs(t *testing.T, text string) map[string]any {
	t.Helper()
	var state struct {
		Values struct {
			RootModule struct {
				Resources []struct {
					Mode   string
					Values struct{ Document *struct{ ID any } }
				}
			} `json:"root_module"`
		}
	}
	if err := json.Unmarshal([]byte(text), &state); err != nil {
		t.Fatalf("%v in:\n%s", err, text)
	}
	ids := map[string]any{}
	for _, resource := range state.Values.RootModule.Resources {
		if resource.Values.Document != nil {
			ids[resource.Mode] = resource.Values.Document.ID
		}
	}
	return ids
}
