package provider

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
	"github.com/scriptix/terraform-provider-scriptix/internal/wait"
)

// providerData is what the configured provider passes to every block. It sends nothing itself: only a connection can, and
// there is none without a token, or while an argument of the provider block is unknown.
type providerData struct {
	connection *connection      // nil if the provider can send nothing
	missing    diag.Diagnostics // the arguments that are not set
	unknown    diag.Diagnostics // the arguments that Terraform knows only after something is created
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

// connect returns the connection, or errors for the arguments of the provider block without which there is none.
func (d *providerData) connect() (*connection, diag.Diagnostics) {
	if len(d.missing) > 0 {
		return nil, d.missing
	}
	return d.connection, d.unknown
}

// connectFor returns the connection for requests about these sessions. An ID that holds the token is an error here, before it is
// part of a request, a log, or another error.
func (d *providerData) connectFor(argument path.Path, sessionIDs ...string) (*connection, diag.Diagnostics) {
	connection, diags := d.connect()
	if diags.HasError() {
		return nil, diags
	}
	if err := connection.client.CheckSessionIDs(sessionIDs...); err != nil {
		diags.Append(invalidValue(argument, err))
	}
	return connection, diags
}

// connectLater returns the errors that connectFor would return during the apply. Terraform then knows every argument.
func (d *providerData) connectLater(argument path.Path, sessionIDs ...string) diag.Diagnostics {
	switch {
	case len(d.missing) > 0:
		return diag.Diagnostics{missingAPITokenOfApply()}
	case len(d.unknown) > 0:
		return nil
	}
	_, diags := d.connectFor(argument, sessionIDs...)
	return diags
}

// connection is what reads sessions and waits for them.
type connection struct {
	client      *scriptix.Client
	waiter      waiter
	interrupted context.Context
}

// waiter reads sessions and waits for them. See wait.Waiter.
type waiter interface {
	Read(ctx context.Context, sessionIDs []string, options wait.ReadOptions) ([]scriptix.Session, error)
	Wait(ctx context.Context, sessions []scriptix.Session, options wait.Options) ([]scriptix.Session, error)
}

// begin returns the context of an operation. It ends at the timeout, or as canceled when the provider is interrupted.
func (c *connection) begin(ctx context.Context, timeout time.Duration) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	unlisten := context.AfterFunc(c.interrupted, cancel)
	return ctx, func() {
		unlisten()
		cancel()
	}
}
