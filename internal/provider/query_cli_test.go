package provider_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
)

// query is a list of the name "test" with these arguments in its config.
func query(arguments ...string) string {
	return fmt.Sprintf("list \"scriptix_session_completion\" \"test\" {\n  provider = scriptix\n  config {\n    %s\n  }\n}\n", strings.Join(arguments, "\n    "))
}

// newQuery prepares a CLI that has terraform query.
func newQuery(t *testing.T, server *scriptixtest.Server, executable, query string) *cli {
	t.Helper()
	terraform := newCLI(t, server, "")
	terraform.executable = executable
	write(t, filepath.Join(terraform.directory, "test.tfquery.hcl"), query)
	return terraform
}

// queryCLIs are all CLIs that have terraform query. Without any, the test is skipped and says why.
func queryCLIs(t *testing.T) map[string]string {
	t.Helper()
	cliWith(t, listBlocks)
	found := map[string]string{}
	for _, path := range clis(t) {
		if product, minor := versionOf(t, path); listBlocks.in(product, minor) {
			found[fmt.Sprintf("%s 1.%d", product, minor)] = path
		}
	}
	return found
}

// The example finds what failed, and Terraform writes what imports it.
func TestQueryInARealCLI(t *testing.T) {
	t.Parallel()
	example := read(t, filepath.Join(examples, "list-resources", "scriptix_session_completion", "list-resource.tfquery.hcl"))
	for name, executable := range queryCLIs(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := scriptixtest.NewServer(t, scriptixtest.WithAbbreviatedItems())
			server.Add(
				scriptixtest.Session{SessionID: "long-ago", Error: "Processing timeout", CreatedAt: time.Now().Add(-200 * time.Hour)},
				scriptixtest.Session{SessionID: "this-week", Error: "Processing timeout", CreatedAt: time.Now().Add(-100 * time.Hour)},
				scriptixtest.Session{SessionID: "completed"},
				scriptixtest.Session{SessionID: "today", Filename: "voicemail.mp3", Error: "Audio file is too short"},
			)
			terraform := newQuery(t, server, executable, example)
			output := terraform.run(true, "query", "-no-color")
			if !says("session_id=today", "voicemail.mp3 (failed)", "session_id=this-week", "this-week.mp3 (failed)").MatchString(output) ||
				strings.Contains(output, "long-ago") || strings.Contains(output, "completed.mp3") {
				t.Errorf("terraform query prints\n%s", output)
			}

			terraform.run(true, "query", "-no-color", "-generate-config-out=generated.tf")
			contains(t, read(t, filepath.Join(terraform.directory, "generated.tf")), `resource "scriptix_session_completion" "failed_1"`, "import {", `session_id = "today"`, "allow_failed  = true")
			plan := terraform.run(true, "plan", "-no-color")
			contains(t, plan, "Plan: 2 to import, 0 to add, 2 to change, 0 to destroy.", `+ allow_failed = true`)
			terraform.run(true, "apply", "-no-color", "-auto-approve")
			contains(t, terraform.run(true, "state", "list"), "scriptix_session_completion.failed_0", "scriptix_session_completion.failed_1")
			contains(t, terraform.run(true, "plan", "-no-color"), "No changes.")
		})
	}
}

func TestQueryErrorsInARealCLI(t *testing.T) {
	t.Parallel()
	for name, executable := range queryCLIs(t) {
		for problem, test := range map[string]struct {
			query    string
			fault    *scriptixtest.Fault
			words    []string
			requests int
		}{
			"first page":  {query(), &scriptixtest.Fault{Status: 403}, []string{"Access Denied", "Reading the list of sessions failed: HTTP 403"}, 1},
			"second page": {strings.Replace(query(), "config", "limit = 200\n  config", 1), &scriptixtest.Fault{Match: scriptixtest.ForOffset(100), Status: 403}, []string{"Access Denied", "the list of sessions"}, 2},
			"status":      {query(`status = "done"`), nil, []string{"Invalid Attribute Value Match", `got: "done"`}, 0},
			"created_before": {
				query(`created_after = "2025-01-15T10:00:00Z"`, `created_before = "2025-01-15T09:00:00Z"`), nil,
				[]string{"Invalid Argument", `created_before must not be earlier than created_after`},
				0,
			},
			"argument": {query(`session_ids = ["a"]`), nil, []string{"Unsupported argument", "session_ids"}, 0},
		} {
			t.Run(name+", "+problem, func(t *testing.T) {
				t.Parallel()
				server := scriptixtest.NewServer(t)
				for i := range 150 {
					server.Add(scriptixtest.Session{SessionID: fmt.Sprint("s", i)})
				}
				if test.fault != nil {
					server.Inject(*test.fault)
				}
				output := newQuery(t, server, executable, test.query).run(false, "query", "-no-color")
				if !says(test.words...).MatchString(output) {
					t.Errorf("%q is missing in:\n%s", test.words, output)
				}
				if got := len(server.Requests()); got != test.requests {
					t.Errorf("%d requests were sent, want %d: %q", got, test.requests, paths(server))
				}
			})
		}
	}
}

// A warning stops nothing: the sessions are there beside it.
func TestQueryWarningsInARealCLI(t *testing.T) {
	t.Parallel()
	for name, executable := range queryCLIs(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := scriptixtest.NewServer(t, scriptixtest.WithTotalResults(func(actual int) int { return actual + 1 }))
			server.Add(scriptixtest.Session{SessionID: "test"})
			output := newQuery(t, server, executable, query()).run(true, "query", "-no-color")
			contains(t, output, "Warning: Session List Kept Changing", "session_id=test", "test.mp3 (completed)")
		})
	}
}
