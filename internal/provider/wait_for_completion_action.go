package provider

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/action"
	actionschema "github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/scriptix/terraform-provider-scriptix/internal/wait"
)

var (
	_ action.ActionWithConfigure  = (*waitForCompletionAction)(nil)
	_ action.ActionWithModifyPlan = (*waitForCompletionAction)(nil)
)

func newWaitForCompletionAction() action.Action { return &waitForCompletionAction{} }

// waitForCompletionAction is action "scriptix_wait_for_completion", which waits and stores nothing.
type waitForCompletionAction struct {
	data *providerData
}

// Metadata names the action.
func (a *waitForCompletionAction) Metadata(_ context.Context, request action.MetadataRequest, response *action.MetadataResponse) {
	response.TypeName = request.ProviderTypeName + "_wait_for_completion"
}

// Schema describes the action.
func (a *waitForCompletionAction) Schema(_ context.Context, _ action.SchemaRequest, response *action.SchemaResponse) {
	response.Schema = actionschema.Schema{
		MarkdownDescription: "Waits for transcription sessions to finish, and reports progress. Requires Terraform 1.14.\n\n" +
			"The `action_trigger` of a resource runs the action, or you run it with `terraform apply -invoke`. A failed session is an " +
			"error, unless `allow_failed` is set. The action stores nothing.",
		Attributes: forAction(together(waitsOnInvoke.attributes(), map[string]schema.Attribute{
			"session_ids": schema.ListAttribute{
				ElementType: types.StringType,
				MarkdownDescription: "IDs of the sessions to wait for. A session that does not exist is an error. With an empty list, the " +
					"action ends at once.",
				Required:   true,
				Validators: sessionIDsValidators(),
			},
		})),
	}
}

// Configure takes what the provider passes to every action.
func (a *waitForCompletionAction) Configure(_ context.Context, request action.ConfigureRequest, response *action.ConfigureResponse) {
	a.data = dataFrom(request.ProviderData, &response.Diagnostics)
}

// ModifyPlan returns an error for a missing token before Terraform changes anything.
func (a *waitForCompletionAction) ModifyPlan(ctx context.Context, request action.ModifyPlanRequest, response *action.ModifyPlanResponse) {
	var sessionIDs types.List
	response.Diagnostics.Append(request.Config.GetAttribute(ctx, path.Root("session_ids"), &sessionIDs)...)
	if sessionIDs.IsUnknown() || len(sessionIDs.Elements()) > 0 {
		response.Diagnostics.Append(a.data.connectLater(path.Root("session_ids"), knownTexts(sessionIDs)...)...)
	}
}

// knownTexts returns the elements of a list that Terraform knows.
func knownTexts(list types.List) []string {
	var known []string
	for _, element := range list.Elements() {
		if text, ok := element.(types.String); ok && !text.IsUnknown() {
			known = append(known, text.ValueString())
		}
	}
	return known
}

// Invoke waits. It reports progress at the start, when the counts change, otherwise every 30 seconds, and at the end.
func (a *waitForCompletionAction) Invoke(ctx context.Context, request action.InvokeRequest, response *action.InvokeResponse) {
	selection := selection{byID: true}
	response.Diagnostics.Append(request.Config.GetAttribute(ctx, path.Root("session_ids"), &selection.sessionIDs)...)
	arguments, diags := waitsOnInvoke.read(ctx, request.Config)
	response.Diagnostics.Append(diags...)
	if response.Diagnostics.HasError() {
		return
	}
	report := func(message string) { response.SendProgress(action.InvokeProgressEvent{Message: message}) }
	arguments.options.Progress = func(progress wait.Progress) { report(progressMessage(progress)) }

	started := time.Now()
	listing, diags := a.data.sessions(ctx, selection, arguments)
	response.Diagnostics.Append(diags...)
	if response.Diagnostics.HasError() {
		return
	}
	report(finishedMessage(listing.Sessions, time.Since(started)))
	response.Diagnostics.Append(sessionWarnings(listing.Sessions, true)...)
}
