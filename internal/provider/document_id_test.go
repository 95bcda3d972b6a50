package provider_test

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

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

// The API's pages show numbers and texts. Each is the same string in every block, as the API writes it.
func TestDocumentIDIsAStringAsTheAPIWritesIt(t *testing.T) {
	t.Parallel()
	server := scriptixtest.NewServer(t)
	config := sessions() + "locals { listed = { for session in data.scriptix_sessions.test.sessions : session.session_id => session } }\n"
	var checks []statecheck.StateCheck
	for want, session := range map[string]scriptixtest.Session{
		"67890":                                {DocumentID: 67890},
		"doc_67890":                            {DocumentText: "doc_67890"},
		"0012":                                 {DocumentText: "0012"},
		"12345678901234567890123":              {JSON: "12345678901234567890123"},
		"1e3":                                  {JSON: "1e3"},
		"1.0":                                  {JSON: "1.0"},
		"0b0cb8c4-6a3f-4ad1-9c36-2f6c6b7c5a11": {JSON: `"0b0cb8c4-6a3f-4ad1-9c36-2f6c6b7c5a11"`},
	} {
		name := "id-" + strings.ReplaceAll(want, ".", "-")
		session.SessionID = name
		if session.JSON != "" {
			session.JSON = `{"session_id":"` + name + `","status":"completed","finished_at":"2025-01-15T10:15:45Z","document":{"id":` + session.JSON + `}}`
		}
		server.Add(session)
		config += dataSource("scriptix_session", name, []string{`session_id = "` + name + `"`}) +
			strings.Replace(completion(`session_id = "`+name+`"`), `"test"`, `"`+name+`"`, 1) + `
locals { ` + name + ` = data.scriptix_session.` + name + ` }
output "` + name + `" { value = jsonencode([local.` + name + `.document.id, local.listed["` + name + `"].document.id]) }
`
		document := knownvalue.ObjectPartial(map[string]knownvalue.Check{"id": knownvalue.StringExact(want)})
		checks = append(checks,
			has("data.scriptix_session."+name, "document", document),
			has("scriptix_session_completion."+name, "document", document),
			statecheck.ExpectKnownOutputValue(name, knownvalue.StringExact(fmt.Sprintf(`[%q,%q]`, want, want))),
		)
	}
	apply(t, resource.TestStep{Config: using(server, config), ConfigStateChecks: checks})
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
