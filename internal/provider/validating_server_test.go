package provider

import (
	"maps"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
)

// use has the provider use a block with these arguments, which nobody has validated before.
type use func(t *testing.T, api *scriptixtest.Server, arguments values) []*tfprotov6.Diagnostic

func readOf(dataSource string) use {
	return func(t *testing.T, api *scriptixtest.Server, arguments values) []*tfprotov6.Diagnostic {
		t.Helper()
		server := newProtocolServer(t.Context(), t, api)
		response, err := server.ReadDataSource(t.Context(), server.request(dataSource, arguments))
		if err != nil {
			t.Fatal(err)
		}
		return response.Diagnostics
	}
}

func open(t *testing.T, api *scriptixtest.Server, arguments values) []*tfprotov6.Diagnostic {
	t.Helper()
	server := newProtocolServer(t.Context(), t, api)
	response, err := server.OpenEphemeralResource(t.Context(), &tfprotov6.OpenEphemeralResourceRequest{
		TypeName: "scriptix_session",
		Config:   server.dynamic(server.schema.EphemeralResourceSchemas["scriptix_session"], arguments),
	})
	if err != nil {
		t.Fatal(err)
	}
	return response.Diagnostics
}

func create(t *testing.T, api *scriptixtest.Server, arguments values) []*tfprotov6.Diagnostic {
	t.Helper()
	response, _ := change(t, api, nil, arguments)
	return response.Diagnostics
}

// change applies a resource block to a prior state of these attributes; nil is none. It returns the prior state too.
func change(t *testing.T, api *scriptixtest.Server, prior, arguments values) (*tfprotov6.ApplyResourceChangeResponse, *tfprotov6.DynamicValue) {
	t.Helper()
	server := newProtocolServer(t.Context(), t, api)
	schema := server.schema.ResourceSchemas[completionResource]
	state, err := tfprotov6.NewDynamicValue(schema.ValueType(), tftypes.NewValue(schema.ValueType(), nil))
	if err != nil {
		t.Fatal(err)
	}
	if prior != nil {
		state = *server.dynamic(schema, prior)
	}
	config := server.dynamic(schema, arguments)
	response, err := server.ApplyResourceChange(t.Context(), &tfprotov6.ApplyResourceChangeRequest{
		TypeName: completionResource, PriorState: &state, PlannedState: config, Config: config,
		PlannedIdentity: identityOf(t, "test"),
	})
	if err != nil {
		t.Fatal(err)
	}
	return response, &state
}

func invoke(t *testing.T, api *scriptixtest.Server, arguments values) []*tfprotov6.Diagnostic {
	t.Helper()
	actions := newActions(t.Context(), t, api)
	stream, err := actions.InvokeAction(t.Context(), &tfprotov6.InvokeActionRequest{ActionType: waitAction, Config: actions.config(arguments)})
	if err != nil {
		t.Fatal(err)
	}
	var diagnostics []*tfprotov6.Diagnostic
	completed := 0
	for event := range stream.Events {
		if event, ok := event.Type.(tfprotov6.CompletedInvokeActionEventType); ok {
			completed++
			diagnostics = event.Diagnostics
		}
	}
	if completed != 1 {
		t.Errorf("the action has completed %d times", completed)
	}
	return diagnostics
}

func planAction(t *testing.T, api *scriptixtest.Server, arguments values) []*tfprotov6.Diagnostic {
	t.Helper()
	actions := newActions(t.Context(), t, api)
	response, err := actions.PlanAction(t.Context(), &tfprotov6.PlanActionRequest{ActionType: waitAction, Config: actions.config(arguments)})
	if err != nil {
		t.Fatal(err)
	}
	return response.Diagnostics
}

// kind is one kind of block.
type kind struct {
	use       use
	operation string // what its timeouts call it
	many      bool   // it has session_ids, else session_id
	asked     bool   // it waits only with wait_for_completion
}

var kinds = map[string]kind{
	"data scriptix_session":                {use: readOf("scriptix_session"), operation: "read", asked: true},
	"data scriptix_sessions":               {use: readOf("scriptix_sessions"), operation: "read", many: true, asked: true},
	"ephemeral scriptix_session":           {use: open, operation: "open", asked: true},
	"resource scriptix_session_completion": {use: create, operation: "create"},
	"action scriptix_wait_for_completion":  {use: invoke, operation: "invoke", many: true},
}

// valid are arguments of a wait that the kind accepts, with these changes.
func (k kind) valid(changed values) values {
	arguments := values{"session_id": stringValue("test")}
	if k.many {
		arguments = values{"session_ids": stringList("test")}
	}
	if k.asked {
		arguments["wait_for_completion"] = boolValue(true)
	}
	maps.Copy(arguments, changed)
	return arguments
}

func (k kind) timeouts(text any) tftypes.Value {
	return objectOfTexts(map[string]tftypes.Value{k.operation: tftypes.NewValue(tftypes.String, text)})
}

// objectOfTexts is an object whose attributes are strings.
func objectOfTexts(texts map[string]tftypes.Value) tftypes.Value {
	types := map[string]tftypes.Type{}
	for name := range texts {
		types[name] = tftypes.String
	}
	return tftypes.NewValue(tftypes.Object{AttributeTypes: types}, texts)
}

var (
	unknownText   = tftypes.NewValue(tftypes.String, tftypes.UnknownValue)
	unknownNumber = tftypes.NewValue(tftypes.Number, tftypes.UnknownValue)
	noText        = tftypes.NewValue(tftypes.String, nil)
	noBool        = tftypes.NewValue(tftypes.Bool, nil)
	listType      = tftypes.List{ElementType: tftypes.String}
)

// Terraform may have validated an action, and OpenTofu an ephemeral resource, while it did not know the values. They do not do
// so again.
func TestActionAndEphemeralResourceAreValidatedAgainWhenTheyAreUsed(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"ephemeral scriptix_session", "action scriptix_wait_for_completion"} {
		kind := kinds[name]
		type refusal struct {
			arguments values
			words     []string
		}
		refusals := map[string]refusal{
			"poll_interval of 1ns":            {values{"poll_interval": stringValue("1ns")}, []string{"Invalid Argument", `poll_interval must be at least "3s"`}},
			"poll_interval that is none":      {values{"poll_interval": stringValue("soon")}, []string{"Invalid Argument", `poll_interval must be a number with a unit`}},
			"poll_interval above the timeout": {values{"poll_interval": stringValue("1m"), "timeouts": kind.timeouts("1m")}, []string{"Invalid Argument", "must be shorter than timeouts." + kind.operation}},
			"negative timeout":                {values{"timeouts": kind.timeouts("-1s")}, []string{"Invalid Argument", "timeouts." + kind.operation + " must be more than zero"}},
			"unknown poll_interval":           {values{"poll_interval": unknownText}, []string{"Invalid Argument", "The value of poll_interval is not known yet"}},
			"unknown timeout":                 {values{"timeouts": kind.timeouts(tftypes.UnknownValue)}, []string{"Invalid Argument", "The value of timeouts is not known yet"}},
		}
		if kind.many {
			refusals["null among session_ids"] = refusal{values{"session_ids": tftypes.NewValue(listType, []tftypes.Value{noText})}, []string{"Null List Value"}}
			refusals["bad session id"] = refusal{values{"session_ids": stringList("test", "a/b")}, []string{"Invalid Argument", `session_ids[1] must not contain a slash`}}
			refusals["unknown among session_ids"] = refusal{values{"session_ids": tftypes.NewValue(listType, []tftypes.Value{unknownText})}, []string{"Invalid Argument", "The value of session_ids is not known yet"}}
		} else {
			refusals["null session_id"] = refusal{values{"session_id": noText}, []string{"Missing Configuration for Required Attribute"}}
			refusals["bad session_id"] = refusal{values{"session_id": stringValue("a/b")}, []string{"Invalid Argument", `session_id must not contain a slash`}}
			refusals["unknown session_id"] = refusal{values{"session_id": unknownText}, []string{"Invalid Argument", "The value of session_id is not known yet"}}
		}
		if kind.asked {
			for _, needsWait := range []string{"allow_failed", "allow_unfinished"} {
				refusals[needsWait+" without a wait"] = refusal{values{"wait_for_completion": tftypes.NewValue(tftypes.Bool, nil), needsWait: boolValue(true)}, []string{"Invalid Attribute Combination"}}
			}
		}
		if kind.many {
			refusals["null session_ids"] = refusal{values{"session_ids": tftypes.NewValue(listType, nil)}, []string{"Missing Configuration for Required Attribute"}}
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := scriptixtest.NewServer(t)
			api.Add(scriptixtest.Session{SessionID: "test"})
			for name, refusal := range refusals {
				said := texts(kind.use(t, api, kind.valid(refusal.arguments)))
				for _, word := range append(refusal.words, "ERROR: ") {
					if !strings.Contains(said, word) {
						t.Errorf("%s: %q is missing in %q", name, word, said)
					}
				}
				if sent := len(api.Requests()); sent > 0 {
					t.Fatalf("%s: %d requests were sent", name, sent)
				}
			}
			if said := texts(kind.use(t, api, kind.valid(nil))); said != "" {
				t.Errorf("valid arguments: %s", said)
			}
			if sent := len(api.Requests()); sent != 1 {
				t.Errorf("valid arguments: %d requests were sent, want 1", sent)
			}
		})
	}
}

func TestProviderBlockIsValidatedAgainWhenItIsUsed(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		arguments values
		words     []string
	}{
		"negative timeout":     {values{"request_timeout": stringValue("-1s")}, []string{"Invalid Argument", `request_timeout must be more than zero`}},
		"timeout that is none": {values{"request_timeout": stringValue("1")}, []string{"Invalid Argument", `request_timeout must be a number with a unit`}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := newProtocolServer(t.Context(), t, scriptixtest.NewServer(t))
			response, err := server.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{
				Config: server.dynamic(server.schema.Provider, test.arguments),
			})
			if err != nil {
				t.Fatal(err)
			}
			contains(t, texts(response.Diagnostics), append(test.words, "ERROR: ")...)
		})
	}
}

// An action is planned with what is known by then: a bad value stops the plan, and an unknown one does not.
func TestActionIsValidatedAgainWhenItIsPlanned(t *testing.T) {
	t.Parallel()
	api := scriptixtest.NewServer(t)
	action := kinds["action scriptix_wait_for_completion"]
	said := texts(planAction(t, api, action.valid(values{"timeouts": action.timeouts("-1s")})))
	contains(t, said, "ERROR: Invalid Argument", `timeouts.invoke must be more than zero`)
	if said := texts(planAction(t, api, action.valid(values{"poll_interval": unknownText}))); said != "" {
		t.Error(said)
	}
}

// A timeout may be longer than the default, which therefore judges no poll_interval before the timeout is known.
func TestPollIntervalBesideUnknownTimeoutsIsNotRefused(t *testing.T) {
	t.Parallel()
	server := newProtocolServer(t.Context(), t, scriptixtest.NewServer(t))
	session := kinds["data scriptix_session"]
	timeouts := map[string]tftypes.Value{
		"unknown as a whole":      tftypes.NewValue(session.timeouts("1m").Type(), tftypes.UnknownValue),
		"with an unknown timeout": session.timeouts(tftypes.UnknownValue),
	}
	for name, timeouts := range timeouts {
		request := server.request("scriptix_session", session.valid(values{"poll_interval": stringValue("2h"), "timeouts": timeouts}))
		response, err := server.ValidateDataResourceConfig(t.Context(), &tfprotov6.ValidateDataResourceConfigRequest{
			TypeName: request.TypeName, Config: request.Config,
		})
		if err != nil {
			t.Fatal(err)
		}
		if said := texts(response.Diagnostics); said != "" {
			t.Errorf("%s: %s", name, said)
		}
	}
}
