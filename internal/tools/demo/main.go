// Command demo shows the provider at work: real Terraform, the provider of this checkout, and a fake Scriptix API.
// It leaves no file and no process behind, however it ends.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

// exitInterrupted is what a shell reports of a command that Ctrl-C ended.
const exitInterrupted = 130

func main() {
	checkout := flag.String("checkout", "../..", "`folder` of the provider's source")
	terraform := flag.String("terraform", "terraform", "`path` of the Terraform CLI")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	err := show(ctx, *checkout, *terraform)
	interrupted := ctx.Err() != nil
	stop()
	code, words := ending(err, interrupted)
	fmt.Fprintln(os.Stdout, "\n"+words)
	os.Exit(code)
}

// show gives the demo a folder to work in and takes that away afterwards.
func show(ctx context.Context, checkout, terraform string) (err error) {
	folder, err := os.MkdirTemp("", "scriptix-demo-")
	if err != nil {
		return err
	}
	defer func() {
		if removal := os.RemoveAll(folder); err == nil {
			err = removal
		}
	}()
	d := demo{
		screen:    newScreen(os.Stdout),
		checkout:  checkout,
		folder:    folder,
		terraform: terraform,
	}
	return d.run(ctx)
}

// ending is the exit code and the last words for how the demo went.
func ending(err error, interrupted bool) (code int, words string) {
	switch {
	case interrupted:
		return exitInterrupted, "Interrupted. Everything was stopped and removed."
	case err != nil:
		return 1, "The demo did not work: " + err.Error()
	}
	return 0, "That was all. The fake API is stopped, and the temporary folder is gone.\n" +
		"README.md tells how to use the provider with your own account, and docs/ what else it can do."
}
