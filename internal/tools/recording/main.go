// Command recording runs the demo in a terminal of its own and draws what it showed as an animated SVG, for the README.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/scriptix/terraform-provider-scriptix/internal/tools/compile"
)

func main() {
	checkout := flag.String("checkout", "../..", "`folder` of the provider's source")
	terraform := flag.String("terraform", "terraform", "`path` of the Terraform CLI")
	output := flag.String("output", "../../.github/demo.svg", "`file` to draw into")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	err := draw(ctx, *checkout, *terraform, *output)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "The recording failed:", err)
		os.Exit(1)
	}
}

// draw records into memory first, so that a demo that fails leaves the former picture alone.
func draw(ctx context.Context, checkout, terraform, output string) error {
	folder, err := os.MkdirTemp("", "scriptix-recording-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(folder) }()

	program := filepath.Join(folder, "demo")
	if err := compile.Program(ctx, filepath.Join(checkout, "internal", "tools"), "./demo", program); err != nil {
		return err
	}
	screen := terminal{columns: columns}
	if err := record(ctx, &screen, program, "-checkout", checkout, "-terraform", terraform); err != nil {
		return err
	}
	lines := screen.lines()
	clean(lines)
	if err := revealsNothing(lines, secretsOfThisMachine(checkout)); err != nil {
		return err
	}
	pace(lines)
	return os.WriteFile(output, picture(lines), 0o600)
}
