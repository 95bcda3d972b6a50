//go:build unix

package process

import (
	"os"
	"os/exec"
	"syscall"
)

// lead makes the command the leader of a new process group.
func lead(command *exec.Cmd) {
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
}

// interrupt does what Ctrl-C does in a terminal: it reaches the whole group, so that a provider hears it as well.
func interrupt(leader *os.Process) error {
	return syscall.Kill(-leader.Pid, syscall.SIGINT)
}

// sweep kills whatever is left of the group. Usually nothing is, which is the error that is ignored here.
func sweep(leader *os.Process) {
	_ = syscall.Kill(-leader.Pid, syscall.SIGKILL)
}
