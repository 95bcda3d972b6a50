// Command docs makes docs/ anew from the schema of the provider in this checkout, the templates and the examples. It
// needs no Terraform, so that the pages are the same whichever is there.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"

	"github.com/scriptix/terraform-provider-scriptix/internal/tools/process"
)

// providerName is how configurations call the provider.
const providerName = "scriptix"

func main() {
	checkout := flag.String("checkout", "../..", "`folder` of the provider's source")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := generate(ctx, *checkout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "Generating docs/:", err)
		os.Exit(1)
	}
}

func generate(ctx context.Context, checkout string) error {
	folder, err := os.MkdirTemp("", "scriptix-docs-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(folder) }()

	schema, err := schema(ctx)
	if err != nil {
		return err
	}
	schemaFile := filepath.Join(folder, "schema.json")
	if err := os.WriteFile(schemaFile, schema, 0o600); err != nil {
		return err
	}
	for _, subcommand := range []string{"generate", "validate"} {
		if err := tfplugindocs(ctx, checkout, subcommand, schemaFile); err != nil {
			return err
		}
	}
	return nil
}

// tfplugindocs is told the schema, because it would otherwise fetch a Terraform of its own.
func tfplugindocs(ctx context.Context, checkout, subcommand, schemaFile string) error {
	checkout, err := filepath.Abs(checkout)
	if err != nil {
		return err
	}
	arguments := []string{
		"tool", "tfplugindocs", subcommand,
		"-provider-dir", checkout, "-provider-name", providerName, "-providers-schema", schemaFile,
	}
	if subcommand == "generate" {
		arguments = append(arguments, "-rendered-provider-name", "Scriptix")
	}
	command := process.Command(ctx, "go", arguments...)
	command.Dir = filepath.Join(checkout, "internal", "tools")
	command.Stdout = os.Stdout
	command.Stderr = os.Stderr
	if err := process.Run(command); err != nil {
		return fmt.Errorf("tfplugindocs %s: %w", subcommand, err)
	}
	return nil
}
