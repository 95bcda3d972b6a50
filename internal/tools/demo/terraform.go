package main

import (
	"context"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/scriptix/terraform-provider-scriptix/internal/tools/process"
)

// changes matches the lines of a plan that say what it changes.
const changes = "will be|Plan:"

// work is the folder of the configuration.
func (d *demo) work() string { return filepath.Join(d.folder, "work") }

// command prepares Terraform. Both outputs go to one writer.
func (d *demo) command(ctx context.Context, output io.Writer, arguments ...string) *exec.Cmd {
	command := process.Command(ctx, d.terraform, arguments...)
	command.Dir = d.work()
	command.Env = d.environment
	if !d.screen.color {
		command.Env = append(command.Env, "TF_CLI_ARGS=-no-color")
	}
	command.Stdout = output
	command.Stderr = output
	return command
}

// run runs Terraform without showing it. An error contains what Terraform printed.
func (d *demo) run(ctx context.Context, arguments ...string) (printed string, err error) {
	var output strings.Builder
	if err := process.Run(d.command(ctx, &output, arguments...)); err != nil {
		return "", fmt.Errorf("terraform %s: %w\n%s", strings.Join(arguments, " "), err, output.String())
	}
	return output.String(), nil
}

// show shows the command and runs it. What Terraform prints appears at once, so that a viewer sees its progress.
func (d *demo) show(ctx context.Context, arguments ...string) (printed string, err error) {
	d.screen.command(append([]string{"terraform"}, arguments...)...)
	var output strings.Builder
	if err := process.Run(d.command(ctx, io.MultiWriter(d.screen.out, &output), arguments...)); err != nil {
		return output.String(), fmt.Errorf("terraform %s: %w", strings.Join(arguments, " "), err)
	}
	return output.String(), nil
}

// showPlan shows the command and, of what Terraform prints, only the changes: a complete plan fills several screens.
func (d *demo) showPlan(ctx context.Context, arguments ...string) error {
	arguments = append([]string{"plan", "-out=gate.tfplan"}, arguments...)
	d.screen.command(append(append([]string{"terraform"}, arguments...), "|", "grep", "-E", changes)...)
	printed, err := d.run(ctx, arguments...)
	if err != nil {
		return err
	}
	fmt.Fprintln(d.screen.out, strings.Join(matching(printed, changes), "\n"))
	return nil
}

// matching returns the lines of a text that match the pattern.
func matching(text, pattern string) []string {
	matches := regexp.MustCompile(pattern).MatchString
	return slices.DeleteFunc(strings.Split(text, "\n"), func(line string) bool { return !matches(line) })
}
