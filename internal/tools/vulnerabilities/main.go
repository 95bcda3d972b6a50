// Command vulnerabilities looks for known vulnerabilities that the provider can reach, with govulncheck.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"

	"golang.org/x/vuln/scan"
)

// database is the Go vulnerability database, where govulncheck looks by itself.
const database = "https://vuln.go.dev"

// exitInterrupted is what a shell reports of a command that Ctrl-C ended.
const exitInterrupted = 130

func main() {
	checkout := flag.String("checkout", "../..", "`folder` of the provider's source")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	code := check(ctx, database, os.Stderr, func() error { return govulncheck(ctx, *checkout) })
	stop()
	os.Exit(code)
}

// check returns the exit code. Only a database that cannot be reached lets an unchecked provider pass, since nobody
// can repair that in this repository; but never in silence.
func check(ctx context.Context, database string, messages io.Writer, govulncheck func() error) int {
	err := reach(ctx, database)
	if ctx.Err() != nil {
		return exitInterrupted
	}
	if err != nil {
		fmt.Fprintf(messages, notChecked, database, err)
		return 0
	}
	err = govulncheck()
	if err == nil {
		return 0
	}
	var exit interface{ ExitCode() int }
	if errors.As(err, &exit) {
		return exit.ExitCode()
	}
	fmt.Fprintln(messages, err)
	return 1
}

const notChecked = `
***************************************************************************
*** NOT CHECKED: whether the provider has known vulnerabilities.
*** The Go vulnerability database cannot be reached at %s:
*** %v
*** Run "make vulnerabilities" again where it can.
***************************************************************************
`

func govulncheck(ctx context.Context, checkout string) error {
	command := scan.Command(ctx, "-C", checkout, "-db", database, "./...")
	if err := command.Start(); err != nil {
		return err
	}
	return command.Wait()
}
