package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// newMatrix has CLIs whose version is their name, and whose tests pass unless they are told to fail.
func newMatrix(output *strings.Builder, tested *[]string, failing string) matrix {
	return matrix{
		build: func(_ context.Context, named string) (string, error) {
			if named == "tofu@v0" {
				return "", errors.New("no such version")
			}
			return "/cache/" + named, nil
		},
		version: func(_ context.Context, path string) (string, error) {
			if strings.HasSuffix(path, "absent") {
				return "", os.ErrNotExist
			}
			return filepath.Base(path), nil
		},
		test: func(_ context.Context, one cli, _ []cli) error {
			*tested = append(*tested, one.version)
			if one.version == failing {
				return errors.New("exit status 1")
			}
			return nil
		},
		output: output,
	}
}

func list(paths ...string) string { return strings.Join(paths, string(filepath.ListSeparator)) }

func TestEveryCLIIsTested(t *testing.T) {
	t.Parallel()
	var output strings.Builder
	var tested []string
	if err := newMatrix(&output, &tested, "").run(t.Context(), list("/a/old", "", "/b/new", "tofu@v1")); err != nil {
		t.Error(err)
	}
	if !slices.Equal(tested, []string{"old", "new", "tofu@v1"}) {
		t.Errorf("tested %v", tested)
	}
	if !strings.Contains(output.String(), "old                      passed\nnew                      passed\ntofu@v1                  passed\n") {
		t.Errorf("does not say what was run:\n%s", &output)
	}
}

func TestAFailureDoesNotHideTheOtherCLIs(t *testing.T) {
	t.Parallel()
	var output strings.Builder
	var tested []string
	err := newMatrix(&output, &tested, "old").run(t.Context(), list("/a/old", "/b/new"))
	if err == nil || !strings.Contains(err.Error(), "1 of 2") || len(tested) != 2 {
		t.Errorf("got %v after testing %v", err, tested)
	}
	if !strings.Contains(output.String(), "FAILED: exit status 1") {
		t.Errorf("does not say what failed:\n%s", &output)
	}
}

func TestNothingIsTestedUnlessAllCanBe(t *testing.T) {
	t.Parallel()
	for name, paths := range map[string]string{
		"none":     "",
		"relative": "terraform",
		"unbuilt":  list("/a/old", "tofu@v0"),
		"absent":   list("/a/old", "/a/absent"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var output strings.Builder
			var tested []string
			err := newMatrix(&output, &tested, "").run(t.Context(), paths)
			if err == nil || !strings.Contains(err.Error(), "SCRIPTIX_TEST_CLIS") || len(tested) > 0 {
				t.Errorf("got %v after testing %v", err, tested)
			}
		})
	}
}

func TestEnvironmentFitsTheCLI(t *testing.T) {
	t.Parallel()
	const host = "TF_ACC_PROVIDER_HOST=registry.opentofu.org"
	for version, want := range map[string]bool{"Terraform v1.0.11": false, "OpenTofu v1.12.6": true} {
		one := cli{"/bin/cli", version}
		got := one.environment([]cli{one, {"/bin/other", ""}})
		if !slices.Contains(got, "SCRIPTIX_TEST_CLIS="+list("/bin/cli", "/bin/other")) {
			t.Errorf("%s: the tests are not told which CLIs there are: %v", version, got)
		}
		if slices.Contains(got, host) != want || !slices.Contains(got, "TF_ACC_TERRAFORM_PATH=/bin/cli") {
			t.Errorf("%s: %v", version, got)
		}
	}
}

func TestVersionIsFoundBelowWarnings(t *testing.T) {
	t.Parallel()
	program := filepath.Join(t.TempDir(), "cli")
	if err := os.WriteFile(program, []byte("#!/bin/sh\necho Warning\necho OpenTofu v1.12.6\necho on linux\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	if got, err := version(t.Context(), program); err != nil || got != "OpenTofu v1.12.6" {
		t.Errorf("got %q, %v", got, err)
	}
	if _, err := version(t.Context(), program+"-absent"); err == nil {
		t.Error("a program that does not exist has a version")
	}
	if err := os.WriteFile(program, []byte("#!/bin/sh\necho 1.0\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	if got, err := version(t.Context(), program); err == nil {
		t.Errorf("any program is taken for a CLI, of version %q", got)
	}
}
