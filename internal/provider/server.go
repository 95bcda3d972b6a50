package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// NewServer returns a function that makes the provider's protocol server. Its arguments are those of New.
func NewServer(interrupted context.Context, version string) func() tfprotov6.ProviderServer {
	return func() tfprotov6.ProviderServer {
		framework := providerserver.NewProtocol6(New(interrupted, version)())().(frameworkServer) //nolint:errcheck // every test needs it
		return validatingServer{framework}
	}
}

// frameworkServer is what plugin-go looks for in a server. The framework's server has it all, but its type is internal.
type frameworkServer interface {
	tfprotov6.ProviderServer
	tfprotov6.ActionServer
	tfprotov6.ListResourceServer
}
