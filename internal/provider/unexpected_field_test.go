package provider

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
)

// oddSession is a session that has completed, with something odd in every field that can be odd.
func oddSession(sessionID string) scriptixtest.Session {
	return scriptixtest.Session{SessionID: sessionID, JSON: `{"session_id":"` + sessionID + `","status":"Completed",
		"id":"17","filename":["a"],"duration":"12 s","language":{},"media_type":true,"media_url":12345678,"error":{"code":1},
		"created_at":"yesterday","started_at":1736935200,"finished_at":"",
		"document":{"id":{"uuid":"x"},"name":1,"type":false},"session_mode":7,"custom_model_id":1.5}`}
}

// What the warning says of each field, in the order of the answer.
var oddFields = []struct{ field, came, expected string }{
	{"status", `a string: "Completed"`, `"completed"`},
	{"id", `a string: "17"`, "an integer"},
	{"filename", "an array", "a string"},
	{"duration", `a string: "12 s"`, "a number"},
	{"language", "an object", "a string"},
	{"media_type", "a boolean", "a string"},
	{"media_url", "a number", "a string"},
	{"error", "an object", "a string"},
	{"created_at", `a string: "yesterday"`, "an RFC 3339 timestamp"},
	{"started_at", `a number: "1736935200"`, "an RFC 3339 timestamp"},
	{"finished_at", "an empty string", "an RFC 3339 timestamp"},
	{"document.id", "an object", "a number or a string"},
	{"document.name", `a number: "1"`, "a string"},
	{"document.type", "a boolean", "a string"},
	{"session_mode", `a number: "7"`, "a string"},
	{"custom_model_id", `a number: "1.5"`, "an integer"},
}

// warnsOfOddFields checks that there is one warning for each field of oddSession, and nothing else.
func warnsOfOddFields(t *testing.T, diagnostics []*tfprotov6.Diagnostic, where string) {
	t.Helper()
	if len(diagnostics) != len(oddFields) {
		t.Fatalf("want %d warnings, got %s", len(oddFields), texts(diagnostics))
	}
	for i, odd := range oddFields {
		value := "null"
		if odd.field == "status" {
			value = odd.expected
		}
		if diagnostics[i].Severity != tfprotov6.DiagnosticSeverityWarning || diagnostics[i].Summary != "Unexpected Field in API Answer" {
			t.Errorf("got %s", texts(diagnostics[i:i+1]))
		}
		want := fmt.Sprintf("The field %q of %s is %s.", odd.field, where, odd.came)
		contains(t, diagnostics[i].Detail, want, "The Scriptix API documents "+odd.expected+".", "The provider uses "+value+" instead.")
		if strings.Contains(diagnostics[i].Detail, "12345678") {
			t.Errorf("media_url is shown: %s", diagnostics[i].Detail)
		}
	}
}

func TestOddFieldsAreNullAndWarnedOf(t *testing.T) {
	t.Parallel()
	api := scriptixtest.NewServer(t)
	api.Add(oddSession("odd"))
	actions := newActions(t.Context(), t, api)
	server := actions.protocolServer
	const one = `session "odd"`

	for name, arguments := range map[string]values{
		"not awaited": {"session_id": stringValue("odd")},
		"awaited":     {"session_id": stringValue("odd"), "wait_for_completion": boolValue(true)},
	} {
		t.Run("data source, "+name, func(t *testing.T) {
			t.Parallel()
			state, diagnostics := server.read(t.Context(), server.request("scriptix_session", arguments))
			warnsOfOddFields(t, diagnostics, one)
			holdsNothingButTheStatus(t, state, sessionShape.fields)
		})
	}
	for name, arguments := range map[string]values{
		"list": {}, "list, awaited": {"wait_for_completion": boolValue(true)},
		"by id": {"session_ids": stringList("odd")},
	} {
		t.Run("data source, "+name, func(t *testing.T) {
			t.Parallel()
			state, diagnostics := server.read(t.Context(), server.request("scriptix_sessions", arguments))
			warnsOfOddFields(t, diagnostics, one)
			var sessions []tftypes.Value
			if err := state["sessions"].As(&sessions); err != nil || len(sessions) != 1 {
				t.Fatalf("%v, %s", err, state["sessions"])
			}
			holdsNothingButTheStatus(t, objectValues(sessions[0]), listedSessionShape.fields)
		})
	}
	t.Run("ephemeral resource", func(t *testing.T) {
		t.Parallel()
		ephemerals, ok := server.ProviderServer.(tfprotov6.EphemeralResourceServer)
		if !ok {
			t.Fatal("the provider has no ephemeral resources")
		}
		schema := server.schema.EphemeralResourceSchemas["scriptix_session"]
		opened, err := ephemerals.OpenEphemeralResource(t.Context(), &tfprotov6.OpenEphemeralResourceRequest{
			TypeName: "scriptix_session", Config: server.dynamic(schema, values{"session_id": stringValue("odd")}),
		})
		if err != nil {
			t.Fatal(err)
		}
		warnsOfOddFields(t, opened.Diagnostics, one)
	})
	t.Run("action", func(t *testing.T) {
		t.Parallel()
		diagnostics := actions.invoke(t.Context(), values{"session_ids": stringList("odd")}, func(string) {})
		warnsOfOddFields(t, diagnostics, one)
	})
	t.Run("resource", func(t *testing.T) {
		t.Parallel()
		schema := server.schema.ResourceSchemas[completionResource]
		none, err := tfprotov6.NewDynamicValue(schema.ValueType(), tftypes.NewValue(schema.ValueType(), nil))
		if err != nil {
			t.Fatal(err)
		}
		config := server.dynamic(schema, values{"session_id": stringValue("odd")})
		plan, err := server.PlanResourceChange(t.Context(), &tfprotov6.PlanResourceChangeRequest{
			TypeName: completionResource, PriorState: &none, ProposedNewState: config, Config: config,
		})
		refuseNothing(t, "plan", err, plan.Diagnostics)
		created, err := server.ApplyResourceChange(t.Context(), &tfprotov6.ApplyResourceChangeRequest{
			TypeName: completionResource, PriorState: &none, PlannedState: plan.PlannedState, Config: config,
			PlannedIdentity: plan.PlannedIdentity, PlannedPrivate: plan.PlannedPrivate,
		})
		if err != nil {
			t.Fatal(err)
		}
		warnsOfOddFields(t, created.Diagnostics, one)
		imported, err := server.ImportResourceState(t.Context(), &tfprotov6.ImportResourceStateRequest{TypeName: completionResource, ID: "odd"})
		if err != nil {
			t.Fatal(err)
		}
		warnsOfOddFields(t, imported.Diagnostics, one)
	})
}

// holdsNothingButTheStatus checks the attributes of an odd session.
func holdsNothingButTheStatus(t *testing.T, attributes values, fields []field[scriptix.Session]) {
	t.Helper()
	for _, field := range fields {
		value := attributes[field.name]
		switch field.name {
		case "session_id":
			if !value.Equal(stringValue("odd")) {
				t.Errorf("session_id is %s", value)
			}
		case "status":
			if !value.Equal(stringValue("completed")) {
				t.Errorf("status is %s", value)
			}
		case "document":
			for name, value := range objectValues(value) {
				if !value.IsNull() {
					t.Errorf("document.%s is %s", name, value)
				}
			}
		default:
			if !value.IsNull() {
				t.Errorf("%s is %s", field.name, value)
			}
		}
	}
}

func TestOddFieldsOfManySessionsAreOneWarningEach(t *testing.T) {
	t.Parallel()
	api := scriptixtest.NewServer(t)
	for i := range 250 {
		api.Add(oddSession(fmt.Sprint("odd", i)))
		api.Add(scriptixtest.Session{SessionID: fmt.Sprint("fine", i)})
	}
	server := newProtocolServer(t.Context(), t, api)
	_, diagnostics := server.read(t.Context(), server.request("scriptix_sessions", values{}))
	warnsOfOddFields(t, diagnostics, `250 sessions, such as "odd249",`)
}
