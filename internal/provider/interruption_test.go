//go:build unix

package provider_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
)

// A Ctrl-C ends a wait at once: the wait itself would last ten minutes, and the next poll would be due after one.
func TestInterruptEndsAWait(t *testing.T) {
	t.Parallel()
	// A terminal signals the whole process group, an automation often Terraform alone.
	group := func(process int) int { return -process }
	alone := func(process int) int { return process }
	tests := map[string]struct {
		target    func(process int) int
		arguments []string
		config    string
		requests  int
	}{
		"plan, whole group":     {group, []string{"plan", "-no-color"}, session(`session_id = "slow"`, endless), 1},
		"plan, Terraform alone": {alone, []string{"plan", "-no-color"}, session(`session_id = "slow"`, endless), 1},
		// Terraform does not tell providers of an interrupt in this phase.
		"apply while it plans, whole group": {group, []string{"apply", "-no-color", "-auto-approve"}, session(`session_id = "slow"`, endless), 1},
		// The session is known only once the resource is there, so that the apply itself waits.
		"apply while it applies, whole group":     {group, []string{"apply", "-no-color", "-auto-approve"}, put + session(`session_id = terraform_data.id.output`, endless), 1},
		"apply while it applies, Terraform alone": {alone, []string{"apply", "-no-color", "-auto-approve"}, put + session(`session_id = terraform_data.id.output`, endless), 1},
		"many sessions, whole group":              {group, []string{"plan", "-no-color"}, sessions(`session_ids = ["slow", "slower"]`, endless), 2},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := scriptixtest.NewServer(t)
			server.Add(
				scriptixtest.Session{SessionID: "slow", Processing: forever},
				scriptixtest.Session{SessionID: "slower", Processing: forever},
			)
			terraform := newCLI(t, server, test.config)
			log := filepath.Join(terraform.directory, "provider.log")
			terraform.environment = append(terraform.environment, "TF_LOG_PROVIDER=INFO", "TF_LOG_PATH="+log)
			command, output := terraform.command(test.arguments...)
			command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
			if err := command.Start(); err != nil {
				t.Fatal(err)
			}
			pid := command.Process.Pid
			t.Cleanup(func() { _ = syscall.Kill(-pid, syscall.SIGKILL) })

			// That the server has answered is not enough: the answer may still be on its way.
			until(t, "the wait has begun", func() bool {
				story, err := os.ReadFile(log)
				return err == nil && strings.Contains(string(story), "Waiting for sessions to finish")
			})
			if err := syscall.Kill(test.target(pid), syscall.SIGINT); err != nil {
				t.Fatal(err)
			}
			err := command.Wait()
			if err == nil {
				t.Error("Terraform says that it succeeded")
			}
			if command.ProcessState.Success() || !command.ProcessState.Exited() {
				t.Errorf("Terraform has not ended by itself: %s", command.ProcessState)
			}
			until(t, "no process of Terraform's is left", func() bool { return errors.Is(syscall.Kill(-pid, 0), syscall.ESRCH) })
			if got := len(server.Requests()); got != test.requests {
				t.Errorf("%d requests were sent, want %d", got, test.requests)
			}
			if !says("Error: Cancelled", "running Terraform again continues the wait").MatchString(output.String()) {
				t.Errorf("Terraform does not say that the wait was cancelled:\n%s", output)
			}
		})
	}
}

const (
	endless = "wait_for_completion = true\n  poll_interval = \"1m\"\n  timeouts = { read = \"10m\" }"
	put     = "resource \"terraform_data\" \"id\" { input = \"slow\" }\n"
)

// until looks for something that happens in another process, and gives up long after it should have.
func until(t *testing.T, what string, happened func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	for !happened() {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			t.Fatalf("waited in vain until %s", what)
		}
	}
}
