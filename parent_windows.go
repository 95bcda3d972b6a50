package main

import (
	"errors"
	"os"
	"syscall"
)

// errorInvalidParameter is what Windows answers when no process has the number.
const errorInvalidParameter = syscall.Errno(87)

// endOf returns a channel that closes when the process that started this one has ended. A Terraform that was killed says
// nothing, and Windows keeps a program's file locked as long as it runs.
func endOf(parent int) <-chan struct{} {
	if parent <= 0 {
		return nil // unknown; under Wine, a process of the system around it
	}
	gone := make(chan struct{})
	process, err := os.FindProcess(parent)
	if errors.Is(err, errorInvalidParameter) {
		close(gone)
		return gone
	}
	if err != nil {
		return nil // nobody may watch it
	}
	go func() {
		if _, err := process.Wait(); err == nil {
			close(gone)
		}
	}()
	return gone
}
