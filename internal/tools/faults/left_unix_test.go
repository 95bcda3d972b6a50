//go:build unix

package faults

import (
	"context"
	"errors"
	"os"
	"syscall"
	"testing"
	"time"
)

// nothingIsLeftOf fails the test when a process of the leader's group outlives it, such as the provider, and ends it.
func nothingIsLeftOf(t *testing.T, leader *os.Process) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), late)
	defer cancel()
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	for !errors.Is(syscall.Kill(-leader.Pid, 0), syscall.ESRCH) {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			t.Error("Terraform has left a process behind")
			_ = syscall.Kill(-leader.Pid, syscall.SIGKILL)
			return
		}
	}
}
