package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/scriptix/terraform-provider-scriptix/internal/tools/process"
)

// cli is a version of a program that is published as a Go module.
type cli struct {
	name, version   string
	module, program string // the program is a package of the module
}

// parse returns the CLI with a name such as terraform@1.14.3.
func parse(name string) (cli, error) {
	program, version, found := strings.Cut(name, "@")
	switch {
	case found && program == "terraform":
		return cli{program, version, "github.com/hashicorp/terraform", "."}, nil
	case found && program == "tofu":
		return cli{program, version, "github.com/opentofu/opentofu", "./cmd/tofu"}, nil
	default:
		return cli{}, fmt.Errorf("%q is neither terraform@VERSION nor tofu@VERSION", name)
	}
}

// build returns the path of the program in the folder, and builds it if it is not there.
func (c cli) build(ctx context.Context, folder string) (path string, err error) {
	home := filepath.Join(folder, c.name+"-"+c.version)
	path = filepath.Join(home, c.name)
	if runtime.GOOS == "windows" {
		path += ".exe"
	}
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	if err := os.MkdirAll(home, 0o750); err != nil {
		return "", err
	}
	work, err := os.MkdirTemp(home, "source-")
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()

	source := filepath.Join(work, "module")
	if err := c.download(ctx, work, source); err != nil {
		return "", err
	}
	if err := removeUnpublished(source); err != nil {
		return "", err
	}
	built := filepath.Join(work, "program")
	// Without this flag, a build calls itself a development version.
	released := "-s -w -X " + c.module + "/version.dev=no"
	if _, err := run(ctx, source, "build", "-mod=mod", "-trimpath", "-ldflags", released, "-o", built, c.program); err != nil {
		return "", err
	}
	return path, os.Rename(built, path) // last, so that what is there is complete
}

// download copies the module's source, because the module cache cannot be changed.
func (c cli) download(ctx context.Context, work, source string) error {
	output, err := run(ctx, work, "mod", "download", "-json", c.module+"@v"+c.version)
	var downloaded struct{ Dir, Error string }
	if json.Unmarshal(output, &downloaded) == nil && downloaded.Error != "" {
		return errors.New(downloaded.Error)
	}
	if err != nil {
		return err
	}
	return os.CopyFS(source, os.DirFS(downloaded.Dir))
}

// run returns what the go command prints.
func run(ctx context.Context, folder string, arguments ...string) ([]byte, error) {
	var output bytes.Buffer
	command := process.Command(ctx, "go", arguments...)
	command.Dir = folder
	command.Env = append(os.Environ(), "CGO_ENABLED=0", "GOWORK=off", "GOFLAGS=")
	command.Stdout, command.Stderr = &output, os.Stderr
	err := process.Run(command)
	return output.Bytes(), err
}
