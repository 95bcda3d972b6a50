package provider_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
)

// clis are the CLIs to test with: the usual one, and those that make test-matrix was given.
func clis(t *testing.T) []string {
	t.Helper()
	all := []string{defaultCLI(t)}
	for _, path := range filepath.SplitList(os.Getenv("SCRIPTIX_TEST_CLIS")) {
		if path != "" && !slices.Contains(all, path) {
			all = append(all, path)
		}
	}
	if len(all) == 1 {
		t.Logf("only %s is there: SCRIPTIX_TEST_CLIS names no other CLI to exchange states with", all[0])
	}
	return all
}

// Each CLI writes a state, and every CLI, itself included, finds in it what was written, and nothing to change.
func TestStateOfOneCLIIsReadByTheOthers(t *testing.T) {
	t.Parallel()
	all := clis(t)
	for _, writer := range all {
		t.Run(strings.ReplaceAll(writer, "/", "_"), func(t *testing.T) {
			t.Parallel()
			server := scriptixtest.NewServer(t)
			server.Add(scriptixtest.Session{SessionID: "test"}, scriptixtest.Session{SessionID: "failed", Error: "Audio too short"})
			terraform := newCLI(t, server, session(`session_id = "test"`)+sessions()+`
output "session" {
  value     = data.scriptix_session.test
  sensitive = true
}
output "listed" { value = data.scriptix_sessions.test.sessions }
`)
			terraform.executable = writer
			// Each CLI takes a short address for one at its own registry.
			terraform.sourceFrom("registry.terraform.io/scriptix/scriptix")
			terraform.run(true, "apply", "-no-color", "-auto-approve")
			written := terraform.outputs()
			contains(t, written, `"Audio too short"`, `"media_url"`)

			for _, reader := range all {
				terraform.executable = reader
				if difference := cmp.Diff(written, terraform.outputs()); difference != "" {
					t.Errorf("%s reads the state of %s otherwise (-written +read):\n%s", reader, writer, difference)
				}
				contains(t, terraform.run(true, "state", "list"), theSession, theSessions)
				// Fails, with exit code 2, when there is something to change.
				terraform.run(true, "plan", "-no-color", "-detailed-exitcode")
			}
		})
	}
}

// sourceFrom has the configuration name the provider by this address, and the CLI find the built binary under it.
func (c *cli) sourceFrom(address string) {
	c.t.Helper()
	settings := c.setting("TF_CLI_CONFIG_FILE")
	for _, path := range []string{settings, filepath.Join(c.directory, "main.tf")} {
		write(c.t, path, strings.Replace(read(c.t, path), `"scriptix/scriptix"`, `"`+address+`"`, 1))
	}
}

// setting is the value of an environment variable that the CLI gets; the last one wins.
func (c *cli) setting(name string) string {
	value := ""
	for _, setting := range c.environment {
		if found, ok := strings.CutPrefix(setting, name+"="); ok {
			value = found
		}
	}
	return value
}

// outputs are the values of all outputs, sensitive ones too, in one form whichever CLI prints them.
func (c *cli) outputs() string {
	c.t.Helper()
	var outputs map[string]struct{ Value any }
	text := c.run(true, "output", "-json")
	if err := json.Unmarshal([]byte(text), &outputs); err != nil {
		c.t.Fatalf("%v in:\n%s", err, text)
	}
	canonical, err := json.MarshalIndent(outputs, "", " ")
	if err != nil {
		c.t.Fatal(err)
	}
	return string(canonical)
}

// Before 1.3 Terraform refuses the direct way, data.scriptix_session.test.document.name. The guide on troubleshooting tells
// of this one, which any CLI takes.
func TestOldTerraformsLookIntoAnAttributeThroughALocal(t *testing.T) {
	t.Parallel()
	server := scriptixtest.NewServer(t)
	server.Add(scriptixtest.Session{SessionID: "test", Filename: "meeting.mp3"})
	terraform := newCLI(t, server, session(`session_id = "test"`)+`
locals { session = data.scriptix_session.test }
output "transcript" { value = local.session.document.id }
`)
	terraform.run(true, "apply", "-no-color", "-auto-approve")
	contains(t, terraform.outputs(), `"transcript"`, `"Value":`)
}
