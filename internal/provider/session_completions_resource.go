package provider

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
)

var (
	_ resource.ResourceWithConfigure   = (*sessionCompletionsResource)(nil)
	_ resource.ResourceWithImportState = (*sessionCompletionsResource)(nil)
	_ resource.ResourceWithModifyPlan  = (*sessionCompletionsResource)(nil)
)

func newSessionCompletionsResource() resource.Resource { return &sessionCompletionsResource{} }

// sessionCompletionsResource is resource "scriptix_session_completions". It represents that a batch of sessions has
// finished. It waits for all of them when it is created, and for added ones when it is updated.
type sessionCompletionsResource struct {
	data *providerData
}

// Metadata names the resource.
func (r *sessionCompletionsResource) Metadata(_ context.Context, request resource.MetadataRequest, response *resource.MetadataResponse) {
	response.TypeName = request.ProviderTypeName + "_session_completions"
}

// Schema describes the resource. It has no media_url, which the state would keep.
func (r *sessionCompletionsResource) Schema(_ context.Context, _ resource.SchemaRequest, response *resource.SchemaResponse) {
	attributes := completionArguments(waitsOnCreate, waitsOnUpdate)
	attributes["session_ids"] = schema.SetAttribute{
		ElementType: types.StringType,
		MarkdownDescription: "IDs of the sessions to wait for, as returned by the uploads. Adding an ID waits for that session only, " +
			"and removing one sends no request. A session that does not exist is an error. An empty set waits for nothing.",
		Required:   true,
		Validators: []validator.Set{setvalidator.NoNullValues(), setvalidator.ValueStringsAre(sessionIDValidator)},
	}
	attributes["sessions"] = schema.MapNestedAttribute{
		MarkdownDescription: "Sessions by their IDs. If `session_ids` is known during the plan, so are the keys.",
		Computed:            true,
		NestedObject:        schema.NestedAttributeObject{Attributes: listedSessionShape.attributes()},
	}
	response.Schema = schema.Schema{
		MarkdownDescription: "Waits during the apply for a batch of transcription sessions to finish, and never during the plan. One " +
			"resource waits for all sessions at the same time.\n\n" +
			"It does not represent an object in Scriptix, but the fact that the sessions have finished. Creating it waits. Later " +
			"plans, refreshes, and destroys send no request, whatever becomes of the sessions or the token. If sessions fail, the " +
			"apply fails, names them, and the state keeps what it had, unless `allow_failed` is set.",
		Attributes: attributes,
	}
}

// Configure takes what the provider passes to every resource.
func (r *sessionCompletionsResource) Configure(_ context.Context, request resource.ConfigureRequest, response *resource.ConfigureResponse) {
	r.data = dataFrom(request.ProviderData, &response.Diagnostics)
}

// ModifyPlan plans the sessions: those of the state stay known, and so do the keys of those that are added. Whatever depends
// on a session of the state is planned as if nothing was added. It returns an error for a gate that must stay closed, and for
// a missing token of a gate that will wait. Destroying needs nothing.
func (r *sessionCompletionsResource) ModifyPlan(ctx context.Context, request resource.ModifyPlanRequest, response *resource.ModifyPlanResponse) {
	if request.Plan.Raw.IsNull() {
		return
	}
	stored := storedSessions(request.State.Raw)
	if waitsAgain(request, "triggers") {
		stored = nil
	}
	sessionIDs, known := plannedIDs(request.Plan.Raw)
	if !known {
		response.Plan.Raw = withSessions(request.Plan.Raw, tftypes.UnknownValue)
		response.Diagnostics.Append(r.data.connectLater(path.Root("session_ids"))...)
		return
	}
	kept, added := split(sessionIDs, stored)
	response.Diagnostics.Append(closedGate(ctx, request.Plan, sessionsIn(kept)...)...)
	if len(added) > 0 {
		response.Diagnostics.Append(r.data.connectLater(path.Root("session_ids"), added...)...)
	}
	for _, sessionID := range added {
		kept[sessionID] = plannedSession(sessionID)
	}
	response.Plan.Raw = withSessions(request.Plan.Raw, kept)
}

// Create waits. It sets no state unless all sessions have finished as the arguments require.
func (r *sessionCompletionsResource) Create(ctx context.Context, request resource.CreateRequest, response *resource.CreateResponse) {
	sessions, diags := r.await(ctx, request.Plan, request.Plan.Raw, nil, waitsOnCreate)
	response.Diagnostics.Append(diags...)
	if !response.Diagnostics.HasError() {
		response.Diagnostics.Append(response.State.Set(ctx, withSessions(request.Plan.Raw, sessions))...)
	}
}

// Read sends nothing: the sessions have finished, and that cannot become untrue. See sessionsServer.ReadResource.
func (r *sessionCompletionsResource) Read(context.Context, resource.ReadRequest, *resource.ReadResponse) {
}

// Update waits for the sessions that were added. If that fails, the state keeps what it had.
func (r *sessionCompletionsResource) Update(ctx context.Context, request resource.UpdateRequest, response *resource.UpdateResponse) {
	sessions, diags := r.await(ctx, request.Plan, request.Plan.Raw, storedSessions(request.State.Raw), waitsOnUpdate)
	response.Diagnostics.Append(diags...)
	if !response.Diagnostics.HasError() {
		response.Diagnostics.Append(response.State.Set(ctx, withSessions(request.Plan.Raw, sessions))...)
	}
}

// await returns the planned sessions: those of the state as they are, and the others when they have finished.
func (r *sessionCompletionsResource) await(
	ctx context.Context, from arguments, plan tftypes.Value, stored map[string]tftypes.Value, kind waiting,
) (map[string]tftypes.Value, diag.Diagnostics) {
	arguments, diags := kind.read(ctx, from)
	if diags.HasError() {
		return nil, diags
	}
	sessionIDs, _ := plannedIDs(plan)
	sessions, added := split(sessionIDs, stored)
	listing, readDiags := r.data.sessions(ctx, selection{byID: true, sessionIDs: added}, arguments)
	diags.Append(readDiags...)
	if diags.HasError() {
		return nil, diags
	}
	diags.Append(sessionWarnings(listing.Sessions, true)...)
	maps.Copy(sessions, objectsOf(listing.Sessions))
	return sessions, diags
}

// Delete sends nothing. The framework removes the resource from the state.
func (r *sessionCompletionsResource) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {
}

// ImportState reads the sessions once. The ID is those of the sessions, separated by commas. It takes only sessions that have
// finished, so no import opens a gate early.
func (r *sessionCompletionsResource) ImportState(ctx context.Context, request resource.ImportStateRequest, response *resource.ImportStateResponse) {
	sessionIDs, diags := importedIDs(request.ID)
	response.Diagnostics.Append(diags...)
	if response.Diagnostics.HasError() {
		return
	}
	listing, diags := r.data.sessions(ctx, selection{byID: true, sessionIDs: sessionIDs}, waitArguments{timeout: importTimeout})
	response.Diagnostics.Append(diags...)
	if response.Diagnostics.HasError() {
		return
	}
	running := slices.DeleteFunc(slices.Clone(listing.Sessions), func(session scriptix.Session) bool {
		return session.Outcome() != scriptix.Running
	})
	if len(running) > 0 {
		response.Diagnostics.Append(notImportable(running))
		return
	}
	response.Diagnostics.Append(sessionWarnings(listing.Sessions, true)...)
	response.Diagnostics.Append(response.State.SetAttribute(ctx, path.Root("session_ids"), sessionIDs)...)
	response.State.Raw = withSessions(response.State.Raw, objectsOf(listing.Sessions))
}

// importedIDs returns the session IDs in the ID of an import, each once.
func importedIDs(id string) ([]string, diag.Diagnostics) {
	var diags diag.Diagnostics
	sessionIDs := strings.Split(id, ",")
	for i := range sessionIDs {
		sessionIDs[i] = strings.TrimSpace(sessionIDs[i])
		if err := scriptix.ValidateSessionID(sessionIDs[i]); err != nil {
			diags.Append(invalidValue(path.Root("session_ids").AtListIndex(i), err))
		}
	}
	slices.Sort(sessionIDs)
	return slices.Compact(sessionIDs), diags
}
