// Command buildcli builds Terraform and OpenTofu of any version from the Go module proxy, for machines that can download
// nothing else. It prints the path of each, and builds none twice.
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
	folder := flag.String("into", ".", "`folder` for what is built")
	flag.Usage = func() {
		fmt.Fprintln(flag.CommandLine.Output(), "usage: buildcli [-into folder] terraform@1.14.3 tofu@1.12.6 ...")
		flag.PrintDefaults()
	}
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := buildAll(ctx, *folder, flag.Args())
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func buildAll(ctx context.Context, folder string, names []string) error {
	folder, err := filepath.Abs(folder)
	if err != nil {
		return err
	}
	for _, name := range names {
		wanted, err := parse(name)
		if err != nil {
			return err
		}
		path, err := wanted.build(ctx, folder)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		fmt.Fprintln(os.Stdout, path)
	}
	return nil
}
