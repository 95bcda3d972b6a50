// Command terraform-provider-scriptix is a Terraform provider that reads, lists and awaits transcription
// sessions of Scriptix. Terraform starts it; it is of no use when started by hand, save with -debug.
package main

import (
	"context"
	"flag"
	"log"
	"os"
	"os/signal"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"

	"github.com/scriptix/terraform-provider-scriptix/internal/provider"
)

// version is set by the release build.
var version = "dev"

func main() {
	debug := flag.Bool("debug", false, "serve so that a debugger can be attached, and print how Terraform finds this process")
	flag.Parse()
	if err := serve(*debug); err != nil {
		log.Fatal(err)
	}
}

func serve(debug bool) error {
	// Terraform does not always pass a Ctrl-C on: in the plan phase of an apply a data source that waits would
	// sleep on. But a terminal sends SIGINT to the whole process group, so it arrives here as well.
	interrupted, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()

	return providerserver.Serve(context.Background(), provider.New(interrupted, version), providerserver.ServeOpts{
		Address:         provider.Address,
		Debug:           debug,
		ProtocolVersion: 6,
	})
}
