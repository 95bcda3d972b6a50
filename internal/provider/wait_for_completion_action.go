package provider

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/action"
	actionschema "github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
	"github.com/scriptix/terraform-provider-scriptix/internal/wait"
)

var _ action.ActionWithConfigure = (*waitForCompletionAction)(nil)

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

// Invoke waits. It reports progress at the start, when the counts change, otherwise every 30 seconds, and at the end.
func (a *waitForCompletionAction) Invoke(ctx context.Context, request action.InvokeRequest, response *action.InvokeResponse) {
	selection := selection{byID: true}
	response.Diagnostics.Append(request.Config.GetAttribute(ctx, path.Root("session_ids"), &selection.sessionIDs)...)
	arguments, diags := waitsOnInvoke.read(ctx, request.Config)
	response.Diagnostics.Append(diags...)
	if response.Diagnostics.HasError() {
		return
	}
	ctx, end := a.data.begin(ctx, arguments.timeout)
	defer end()
	report := func(message string) { response.SendProgress(action.InvokeProgressEvent{Message: message}) }
	arguments.options.Progress = func(progress wait.Progress) { report(progressMessage(progress)) }

	started := time.Now()
	sessions, err := a.wait(ctx, selection, arguments.options)
	if err != nil {
		response.Diagnostics.Append(readFailure(err, selection.subject(), arguments)...)
		return
	}
	report(finishedMessage(sessions, time.Since(started)))
	response.Diagnostics.Append(sessionWarnings(sessions, true)...)
}

// wait reads the sessions and waits for them.
func (a *waitForCompletionAction) wait(ctx context.Context, selection selection, options wait.Options) ([]scriptix.Session, error) {
	listing, err := selection.read(ctx, a.data.client)
	if err != nil {
		return nil, err
	}
	return a.data.waiter.Wait(ctx, listing.Sessions, options)
}
