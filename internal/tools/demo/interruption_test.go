//go:build unix

package main

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// demoVariable makes this test binary the demo.
const demoVariable = "SCRIPTIX_TEST_DEMO"

func TestMain(m *testing.M) {
	if os.Getenv(demoVariable) != "" {
		main()
	}
	os.Exit(m.Run())
}

// A terminal sends SIGINT to the whole process group, and other programs send it to the demo alone.
func TestInterruptedDemoLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	terraform := os.Getenv("TF_ACC_TERRAFORM_PATH")
	if terraform == "" {
		var err error
		if terraform, err = exec.LookPath("terraform"); err != nil {
			t.Skip("Terraform is missing. Set TF_ACC_TERRAFORM_PATH to its path.")
		}
	}
	tests := map[string]struct {
		at    string // what the demo prints right before the interruption
		group bool
	}{
		"Ctrl-C in the build":      {at: "Building the provider", group: true},
		"Ctrl-C in the apply":      {at: "Creating...", group: true},
		"SIGINT to the demo alone": {at: "Creating...", group: false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			temporary := t.TempDir()
			command := exec.CommandContext(t.Context(), os.Args[0], "-checkout", "../../..", "-terraform", terraform)
			command.Env = append(os.Environ(), demoVariable+"=yes", "TMPDIR="+temporary)
			command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
			output, held := startHolding(t, command)
			printed := readUntil(t, output, test.at)

			target := command.Process.Pid
			if test.group {
				target = -target
			}
			if err := syscall.Kill(target, syscall.SIGINT); err != nil {
				t.Fatal(err)
			}
			rest, err := io.ReadAll(output)
			if err != nil {
				t.Fatal(err)
			}
			_ = command.Wait() // the exit code says how it ended
			if code := command.ProcessState.ExitCode(); code != exitInterrupted {
				t.Errorf("exit code %d, want %d:\n%s%s", code, exitInterrupted, printed, rest)
			}
			if err := held.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
				t.Fatal(err)
			}
			if _, err := io.ReadAll(held); err != nil {
				t.Errorf("the demo left a process behind: %v", err)
			}
			if left, err := os.ReadDir(temporary); err != nil || len(left) > 0 {
				t.Errorf("the demo left %v (%v)", left, err)
			}
		})
	}
}

// startHolding starts a command. It returns its output and a pipe that ends with the last process that the command has
// started: they all inherit its other end.
func startHolding(t *testing.T, command *exec.Cmd) (output *bufio.Reader, held *os.File) {
	t.Helper()
	held, holder, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = held.Close() })
	command.ExtraFiles = []*os.File{holder}
	printed, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	if err := holder.Close(); err != nil {
		t.Fatal(err)
	}
	return bufio.NewReader(printed), held
}

// readUntil reads lines up to the first that contains the text.
func readUntil(t *testing.T, output *bufio.Reader, text string) string {
	t.Helper()
	var printed strings.Builder
	for {
		line, err := output.ReadString('\n')
		printed.WriteString(line)
		if err != nil {
			t.Fatalf("%v before %q:\n%s", err, text, printed.String())
		}
		if strings.Contains(line, text) {
			return printed.String()
		}
	}
}
