package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// suite is a module with tests of each kind. They ask the CLI that they are given what it is, as the acceptance tests do.
const suite = `package suite

import (
	"os"
	"strings"
	"testing"
)

func usual(t *testing.T) string {
	t.Attr("cli", "")
	return os.Getenv("TF_ACC_TERRAFORM_PATH")
}

func TestWithoutACLI(t *testing.T) {}

func TestPasses(t *testing.T) { usual(t) }

func TestParts(t *testing.T) {
	cli := usual(t)
	t.Run("new", func(t *testing.T) {
		if strings.Contains(cli, "old") {
			t.Attr("lacks", "actions")
			t.Skip("an old CLI")
		}
	})
	t.Run("any", func(t *testing.T) {
		if strings.Contains(cli, "broken") {
			t.Error("this is why")
		}
	})
}

func TestNoneCan(t *testing.T) {
	usual(t)
	if os.Getenv("EVERY_TEST_RUNS") == "" {
		t.Skip("too new for all")
	}
}

func TestAlone(t *testing.T) {
	usual(t)
	if others := os.Getenv("SCRIPTIX_TEST_CLIS"); others != "" {
		t.Errorf("the test knows of %s", others)
	}
}

func TestRegistry(t *testing.T) {
	want := "registry.terraform.io"
	if strings.Contains(usual(t), "tofu") {
		want = "registry.opentofu.org"
	}
	if got := os.Getenv("TF_ACC_PROVIDER_HOST"); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestTogether(t *testing.T) {
	usual(t)
	if list := os.Getenv("SCRIPTIX_TEST_CLIS"); strings.Contains(list, "hostile") || len(strings.Split(list, ":")) < 2 {
		t.Errorf("the CLIs are %q", list)
	}
}
`

const emptyPage = "before\n<!-- passed: begin -->\nold\n<!-- passed: end -->\nafter\n"

// newMatrix returns a matrix that tests the suite, and what it prints.
func newMatrix(t *testing.T) (matrix, *strings.Builder) {
	t.Helper()
	checkout, output := t.TempDir(), &strings.Builder{}
	write(t, filepath.Join(checkout, "go.mod"), "module suite\n\ngo 1.26\n")
	write(t, filepath.Join(checkout, "suite_test.go"), suite)
	page := filepath.Join(checkout, "page.md")
	write(t, page, emptyPage)
	return matrix{
		checkout: checkout, command: []string{"go", "test"}, together: "TestTogether",
		usual: []string{"terraform@1.0.11", "tofu@1.12.6"}, page: page, output: output,
	}, output
}

// newProgram returns the path of a program that prints what a CLI prints as its version.
func newProgram(t *testing.T, name, version string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	write(t, path, fmt.Sprintf("#!/bin/sh\necho 'A warning'\necho '%s'\necho 'on linux_amd64'\n", version))
	return path
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
}

func pageOf(t *testing.T, m matrix) string {
	t.Helper()
	text, err := os.ReadFile(m.page)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestTableHasWhatTheUsualCLIsPassed(t *testing.T) {
	t.Setenv("EVERY_TEST_RUNS", "yes")
	tested, output := newMatrix(t)
	err := tested.run(t.Context(), []string{newProgram(t, "old", "Terraform v1.0.11"), newProgram(t, "tofu", "OpenTofu v1.12.6")})
	if err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	const want = "\n| CLI | system | tests passed | tests skipped |\n|---|---|---:|---:|\n" +
		"| Terraform 1.0.11 | linux_amd64 | 5 | 1 |\n| OpenTofu 1.12.6 | linux_amd64 | 6 | 0 |\n"
	if page := pageOf(t, tested); !strings.Contains(page, want) {
		t.Errorf("the page is\n%s\nwant in it\n%s", page, want)
	}
	if !strings.Contains(output.String(), "lacks: actions") {
		t.Errorf("what the old CLI lacks is missing in\n%s", output)
	}
}

// A table that tells less than all of it would look as good as one that tells all.
func TestTableStaysAsItIs(t *testing.T) {
	old, tofu := newProgram(t, "old", "Terraform v1.0.11"), newProgram(t, "tofu", "OpenTofu v1.12.6")
	for name, test := range map[string]struct {
		clis    []string
		every   string // whether every test runs
		problem string // none if the tests pass
		printed string
	}{
		"fewer CLIs":            {[]string{tofu, tofu}, "yes", "", "is unchanged"},
		"a test that fails":     {[]string{newProgram(t, "broken", "Terraform v1.0.11"), tofu}, "yes", "Terraform 1.0.11: exit status 1", "this is why"},
		"a test that never ran": {[]string{old, tofu}, "", "tests that no CLI ran", "too new for all"},
		"a test of all CLIs that fails": {
			[]string{old, tofu, newProgram(t, "hostile", "Terraform v1.1.0")}, "yes", "TestTogether: exit status 1", "the CLIs are",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("EVERY_TEST_RUNS", test.every)
			tested, output := newMatrix(t)
			err := tested.run(t.Context(), test.clis)
			if test.problem == "" && err != nil || test.problem != "" && (err == nil || !strings.Contains(err.Error(), test.problem)) {
				t.Errorf("got error %v, want %q", err, test.problem)
			}
			if !strings.Contains(output.String(), test.printed) {
				t.Errorf("%q is missing in\n%s", test.printed, output)
			}
			if page := pageOf(t, tested); page != emptyPage {
				t.Errorf("the page is\n%s", page)
			}
		})
	}
}

func TestWhatIsNoCLIFailsBeforeAnyTest(t *testing.T) {
	t.Parallel()
	for problem, paths := range map[string][]string{
		"no CLI is named":            nil,
		"does not print its version": {newProgram(t, "other", "Packer v1.0.0")},
		"no such file":               {filepath.Join(t.TempDir(), "missing")},
	} {
		tested, output := newMatrix(t)
		if err := tested.run(t.Context(), paths); err == nil || !strings.Contains(err.Error(), problem) {
			t.Errorf("got error %v, want %q", err, problem)
		}
		if output.Len() > 0 {
			t.Errorf("tests ran:\n%s", output)
		}
	}
}

// A panic ends the tests before they have an outcome, and a package that does not compile has no tests.
func TestWhatHasNoOutcomeIsShown(t *testing.T) {
	t.Parallel()
	read := readResults(`{"Action":"output","Test":"TestOpen","Output":"panic: why\n"}
{"Action":"output","Test":"TestGood","Output":"nothing to see\n"}
{"Action":"pass","Test":"TestGood"}
{"Action":"build-output","ImportPath":"suite","Output":"undefined: x\n"}
go: no such module
`)
	if want := "panic: why\nundefined: x\ngo: no such module\n"; read.shown() != want {
		t.Errorf("got %q, want %q", read.shown(), want)
	}
}

func TestAncestorsOfASubtest(t *testing.T) {
	t.Parallel()
	if got, want := ancestors("TestA/b/c"), []string{"TestA", "TestA/b"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
