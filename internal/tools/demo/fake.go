package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/scriptix/terraform-provider-scriptix/internal/tools/process"
)

// fake is a running fake API.
type fake struct {
	address string
	cancel  context.CancelFunc
	command *exec.Cmd
}

// startFake starts the program on a free port and returns once it listens. The fake outlives the context, because
// Terraform may still have something to ask while it ends: stop ends it.
func startFake(ctx context.Context, program, token, folder string) (*fake, error) {
	scriptFile := filepath.Join(folder, "sessions.json")
	if err := os.WriteFile(scriptFile, script, 0o600); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	f := &fake{cancel: cancel}
	f.command = process.Command(ctx, program, "-address", "127.0.0.1:0", "-token", token, "-script", scriptFile)
	f.command.Stderr = os.Stderr
	output, err := f.command.StdoutPipe()
	if err == nil {
		err = f.command.Start()
	}
	if err != nil {
		cancel()
		return nil, fmt.Errorf("starting the fake API: %w", err)
	}
	if f.address, err = listeningAddress(output); err != nil {
		f.stop()
		return nil, err
	}
	return f, nil
}

// stop ends the fake and waits until it is gone. How it ended no longer matters to anyone.
func (f *fake) stop() {
	f.cancel()
	_ = process.Wait(f.command)
}

// listeningAddress reads the line that the fake prints when it is ready.
func listeningAddress(output io.Reader) (string, error) {
	line, err := bufio.NewReader(output).ReadString('\n')
	if err != nil {
		return "", errors.New("the fake API ended before it was ready")
	}
	address, found := strings.CutPrefix(strings.TrimSpace(line), "listening on ")
	if !found {
		return "", fmt.Errorf("the fake API said %q instead of where it listens", line)
	}
	return address, nil
}
