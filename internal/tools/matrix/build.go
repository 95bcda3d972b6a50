package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"

	"golang.org/x/mod/modfile"

	"github.com/scriptix/terraform-provider-scriptix/internal/tools/compile"
	"github.com/scriptix/terraform-provider-scriptix/internal/tools/process"
)

// source is the Go module that a CLI is built from.
type source struct{ module, program string }

func sources() map[string]source {
	return map[string]source{
		"terraform": {"github.com/hashicorp/terraform", "."},
		"tofu":      {"github.com/opentofu/opentofu", "./cmd/tofu"},
	}
}

// builder builds CLIs of any version wherever Go modules can be had, and keeps them.
type builder struct {
	cache    string
	download func(ctx context.Context, module string) (folder string, err error)
	messages io.Writer
}

// build returns the path of a CLI such as "tofu@v1.12.6".
func (b builder) build(ctx context.Context, named string) (string, error) {
	name, version, _ := strings.Cut(named, "@")
	from, known := sources()[name]
	if !known {
		return "", fmt.Errorf("%s: only terraform and tofu can be built", named)
	}
	file := name
	if runtime.GOOS == "windows" {
		file += ".exe"
	}
	folder := filepath.Join(b.cache, name+"-"+version)
	program := filepath.Join(folder, file)
	if found, err := exec.LookPath(program); err == nil {
		return found, nil
	}
	fmt.Fprintf(b.messages, "Building %s, once, into %s\n", named, folder)
	if err := b.fill(ctx, folder, file, version, from); err != nil {
		return "", fmt.Errorf("building %s: %w", named, err)
	}
	return program, nil
}

// fill builds in a folder beside the final one, so that an interrupted build is never taken for a CLI.
func (b builder) fill(ctx context.Context, folder, file, version string, from source) error {
	if err := os.MkdirAll(b.cache, 0o750); err != nil {
		return err
	}
	unfinished, err := os.MkdirTemp(b.cache, "unfinished-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(unfinished) }()
	downloaded, err := b.download(ctx, from.module+"@"+version)
	if err != nil {
		return err
	}
	// A copy, since modules that replace others can be built only in their own folder, and downloads are read-only.
	checkout, built := filepath.Join(unfinished, "source"), filepath.Join(unfinished, "built")
	if err := os.CopyFS(checkout, os.DirFS(downloaded)); err != nil {
		return err
	}
	if err := withoutAbsentModules(checkout); err != nil {
		return err
	}
	// Without the flag newer ones take themselves for a version in development.
	release := "-ldflags=-X " + from.module + "/version.dev=no"
	if err := compile.Program(ctx, checkout, from.program, filepath.Join(built, file), "-mod=mod", release); err != nil {
		return err
	}
	if err := os.RemoveAll(folder); err != nil {
		return err
	}
	return os.Rename(built, folder)
}

// withoutAbsentModules takes out what lies beside Terraform in modules of its own that are published nowhere: places for
// states, such as S3, which no test needs.
func withoutAbsentModules(checkout string) error {
	path := filepath.Join(checkout, "go.mod")
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	module, err := modfile.Parse(path, content, nil)
	if err != nil {
		return err
	}
	var absent []string
	for _, replaced := range module.Replace {
		_, err := os.Stat(filepath.Join(checkout, replaced.New.Path))
		if replaced.New.Version == "" && errors.Is(err, os.ErrNotExist) {
			absent = append(absent, replaced.Old.Path)
		}
	}
	if len(absent) == 0 {
		return nil
	}
	for _, gone := range absent {
		if err := errors.Join(module.DropReplace(gone, ""), module.DropRequire(gone)); err != nil {
			return err
		}
	}
	module.Cleanup()
	content, err = module.Format()
	if err != nil {
		return err
	}
	if err := os.WriteFile(path, content, 0o600); err != nil {
		return err
	}
	return withoutBackends(filepath.Join(checkout, "internal", "backend", "init", "init.go"), absent)
}

// withoutBackends removes the lines that import the packages, and those that call them.
func withoutBackends(path string, packages []string) error {
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	for _, gone := range packages {
		imported := regexp.MustCompile(`(?m)^\t(\w+) "` + regexp.QuoteMeta(gone) + `"\n`)
		name := imported.FindSubmatch(content)
		if name == nil {
			continue // not a backend
		}
		content = imported.ReplaceAll(content, nil)
		content = regexp.MustCompile(`(?m)^.*\b`+string(name[1])+`\..*\n`).ReplaceAll(content, nil)
	}
	return os.WriteFile(path, content, 0o600)
}

// download has Go fetch a module, checked against the checksum database as all modules are.
func download(ctx context.Context, module string) (folder string, err error) {
	var output bytes.Buffer
	command := process.Command(ctx, "go", "mod", "download", "-json", module)
	command.Dir, command.Stdout = os.TempDir(), &output
	err = process.Run(command)
	var downloaded struct{ Dir, Error string }
	if malformed := json.Unmarshal(output.Bytes(), &downloaded); malformed != nil {
		return "", errors.Join(err, malformed)
	}
	if downloaded.Error != "" {
		return "", errors.New(downloaded.Error)
	}
	return downloaded.Dir, err
}
