package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/scriptix/terraform-provider-scriptix/internal/tools/process"
)

// work is the folder of the configuration.
func (d *demo) work() string { return filepath.Join(d.folder, "work") }

// command prepares Terraform. What it writes goes straight to the screen, so that its progress can be seen.
func (d *demo) command(ctx context.Context, subcommand string, arguments ...string) *exec.Cmd {
	if !d.screen.colour {
		arguments = append([]string{"-no-color"}, arguments...)
	}
	command := process.Command(ctx, d.terraform, append([]string{subcommand}, arguments...)...)
	command.Dir = d.work()
	command.Env = d.environment
	command.Stdout = os.Stdout
	command.Stderr = os.Stderr
	return command
}

// runTerraform shows the command and runs it.
func (d *demo) runTerraform(ctx context.Context, subcommand string, arguments ...string) error {
	command := d.command(ctx, subcommand, arguments...)
	d.screen.command(append([]string{"terraform", subcommand}, arguments...)...)
	if err := process.Run(command); err != nil {
		return fmt.Errorf("terraform %s: %w", subcommand, err)
	}
	return nil
}
