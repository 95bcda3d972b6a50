// Command checkapi holds a real Scriptix API against what the client assumes of it. It only reads, and prints a table
// of what is assumed and what was seen. No session's content is in it: types, counts, names of fields and statuses only.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
)

// Exit codes.
const (
	exitSame       = 0 // nothing that was seen differs
	exitDifferent  = 1 // something does
	exitNotChecked = 2 // the API could not be asked
)

// pause keeps a run within the smallest plan: 10 requests a minute.
const pause = 7 * time.Second

func main() {
	between := flag.Duration("pause", pause, "`time` from one request to the next")
	documents := flag.Bool("documents", false, "also show the names and types of a document's fields")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	code := run(ctx, os.Getenv, *between, *documents, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run returns the exit code.
func run(ctx context.Context, getenv func(string) string, between time.Duration, documents bool, output, messages io.Writer) int {
	api, err := newAPI(getenv, between)
	if err != nil {
		fmt.Fprintln(messages, err)
		return exitNotChecked
	}
	fmt.Fprintf(messages, "Reading from %s, at most %d requests, one every %s.\n", api.base.Redacted(), maxRequests, between)
	var findings table
	err = check(ctx, api, documents, &findings)
	// What was seen until then is worth showing all the same.
	findings.print(output)
	if err != nil {
		fmt.Fprintln(messages, "Not everything could be checked:", err)
		return exitNotChecked
	}
	if findings.differs() {
		return exitDifferent
	}
	return exitSame
}

// newAPI takes address and token from where the provider takes them too.
func newAPI(getenv func(string) string, between time.Duration) (*reader, error) {
	token := getenv("SCRIPTIX_API_TOKEN")
	if _, err := scriptix.NewToken(token); err != nil {
		return nil, fmt.Errorf("the environment variable SCRIPTIX_API_TOKEN %w", err)
	}
	address := getenv("SCRIPTIX_BASE_URL")
	if address == "" {
		address = scriptix.DefaultBaseURL
	}
	base, err := scriptix.ParseBaseURL(address)
	if err != nil {
		return nil, fmt.Errorf("the environment variable SCRIPTIX_BASE_URL %w", err)
	}
	return &reader{base: base, token: token, pause: between}, nil
}
