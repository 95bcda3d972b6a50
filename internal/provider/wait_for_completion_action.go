package provider

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/action"
	actionschema "github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
	"github.com/scriptix/terraform-provider-scriptix/internal/wait"
)

var _ action.ActionWithConfigure = (*waitForCompletionAction)(nil)

func newWaitForCompletionAction() action.Action { return &waitForCompletionAction{} }

// waitForCompletionAction is action "scriptix_wait_for_completion": a wait, and nothing that stays.
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
		MarkdownDescription: "Waits until transcription sessions have finished, and tells meanwhile how many have. It needs " +
			"Terraform 1.14.\n\n" +
			"It runs when the `action_trigger` of a resource says so, or by hand with `terraform apply -invoke`. A session that " +
			"fails is an error, unless `allow_failed` is set. Nothing of the sessions is stored.",
		Attributes: forAction(together(waitsOnInvoke.attributes(), map[string]schema.Attribute{
			"session_ids": schema.ListAttribute{
				ElementType: types.StringType,
				MarkdownDescription: "Identifiers of the sessions to wait for; one that does not exist is an error. An empty list " +
					"picks no session, and the action ends at once.",
				Required:   true,
				Validators: sessionIDsValidators(),
			},
		})),
	}
}

// Configure takes what the provider hands to every action.
func (a *waitForCompletionAction) Configure(_ context.Context, request action.ConfigureRequest, response *action.ConfigureResponse) {
	a.data = dataFrom(request.ProviderData, &response.Diagnostics)
}

// Invoke waits, and reports how far the wait has come: at its start, when counts change or every 30 seconds, and at its end.
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
	tell := func(message string) { response.SendProgress(action.InvokeProgressEvent{Message: message}) }
	arguments.options.Progress = func(progress wait.Progress) { tell(progressMessage(progress)) }

	started := time.Now()
	sessions, err := a.wait(ctx, selection, arguments.options)
	if err != nil {
		response.Diagnostics.Append(failedRead{
			waitArguments: arguments,
			err:           err,
			subject:       selection.subject(),
			summary:       summaryUnableToList,
			path:          selection.path(),
		}.diagnostics()...)
		return
	}
	tell(finishedMessage(sessions, time.Since(started)))
	response.Diagnostics.Append(sessionWarnings(sessions, true)...)
}

// wait reads the sessions, and waits for them.
func (a *waitForCompletionAction) wait(ctx context.Context, selection selection, options wait.Options) ([]scriptix.Session, error) {
	listing, err := selection.pick(ctx, a.data.client)
	if err != nil {
		return nil, err
	}
	return a.data.waiter.Wait(ctx, listing.Sessions, options)
}
