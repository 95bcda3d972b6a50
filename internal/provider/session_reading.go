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
		return nil, failure.diagnostics()
	}
	diags.Append(sessionWarnings([]scriptix.Session{*session}, waitArguments.waits)...)
	return session, diags
}

// session reads a session, and waits for it if the arguments say so.
func (d *providerData) session(ctx context.Context, sessionID string, arguments waitArguments) (*scriptix.Session, *failedRead) {
	ctx, end := d.begin(ctx, arguments.timeout)
	defer end()

	session, err := d.client.GetSession(ctx, sessionID)
	if err == nil && arguments.waits {
		var finished []scriptix.Session
		if finished, err = d.waiter.Wait(ctx, []scriptix.Session{*session}, arguments.options); err == nil {
			session = &finished[0]
		}
	}
	if err != nil {
		return nil, &failedRead{
			err:             err,
			subject:         "session " + quoted(sessionID),
			summary:         summaryUnableToRead,
			path:            path.Root("session_id"),
			timeout:         arguments.timeout,
			timeoutArgument: arguments.timeoutArgument,
		}
	}
	return session, nil
}
