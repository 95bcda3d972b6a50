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

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
)

var (
	_ resource.ResourceWithConfigure   = (*sessionCompletionResource)(nil)
	_ resource.ResourceWithIdentity    = (*sessionCompletionResource)(nil)
	_ resource.ResourceWithImportState = (*sessionCompletionResource)(nil)
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
	attributes := together(listedSessionShape.attributes(), waitsOnCreate.attributes(refresh))
	sessionID := sessionIDAttribute()
	attributes["session_id"] = schema.StringAttribute{
		MarkdownDescription: sessionID.MarkdownDescription + " Changing this forces a new resource.",
		Required:            true,
		Validators:          sessionID.Validators,
		PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
	}
	attributes["triggers"] = schema.MapAttribute{
		ElementType:         types.StringType,
		MarkdownDescription: "Arbitrary values that, when changed, force a new resource and a new wait.",
		Optional:            true,
		PlanModifiers:       []planmodifier.Map{mapplanmodifier.RequiresReplace()},
	}
	response.Schema = schema.Schema{
		MarkdownDescription: "Waits during the apply for a transcription session to finish, and never during the plan. Resources that " +
			"depend on it are created when the transcript exists.\n\n" +
			"It does not represent an object in Scriptix. Creating it waits, refreshing it sends one request, and destroying it sends " +
			"none. If the session fails, the apply fails and the state does not keep the resource, unless `allow_failed` is set. If " +
			"the session was deleted, the next plan recreates this resource.",
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
	response.Diagnostics.Append(response.State.Set(ctx, stateOf(request.Plan.Raw, listedSessionShape.values(session)))...)
	response.Diagnostics.Append(response.Identity.SetAttribute(ctx, path.Root("session_id"), session.SessionID)...)
}

// Read reads the session once. It accepts any status, because Create has waited.
func (r *sessionCompletionResource) Read(ctx context.Context, request resource.ReadRequest, response *resource.ReadResponse) {
	var sessionID types.String
	response.Diagnostics.Append(request.State.GetAttribute(ctx, path.Root("session_id"), &sessionID)...)
	arguments, diags := refreshArguments(ctx, request.State)
	response.Diagnostics.Append(diags...)
	// The framework requires the identity even if the session was deleted, and older CLIs have stored none.
	response.Diagnostics.Append(response.Identity.SetAttribute(ctx, path.Root("session_id"), sessionID)...)
	if response.Diagnostics.HasError() {
		return
	}
	session, err := r.data.session(ctx, sessionID.ValueString(), arguments)
	switch {
	case err == nil:
		response.Diagnostics.Append(sessionWarnings([]scriptix.Session{*session}, false)...)
		response.Diagnostics.Append(response.State.Set(ctx, stateOf(request.State.Raw, listedSessionShape.values(session)))...)
	case scriptix.IsNotFound(err):
		response.State.RemoveResource(ctx)
	default:
		response.Diagnostics.Append(readFailure(err, sessionSubject(sessionID.ValueString()), arguments)...)
	}
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

// ImportState takes the ID of the session. Terraform reads the session afterwards.
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
