// Command releasecheck makes a release of this checkout for this machine's platform, without signing or publishing it,
// and uses it as a user would: it verifies the checksums, lets Terraform install the provider from its archive, and
// reads a session with it. It leaves no file and no process behind.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
)

func main() {
	checkout := flag.String("checkout", "../..", "`folder` of the provider's source")
	terraform := flag.String("terraform", "terraform", "`path` of the Terraform CLI")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	err := check(ctx, *checkout, *terraform)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "The release check failed:", err)
		os.Exit(1)
	}
	fmt.Fprintln(os.Stdout, "\nThe release is as the registry wants it, and Terraform reads a session with it.")
}

func check(ctx context.Context, checkout, terraform string) (err error) {
	checkout, err = filepath.Abs(checkout)
	if err != nil {
		return err
	}
	folder, err := os.MkdirTemp("", "scriptix-release-")
	if err != nil {
		return err
	}
	defer func() {
		if removal := os.RemoveAll(folder); err == nil {
			err = removal
		}
	}()

	release, err := build(ctx, checkout, folder)
	if err != nil {
		return err
	}
	if err := release.verify(filepath.Join(checkout, manifestFile)); err != nil {
		return err
	}
	say("%s is complete, and its checksums are right", release.checksums())
	return use(ctx, release, checkout, terraform, filepath.Join(folder, "use"))
}

// say tells how far the check has come.
func say(format string, values ...any) {
	fmt.Fprintf(os.Stdout, "\n=== "+format+"\n", values...)
}
