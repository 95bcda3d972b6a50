package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/measured"
	"github.com/scriptix/terraform-provider-scriptix/internal/tools/process"
)

// matrix is what to run.
type matrix struct {
	checkout string
	command  []string // runs the tests
	together string   // the test that needs all CLIs at a time
	usual    []string // the modules of the CLIs that the table needs
	page     string   // has the table
	output   io.Writer
}

// run tests each CLI, also after one has failed.
func (m matrix) run(ctx context.Context, paths []string) error {
	if len(paths) == 0 {
		return errors.New("no CLI is named")
	}
	var clis []cli
	for _, path := range paths {
		found, err := identify(ctx, path)
		if err != nil {
			return err
		}
		clis = append(clis, found)
	}
	var failures []error
	all := make([]results, len(clis))
	for i, tested := range clis {
		var err error
		fmt.Fprintf(m.output, "\n=== %s, %s\n", tested, tested.path)
		// Alone, so that no other CLI runs what this one cannot.
		if all[i], err = m.test(ctx, tested, nil, "-skip", m.together); err != nil {
			failures = append(failures, fmt.Errorf("%s: %w", tested, err))
		}
		fmt.Fprintf(m.output, "passed: %d, skipped: %d\n", len(all[i].with(passed)), len(all[i].with(skipped)))
		if len(all[i].lacks) > 0 {
			fmt.Fprintf(m.output, "lacks: %s\n", strings.Join(all[i].lacks, ", "))
		}
	}
	fmt.Fprintf(m.output, "\n=== %s with all CLIs\n", m.together)
	if _, err := m.test(ctx, clis[0], clis, "-run", m.together); err != nil {
		failures = append(failures, fmt.Errorf("%s: %w", m.together, err))
	}
	never := neverRun(all)
	for _, test := range never {
		fmt.Fprintf(m.output, "skipped with each CLI: %s\n%s", test, all[0].outputs[test])
	}
	if len(failures) > 0 {
		return errors.Join(failures...)
	}
	return m.record(clis, all, never)
}

// test runs the tests with one CLI, and shows the others to those that ask for more than one.
func (m matrix) test(ctx context.Context, with cli, others []cli, selection, pattern string) (results, error) {
	var list []string
	for _, other := range others {
		list = append(list, other.path)
	}
	var output bytes.Buffer
	arguments := slices.Concat(m.command[1:], []string{"-json", "-count=1", "-timeout=30m", selection, "^" + pattern + "$"})
	command := process.Command(ctx, m.command[0], arguments...)
	command.Dir = m.checkout
	command.Env = append(os.Environ(),
		"TF_ACC=1",
		"TF_ACC_TERRAFORM_PATH="+with.path,
		"TF_ACC_PROVIDER_HOST="+with.registry(),
		"SCRIPTIX_TEST_CLIS="+strings.Join(list, string(os.PathListSeparator)),
	)
	command.Stdout, command.Stderr = &output, os.Stderr
	err := process.Run(command)
	read := readResults(output.String())
	fmt.Fprint(m.output, read.shown())
	if err == nil && len(read.with(passed)) == 0 {
		err = errors.New("no test ran with the CLI")
	}
	return read, err
}

// neverRun returns the tests that each CLI skipped.
func neverRun(all []results) []string {
	var never []string
	for _, test := range all[0].with(skipped) {
		if !slices.ContainsFunc(all, func(one results) bool { return one.outcomes[test] != skipped }) {
			never = append(never, test)
		}
	}
	return never
}

// record writes the table if these are the usual CLIs.
func (m matrix) record(clis []cli, all []results, never []string) error {
	var modules []string
	for _, tested := range clis {
		modules = append(modules, tested.module())
	}
	if !slices.Equal(modules, m.usual) {
		fmt.Fprintf(m.output, "\nThe table of tested versions is unchanged: it needs exactly %s\n", strings.Join(m.usual, ", "))
		return nil
	}
	if len(never) > 0 {
		return errors.New("the usual CLIs leave out tests that no CLI ran")
	}
	return measured.WriteTable("passed", table(clis, all, time.Now()), m.page)
}

func table(clis []cli, all []results, now time.Time) string {
	lines := []string{
		"| CLI | system | tests passed | tests skipped |",
		"|---|---|---:|---:|",
	}
	for i, tested := range clis {
		lines = append(lines, fmt.Sprintf("| %s | %s | %d | %d |", tested, tested.platform, len(all[i].with(passed)), len(all[i].with(skipped))))
	}
	return strings.Join(lines, "\n") + "\n\nThey ran on " + now.UTC().Format("January 2, 2006") + ".\n"
}
