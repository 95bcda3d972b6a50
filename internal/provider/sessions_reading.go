package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
	"github.com/scriptix/terraform-provider-scriptix/internal/wait"
)

// sessions reads the selected sessions, and waits for them if the arguments say so. If the wait ends before all sessions
// have finished, and the arguments accept that, it returns them as last read. A selection of no session needs no token.
func (d *providerData) sessions(ctx context.Context, selection selection, arguments waitArguments) (*scriptix.Listing, diag.Diagnostics) {
	if selection.isEmpty() {
		return &scriptix.Listing{Settled: true}, nil
	}
	connection, diags := d.connectFor(path.Root("session_ids"), selection.sessionIDs...)
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
	limited, end := c.begin(ctx, arguments.timeout)
	defer end()
	listing, err := c.list(limited, selection, arguments.waits)
	if err != nil || !arguments.waits {
		return listing, err
	}
	listing.Sessions, err = c.awaitAll(ctx, limited, listing.Sessions, arguments.options)
	return listing, err
}

// list reads the selected sessions as they are now. With mayBeNew, it asks again for ten seconds if the API does not find some of
// session_ids.
func (c *connection) list(ctx context.Context, selection selection, mayBeNew bool) (*scriptix.Listing, error) {
	if !selection.byID {
		return c.client.ListSessions(ctx, selection.list)
	}
	sessions, err := c.waiter.Read(ctx, selection.sessionIDs, wait.ReadOptions{MayBeNew: mayBeNew})
	return &scriptix.Listing{Sessions: sessions, TotalResults: int64(len(sessions)), Settled: true}, err
}
