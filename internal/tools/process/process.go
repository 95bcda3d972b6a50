// Package process runs child processes that are sure to end, together with everything they started.
//
// Terraform starts providers, and go starts compilers. Killing only the parent would leave those behind, so every
// command gets a process group of its own, which is interrupted and, if need be, killed as a whole.
package process

import (
	"context"
	"os/exec"
	"time"
)

// grace is how long a command may take to end after it was interrupted. Terraform uses it to write its state.
const grace = 10 * time.Second

// Command prepares a command. The end of the context interrupts it as Ctrl-C in a terminal would, and kills it when
// that is not enough. It must be ended with Run or Wait.
func Command(ctx context.Context, name string, arguments ...string) *exec.Cmd {
	command := exec.CommandContext(ctx, name, arguments...)
	lead(command)
	command.Cancel = func() error { return interrupt(command.Process) }
	command.WaitDelay = grace
	return command
}

// Run starts the command and waits until it has ended.
func Run(command *exec.Cmd) error {
	if err := command.Start(); err != nil {
		return err
	}
	return Wait(command)
}

// Wait waits until a command that was started has ended, and leaves nothing behind that it started.
func Wait(command *exec.Cmd) error {
	err := command.Wait()
	sweep(command.Process)
	return err
}
