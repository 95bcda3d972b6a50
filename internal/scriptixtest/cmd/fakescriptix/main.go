// Command fakescriptix serves the fake Scriptix API of package scriptixtest, for demonstrations and manual tests.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "fakescriptix:", err)
		os.Exit(1)
	}
}

// run serves until the context ends. When the server is ready, it prints the environment of the provider on stdout, as
// commands for a shell.
func run(ctx context.Context, arguments []string, stdout, stderr io.Writer) error {
	settings, err := parse(arguments, stderr)
	if err != nil {
		return err
	}
	api, err := settings.api(stderr)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", settings.address)
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "export SCRIPTIX_BASE_URL=http://%s\nexport SCRIPTIX_API_TOKEN=%s\n", listener.Addr(), settings.token)
	return serve(ctx, listener, api)
}

func serve(ctx context.Context, listener net.Listener, handler http.Handler) error {
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	release := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer release()
	err := server.Serve(listener)
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}
