// Package compile builds programs of this checkout.
package compile

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/scriptix/terraform-provider-scriptix/internal/tools/process"
)

// Program builds the package of a checkout into the file. Temporary files lie in the same folder, because an interrupted
// "go build" does not remove them: the caller removes the folder.
func Program(ctx context.Context, checkout, pkg, file string) error {
	folder, err := filepath.Abs(filepath.Dir(file))
	if err != nil {
		return err
	}
	if err := os.MkdirAll(folder, 0o750); err != nil {
		return err
	}
	// The version control stamp would fail in a checkout that git distrusts, and nobody reads it here.
	build := process.Command(ctx, "go", "build", "-buildvcs=false", "-o", filepath.Join(folder, filepath.Base(file)), pkg)
	build.Dir = checkout
	build.Env = append(os.Environ(), "GOTMPDIR="+folder)
	build.Stderr = os.Stderr
	if err := process.Run(build); err != nil {
		return fmt.Errorf("building %s: %w", pkg, err)
	}
	return nil
}
