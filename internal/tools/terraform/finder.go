package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
)

// pathVariable is what acceptance tests of Terraform providers read, so nobody has to learn another one.
const pathVariable = "TF_ACC_TERRAFORM_PATH"

// finder knows the places where a Terraform CLI may be.
type finder struct {
	getenv   func(string) string
	lookPath func(string) (string, error)
	cache    string
	install  func(ctx context.Context, folder string) error
	messages io.Writer
}

// find prefers what was named over what is installed, and that over what has to be fetched.
func (f finder) find(ctx context.Context) (string, error) {
	if named := f.getenv(pathVariable); named != "" {
		return f.named(named)
	}
	if installed, err := f.lookPath("terraform"); err == nil {
		return installed, nil
	}
	return f.fetched(ctx)
}

// named refuses a relative path: the tests of each package run in another folder.
func (f finder) named(path string) (string, error) {
	if !filepath.IsAbs(path) {
		return "", fmt.Errorf("%s must be an absolute path, not %q", pathVariable, path)
	}
	found, err := f.lookPath(path)
	if err != nil {
		return "", fmt.Errorf("%s: %w", pathVariable, err)
	}
	return found, nil
}

// fetched returns the Terraform CLI of the cache, and fills the cache when it is empty.
func (f finder) fetched(ctx context.Context) (string, error) {
	folder := filepath.Join(f.cache, "terraform-"+terraformVersion)
	executable := filepath.Join(folder, "terraform")
	if runtime.GOOS == "windows" {
		executable += ".exe"
	}
	if found, err := f.lookPath(executable); err == nil {
		return found, nil
	}
	if err := f.fetch(ctx, folder); err != nil {
		return "", err
	}
	return f.lookPath(executable)
}

// fetch installs into a folder beside the final one, so that an interrupted download is never taken for Terraform.
func (f finder) fetch(ctx context.Context, folder string) error {
	if err := os.MkdirAll(f.cache, 0o750); err != nil {
		return err
	}
	unfinished, err := os.MkdirTemp(f.cache, "unfinished-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(unfinished) }()

	fmt.Fprintf(f.messages, "No terraform on the PATH: fetching Terraform %s, once, to %s\n", terraformVersion, folder)
	if err := f.install(ctx, unfinished); err != nil {
		return fmt.Errorf("fetching Terraform %s: %w (install Terraform yourself, or name one in %s)", terraformVersion, err, pathVariable)
	}
	if err := os.RemoveAll(folder); err != nil {
		return err
	}
	return os.Rename(unfinished, folder)
}
