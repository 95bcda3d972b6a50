package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
	"time"

	"github.com/creack/pty"
)

// The size of the terminal.
const (
	columns = 100
	rows    = 30
)

// grace is how long a demo that was interrupted may take to clean up.
const grace = 20 * time.Second

// record runs the program in a terminal and shows the screen all that it writes, while the person who records watches.
func record(ctx context.Context, screen *terminal, program string, arguments ...string) error {
	// Not process.Command: what has a terminal of its own is a group of its own already.
	command := exec.CommandContext(ctx, program, arguments...)
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) }
	command.WaitDelay = grace
	command.Env = append(os.Environ(), "TERM=xterm-256color", "NO_COLOR=")
	device, err := pty.StartWithSize(command, &pty.Winsize{Cols: columns, Rows: rows})
	if err != nil {
		return fmt.Errorf("opening a terminal: %w", err)
	}
	defer func() { _ = device.Close() }()
	reading := follow(io.TeeReader(device, os.Stdout), screen)
	if err := command.Wait(); err != nil {
		return fmt.Errorf("the demo: %w", err)
	}
	return reading
}

// follow reads until the terminal is closed, and tells the screen when each piece came.
func follow(output io.Reader, screen *terminal) error {
	start := time.Now()
	buffer := make([]byte, 32*1024)
	for {
		count, err := output.Read(buffer)
		screen.write(string(buffer[:count]), time.Since(start))
		switch {
		case err == nil:
		case errors.Is(err, io.EOF), errors.Is(err, syscall.EIO): // Linux says EIO when the last program has left
			return nil
		default:
			return err
		}
	}
}
