// Package compile builds programs of this checkout.
package compile

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/scriptix/terraform-provider-scriptix/internal/tools/process"
)

// Program builds the package of a checkout into the file, with further flags of "go build". Everything else that it makes is in the file's folder, so
// that who removes that folder removes all of it: an interrupted "go build" does not clean up after itself.
func Program(ctx context.Context, checkout, pkg, file string, flags ...string) error {
	folder, err := filepath.Abs(filepath.Dir(file))
	if err != nil {
		return err
	}
	if err := os.MkdirAll(folder, 0o750); err != nil {
		return err
	}
	// The version control stamp would fail in a checkout that git distrusts, and nobody reads it here.
	arguments := append([]string{"build", "-buildvcs=false", "-o", filepath.Join(folder, filepath.Base(file))}, flags...)
	build := process.Command(ctx, "go", append(arguments, pkg)...)
	build.Dir = checkout
	build.Env = append(os.Environ(), "GOTMPDIR="+folder)
	build.Stderr = os.Stderr
	if err := process.Run(build); err != nil {
		return fmt.Errorf("building %s: %w", pkg, err)
	}
	return nil
}
