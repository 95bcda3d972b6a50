package provider

import (
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
)

// storedSession returns what a state holds of a session: what says how the session ended.
func storedSession(state tftypes.Value) scriptix.Session {
	attributes := objectValues(state)
	session := scriptix.Session{
		Filename:   storedText(attributes["filename"]),
		Error:      storedText(attributes["error"]),
		FinishedAt: storedText(attributes["finished_at"]),
	}
	if sessionID := storedText(attributes["session_id"]); sessionID != nil {
		session.SessionID = *sessionID
	}
	if status := storedText(attributes["status"]); status != nil {
		session.Status = scriptix.Status(*status)
	}
	return session
}

// storable returns a session as a state keeps it. A session may have failed although its error is not a text, and its status
// is not documented. Its state then needs some text, so that the gate stays closed.
func storable(session scriptix.Session) *scriptix.Session {
	if session.Outcome() == scriptix.Failed && session.Status != scriptix.StatusFailed && session.Error == nil {
		unknown := "unknown error: see the warning about the field error"
		session.Error = &unknown
	}
	return &session
}

// storedText returns a text in a state; nil if it is null.
func storedText(value tftypes.Value) *string {
	var text *string
	if value.IsKnown() && !value.IsNull() {
		// Cannot fail: Terraform sends a value of the schema's type.
		_ = value.As(&text)
	}
	return text
}

// waitsAgain reports whether the apply of a plan waits for everything: it creates the resource, or replaces it because one of
// these arguments changes.
func waitsAgain(request resource.ModifyPlanRequest, replacing ...string) bool {
	before, after := objectValues(request.State.Raw), objectValues(request.Plan.Raw)
	return slices.ContainsFunc(replacing, func(argument string) bool { return !before[argument].Equal(after[argument]) })
}

// closedGate returns errors for the sessions in the state that must not open their gate: they failed, and the plan does not
// allow that, or they have not finished. If Terraform does not know allow_failed yet, it plans again when it does.
func closedGate(ctx context.Context, plan arguments, sessions ...scriptix.Session) diag.Diagnostics {
	var allowFailed types.Bool
	diags := plan.GetAttribute(ctx, path.Root("allow_failed"), &allowFailed)
	var failed []scriptix.Session
	for _, session := range sessions {
		if session.SessionID == "" {
			diags.Append(namelessCompletion())
			continue
		}
		switch session.Outcome() {
		case scriptix.Running:
			diags.Append(unfinishedCompletion(&session))
		case scriptix.Failed:
			failed = append(failed, session)
		case scriptix.Completed, scriptix.Unrecognized:
		}
	}
	if len(failed) > 0 && !allowFailed.ValueBool() && !allowFailed.IsUnknown() {
		diags.Append(failedCompletion(failed))
	}
	return diags
}
