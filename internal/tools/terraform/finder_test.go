package main

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// newFinder finds nothing, neither named nor installed, and fetches a file that can be executed.
func newFinder(t *testing.T) finder {
	t.Helper()
	return finder{
		getenv: func(string) string { return "" },
		lookPath: func(name string) (string, error) {
			if name == "terraform" {
				return "", exec.ErrNotFound
			}
			return exec.LookPath(name)
		},
		cache: filepath.Join(t.TempDir(), "cache"),
		install: func(_ context.Context, folder string) error {
			return os.WriteFile(filepath.Join(folder, "terraform"), nil, 0o700)
		},
		messages: t.Output(),
	}
}

// neverInstall fails the test when something is fetched.
func neverInstall(t *testing.T) func(context.Context, string) error {
	t.Helper()
	return func(context.Context, string) error {
		t.Error("something was fetched")
		return nil
	}
}

func TestFindPrefersTheNamedTerraform(t *testing.T) {
	t.Parallel()
	f := newFinder(t)
	f.install = neverInstall(t)
	named := filepath.Join(t.TempDir(), "my-terraform")
	if err := os.WriteFile(named, nil, 0o700); err != nil {
		t.Fatal(err)
	}
	f.getenv = func(variable string) string {
		if variable != "TF_ACC_TERRAFORM_PATH" {
			t.Errorf("asked for %s", variable)
		}
		return named
	}
	if got, err := f.find(t.Context()); err != nil || got != named {
		t.Errorf("got %q, %v, want %q", got, err, named)
	}
}

func TestFindRefusesWhatIsNamedWrongly(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ path, want string }{
		"relative": {"./terraform", "must be an absolute path"},
		"missing":  {filepath.Join(t.TempDir(), "terraform"), "no such file"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFinder(t)
			f.install = neverInstall(t)
			f.getenv = func(string) string { return test.path }
			_, err := f.find(t.Context())
			if err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), "TF_ACC_TERRAFORM_PATH") {
				t.Errorf("got %v, want %q and the variable's name", err, test.want)
			}
		})
	}
}

func TestFindTakesTheInstalledTerraform(t *testing.T) {
	t.Parallel()
	f := newFinder(t)
	f.install = neverInstall(t)
	f.lookPath = func(name string) (string, error) { return "/usr/bin/" + name, nil }
	if got, err := f.find(t.Context()); err != nil || got != "/usr/bin/terraform" {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestFindFetchesOnce(t *testing.T) {
	t.Parallel()
	f := newFinder(t)
	first, err := f.find(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if want := filepath.Join(f.cache, "terraform-"+terraformVersion, "terraform"); first != want {
		t.Errorf("got %q, want %q", first, want)
	}

	f.install = neverInstall(t)
	if second, err := f.find(t.Context()); err != nil || second != first {
		t.Errorf("the second time: got %q, %v, want %q", second, err, first)
	}
}

func TestFindLeavesNothingOfAFailedDownload(t *testing.T) {
	t.Parallel()
	f := newFinder(t)
	broken := errors.New("the network is down")
	f.install = func(_ context.Context, folder string) error {
		if err := os.WriteFile(filepath.Join(folder, "terraform"), nil, 0o700); err != nil {
			return err
		}
		return broken
	}
	if _, err := f.find(t.Context()); !errors.Is(err, broken) {
		t.Errorf("got %v, want %v", err, broken)
	}
	left, err := os.ReadDir(f.cache)
	if err != nil || len(left) > 0 {
		t.Errorf("the cache holds %v (%v), want nothing", left, err)
	}
}
