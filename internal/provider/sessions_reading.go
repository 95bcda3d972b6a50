package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
)

// sessions reads the selected sessions, and waits for them if the arguments say so. If the wait ends before all sessions
// have finished, and the arguments accept that, it returns them as last read. A selection of no session needs no token.
func (d *providerData) sessions(ctx context.Context, selection selection, arguments waitArguments) (*scriptix.Listing, diag.Diagnostics) {
	if selection.isEmpty() {
		return &scriptix.Listing{Settled: true}, nil
	}
	connection, diags := d.connect()
	if diags.HasError() {
		return nil, diags
	}
	listing, err := connection.sessions(ctx, selection, arguments)
	if err != nil {
		diags.Append(readFailure(err, selection.subject(), arguments)...)
	}
	return listing, diags
}

// sessions reads the selected sessions, and waits for them if the arguments say so. If the wait ends before all sessions
// have finished, sessions returns both the sessions as last read and an error.
func (c *connection) sessions(ctx context.Context, selection selection, arguments waitArguments) (*scriptix.Listing, error) {
	ctx, end := c.begin(ctx, arguments.timeout)
	defer end()
	listing, err := selection.read(ctx, c.client)
	if err != nil || !arguments.waits {
		return listing, err
	}
	listing.Sessions, err = c.waiter.Wait(ctx, listing.Sessions, arguments.options)
	return listing, err
}
