package provider

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
	"github.com/scriptix/terraform-provider-scriptix/internal/wait"
)

// providerData is what the configured provider passes to everything that reads sessions.
type providerData struct {
	client      *scriptix.Client
	waiter      waiter
	interrupted context.Context
}

// waiter waits for sessions. See wait.Waiter.
type waiter interface {
	Wait(ctx context.Context, sessions []scriptix.Session, options wait.Options) ([]scriptix.Session, error)
}

// dataFrom returns the data of the configured provider. It returns nil while Terraform only validates, because the
// provider is not configured then.
func dataFrom(configured any, diags *diag.Diagnostics) *providerData {
	data, ok := configured.(*providerData)
	if !ok && configured != nil {
		diags.Append(unexpectedProviderData(data, configured))
	}
	return data
}

// begin returns the context of an operation. It ends at the timeout, or as canceled when the provider is interrupted.
func (d *providerData) begin(ctx context.Context, timeout time.Duration) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	unlisten := context.AfterFunc(d.interrupted, cancel)
	return ctx, func() {
		unlisten()
		cancel()
	}
}
