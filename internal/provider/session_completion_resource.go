package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
)

var (
	_ resource.ResourceWithConfigure    = (*sessionCompletionResource)(nil)
	_ resource.ResourceWithIdentity     = (*sessionCompletionResource)(nil)
	_ resource.ResourceWithImportState  = (*sessionCompletionResource)(nil)
	_ resource.ResourceWithModifyPlan   = (*sessionCompletionResource)(nil)
	_ resource.ResourceWithUpgradeState = (*sessionCompletionResource)(nil)
)

func newSessionCompletionResource() resource.Resource { return &sessionCompletionResource{} }

// sessionCompletionResource is resource "scriptix_session_completion". It represents that a session has finished, and
// waits for that when it is created.
type sessionCompletionResource struct {
	data *providerData
}

// Metadata names the resource.
func (r *sessionCompletionResource) Metadata(_ context.Context, request resource.MetadataRequest, response *resource.MetadataResponse) {
	response.TypeName = request.ProviderTypeName + "_session_completion"
}

// Schema describes the resource. It has no media_url, which the state would keep.
func (r *sessionCompletionResource) Schema(_ context.Context, _ resource.SchemaRequest, response *resource.SchemaResponse) {
	attributes := together(completionShape.attributes(), completionArguments(waitsOnCreate))
	sessionID := sessionIDAttribute()
	attributes["session_id"] = schema.StringAttribute{
		MarkdownDescription: sessionID.MarkdownDescription + " Changing this forces a new resource.",
		Required:            true,
		Validators:          sessionID.Validators,
		PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
	}
	response.Schema = schema.Schema{
		Version: completionSchemaVersion,
		MarkdownDescription: "Waits during the apply for a transcription session to finish, and never during the plan. Resources that " +
			"depend on it are created when the transcript exists.\n\n" +
			"It does not represent an object in Scriptix, but the fact that a session has finished. Creating it waits. Later plans, " +
			"refreshes, and destroys send no request, whatever becomes of the session or the token. If the session fails, the apply " +
			"fails and the state does not keep the resource, unless `allow_failed` is set.",
		Attributes: attributes,
	}
}

// IdentitySchema describes the identity of the resource.
func (r *sessionCompletionResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, response *resource.IdentitySchemaResponse) {
	response.IdentitySchema = identityschema.Schema{
		Attributes: map[string]identityschema.Attribute{
			"session_id": identityschema.StringAttribute{
				Description:       "ID of the session, as returned by the upload.",
				RequiredForImport: true,
			},
		},
	}
}

// Configure takes what the provider passes to every resource.
func (r *sessionCompletionResource) Configure(_ context.Context, request resource.ConfigureRequest, response *resource.ConfigureResponse) {
	r.data = dataFrom(request.ProviderData, &response.Diagnostics)
}

// Create waits. It sets no state unless the session has finished as the arguments require.
func (r *sessionCompletionResource) Create(ctx context.Context, request resource.CreateRequest, response *resource.CreateResponse) {
	session, diags := r.data.configuredSession(ctx, request.Plan, waitsOnCreate)
	response.Diagnostics.Append(diags...)
	if response.Diagnostics.HasError() {
		return
	}
	response.Diagnostics.Append(response.State.Set(ctx, stateOf(request.Plan.Raw, completionShape.values(storable(*session))))...)
	response.Diagnostics.Append(response.Identity.SetAttribute(ctx, path.Root("session_id"), session.SessionID)...)
}

// Read sends nothing: the session has finished, and that cannot become untrue. Only a session that an earlier version of the
// provider imported too early is read.
func (r *sessionCompletionResource) Read(ctx context.Context, request resource.ReadRequest, response *resource.ReadResponse) {
	stored := storedSession(request.State.Raw)
	if stored.SessionID == "" {
		response.Diagnostics.Append(namelessCompletion())
		return
	}
	// Older CLIs have stored no identity, and the framework requires one.
	response.Diagnostics.Append(response.Identity.SetAttribute(ctx, path.Root("session_id"), stored.SessionID)...)
	if response.Diagnostics.HasError() || stored.Outcome() != scriptix.Running {
		return
	}
	session, diags := r.read(ctx, stored.SessionID)
	response.Diagnostics.Append(diags...)
	if response.Diagnostics.HasError() {
		return
	}
	response.Diagnostics.Append(response.State.Set(ctx, stateOf(request.State.Raw, completionShape.values(storable(*session))))...)
}

// read reads a session once.
func (r *sessionCompletionResource) read(ctx context.Context, sessionID string) (*scriptix.Session, diag.Diagnostics) {
	if err := scriptix.ValidateSessionID(sessionID); err != nil {
		return nil, diag.Diagnostics{invalidValue(path.Root("session_id"), err)}
	}
	return r.data.session(ctx, sessionID, waitArguments{timeout: importTimeout})
}

// ModifyPlan returns an error for a gate that must stay closed, and for a missing token of a gate that will wait. Destroying
// a completion needs nothing.
func (r *sessionCompletionResource) ModifyPlan(ctx context.Context, request resource.ModifyPlanRequest, response *resource.ModifyPlanResponse) {
	if request.Plan.Raw.IsNull() {
		return
	}
	stored := storedSession(request.State.Raw)
	if !request.State.Raw.IsNull() && stored.SessionID == "" { // a new session_id would replace it, and what depends on it
		response.Diagnostics.Append(namelessCompletion())
		return
	}
	if waitsAgain(request, "session_id", "triggers") {
		planned := storedSession(request.Plan.Raw)
		response.Diagnostics.Append(r.data.connectLater(path.Root("session_id"), planned.SessionID)...)
		return
	}
	response.Diagnostics.Append(closedGate(ctx, request.Plan, stored)...)
}

// Update stores the arguments of the next wait. It sends nothing.
func (r *sessionCompletionResource) Update(ctx context.Context, request resource.UpdateRequest, response *resource.UpdateResponse) {
	var sessionID types.String
	response.Diagnostics.Append(request.Plan.GetAttribute(ctx, path.Root("session_id"), &sessionID)...)
	response.Diagnostics.Append(response.State.Set(ctx, request.Plan.Raw)...)
	response.Diagnostics.Append(response.Identity.SetAttribute(ctx, path.Root("session_id"), sessionID)...)
}

// Delete sends nothing. The framework removes the resource from the state.
func (r *sessionCompletionResource) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {
}

// ImportState reads the session once. It takes only a session that has finished, so no import opens a gate early.
func (r *sessionCompletionResource) ImportState(ctx context.Context, request resource.ImportStateRequest, response *resource.ImportStateResponse) {
	at := path.Root("session_id")
	resource.ImportStatePassthroughWithIdentity(ctx, at, at, request, response)
	session, diags := r.read(ctx, storedSession(response.State.Raw).SessionID)
	response.Diagnostics.Append(diags...)
	if response.Diagnostics.HasError() {
		return
	}
	if session.Outcome() == scriptix.Running {
		response.Diagnostics.Append(notImportable([]scriptix.Session{*session}))
		return
	}
	response.Diagnostics.Append(unrecognizedStatuses([]scriptix.Session{*session})...)
	response.Diagnostics.Append(response.State.Set(ctx, stateOf(response.State.Raw, completionShape.values(storable(*session))))...)
}
