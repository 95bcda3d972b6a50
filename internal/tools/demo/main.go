// Command demo shows the provider of this checkout with a real Terraform and a fake Scriptix API.
// It leaves no file and no process behind, even when it is interrupted.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

// exitInterrupted is the exit code that a shell reports for a command that Ctrl-C ended.
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

// show gives the demo a temporary folder and removes it afterwards.
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
	return d.tell(ctx)
}

// ending returns the exit code and the last words.
func ending(err error, interrupted bool) (code int, words string) {
	switch {
	case interrupted:
		return exitInterrupted, "Interrupted. All processes have stopped, and the temporary folder is removed."
	case err != nil:
		return 1, "The demo failed: " + err.Error()
	}
	return 0, "Done. The fake API has stopped, and the temporary folder is removed.\n" +
		"README.md shows how to use the provider with your account, and docs/ describes everything else."
}
