package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
	"github.com/scriptix/terraform-provider-scriptix/internal/wait"
)

// configuredSession reads the session that a configuration names, and waits for it if the configuration says so.
func (d *providerData) configuredSession(ctx context.Context, config arguments, kind waiting) (*scriptix.Session, diag.Diagnostics) {
	var sessionID types.String
	diags := config.GetAttribute(ctx, path.Root("session_id"), &sessionID)
	arguments, waitDiags := kind.read(ctx, config)
	diags.Append(waitDiags...)
	if diags.HasError() {
		return nil, diags
	}
	return d.session(ctx, sessionID.ValueString(), arguments)
}

// session reads a session, and waits for it if the arguments say so. If the wait ends before the session has finished, and
// the arguments accept that, it returns the session as last read.
func (d *providerData) session(ctx context.Context, sessionID string, arguments waitArguments) (*scriptix.Session, diag.Diagnostics) {
	connection, diags := d.connectFor(path.Root("session_id"), sessionID)
	if diags.HasError() {
		return nil, diags
	}
	session, err := connection.session(ctx, sessionID, arguments)
	if err != nil {
		diags.Append(readFailure(err, sessionSubject(sessionID), arguments)...)
	}
	if diags.HasError() {
		return nil, diags
	}
	diags.Append(sessionWarnings([]scriptix.Session{*session}, arguments.waits)...)
	return session, diags
}

// session reads a session, and waits for it if the arguments say so. If the wait ends before the session has finished,
// session returns both the session as last read and an error. The diagnostics of the error tell whether the arguments
// accept that.
func (c *connection) session(ctx context.Context, sessionID string, arguments waitArguments) (*scriptix.Session, error) {
	limited, end := c.begin(ctx, arguments.timeout)
	defer end()
	sessions, err := c.waiter.Read(limited, []string{sessionID}, wait.ReadOptions{EveryField: true, MayBeNew: arguments.waits})
	if err == nil && arguments.waits {
		sessions, err = c.awaitAll(ctx, limited, sessions, arguments.options)
	}
	if len(sessions) == 0 {
		return nil, err
	}
	return &sessions[0], err
}
