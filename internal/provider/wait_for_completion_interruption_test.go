//go:build unix

package provider_test

import (
	"strings"
	"syscall"
	"testing"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
)

// However an action is interrupted, Terraform fails, and creates nothing that depends on it.
func TestInterruptedActionIsAnError(t *testing.T) {
	t.Parallel()
	executable := cliWith(t, actionBlocks)
	invoke := []string{"apply", "-no-color", "-auto-approve", "-invoke=action.scriptix_wait_for_completion.test"}
	apply := []string{"apply", "-no-color", "-auto-approve"}
	operations := map[string]struct {
		arguments []string
		config    string
		sessions  []string
		hangs     bool // the API never answers, else the sessions never finish
	}{
		"invoked, waits":              {invoke, "", []string{"a"}, false},
		"invoked, first read hangs":   {invoke, "", []string{"a"}, true},
		"invoked, first list hangs":   {invoke, "", []string{"a", "b", "c", "d", "e"}, true},
		"triggered, waits":            {apply, publication, []string{"a"}, false},
		"triggered, first list hangs": {apply, publication, []string{"a", "b", "c", "d", "e"}, true},
	}
	ends := map[string]ending{
		"SIGINT to the group":  {syscall.SIGINT, true},
		"SIGINT to Terraform":  {syscall.SIGINT, false},
		"SIGTERM to the group": {syscall.SIGTERM, true},
		"SIGTERM to Terraform": {syscall.SIGTERM, false},
	}
	for name, operation := range operations {
		for how, end := range ends {
			t.Run(name+", "+how, func(t *testing.T) {
				t.Parallel()
				server := scriptixtest.NewServer(t)
				for _, id := range operation.sessions {
					server.Add(scriptixtest.Session{SessionID: id, Processing: forever})
				}
				if operation.hangs {
					server.Inject(scriptixtest.Fault{Hang: true})
				}
				action := waitAction("session_ids = "+quotedList(operation.sessions...), `poll_interval = "1m"`)
				terraform := newCLI(t, server, action+operation.config)
				terraform.executable = executable
				run := terraform.startReading(server, operation.arguments...)
				if !operation.hangs {
					run.says("0 of 1 finished")
				}
				run.signal(end)
				run.leavesNothing()

				output := read(t, run.output)
				if code := run.command.ProcessState.ExitCode(); code < 1 {
					t.Errorf("Terraform has ended with %s:\n%s", run.command.ProcessState, output)
				}
				// Terraform 1.14 puts the summary into the detail.
				if !strings.Contains(output, "Cancelled") || strings.Contains(output, "Apply complete") {
					t.Errorf("Terraform does not say that the action was cancelled:\n%s", output)
				}
				if state := terraform.run(true, "state", "list"); strings.TrimSpace(state) != "" {
					t.Errorf("the state holds %s", state)
				}
			})
		}
	}
}

func TestTimedOutActionIsAnError(t *testing.T) {
	t.Parallel()
	server := scriptixtest.NewServer(t)
	server.Inject(scriptixtest.Fault{Hang: true})
	action := waitAction(`session_ids = ["a"]`, `timeouts = { invoke = "1s" }`)
	terraform := newCLI(t, server, action+publication)
	terraform.executable = cliWith(t, actionBlocks)
	output := terraform.run(false, "apply", "-no-color", "-auto-approve")
	contains(t, output, "Reading Timed Out")
	if state := terraform.run(true, "state", "list"); strings.TrimSpace(state) != "" {
		t.Errorf("the state holds %s", state)
	}
}
