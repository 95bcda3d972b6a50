//go:build unix

package provider_test

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
)

var everyCombination = flag.Bool("every-combination", false, "interrupt every operation in every phase, as make test-long does")

// A signal ends a wait at once: the wait itself would last ten minutes, and the next poll would be due after one.
//
// A terminal signals the whole process group, an automation often Terraform alone. The timeout command and many CI runners
// send SIGTERM to the group: a provider that dies of it leaves "Plugin did not respond".
func TestInterruptEndsAWait(t *testing.T) {
	t.Parallel()
	plan, apply := []string{"plan", "-no-color"}, []string{"apply", "-no-color", "-auto-approve"}
	planned := session(`session_id = "slow"`, endless)
	// The session is known only once the resource is there, so that the apply itself waits.
	applied := put + session(`session_id = terraform_data.id.output`, endless)
	tests := map[string]struct {
		end       ending
		arguments []string
		config    string
		requests  int
	}{
		"plan, SIGINT to the group":   {ending{syscall.SIGINT, true}, plan, planned, 1},
		"plan, SIGINT to Terraform":   {ending{syscall.SIGINT, false}, plan, planned, 1},
		"plan, SIGTERM to the group":  {ending{syscall.SIGTERM, true}, plan, planned, 1},
		"plan, SIGTERM to Terraform":  {ending{syscall.SIGTERM, false}, plan, planned, 1},
		"apply, SIGINT to the group":  {ending{syscall.SIGINT, true}, apply, applied, 1},
		"apply, SIGINT to Terraform":  {ending{syscall.SIGINT, false}, apply, applied, 1},
		"apply, SIGTERM to the group": {ending{syscall.SIGTERM, true}, apply, applied, 1},
		// Terraform does not tell providers of an interrupt in this phase.
		"apply while it plans, SIGINT to the group":  {ending{syscall.SIGINT, true}, apply, planned, 1},
		"apply while it plans, SIGTERM to the group": {ending{syscall.SIGTERM, true}, apply, planned, 1},
		"many sessions, SIGINT to the group":         {ending{syscall.SIGINT, true}, plan, sessions(`session_ids = ["slow", "slower"]`, endless), 2},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if strings.Contains(test.config, put) {
				needsUsualCLI(t, terraformData)
			}
			if !test.end.isOneInTwoProcesses() {
				needsUsualCLI(t, oneProcess)
			}
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
				return err == nil && waitBegins.Match(story)
			})
			signal(t, command, test.end)
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
			if !says("Error: Cancelled", "Run Terraform again to continue the wait").MatchString(output.String()) {
				t.Errorf("Terraform does not say that the wait was cancelled:\n%s", output)
			}
		})
	}
}

// A process is stopped, as by Ctrl-Z or a paused container, until after the timeout. It wakes and looks once more.
func TestAWaitThatIsStoppedUntilAfterItsTimeoutLooksOnceMore(t *testing.T) {
	t.Parallel()
	const timeout = 6 * time.Second
	for name, finishes := range map[string]bool{"finished meanwhile": true, "still running": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := scriptixtest.NewServer(t)
			server.Add(scriptixtest.Session{SessionID: "slow", Processing: forever})
			terraform := newCLI(t, server, session(`session_id = "slow"`, waits, `timeouts = { read = "`+timeout.String()+`" }`))
			log := filepath.Join(terraform.directory, "provider.log")
			terraform.environment = append(terraform.environment, "TF_LOG_PROVIDER=INFO", "TF_LOG_PATH="+log)
			run := terraform.startReading(server, "plan", "-no-color")
			until(t, "the wait has begun", func() bool {
				story, err := os.ReadFile(log)
				return err == nil && waitBegins.Match(story)
			})
			run.signal(ending{syscall.SIGSTOP, true})
			stopped := time.Now()
			until(t, "the timeout is long over", func() bool { return time.Since(stopped) > timeout+5*time.Second })
			if finishes {
				server.Add(scriptixtest.Session{SessionID: "slow"})
			}
			server.ResetRequests()
			run.signal(ending{syscall.SIGCONT, true})
			run.ends()
			if run.command.ProcessState.Success() != finishes {
				t.Errorf("Terraform says:\n%s", read(t, run.output))
			}
			if !finishes {
				run.says("Error: Session Still Processing")
			}
			if sent := len(server.Requests()); sent != 1 {
				t.Errorf("%d requests were sent after the process woke, want 1", sent)
			}
		})
	}
}

// waitBegins is how the log at INFO tells, in whatever words, that a wait has begun.
var waitBegins = regexp.MustCompile(`(?i)\[INFO\].*\bwait`)

// ending is how a process of Terraform's may be ended.
type ending struct {
	signal syscall.Signal
	group  bool // as a terminal does it; else Terraform alone
}

// String names the ending in a test.
func (e ending) String() string {
	names := map[syscall.Signal]string{syscall.SIGINT: "SIGINT", syscall.SIGTERM: "SIGTERM", syscall.SIGKILL: "SIGKILL"}
	return names[e.signal] + map[bool]string{true: " to the group", false: " to Terraform"}[e.group]
}

// isOneInTwoProcesses reports whether Terraform 1.0, which has two processes, ends in this way as later versions do.
func (e ending) isOneInTwoProcesses() bool { return e.group != (e.signal == syscall.SIGTERM) }

func endings() []ending {
	return []ending{{syscall.SIGINT, true}, {syscall.SIGINT, false}, {syscall.SIGKILL, false}, {syscall.SIGKILL, true}}
}

// Whatever the provider is doing, it ends with Terraform: nothing of it is left, and nothing more is sent. The API
// answers nothing to reads and listings, and waits would go on for ten minutes.
func TestNothingIsLeftOfAnEndedTerraform(t *testing.T) {
	t.Parallel()
	later := func(config string) string { // known only once the resource is there
		return put + strings.Replace(config, "{\n", "{\n  depends_on = [terraform_data.id]\n", 1)
	}
	now := func(config string) string { return config }
	phases := []struct {
		name      string
		arguments []string
		config    func(string) string
		prepare   bool // destroy has something to destroy
		deaf      bool // TestInterruptOfTerraformAloneWhileItPlansAnApply
	}{
		{"plan", []string{"plan", "-no-color"}, now, false, false},
		{"apply while it plans", []string{"apply", "-no-color", "-auto-approve"}, now, false, true},
		{"apply", []string{"apply", "-no-color", "-auto-approve"}, later, false, false},
		{"destroy", []string{"destroy", "-no-color", "-auto-approve"}, func(config string) string { return put + config }, true, true},
	}
	for i, phase := range phases {
		for j, end := range endings() {
			for k, operation := range endlessOperations("10m", "1m") {
				if phase.deaf && end.signal == syscall.SIGINT && !end.group {
					continue
				}
				// Each operation meets each end, and so does each phase: all of their combinations take long.
				if phase.name != "plan" && (i+j)%3 != k && !*everyCombination {
					continue
				}
				config := phase.config(operation.config)
				t.Run(operation.name+" in "+phase.name+", "+end.String(), func(t *testing.T) {
					t.Parallel()
					if strings.Contains(config, put) {
						needsUsualCLI(t, terraformData)
					}
					if !end.isOneInTwoProcesses() {
						needsUsualCLI(t, oneProcess)
					}
					terraform, server := newEndlessCLI(t, operation.name, config, phase.prepare)
					run := terraform.startReading(server, phase.arguments...)
					run.signal(end)
					run.leavesNothing()
				})
			}
		}
	}
}

// Before Terraform 1.16, and in OpenTofu, Terraform keeps an interrupt to itself while it plans an apply or a destroy: the
// operation goes on until its own deadline, and only then is the interrupt heeded. Who does not want to wait interrupts
// Terraform again. The guide on waiting says so.
func TestInterruptOfTerraformAloneWhileItPlansAnApply(t *testing.T) {
	t.Parallel()
	needsUsualCLI(t, terraformData)
	once := ending{syscall.SIGINT, false}
	// Not "Cancelled", as whoever is told of the interrupt says.
	ends := []string{"Error: Reading Timed Out", "Error: Session Still Processing"}
	product, minor := versionOf(t, defaultCLI(t))
	deaf := !interruptsPassedOnWhilePlanning.in(product, minor)
	if !deaf {
		ends = []string{"Error: Cancelled"}
	}
	lasting, timingOut := endlessOperations("10m", "1m"), endlessOperations("5s", "4s")
	for k := range lasting {
		for i, phase := range []string{"apply", "destroy"} {
			// Terraform is as deaf to one operation as to another, and each ends by its deadline in the same way in both phases.
			if i != k%2 && !*everyCombination {
				continue
			}
			operation := lasting[k]
			if deaf {
				operation = timingOut[k]
			}
			destroy := phase == "destroy"
			arguments := []string{phase, "-no-color", "-auto-approve"}
			t.Run(operation.name+" in "+phase+", SIGINT once", func(t *testing.T) {
				t.Parallel()
				terraform, server := newEndlessCLI(t, operation.name, put+operation.config, destroy)
				run := terraform.startReading(server, arguments...)
				run.signal(once)
				run.says("Interrupt received")
				run.ends() // it may poll until its deadline
				run.says(ends...)
			})
			if !deaf {
				continue // the first interrupt has ended it
			}
			t.Run(operation.name+" in "+phase+", SIGINT twice", func(t *testing.T) {
				t.Parallel()
				terraform, server := newEndlessCLI(t, operation.name, put+lasting[k].config, destroy)
				run := terraform.startReading(server, arguments...)
				run.signal(once)
				run.says("Interrupt received")
				run.signal(once)
				run.leavesNothing()
				run.says("Two interrupts received")
			})
		}
	}
}

// Terraform keeps an interrupt of a test or an import to itself, in every version. The guide on waiting says so.
func TestInterruptOfTerraformAloneWhileItTestsOrImports(t *testing.T) {
	t.Parallel()
	for _, phase := range []struct {
		arguments []string
		needs     feature
	}{
		{[]string{"test", "-no-color"}, testFiles},
		{[]string{"import", "-no-color", "terraform_data.id", "imported"}, terraformData},
	} {
		t.Run(phase.arguments[0], func(t *testing.T) {
			t.Parallel()
			needsUsualCLI(t, phase.needs)
			wait := endlessOperations("5s", "4s")[2]
			terraform, server := newEndlessCLI(t, wait.name, put+wait.config, false)
			write(t, filepath.Join(terraform.directory, "main.tftest.hcl"), "run \"plan\" {\n  command = plan\n}\n")
			run := terraform.startReading(server, phase.arguments...)
			run.signal(ending{syscall.SIGINT, false})
			_ = run.command.Wait() // how Terraform ends is its own business
			run.says("Error: Session Still Processing")
			lacks(t, "the output", read(t, run.output), "Error: Cancelled")
		})
	}
}

// With -debug, a person ends the provider, and not Terraform.
func TestDebuggedProviderServesUntilItIsEnded(t *testing.T) {
	t.Parallel()
	for _, end := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		t.Run(end.String(), func(t *testing.T) {
			t.Parallel()
			server := scriptixtest.NewServer(t)
			server.Add(scriptixtest.Session{SessionID: "test"})
			terraform := newCLI(t, server, session(`session_id = "test"`))
			debugged := exec.Command(binary(t), "-debug")
			debugged.Env = terraform.environment
			output, err := debugged.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := debugged.Start(); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = debugged.Process.Kill() })
			lines, reattach := bufio.NewScanner(output), ""
			for reattach == "" && lines.Scan() {
				if line, found := strings.CutPrefix(strings.TrimSpace(lines.Text()), "TF_REATTACH_PROVIDERS='"); found {
					reattach = strings.TrimSuffix(line, "'")
				}
			}
			terraform.environment = append(terraform.environment, "TF_REATTACH_PROVIDERS="+reattach)
			terraform.run(true, "plan", "-no-color")
			terraform.run(true, "plan", "-no-color")
			if got := len(server.Requests()); got != 2 {
				t.Errorf("%d requests were sent, want 2", got)
			}
			if err := debugged.Process.Signal(end); err != nil {
				t.Fatal(err)
			}
			if err := debugged.Wait(); err != nil {
				t.Errorf("the provider has not ended well: %v", err)
			}
		})
	}
}

// endlessOperation is a data source that does not end by itself before its timeout.
type endlessOperation struct{ name, config string }

// endlessOperations have the API's silence, or a session that goes on, outlast the timeout.
func endlessOperations(timeout, pollInterval string) []endlessOperation {
	limit := "timeouts = { read = \"" + timeout + "\" }"
	return []endlessOperation{
		{"read", session(`session_id = "slow"`, limit)},
		{"listing", sessions(limit)},
		{"wait", session(`session_id = "slow"`, `wait_for_completion = true`, `poll_interval = "`+pollInterval+`"`, limit)},
	}
}

// newEndlessCLI prepares an operation that does not end by itself, and what there is to destroy if it is to be there.
func newEndlessCLI(t *testing.T, operation, config string, destroy bool) (*cli, *scriptixtest.Server) {
	t.Helper()
	server := scriptixtest.NewServer(t)
	server.Add(scriptixtest.Session{SessionID: "slow", Processing: forever})
	terraform := newCLI(t, server, "")
	if destroy {
		write(t, filepath.Join(terraform.directory, "main.tf"), requirement+put)
		terraform.run(true, "apply", "-no-color", "-auto-approve")
	}
	write(t, filepath.Join(terraform.directory, "main.tf"), requirement+config)
	if operation != "wait" {
		server.Inject(scriptixtest.Fault{Hang: true})
	}
	return terraform, server
}

// reading is a run of Terraform whose provider has asked for something.
type reading struct {
	t       *testing.T
	server  *scriptixtest.Server
	command *exec.Cmd
	output  string // a file, so that it can be read while it is written
}

// startReading returns once the provider has asked for something.
func (c *cli) startReading(server *scriptixtest.Server, arguments ...string) reading {
	c.t.Helper()
	command, _ := c.command(arguments...)
	output, err := os.Create(filepath.Join(c.t.TempDir(), "output"))
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() { _ = output.Close() })
	command.Stdout, command.Stderr = output, output
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := command.Start(); err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() { _ = syscall.Kill(-command.Process.Pid, syscall.SIGKILL) })
	until(c.t, "the provider has asked", func() bool { return len(server.Requests()) > 0 })
	return reading{c.t, server, command, output.Name()}
}

func (r reading) signal(end ending) {
	r.t.Helper()
	signal(r.t, r.command, end)
}

func signal(t *testing.T, command *exec.Cmd, end ending) {
	t.Helper()
	target := command.Process.Pid
	if end.group {
		target = -target
	}
	if err := syscall.Kill(target, end.signal); err != nil {
		t.Fatal(err)
	}
}

// says waits until Terraform has printed one of these.
func (r reading) says(words ...string) {
	r.t.Helper()
	defer func() {
		if r.t.Failed() {
			r.t.Log(read(r.t, r.output))
		}
	}()
	until(r.t, "Terraform says "+strings.Join(words, " or "), func() bool {
		output := read(r.t, r.output)
		return slices.ContainsFunc(words, func(word string) bool { return strings.Contains(output, word) })
	})
}

// ends waits for Terraform's end, and for that of every process that it has started.
func (r reading) ends() {
	r.t.Helper()
	_ = r.command.Wait() // how Terraform ends is its own business
	group := -r.command.Process.Pid
	until(r.t, "no process of Terraform's is left", func() bool { return errors.Is(syscall.Kill(group, 0), syscall.ESRCH) })
}

// leavesNothing waits for Terraform's end, and looks for what outlives it.
func (r reading) leavesNothing() {
	r.t.Helper()
	r.ends()
	if sent := len(r.server.Requests()); sent > 1 {
		r.t.Errorf("%d requests were sent, want the one that was under way", sent)
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
