// Package fakeapi runs the fake Scriptix API of this checkout as a program of its own, for tools that let Terraform
// talk to it.
package fakeapi

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

	"github.com/scriptix/terraform-provider-scriptix/internal/tools/compile"
	"github.com/scriptix/terraform-provider-scriptix/internal/tools/process"
)

// Package is where a checkout has the program.
const Package = "./internal/scriptixtest/cmd/fakescriptix"

// API is a running fake API.
type API struct {
	Address string

	cancel  context.CancelFunc
	command *exec.Cmd
}

// Build compiles the program into the folder and returns its path. Not "go run": a program of its own can be ended for
// sure.
func Build(ctx context.Context, checkout, folder string) (program string, err error) {
	program = filepath.Join(folder, "fakescriptix")
	return program, compile.Program(ctx, checkout, Package, program)
}

// Start starts the program on a free port, with the sessions of a script, and returns once it listens. The API outlives
// the context, because Terraform may still have something to ask while it ends: Stop ends it.
func Start(ctx context.Context, program, token string, script []byte, folder string) (*API, error) {
	scriptFile := filepath.Join(folder, "sessions.json")
	if err := os.WriteFile(scriptFile, script, 0o600); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	api := &API{cancel: cancel}
	api.command = process.Command(ctx, program, "-address", "127.0.0.1:0", "-token", token, "-script", scriptFile)
	api.command.Stderr = os.Stderr
	output, err := api.command.StdoutPipe()
	if err == nil {
		err = api.command.Start()
	}
	if err != nil {
		cancel()
		return nil, fmt.Errorf("starting the fake API: %w", err)
	}
	if api.Address, err = listeningAddress(output); err != nil {
		api.Stop()
		return nil, err
	}
	return api, nil
}

// Stop ends the API and waits until it is gone. How it ended no longer matters to anyone.
func (a *API) Stop() {
	a.cancel()
	_ = process.Wait(a.command)
}

// listeningAddress reads the first line that the program prints when it is ready.
func listeningAddress(output io.Reader) (string, error) {
	line, err := bufio.NewReader(output).ReadString('\n')
	if err != nil {
		return "", errors.New("the fake API ended before it was ready")
	}
	address, found := strings.CutPrefix(strings.TrimSpace(line), "export SCRIPTIX_BASE_URL=")
	if !found {
		return "", fmt.Errorf("the fake API said %q instead of where it listens", line)
	}
	return address, nil
}
