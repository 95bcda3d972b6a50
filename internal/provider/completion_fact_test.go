package provider_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
)

const newToken = "new-batch-token-of-next-year-4Hq"

// published is a completion, and what is published when its document changes.
func published(arguments ...string) string {
	return completion(arguments...) + `
resource "terraform_data" "publication" {
  triggers_replace = scriptix_session_completion.test.document == null ? "none" : scriptix_session_completion.test.document.id
}
`
}

// become rewrites the configuration.
func (c *cli) become(config string) {
	c.t.Helper()
	write(c.t, filepath.Join(c.directory, "main.tf"), requirement+config)
}

// changes fails the test unless applying does exactly this.
func (c *cli) changes(added, changed, destroyed int) {
	c.t.Helper()
	output := c.run(true, "apply", "-no-color", "-auto-approve")
	contains(c.t, output, fmt.Sprintf("%d added, %d changed, %d destroyed", added, changed, destroyed))
}

// Whatever becomes of a session, of the token, or of the API: what has been published stays, and nobody is asked.
func TestNothingThatHappensLaterChangesACompletion(t *testing.T) {
	t.Parallel()
	cli := cliWith(t, terraformData)
	for name, later := range map[string]func(*scriptixtest.Server, *cliEnvironment){
		"another token": func(_ *scriptixtest.Server, environment *cliEnvironment) {
			environment.set("SCRIPTIX_API_TOKEN", newToken)
		},
		"a revoked token": func(_ *scriptixtest.Server, environment *cliEnvironment) {
			environment.set("SCRIPTIX_API_TOKEN", "revoked")
		},
		"no token":          func(_ *scriptixtest.Server, environment *cliEnvironment) { environment.set("SCRIPTIX_API_TOKEN", "") },
		"a deleted session": func(server *scriptixtest.Server, _ *cliEnvironment) { server.Remove("test") },
		"a changed session": func(server *scriptixtest.Server, _ *cliEnvironment) {
			server.Add(scriptixtest.Session{SessionID: "test", Error: "Processing timeout"})
		},
		"a session that runs": func(server *scriptixtest.Server, _ *cliEnvironment) {
			server.Add(scriptixtest.Session{SessionID: "test", Processing: forever})
		},
		"an API that is down": func(server *scriptixtest.Server, _ *cliEnvironment) {
			server.Inject(scriptixtest.Fault{Status: http.StatusServiceUnavailable})
		},
		"no API at all": func(server *scriptixtest.Server, _ *cliEnvironment) { server.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := scriptixtest.NewServer(t, scriptixtest.WithFurtherTokens(newToken))
			server.Add(scriptixtest.Session{SessionID: "test"})
			terraform := newCLI(t, server, published(`session_id = "test"`))
			terraform.executable = cli
			terraform.changes(2, 0, 0)
			state := read(t, filepath.Join(terraform.directory, "terraform.tfstate"))

			later(server, &cliEnvironment{terraform})
			server.ResetRequests()
			contains(t, terraform.run(true, "plan", "-no-color", "-detailed-exitcode"), "No changes.")
			contains(t, terraform.run(true, "plan", "-no-color", "-refresh-only"), "No changes.")
			terraform.changes(0, 0, 0)
			if now := read(t, filepath.Join(terraform.directory, "terraform.tfstate")); now != state {
				t.Errorf("the state has become %s", now)
			}
			contains(t, terraform.run(true, "destroy", "-no-color", "-auto-approve"), "2 destroyed")
			nothingSent(t, server)
		})
	}
}

// cliEnvironment changes the environment of a CLI.
type cliEnvironment struct{ *cli }

func (e *cliEnvironment) set(variable, value string) {
	e.environment = append(e.environment, variable+"="+value)
}

// Terraform itself needs a minute to plan a thousand instances of any resource.
func TestPlanOfManyCompletionsSendsNothing(t *testing.T) {
	t.Parallel()
	server := scriptixtest.NewServer(t)
	server.Add(scriptixtest.Session{SessionID: "session-0"})
	many := func(number int) string {
		return fmt.Sprintf(`
resource "scriptix_session_completion" "test" {
  for_each   = toset([for i in range(%d) : "session-${i}"])
  session_id = each.key
}
`, number)
	}
	terraform := newCLI(t, server, many(1))
	terraform.run(true, "apply", "-no-color", "-auto-approve")
	repeatInstance(t, filepath.Join(terraform.directory, "terraform.tfstate"), 200)
	server.ResetRequests()

	terraform.become(many(200))
	contains(t, terraform.run(true, "plan", "-no-color", "-detailed-exitcode"), "No changes.")
	nothingSent(t, server)
	terraform.become(many(201))
	contains(t, terraform.run(true, "plan", "-no-color"), "1 to add, 0 to change, 0 to destroy")
	nothingSent(t, server)
}

// repeatInstance makes the only instance "session-0" of a state many of them. Creating them takes Terraform a minute.
func repeatInstance(t *testing.T, path string, number int) {
	t.Helper()
	var state map[string]any
	if err := json.Unmarshal([]byte(read(t, path)), &state); err != nil {
		t.Fatal(err)
	}
	resource := state["resources"].([]any)[0].(map[string]any)
	first, err := json.Marshal(resource["instances"].([]any)[0])
	if err != nil {
		t.Fatal(err)
	}
	instances := make([]json.RawMessage, number)
	for i := range instances {
		instances[i] = json.RawMessage(strings.ReplaceAll(string(first), "session-0", fmt.Sprint("session-", i)))
	}
	resource["instances"] = instances
	text, err := json.Marshal(state)
	if err != nil {
		t.Fatal(err)
	}
	write(t, path, string(text))
}

// imported is an import block of a completion, with what depends on it.
func imported(id string, arguments ...string) string {
	return fmt.Sprintf("import {\n  to = %s\n  id = %q\n}\n", theCompletion, id) +
		published(append(arguments, fmt.Sprintf("session_id = %q", id))...)
}

// refusedImports are sessions that no import takes, with what it says.
var refusedImports = map[string][]string{
	"queued": {
		"Session Still Processing", `Session "queued" has not finished: its status is still queued.`,
		"An import takes only sessions that have finished. Import later, or leave out the import: creating the resource waits.",
	},
	"processing": {"Session Still Processing", `Session "processing" has not finished: its status is still processing.`},
	"new":        {"Session Still Processing", `Session "new" has not finished: its status is still "new".`},
	"missing":    {"Session Not Found", `Reading session "missing" failed: HTTP 404 (Not Found), error code "SESSION_NOT_FOUND"`},
}

func importServer(t *testing.T) *scriptixtest.Server {
	t.Helper()
	server := scriptixtest.NewServer(t)
	server.Add(
		scriptixtest.Session{SessionID: "completed"},
		scriptixtest.Session{SessionID: "failed", Error: "Audio file is too short"},
		scriptixtest.Session{SessionID: "odd", JSON: `{"session_id": "odd", "status": "error", "error": {"code": 7}, "finished_at": "2025-01-15T10:15:45Z"}`},
		scriptixtest.Session{SessionID: "done", FinalStatus: "done"},
		scriptixtest.Session{SessionID: "queued", Queued: forever},
		scriptixtest.Session{SessionID: "processing", Processing: forever},
		scriptixtest.Session{SessionID: "new", InitialStatus: "new", Initial: forever},
	)
	return server
}

func TestImportBlockOpensNoGateEarly(t *testing.T) {
	t.Parallel()
	executable := cliWith(t, importBlocks)
	start := func(t *testing.T, config string) (*scriptixtest.Server, *cli) {
		t.Helper()
		server := importServer(t)
		terraform := newCLI(t, server, config)
		terraform.executable = executable
		return server, terraform
	}
	for id, words := range refusedImports {
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			server, terraform := start(t, imported(id))
			output := terraform.run(false, "apply", "-no-color", "-auto-approve")
			if !says(words...).MatchString(output) {
				t.Errorf("%q is missing in:\n%s", words, output)
			}
			lacks(t, "the apply", output, "Creating...")
			if got := len(server.Requests()); got != 1 {
				t.Errorf("%d requests were sent, want 1", got)
			}
		})
	}
	t.Run("completed", func(t *testing.T) {
		t.Parallel()
		server, terraform := start(t, imported("completed"))
		contains(t, terraform.run(true, "apply", "-no-color", "-auto-approve"), "1 imported, 1 added, 0 changed, 0 destroyed")
		contains(t, terraform.run(true, "plan", "-no-color", "-detailed-exitcode"), "No changes.")
		// The apply imports with the plan, so one request is all there is.
		if got := len(server.Requests()); got != 1 {
			t.Errorf("%d requests were sent, want 1: %q", got, paths(server))
		}
	})
	t.Run("failed", func(t *testing.T) {
		t.Parallel()
		_, terraform := start(t, imported("failed"))
		output := terraform.run(false, "apply", "-no-color", "-auto-approve")
		if !says("Session Failed", `Session "failed" ("failed.mp3") failed: "Audio file is too short"`, "allow_failed = true").MatchString(output) {
			t.Errorf("Terraform says %s", output)
		}
		lacks(t, "the apply", output, "Creating...")
	})
	// What the API calls an error closes the gate, whatever form it has.
	t.Run("odd", func(t *testing.T) {
		t.Parallel()
		_, terraform := start(t, imported("odd"))
		output := terraform.run(false, "apply", "-no-color", "-auto-approve")
		contains(t, output, "Session Failed")
		lacks(t, "the apply", output, "Creating...")
		terraform.become(imported("odd", "allow_failed = true"))
		contains(t, terraform.run(true, "apply", "-no-color", "-auto-approve"), "1 imported, 1 added")
		terraform.become(published(`session_id = "odd"`))
		contains(t, terraform.run(false, "plan", "-no-color"), "Session Failed")
	})
	t.Run("done", func(t *testing.T) {
		t.Parallel()
		server, terraform := start(t, imported("done"))
		contains(t, terraform.run(true, "apply", "-no-color", "-auto-approve"), "1 imported, 1 added", "Warning: Unrecognised Session Status")
		server.ResetRequests()
		contains(t, terraform.run(true, "plan", "-no-color", "-detailed-exitcode"), "No changes.")
		nothingSent(t, server)
	})
	t.Run("failed and allowed", func(t *testing.T) {
		t.Parallel()
		_, terraform := start(t, imported("failed", "allow_failed = true"))
		contains(t, terraform.run(true, "apply", "-no-color", "-auto-approve"), "1 imported, 1 added, 1 changed, 0 destroyed")
	})
}

func TestImportCommandOpensNoGateEarly(t *testing.T) {
	t.Parallel()
	for id, words := range refusedImports {
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			terraform := newCLI(t, importServer(t), completion(`session_id = "`+id+`"`))
			output := terraform.run(false, "import", "-no-color", theCompletion, id)
			if !says(words...).MatchString(output) {
				t.Errorf("%q is missing in:\n%s", words, output)
			}
			if _, err := os.Stat(filepath.Join(terraform.directory, "terraform.tfstate")); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("there is a state: %v", err)
			}
		})
	}
	t.Run("completed", func(t *testing.T) {
		t.Parallel()
		server := importServer(t)
		terraform := newCLI(t, server, completion(`session_id = "completed"`))
		terraform.run(true, "import", "-no-color", theCompletion, "completed")
		contains(t, terraform.run(true, "state", "show", "-no-color", theCompletion), `"completed.mp3 Transcript"`)
		contains(t, terraform.run(true, "plan", "-no-color", "-detailed-exitcode"), "No changes.")
		if got := len(server.Requests()); got != 1 {
			t.Errorf("%d requests were sent, want 1: %q", got, paths(server))
		}
	})
	// The command does not know the configuration, so the next plan closes the gate.
	t.Run("failed", func(t *testing.T) {
		t.Parallel()
		terraform := newCLI(t, importServer(t), completion(`session_id = "failed"`))
		terraform.run(true, "import", "-no-color", theCompletion, "failed")
		contains(t, terraform.run(false, "plan", "-no-color"), "Session Failed", "Audio file is too short")
		terraform.become(completion(`session_id = "failed"`, `allow_failed = true`))
		terraform.run(true, "apply", "-no-color", "-auto-approve")
	})
}

// A failed session in the state is a closed gate. It replaces nothing and destroys nothing, and there are ways out.
func TestFailedSessionInTheStateStaysAClosedGate(t *testing.T) {
	t.Parallel()
	cli := cliWith(t, terraformData)
	start := func(t *testing.T) (*scriptixtest.Server, *cliEnvironment) {
		t.Helper()
		server := importServer(t)
		terraform := newCLI(t, server, published(`session_id = "failed"`, `allow_failed = true`))
		terraform.executable = cli
		terraform.changes(2, 0, 0)
		server.ResetRequests()
		return server, &cliEnvironment{terraform}
	}
	for name, arguments := range map[string][]string{
		"allow_failed is taken away": {`session_id = "failed"`},
		"allow_failed is false":      {`session_id = "failed"`, `allow_failed = false`},
		"allow_failed is known late": {`session_id = "failed"`, `allow_failed = terraform_data.late.output`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server, terraform := start(t)
			terraform.become(published(arguments...) + "resource \"terraform_data\" \"late\" {\n  input = false\n}\n")
			output := terraform.run(false, "apply", "-no-color", "-auto-approve")
			if !says("Session Failed", `Session "failed" ("failed.mp3") failed: "Audio file is too short"`,
				"Scriptix needs at least one second of audio.", "To accept failed sessions, set allow_failed = true",
				"To destroy the completion, remove its block, or run terraform destroy -refresh=false.").MatchString(output) {
				t.Errorf("Terraform says %s", output)
			}
			lacks(t, "the apply", output, "Destroying...")
			lacks(t, "the apply", output, "must be replaced")
			contains(t, terraform.run(true, "state", "list"), theCompletion, "terraform_data.publication")
			// Terraform plans the configuration before it destroys, unless it must not refresh.
			contains(t, terraform.run(true, "destroy", "-no-color", "-auto-approve", "-refresh=false"), "destroyed")
			nothingSent(t, server)
		})
	}
	t.Run("its block is removed", func(t *testing.T) {
		t.Parallel()
		server, terraform := start(t)
		terraform.become("")
		contains(t, terraform.run(true, "apply", "-no-color", "-auto-approve"), "2 destroyed")
		nothingSent(t, server)
	})
	for name, arguments := range map[string][]string{
		"another session": {`session_id = "completed"`},
		"a trigger":       {`session_id = "failed"`, `allow_failed = true`, `triggers = { again = "1" }`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server, terraform := start(t)
			terraform.become(published(arguments...))
			contains(t, terraform.run(true, "apply", "-no-color", "-auto-approve"), theCompletion+" must be replaced")
			if got := len(server.Requests()); got != 1 {
				t.Errorf("%d requests were sent, want that of the new wait", got)
			}
		})
	}
}

// A pull request from a fork has no secrets: a plan of what exists needs none, and a plan that will wait says so.
func TestTokenIsNeededOnlyWhereSomethingIsSent(t *testing.T) {
	t.Parallel()
	server := scriptixtest.NewServer(t)
	server.Add(scriptixtest.Session{SessionID: "test"}, scriptixtest.Session{SessionID: "other"})
	terraform := &cliEnvironment{newCLI(t, server, completion(`session_id = "test"`))}
	terraform.run(true, "apply", "-no-color", "-auto-approve")
	server.ResetRequests()
	terraform.set("SCRIPTIX_API_TOKEN", "")

	contains(t, terraform.run(true, "plan", "-no-color", "-detailed-exitcode"), "No changes.")
	for name, config := range map[string]string{
		"a new completion": completion(`session_id = "test"`) + "resource \"scriptix_session_completion\" \"new\" { session_id = \"other\" }\n",
		"a replacement":    completion(`session_id = "other"`),
		"a data source":    completion(`session_id = "test"`) + session(`session_id = "test"`),
	} {
		terraform.become(config)
		output := terraform.run(false, "plan", "-no-color")
		if !says("Missing API Token", "No API token is configured.", "Set the environment variable SCRIPTIX_API_TOKEN").MatchString(output) {
			t.Errorf("%s: Terraform says %s", name, output)
		}
		if name != "a data source" && !says("To destroy without a token, run terraform destroy -refresh=false.").MatchString(output) {
			t.Errorf("%s: Terraform does not say how to destroy: %s", name, output)
		}
	}
	terraform.become(providerBlock(`base_url = "http://example.com"`) + completion(`session_id = "test"`))
	contains(t, terraform.run(false, "plan", "-no-color"), "Invalid Argument", "base_url")
	terraform.become(completion(`session_id = "test"`))
	contains(t, terraform.run(true, "destroy", "-no-color", "-auto-approve"), "1 destroyed")
	nothingSent(t, server)
}

// A token that this run creates is known when a completion is created, and not when a data source is read.
func TestTokenThatIsKnownOnlyDuringTheApply(t *testing.T) {
	t.Parallel()
	executable := cliWith(t, terraformData)
	server := scriptixtest.NewServer(t)
	server.Add(scriptixtest.Session{SessionID: "test"})
	token := "resource \"terraform_data\" \"token\" {\n  input = \"" + scriptixtest.Token + "\"\n}\n" +
		providerBlock("api_token = terraform_data.token.output")
	terraform := newCLI(t, server, token+completion(`session_id = "test"`))
	terraform.executable = executable
	terraform.changes(2, 0, 0)
	contains(t, terraform.run(true, "plan", "-no-color", "-detailed-exitcode"), "No changes.")

	fresh := newCLI(t, server, token+session(`session_id = "test"`))
	fresh.executable = executable
	output := fresh.run(false, "plan", "-no-color")
	if !says("Unknown Provider Argument", "The value of api_token in the provider block is not known yet.", "terraform apply -target").MatchString(output) {
		t.Errorf("Terraform says %s", output)
	}
}

// testdata has a state of the last build before completions became facts: with timeouts.read, a number as id, and a session
// that was imported while it was processing. Every CLI reads it.
func TestStateOfAnEarlierVersionIsRead(t *testing.T) {
	t.Parallel()
	for _, executable := range clis(t) {
		t.Run(strings.ReplaceAll(executable, "/", "_"), func(t *testing.T) {
			t.Parallel()
			server := scriptixtest.NewServer(t)
			server.Add(scriptixtest.Session{SessionID: "running"})
			const settled = `
resource "scriptix_session_completion" "completed" {
  session_id = "completed"
  timeouts   = { create = "30s" }
  triggers   = { revision = "1" }
}
resource "scriptix_session_completion" "failed" {
  session_id   = "failed"
  allow_failed = true
}
`
			const running = "resource \"scriptix_session_completion\" \"running\" {\n  session_id = \"running\"\n}\n"
			terraform := newCLI(t, server, settled+running)
			terraform.executable = executable
			terraform.sourceFrom("registry.terraform.io/scriptix/scriptix")
			path := filepath.Join(terraform.directory, "terraform.tfstate")
			write(t, path, read(t, filepath.Join("testdata", "completion_version_0.json")))

			contains(t, terraform.run(true, "apply", "-no-color", "-auto-approve"), "0 added, 0 changed, 0 destroyed")
			// Only the session that had not finished is read, and it has by now.
			if got := paths(server); len(got) != 1 || !strings.Contains(got[0], "running") {
				t.Errorf("requests were sent: %q", got)
			}
			terraform.run(true, "apply", "-no-color", "-auto-approve", "-refresh-only")
			state := read(t, path)
			contains(t, state, `"id": "completed"`, `"id": "failed"`, `"id": "running"`)
			lacks(t, "the state", state, `"read"`)
			lacks(t, "the state", state, `"processing"`)
		})
	}
}

// An earlier version took what had not finished. Such a gate stays closed, and can be destroyed.
func TestUnfinishedSessionInTheStateStaysAClosedGate(t *testing.T) {
	t.Parallel()
	server := scriptixtest.NewServer(t)
	server.Add(scriptixtest.Session{SessionID: "running", Processing: forever})
	terraform := newCLI(t, server, "resource \"scriptix_session_completion\" \"running\" {\n  session_id = \"running\"\n}\n")
	write(t, filepath.Join(terraform.directory, "terraform.tfstate"), read(t, filepath.Join("testdata", "completion_version_0.json")))
	terraform.run(true, "state", "rm", "scriptix_session_completion.completed", "scriptix_session_completion.failed")
	output := terraform.run(false, "plan", "-no-color")
	if !says("Session Still Processing", `Session "running" has not finished: its status is still processing.`,
		"The state holds a completion of this session", "To destroy the completion, remove its block").MatchString(output) {
		t.Errorf("Terraform says %s", output)
	}
	contains(t, terraform.run(true, "destroy", "-no-color", "-auto-approve", "-refresh=false"), "1 destroyed")
}

// Something has changed the state. A completion that names no session must not be replaced in silence: that would destroy what
// depends on it.
func TestCompletionsWithoutASessionIDInTheStateAreErrors(t *testing.T) {
	t.Parallel()
	for kind, config := range map[string]string{
		"one": completion(`session_id = "test"`), "many": completions(`session_ids = ["test"]`),
	} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			server := scriptixtest.NewServer(t)
			server.Add(scriptixtest.Session{SessionID: "test"})
			terraform := newCLI(t, server, config)
			terraform.run(true, "apply", "-no-color", "-auto-approve")
			server.ResetRequests()
			path := filepath.Join(terraform.directory, "terraform.tfstate")
			state := read(t, path)
			for _, nothing := range []string{"null", `""`} {
				for _, status := range []string{"completed", "processing"} {
					damaged := strings.ReplaceAll(state, `"session_id": "test"`, `"session_id": `+nothing)
					write(t, path, strings.Replace(damaged, `"status": "completed"`, `"status": "`+status+`"`, 1))
					for _, arguments := range [][]string{{"plan", "-no-color"}, {"plan", "-no-color", "-refresh=false"}} {
						output := terraform.run(false, arguments...)
						if !says("Error: Invalid Argument", "session_id in the state of the completion must not be null or empty.",
							"terraform state rm").MatchString(output) {
							t.Errorf("%v with a session_id of %s that is %s says:\n%s", arguments, nothing, status, output)
						}
					}
				}
			}
			nothingSent(t, server)
		})
	}
}
