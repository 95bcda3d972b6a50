package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/mapplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
)

var (
	_ resource.ResourceWithConfigure   = (*sessionCompletionResource)(nil)
	_ resource.ResourceWithIdentity    = (*sessionCompletionResource)(nil)
	_ resource.ResourceWithImportState = (*sessionCompletionResource)(nil)
	_ resource.ResourceWithModifyPlan  = (*sessionCompletionResource)(nil)
)

func newSessionCompletionResource() resource.Resource { return &sessionCompletionResource{} }

// sessionCompletionResource is resource "scriptix_session_completion": the fact that a session has finished. Its
// creation is the wait.
type sessionCompletionResource struct {
	data *providerData
}

// Metadata names the resource.
func (r *sessionCompletionResource) Metadata(_ context.Context, request resource.MetadataRequest, response *resource.MetadataResponse) {
	response.TypeName = request.ProviderTypeName + "_session_completion"
}

// Schema describes the resource. It lacks media_url, which would otherwise stay in the state.
func (r *sessionCompletionResource) Schema(_ context.Context, _ resource.SchemaRequest, response *resource.SchemaResponse) {
	attributes := forResource(together(listedSessionShape.attributes(), waitsOnCreate.attributes(refresh)))
	sessionID := sessionIDAttribute()
	attributes["session_id"] = schema.StringAttribute{
		MarkdownDescription: sessionID.MarkdownDescription + " Another one replaces the completion, which waits again.",
		Required:            true,
		Validators:          sessionID.Validators,
		PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
	}
	attributes["triggers"] = schema.MapAttribute{
		ElementType: types.StringType,
		MarkdownDescription: "Any texts. When one of them changes, the completion is replaced, which waits again. Default: " +
			"none.",
		Optional:      true,
		PlanModifiers: []planmodifier.Map{mapplanmodifier.RequiresReplace()},
	}
	response.Schema = schema.Schema{
		MarkdownDescription: "Waits until a transcription session has finished, when Terraform applies and not when it " +
			"plans. What depends on it is made when the transcript is there.\n\n" +
			"It stands for the fact that the session has finished, and for nothing in Scriptix: creating it waits, refreshing it " +
			"reads the session once, and destroying it forgets it and sends nothing. When the session fails, the apply does too, and " +
			"nothing of it stays in the state, unless `allow_failed` is set. A session that is gone is planned anew.",
		Attributes: attributes,
	}
}

// IdentitySchema describes what the resource is known by, in CLIs that ask.
func (r *sessionCompletionResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, response *resource.IdentitySchemaResponse) {
	response.IdentitySchema = identityschema.Schema{
		Attributes: map[string]identityschema.Attribute{
			"session_id": identityschema.StringAttribute{
				Description:       "Identifier of the session, as the upload returned it.",
				RequiredForImport: true,
			},
		},
	}
}

// Configure takes what the provider hands to every resource.
func (r *sessionCompletionResource) Configure(_ context.Context, request resource.ConfigureRequest, response *resource.ConfigureResponse) {
	r.data = dataFrom(request.ProviderData, &response.Diagnostics)
}

// ModifyPlan keeps what is known of the session when only the arguments of the wait change: the update does not read
// it. Where the change makes a replacement necessary, Terraform plans that as a creation.
func (r *sessionCompletionResource) ModifyPlan(_ context.Context, request resource.ModifyPlanRequest, response *resource.ModifyPlanResponse) {
	if request.State.Raw.IsNull() || request.Plan.Raw.IsNull() {
		return
	}
	known := objectValues(request.State.Raw)
	kept := map[string]tftypes.Value{}
	for _, field := range listedSessionShape.fields {
		if field.name != "session_id" {
			kept[field.name] = known[field.name]
		}
	}
	response.Plan.Raw = stateOf(request.Plan.Raw, kept)
}

// Create waits. It leaves nothing in the state unless the session has finished as it should.
func (r *sessionCompletionResource) Create(ctx context.Context, request resource.CreateRequest, response *resource.CreateResponse) {
	session, diags := r.data.configuredSession(ctx, request.Plan, waitsOnCreate)
	response.Diagnostics.Append(diags...)
	if response.Diagnostics.HasError() {
		return
	}
	response.Diagnostics.Append(response.State.Set(ctx, stateOf(request.Plan.Raw, listedSessionShape.values(session)))...)
	response.Diagnostics.Append(response.Identity.SetAttribute(ctx, path.Root("session_id"), session.SessionID)...)
}

// Read reads the session once, whatever its status has become: that it has finished was the creation's business.
func (r *sessionCompletionResource) Read(ctx context.Context, request resource.ReadRequest, response *resource.ReadResponse) {
	var sessionID types.String
	response.Diagnostics.Append(request.State.GetAttribute(ctx, path.Root("session_id"), &sessionID)...)
	arguments, diags := refreshArguments(ctx, request.State)
	response.Diagnostics.Append(diags...)
	// Also when the session is gone: the framework wants it in any case, and older CLIs have stored none.
	response.Diagnostics.Append(response.Identity.SetAttribute(ctx, path.Root("session_id"), sessionID)...)
	if response.Diagnostics.HasError() {
		return
	}
	session, failure := r.data.session(ctx, sessionID.ValueString(), arguments)
	switch {
	case failure == nil:
		response.Diagnostics.Append(sessionWarnings([]scriptix.Session{*session}, false)...)
		response.Diagnostics.Append(response.State.Set(ctx, stateOf(request.State.Raw, listedSessionShape.values(session)))...)
	case failure.gone():
		response.State.RemoveResource(ctx)
	default:
		response.Diagnostics.Append(failure.diagnostics()...)
	}
}

// Update takes over the arguments of the next wait. It sends nothing.
func (r *sessionCompletionResource) Update(ctx context.Context, request resource.UpdateRequest, response *resource.UpdateResponse) {
	var sessionID types.String
	response.Diagnostics.Append(request.Plan.GetAttribute(ctx, path.Root("session_id"), &sessionID)...)
	response.Diagnostics.Append(response.State.Set(ctx, request.Plan.Raw)...)
	response.Diagnostics.Append(response.Identity.SetAttribute(ctx, path.Root("session_id"), sessionID)...)
}

// Delete sends nothing: the framework takes the resource out of the state, and the session is not Terraform's to end.
func (r *sessionCompletionResource) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {
}

// ImportState takes the session's id. Terraform reads the session afterwards.
func (r *sessionCompletionResource) ImportState(ctx context.Context, request resource.ImportStateRequest, response *resource.ImportStateResponse) {
	at := path.Root("session_id")
	resource.ImportStatePassthroughWithIdentity(ctx, at, at, request, response)
	var sessionID types.String
	response.Diagnostics.Append(response.State.GetAttribute(ctx, at, &sessionID)...)
	if response.Diagnostics.HasError() {
		return
	}
	if err := scriptix.ValidateSessionID(sessionID.ValueString()); err != nil {
		response.Diagnostics.Append(invalidValue(at, sessionID.ValueString(), err))
	}
}
