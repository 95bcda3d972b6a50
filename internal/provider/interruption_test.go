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

// ending is how a process of Terraform's may be ended.
type ending struct {
	signal syscall.Signal
	group  bool // as a terminal does it; else Terraform alone
}

func endings() map[string]ending {
	return map[string]ending{
		"SIGINT to the group":  {syscall.SIGINT, true},
		"SIGINT to Terraform":  {syscall.SIGINT, false},
		"SIGKILL to Terraform": {syscall.SIGKILL, false},
		"SIGKILL to the group": {syscall.SIGKILL, true},
	}
}

// Whatever the provider is doing, it ends with Terraform: nothing of it is left, and nothing more is sent. The API
// answers nothing to reads and listings, and waits would go on for ten minutes.
func TestNothingIsLeftOfAnEndedTerraform(t *testing.T) {
	t.Parallel()
	operations := map[string]string{
		"read":    session(`session_id = "slow"`, hanging),
		"listing": sessions(hanging),
		"wait":    session(`session_id = "slow"`, endless),
	}
	later := func(config string) string { // known only once the resource is there
		return put + strings.Replace(config, "{\n", "{\n  depends_on = [terraform_data.id]\n", 1)
	}
	for operation, config := range operations {
		phases := map[string]struct {
			arguments []string
			config    string
			prepare   bool // destroy has something to destroy
			deaf      bool // Terraform alone, told by SIGINT, does not tell the provider in this phase
		}{
			"plan":                 {[]string{"plan", "-no-color"}, config, false, false},
			"apply while it plans": {[]string{"apply", "-no-color", "-auto-approve"}, config, false, true},
			"apply":                {[]string{"apply", "-no-color", "-auto-approve"}, later(config), false, false},
			"destroy":              {[]string{"destroy", "-no-color", "-auto-approve"}, put + config, true, true},
		}
		for phase, test := range phases {
			for how, end := range endings() {
				if test.deaf && end.signal == syscall.SIGINT && !end.group {
					continue // the design's known case: the read's own timeout ends it
				}
				t.Run(operation+" in "+phase+", "+how, func(t *testing.T) {
					t.Parallel()
					server := scriptixtest.NewServer(t)
					server.Add(scriptixtest.Session{SessionID: "slow", Processing: forever})
					terraform := newCLI(t, server, put)
					if test.prepare {
						terraform.run(true, "apply", "-no-color", "-auto-approve")
					}
					write(t, filepath.Join(terraform.directory, "main.tf"), requirement+test.config)
					if operation != "wait" {
						server.Inject(scriptixtest.Fault{Hang: true})
					}
					terraform.endWhileReading(t, server, end, test.arguments...)
				})
			}
		}
	}
}

// endWhileReading ends Terraform once its provider has asked for something, and looks for what is left.
func (c *cli) endWhileReading(t *testing.T, server *scriptixtest.Server, end ending, arguments ...string) {
	t.Helper()
	command, _ := c.command(arguments...)
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	pid := command.Process.Pid
	t.Cleanup(func() { _ = syscall.Kill(-pid, syscall.SIGKILL) })
	until(t, "the provider has asked", func() bool { return len(server.Requests()) > 0 })

	target := pid
	if end.group {
		target = -pid
	}
	if err := syscall.Kill(target, end.signal); err != nil {
		t.Fatal(err)
	}
	_ = command.Wait() // how Terraform ends is its own business
	gone := time.Now()
	until(t, "no process of Terraform's is left", func() bool { return errors.Is(syscall.Kill(-pid, 0), syscall.ESRCH) })
	if took := time.Since(gone); took > providerEnds {
		t.Errorf("the provider ended %s after Terraform", took)
	}
	if sent := len(server.Requests()); sent > 1 {
		t.Errorf("%d requests were sent, want the one that was under way", sent)
	}
}

// providerEnds is a second, and what a busy machine adds to it.
const providerEnds = 5 * time.Second

const (
	hanging = "timeouts = { read = \"10m\" }"
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
