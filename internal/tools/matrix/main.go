// Command matrix runs the provider's tests with every CLI that SCRIPTIX_TEST_CLIS names, be it a Terraform or an
// OpenTofu, by its path or by its version ("tofu@v1.12.6"), which is then built from its source.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"

	"github.com/scriptix/terraform-provider-scriptix/internal/tools/process"
)

// clisVariable names the CLIs, separated like the folders in PATH.
const clisVariable = "SCRIPTIX_TEST_CLIS"

func main() {
	checkout := flag.String("checkout", "../..", "`folder` of the provider's source")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, *checkout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, checkout string) error {
	cache, err := os.UserCacheDir()
	if err != nil {
		return err
	}
	b := builder{cache: filepath.Join(cache, "terraform-provider-scriptix"), download: download, messages: os.Stdout}
	m := matrix{
		build:   b.build,
		version: version,
		test:    func(ctx context.Context, one cli, all []cli) error { return test(ctx, checkout, one, all) },
		output:  os.Stdout,
	}
	return m.run(ctx, os.Getenv(clisVariable))
}

// cli is a program to test with.
type cli struct {
	path    string
	version string // as it names itself: "OpenTofu v1.12.6"
}

// matrix knows how to get a CLI, how to ask it for its version and how to test with it.
type matrix struct {
	build   func(ctx context.Context, named string) (path string, err error)
	version func(ctx context.Context, path string) (string, error)
	test    func(ctx context.Context, one cli, all []cli) error
	output  io.Writer
}

// run tests with all CLIs, also when one has failed, and says at the end what was run.
func (m matrix) run(ctx context.Context, names string) error {
	clis, err := m.named(ctx, names)
	if err != nil {
		return err
	}
	var report []string
	failed := 0
	for _, one := range clis {
		fmt.Fprintf(m.output, "\n=== %s (%s)\n", one.version, one.path)
		verdict := "passed"
		if err := m.test(ctx, one, clis); err != nil {
			verdict = "FAILED: " + err.Error()
			failed++
		}
		report = append(report, fmt.Sprintf("%-24s %s", one.version, verdict))
	}
	fmt.Fprintf(m.output, "\n%s\n", strings.Join(report, "\n"))
	if failed > 0 {
		return fmt.Errorf("the tests failed with %d of %d CLIs", failed, len(clis))
	}
	return nil
}

// named refuses an empty list, and anything that cannot be run: a matrix that tests less than it was told to would
// look as green as one that tests all of it.
func (m matrix) named(ctx context.Context, names string) ([]cli, error) {
	var clis []cli
	for _, name := range filepath.SplitList(names) {
		if name == "" {
			continue
		}
		path, err := m.path(ctx, name)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", clisVariable, err)
		}
		version, err := m.version(ctx, path)
		if err != nil {
			return nil, fmt.Errorf("%s names %s: %w", clisVariable, name, err)
		}
		clis = append(clis, cli{path, version})
	}
	if len(clis) == 0 {
		return nil, fmt.Errorf("%s names no CLI: set it to paths or versions (tofu@v1.12.6) of terraform and tofu, separated by %q", clisVariable, filepath.ListSeparator)
	}
	return clis, nil
}

// path is where the CLI is, once it has been built if it was named by its version. A relative path would be another one
// for the tests, which run in another folder.
func (m matrix) path(ctx context.Context, name string) (string, error) {
	switch {
	case filepath.IsAbs(name):
		return name, nil
	case strings.Contains(name, "@"):
		return m.build(ctx, name)
	}
	return "", fmt.Errorf("%q is neither an absolute path nor a version such as tofu@v1.12.6", name)
}

// environment tells the tests which CLI to run, and which there are besides. OpenTofu looks for providers under another
// host, which Terraform's test framework has to be told.
func (c cli) environment(all []cli) []string {
	paths := make([]string, len(all))
	for i, one := range all {
		paths[i] = one.path
	}
	environment := []string{
		"TF_ACC=1", "TF_ACC_TERRAFORM_PATH=" + c.path, clisVariable + "=" + strings.Join(paths, string(filepath.ListSeparator)),
	}
	if strings.HasPrefix(c.version, "OpenTofu") {
		environment = append(environment, "TF_ACC_PROVIDER_HOST=registry.opentofu.org")
	}
	return environment
}

// test runs every test in which a CLI takes part. Results are not taken from the cache, which knows nothing of CLIs.
func test(ctx context.Context, checkout string, one cli, all []cli) error {
	command := process.Command(ctx, "go", "test", "-count=1", "./internal/provider")
	command.Dir = checkout
	command.Env = append(os.Environ(), one.environment(all)...)
	command.Stdout, command.Stderr = os.Stdout, os.Stderr
	return process.Run(command)
}

// version is how the CLI names itself, on a line that warnings may precede.
func version(ctx context.Context, path string) (string, error) {
	var output strings.Builder
	command := process.Command(ctx, path, "version")
	command.Stdout = &output
	if err := process.Run(command); err != nil {
		return "", err
	}
	for line := range strings.Lines(output.String()) {
		if strings.HasPrefix(line, "Terraform v") || strings.HasPrefix(line, "OpenTofu v") {
			return strings.TrimSpace(line), nil
		}
	}
	return "", errors.New("it is neither a Terraform nor an OpenTofu")
}
