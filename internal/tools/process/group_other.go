//go:build !unix

package process

import (
	"os"
	"os/exec"
)

// lead does nothing: there are no process groups.
func lead(*exec.Cmd) {}

// interrupt can only kill: there are no signals.
func interrupt(leader *os.Process) error { return leader.Kill() }

// sweep does nothing: there are no process groups.
func sweep(*os.Process) {}
