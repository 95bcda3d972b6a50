package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
)

// storedSession returns what a state holds of a session: what says how the session ended.
func storedSession(state tftypes.Value) *scriptix.Session {
	attributes := objectValues(state)
	session := &scriptix.Session{
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

// storedText returns a text in a state; nil if it is null.
func storedText(value tftypes.Value) *string {
	var text *string
	if value.IsKnown() && !value.IsNull() {
		// Cannot fail: Terraform sends a value of the schema's type.
		_ = value.As(&text)
	}
	return text
}

// waitsAgain reports whether the apply of a plan waits: it creates the completion, or replaces it because of session_id or
// triggers.
func waitsAgain(ctx context.Context, request resource.ModifyPlanRequest) (bool, diag.Diagnostics) {
	if request.State.Raw.IsNull() {
		return true, nil
	}
	var before, after types.String
	var triggersBefore, triggersAfter types.Map
	var diags diag.Diagnostics
	diags.Append(request.State.GetAttribute(ctx, path.Root("session_id"), &before)...)
	diags.Append(request.Plan.GetAttribute(ctx, path.Root("session_id"), &after)...)
	diags.Append(request.State.GetAttribute(ctx, path.Root("triggers"), &triggersBefore)...)
	diags.Append(request.Plan.GetAttribute(ctx, path.Root("triggers"), &triggersAfter)...)
	return !before.Equal(after) || !triggersBefore.Equal(triggersAfter), diags
}

// closedGate returns the error for a session in the state that must not open its gate: it failed, and a failed session is
// not allowed, or it has not finished.
func closedGate(session *scriptix.Session, allowFailed bool) diag.Diagnostics {
	switch session.Outcome() {
	case scriptix.Running:
		return diag.Diagnostics{unfinishedCompletion(session)}
	case scriptix.Failed:
		if !allowFailed {
			return diag.Diagnostics{failedCompletion(session)}
		}
	case scriptix.Completed, scriptix.Unrecognized:
	}
	return nil
}
