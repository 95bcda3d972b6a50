//go:build unix

package provider_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
)

// A Ctrl-C, or a SIGTERM, ends the creation at once, and what has not been awaited is not in the state: the next apply waits again.
func TestInterruptedCompletionLeavesNothingInTheState(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]ending{
		"SIGINT to the group":  {syscall.SIGINT, true},
		"SIGINT to Terraform":  {syscall.SIGINT, false},
		"SIGTERM to the group": {syscall.SIGTERM, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if !end.isOneInTwoProcesses() {
				needsUsualCLI(t, oneProcess)
			}
			server := scriptixtest.NewServer(t)
			server.Add(scriptixtest.Session{SessionID: "test", Processing: forever})
			terraform := newCLI(t, server, completion(`session_id = "test"`, `poll_interval = "1m"`, `timeouts = { create = "10m" }`))
			log := filepath.Join(terraform.directory, "provider.log")
			terraform.environment = append(terraform.environment, "TF_LOG_PROVIDER=INFO", "TF_LOG_PATH="+log)
			command, output := terraform.command("apply", "-no-color", "-auto-approve")
			command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
			if err := command.Start(); err != nil {
				t.Fatal(err)
			}
			pid := command.Process.Pid
			t.Cleanup(func() { _ = syscall.Kill(-pid, syscall.SIGKILL) })
			until(t, "the wait has begun", func() bool {
				story, err := os.ReadFile(log)
				return err == nil && waitBegins.Match(story)
			})
			signal(t, command, end)
			if err := command.Wait(); err == nil || !command.ProcessState.Exited() {
				t.Errorf("Terraform has not failed by itself: %v, %s", err, command.ProcessState)
			}
			contains(t, output.String(), "Error: Cancelled", "Run Terraform again to continue the wait")

			if state := terraform.run(true, "state", "list"); strings.TrimSpace(state) != "" {
				t.Errorf("the state holds %s", state)
			}
			server.Add(scriptixtest.Session{SessionID: "test"})
			contains(t, terraform.run(true, "apply", "-no-color", "-auto-approve"), "1 added, 0 changed, 0 destroyed")
		})
	}
}

// A Ctrl-C in the middle of many completions keeps those that exist, and the next apply creates the others.
func TestInterruptInTheMiddleOfManyCompletions(t *testing.T) {
	t.Parallel()
	server := scriptixtest.NewServer(t)
	running := map[int]*scriptixtest.Session{}
	for i := 3; i < 100; i += 4 {
		running[i] = &scriptixtest.Session{Processing: forever}
	}
	addAHundred(server, running)
	server.Inject(scriptixtest.Fault{Latency: apiLatency})
	terraform := newCLI(t, server, eachOfAHundred("resource", "session_completion"))
	log := filepath.Join(terraform.directory, "provider.log")
	terraform.environment = append(terraform.environment, "TF_LOG_PROVIDER=INFO", "TF_LOG_PATH="+log)
	command, output := terraform.command("apply", "-no-color", "-auto-approve")
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Kill(-command.Process.Pid, syscall.SIGKILL) })
	until(t, "all slots wait", func() bool {
		story, err := os.ReadFile(log)
		return err == nil && len(waitBegins.FindAll(story, -1)) >= 10
	})
	began := time.Now()
	signal(t, command, ending{syscall.SIGINT, true})
	if err := command.Wait(); err == nil || !command.ProcessState.Exited() {
		t.Errorf("Terraform has not failed by itself: %v, %s", err, command.ProcessState)
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("Terraform ended after %s", took)
	}
	if cancelled := strings.Count(output.String(), "Error: Cancelled"); cancelled != 10 {
		t.Errorf("%d waits were canceled, want 10:\n%s", cancelled, output)
	}
	created := strings.Count(output.String(), "Creation complete")
	if kept := strings.Count(terraform.run(true, "state", "list"), "\n"); created == 0 || kept != created {
		t.Errorf("the state holds %d completions of %d", kept, created)
	}
	addAHundred(server, nil)
	server.ClearFaults()
	server.Inject(slowToBegin()...)
	server.ResetRequests()
	contains(t, terraform.run(true, "apply", "-no-color", "-auto-approve"), fmt.Sprintf("%d added, 0 changed, 0 destroyed", 100-created))
	if requests := len(server.Requests()); requests > 10 {
		t.Errorf("the second apply sent %d requests, want at most 10", requests)
	}
}
