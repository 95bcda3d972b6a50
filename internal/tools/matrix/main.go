// Command matrix runs the acceptance tests with each of several CLIs. It prints what each CLI passed, and what it lacks. If
// all usual CLIs have passed, it writes the table of tested versions.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
)

func main() {
	checkout := flag.String("checkout", "../..", "`folder` of the provider's source")
	command := flag.String("command", "go test ./internal/provider", "the `command` that runs the tests, without -json")
	together := flag.String("together", "", "`name` of the test that runs once with all CLIs, and not with each")
	usual := flag.String("usual", "", "the usual CLIs, such as \"terraform@1.14.3 tofu@1.12.6\"; the `list` that the table needs")
	into := flag.String("into", "", "`path` of the page with the table")
	flag.Usage = func() {
		fmt.Fprintln(flag.CommandLine.Output(), "usage: matrix [flags] /path/of/terraform /path/of/tofu ...")
		flag.PrintDefaults()
	}
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := matrix{
		checkout: *checkout, command: strings.Fields(*command), together: *together,
		usual: strings.Fields(*usual), page: *into, output: os.Stdout,
	}.run(ctx, flag.Args())
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
