package provider

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
)

const completionResource = "scriptix_session_completion"

var identityType = tftypes.Object{AttributeTypes: map[string]tftypes.Type{"session_id": tftypes.String}}

func identityOf(t *testing.T, sessionID string) *tfprotov6.ResourceIdentityData {
	t.Helper()
	data, err := tfprotov6.NewDynamicValue(identityType, tftypes.NewValue(identityType, map[string]tftypes.Value{"session_id": stringValue(sessionID)}))
	if err != nil {
		t.Fatal(err)
	}
	return &tfprotov6.ResourceIdentityData{IdentityData: &data}
}

// isIdentity fails the test unless the identity is that of the session.
func isIdentity(t *testing.T, step string, got *tfprotov6.ResourceIdentityData, sessionID string) {
	t.Helper()
	if got == nil {
		t.Fatalf("%s: there is no identity", step)
	}
	value, err := got.IdentityData.Unmarshal(identityType)
	if err != nil {
		t.Fatal(err)
	}
	if id := objectValues(value)["session_id"]; !id.Equal(stringValue(sessionID)) {
		t.Errorf("%s: the identity is %s", step, id)
	}
}

func refuseNothing(t *testing.T, step string, err error, diagnostics []*tfprotov6.Diagnostic) {
	t.Helper()
	if err != nil || len(diagnostics) > 0 {
		t.Fatalf("%s: %v, %s", step, err, texts(diagnostics))
	}
}

// The protocol tells identities to whatever CLI there is, so that this needs none that asks.
func TestCompletionHasAnIdentityFromItsCreationOn(t *testing.T) {
	t.Parallel()
	api := scriptixtest.NewServer(t)
	api.Add(scriptixtest.Session{SessionID: "test"})
	server := newProtocolServer(t.Context(), t, api)
	schema := server.schema.ResourceSchemas[completionResource]
	none, err := tfprotov6.NewDynamicValue(schema.ValueType(), tftypes.NewValue(schema.ValueType(), nil))
	if err != nil {
		t.Fatal(err)
	}
	config := server.dynamic(schema, values{"session_id": stringValue("test")})

	plan, err := server.PlanResourceChange(t.Context(), &tfprotov6.PlanResourceChangeRequest{
		TypeName: completionResource, PriorState: &none, ProposedNewState: config, Config: config,
	})
	refuseNothing(t, "plan", err, plan.Diagnostics)
	created, err := server.ApplyResourceChange(t.Context(), &tfprotov6.ApplyResourceChangeRequest{
		TypeName: completionResource, PriorState: &none, PlannedState: plan.PlannedState, Config: config,
		PlannedIdentity: plan.PlannedIdentity, PlannedPrivate: plan.PlannedPrivate,
	})
	refuseNothing(t, "create", err, created.Diagnostics)
	isIdentity(t, "create", created.NewIdentity, "test")

	// A CLI that is too old for identities has stored none. A newer one takes over its state.
	refreshed, err := server.ReadResource(t.Context(), &tfprotov6.ReadResourceRequest{TypeName: completionResource, CurrentState: created.NewState})
	refuseNothing(t, "refresh", err, refreshed.Diagnostics)
	isIdentity(t, "refresh", refreshed.NewIdentity, "test")

	changed := server.dynamic(schema, values{"session_id": stringValue("test"), "allow_failed": boolValue(true)})
	state, err := created.NewState.Unmarshal(schema.ValueType())
	if err != nil {
		t.Fatal(err)
	}
	proposed := objectValues(state)
	proposed["allow_failed"] = boolValue(true)
	plan, err = server.PlanResourceChange(t.Context(), &tfprotov6.PlanResourceChangeRequest{
		TypeName: completionResource, PriorState: created.NewState, ProposedNewState: server.dynamic(schema, proposed), Config: changed,
	})
	refuseNothing(t, "plan of an update", err, plan.Diagnostics)
	updated, err := server.ApplyResourceChange(t.Context(), &tfprotov6.ApplyResourceChangeRequest{
		TypeName: completionResource, PriorState: created.NewState, PlannedState: plan.PlannedState, Config: changed,
		PlannedPrivate: plan.PlannedPrivate,
	})
	refuseNothing(t, "update", err, updated.Diagnostics)
	isIdentity(t, "update", updated.NewIdentity, "test")
}

func TestCompletionIsImportedByItsIdentity(t *testing.T) {
	t.Parallel()
	api := scriptixtest.NewServer(t)
	api.Add(scriptixtest.Session{SessionID: "test"})
	server := newProtocolServer(t.Context(), t, api)
	imported, err := server.ImportResourceState(t.Context(), &tfprotov6.ImportResourceStateRequest{
		TypeName: completionResource, Identity: identityOf(t, "test"),
	})
	refuseNothing(t, "import", err, imported.Diagnostics)
	resource := imported.ImportedResources[0]
	read, err := server.ReadResource(t.Context(), &tfprotov6.ReadResourceRequest{
		TypeName: completionResource, CurrentState: resource.State, CurrentIdentity: resource.Identity, Private: resource.Private,
	})
	refuseNothing(t, "read", err, read.Diagnostics)
	isIdentity(t, "read", read.NewIdentity, "test")
	state, err := read.NewState.Unmarshal(server.schema.ResourceSchemas[completionResource].ValueType())
	if err != nil {
		t.Fatal(err)
	}
	if status := objectValues(state)["status"]; !status.Equal(stringValue("completed")) {
		t.Errorf("the status is %s", status)
	}

	refused, err := server.ImportResourceState(t.Context(), &tfprotov6.ImportResourceStateRequest{
		TypeName: completionResource, Identity: identityOf(t, "a/b"),
	})
	if err != nil {
		t.Fatal(err)
	}
	contains(t, texts(refused.Diagnostics), "Invalid Argument", `session_id must not contain a slash.`)
}
