//go:build unix

package process_test

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"testing"

	"github.com/scriptix/terraform-provider-scriptix/internal/tools/process"
)

// shell prepares a shell whose standard output can be read until the last process that holds it has ended.
func shell(ctx context.Context, t *testing.T, script string) (*exec.Cmd, *os.File) {
	t.Helper()
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = reader.Close() })
	command := process.Command(ctx, "sh", "-c", script)
	command.Stdout = writer
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	return command, reader
}

func TestRunReportsTheExitCode(t *testing.T) {
	t.Parallel()
	err := process.Run(process.Command(t.Context(), "sh", "-c", "exit 3"))
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 3 {
		t.Errorf("got %v, want exit code 3", err)
	}
}

func TestRunReportsACommandThatCannotStart(t *testing.T) {
	t.Parallel()
	if err := process.Run(process.Command(t.Context(), "/nowhere/at/all")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v, want that the file does not exist", err)
	}
}

func TestCancellingInterruptsTheWholeGroup(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	// Nothing here knows of the inner shell, and it gets the signal all the same.
	command, output := shell(ctx, t, `
		trap : INT
		sh -c 'trap "echo child interrupted; exit" INT; echo ready; while :; do sleep 0.1; done'
		exit 1`)
	ready := make([]byte, len("ready\n"))
	if _, err := io.ReadFull(output, ready); err != nil {
		t.Fatal(err)
	}
	cancel()
	rest, err := io.ReadAll(output)
	if err != nil {
		t.Fatal(err)
	}
	if err := process.Wait(command); err == nil {
		t.Error("a cancelled command reported success")
	}
	if string(rest) != "child interrupted\n" {
		t.Errorf("the child printed %q", rest)
	}
}

func TestWaitKillsWhatACommandLeavesBehind(t *testing.T) {
	t.Parallel()
	command, output := shell(t.Context(), t, `sh -c 'trap "" INT TERM HUP; sleep 3600' & echo started`)
	if err := process.Wait(command); err != nil {
		t.Fatal(err)
	}
	// Reading to the end needs the last holder of the pipe to be gone.
	printed, err := io.ReadAll(output)
	if err != nil {
		t.Fatal(err)
	}
	if string(printed) != "started\n" {
		t.Errorf("the command printed %q", printed)
	}
}
