package provider

import (
	"context"
	"errors"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
)

// manyMissing is the number of sessions up to which those that the API does not find may be new uploads. More of them are a
// wrong token, and each costs a request.
const manyMissing = 10

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
	sessions, err := c.byID(ctx, selection.sessionIDs, mayBeNew)
	return &scriptix.Listing{Sessions: sessions, TotalResults: int64(len(sessions)), Settled: true}, err
}

// byID reads sessions by their IDs. A session alone shares its request with other blocks.
func (c *connection) byID(ctx context.Context, sessionIDs []string, mayBeNew bool) ([]scriptix.Session, error) {
	if len(sessionIDs) == 1 {
		return c.each(ctx, sessionIDs, mayBeNew)
	}
	sessions, err := c.client.GetSessions(ctx, sessionIDs)
	missing := scriptix.Missing(err)
	if !mayBeNew || len(missing) == 0 || len(missing) > manyMissing {
		return sessions, err
	}
	if _, err := c.each(ctx, missing, mayBeNew); err != nil {
		return nil, err
	}
	return c.client.GetSessions(ctx, sessionIDs)
}

// each reads sessions one by one, and shares the requests.
func (c *connection) each(ctx context.Context, sessionIDs []string, mayBeNew bool) ([]scriptix.Session, error) {
	sessions := make([]scriptix.Session, len(sessionIDs))
	errs := make([]error, len(sessionIDs))
	var group sync.WaitGroup
	for i, sessionID := range sessionIDs {
		group.Go(func() {
			session, err := c.waiter.Read(ctx, sessionID, mayBeNew)
			if err != nil {
				errs[i] = &scriptix.SessionError{SessionID: sessionID, Err: err}
				return
			}
			sessions[i] = *session
		})
	}
	group.Wait()
	return sessions, errors.Join(errs...)
}
