// Command terraform-provider-scriptix is a Terraform provider that reads, lists and awaits transcription
// sessions of Scriptix. Terraform starts it; it is of no use when started by hand, save with -debug.
package main

import (
	"context"
	"flag"
	"log"
	"os"
	"os/signal"
	"syscall"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"

	"github.com/scriptix/terraform-provider-scriptix/internal/provider"
)

// version is set by the release build.
var version = "dev"

func main() {
	debugging := flag.Bool("debug", false, "serve so that a debugger can be attached, and print how Terraform finds this process")
	flag.Parse()
	var orphaned <-chan struct{} // never, when a debugger holds this process
	if !*debugging {
		orphaned = endOf(os.Getppid())
	}
	served := make(chan error, 1)
	go func() { served <- serve(*debugging) }()
	select {
	case err := <-served:
		if err != nil {
			log.Fatal(err)
		}
	case <-orphaned:
		os.Exit(1)
	}
}

func serve(debugging bool) error {
	// Terraform does not always pass a Ctrl-C on: in the plan phase of an apply a data source that waits would
	// sleep on. But a terminal sends SIGINT to the whole process group, so it arrives here as well. The timeout command
	// and many CI runners send SIGTERM to the group in the same way. Waits end, and the provider does not: it still has to
	// answer Terraform.
	ends := []os.Signal{os.Interrupt, syscall.SIGTERM}
	interrupted, stop := signal.NotifyContext(context.Background(), ends...)
	defer stop()

	var options []tf6server.ServeOpt
	if debugging {
		// Nobody but the person who started it ends this process.
		options = append(options, tf6server.WithManagedDebug(), tf6server.WithManagedDebugStopSignals(ends))
	}
	return tf6server.Serve(provider.Address, provider.NewServer(interrupted, version), options...)
}
