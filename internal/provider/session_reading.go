package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
)

// configuredSession is the session that a configuration names, read and awaited as the configuration says.
func (d *providerData) configuredSession(ctx context.Context, config arguments, kind waiting) (*scriptix.Session, diag.Diagnostics) {
	var sessionID types.String
	var diags diag.Diagnostics
	diags.Append(config.GetAttribute(ctx, path.Root("session_id"), &sessionID)...)
	waitArguments, waitDiags := kind.read(ctx, config)
	diags.Append(waitDiags...)
	if diags.HasError() {
		return nil, diags
	}
	session, failure := d.session(ctx, sessionID.ValueString(), waitArguments)
	if failure != nil {
		diags.Append(failure.diagnostics()...)
	}
	if diags.HasError() {
		return nil, diags
	}
	diags.Append(sessionWarnings([]scriptix.Session{*session}, waitArguments.waits)...)
	return session, diags
}

// session reads a session, and waits for it if the arguments say so. A wait that ends before the session has finished
// returns both the session as last read and a failure, whose diagnostics say whether the arguments accept that.
func (d *providerData) session(ctx context.Context, sessionID string, arguments waitArguments) (*scriptix.Session, *failedRead) {
	ctx, end := d.begin(ctx, arguments.timeout)
	defer end()

	session, err := d.client.GetSession(ctx, sessionID)
	if err == nil && arguments.waits {
		var awaited []scriptix.Session
		awaited, err = d.waiter.Wait(ctx, []scriptix.Session{*session}, arguments.options)
		if len(awaited) > 0 {
			session = &awaited[0]
		}
	}
	if err != nil {
		return session, &failedRead{
			waitArguments: arguments,
			err:           err,
			subject:       "session " + quoted(sessionID),
			summary:       summaryUnableToRead,
			path:          path.Root("session_id"),
		}
	}
	return session, nil
}
