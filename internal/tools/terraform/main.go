// Command terraform prints the path of a Terraform CLI, and fetches one if there is none.
package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	path, err := find(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "No Terraform CLI:", err)
		os.Exit(1)
	}
	fmt.Fprintln(os.Stdout, path)
}

func find(ctx context.Context) (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	return finder{
		getenv:   os.Getenv,
		lookPath: exec.LookPath,
		cache:    filepath.Join(cache, "terraform-provider-scriptix"),
		install:  install,
		messages: os.Stderr,
	}.find(ctx)
}
