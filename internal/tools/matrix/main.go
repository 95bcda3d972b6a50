// Command matrix runs the provider's tests with every CLI that SCRIPTIX_TEST_CLIS names, be it a Terraform or an
// OpenTofu.
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
	m := matrix{version: version, test: func(ctx context.Context, one cli) error { return test(ctx, *checkout, one) }, output: os.Stdout}
	err := m.run(ctx, os.Getenv(clisVariable))
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// cli is a program to test with.
type cli struct {
	path    string
	version string // as it names itself: "OpenTofu v1.12.6"
}

// matrix knows how to ask a CLI for its version and how to test with it.
type matrix struct {
	version func(ctx context.Context, path string) (string, error)
	test    func(ctx context.Context, one cli) error
	output  io.Writer
}

// run tests with all CLIs, also when one has failed, and says at the end what was run.
func (m matrix) run(ctx context.Context, paths string) error {
	clis, err := m.named(ctx, paths)
	if err != nil {
		return err
	}
	var report []string
	failed := 0
	for _, one := range clis {
		fmt.Fprintf(m.output, "\n=== %s (%s)\n", one.version, one.path)
		verdict := "passed"
		if err := m.test(ctx, one); err != nil {
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
func (m matrix) named(ctx context.Context, paths string) ([]cli, error) {
	var clis []cli
	for _, path := range filepath.SplitList(paths) {
		if path == "" {
			continue
		}
		if !filepath.IsAbs(path) {
			return nil, fmt.Errorf("%s must hold absolute paths, not %q", clisVariable, path)
		}
		version, err := m.version(ctx, path)
		if err != nil {
			return nil, fmt.Errorf("%s names %s: %w", clisVariable, path, err)
		}
		clis = append(clis, cli{path, version})
	}
	if len(clis) == 0 {
		return nil, fmt.Errorf("%s names no CLI: set it to paths of terraform and tofu, separated by %q", clisVariable, filepath.ListSeparator)
	}
	return clis, nil
}

// environment tells the tests which CLI to run. OpenTofu looks for providers under another host, which Terraform's
// test framework has to be told.
func (c cli) environment() []string {
	environment := []string{"TF_ACC=1", "TF_ACC_TERRAFORM_PATH=" + c.path}
	if strings.HasPrefix(c.version, "OpenTofu") {
		environment = append(environment, "TF_ACC_PROVIDER_HOST=registry.opentofu.org")
	}
	return environment
}

// test runs every test in which a CLI takes part. Results are not taken from the cache, which knows nothing of CLIs.
func test(ctx context.Context, checkout string, one cli) error {
	command := process.Command(ctx, "go", "test", "-count=1", "./internal/provider")
	command.Dir = checkout
	command.Env = append(os.Environ(), one.environment()...)
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
