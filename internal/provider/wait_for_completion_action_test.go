package provider

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
)

const waitAction = "scriptix_wait_for_completion"

// actions are the provider's actions as Terraform drives them.
type actions struct {
	*protocolServer
	tfprotov6.ActionServer
}

func newActions(interrupted context.Context, t *testing.T, api *scriptixtest.Server) actions {
	t.Helper()
	return actionsOf(newProtocolServer(interrupted, t, api))
}

func actionsOf(server *protocolServer) actions {
	return actions{server, server.ProviderServer.(tfprotov6.ActionServer)}
}

// plan plans the action, and returns what it says of that.
func (a actions) plan(t *testing.T, arguments values) string {
	t.Helper()
	response, err := a.PlanAction(t.Context(), &tfprotov6.PlanActionRequest{ActionType: waitAction, Config: a.config(arguments)})
	check(t, err)
	return texts(response.Diagnostics)
}

func (a actions) config(arguments values) *tfprotov6.DynamicValue {
	return a.dynamic(a.schema.ActionSchemas[waitAction].Schema, arguments)
}

// invoke plans and invokes the action. Each message goes to progress while the action is under way.
func (a actions) invoke(ctx context.Context, arguments values, progress func(string)) []*tfprotov6.Diagnostic {
	a.t.Helper()
	config := a.config(arguments)
	validated, err := a.ValidateActionConfig(ctx, &tfprotov6.ValidateActionConfigRequest{ActionType: waitAction, Config: config})
	if err != nil || len(validated.Diagnostics) > 0 {
		a.t.Fatalf("validating: %v, %s", err, texts(validated.Diagnostics))
	}
	plan, err := a.PlanAction(ctx, &tfprotov6.PlanActionRequest{ActionType: waitAction, Config: config})
	if err != nil || len(plan.Diagnostics) > 0 {
		a.t.Fatalf("planning: %v, %s", err, texts(plan.Diagnostics))
	}
	return a.run(ctx, config, progress)
}

// run invokes the action as if it had been planned.
func (a actions) run(ctx context.Context, config *tfprotov6.DynamicValue, progress func(string)) []*tfprotov6.Diagnostic {
	a.t.Helper()
	stream, err := a.InvokeAction(ctx, &tfprotov6.InvokeActionRequest{ActionType: waitAction, Config: config})
	if err != nil {
		a.t.Fatal(err)
	}
	var diagnostics []*tfprotov6.Diagnostic
	completed := 0
	for event := range stream.Events {
		switch event := event.Type.(type) {
		case tfprotov6.ProgressInvokeActionEventType:
			progress(event.Message)
		case tfprotov6.CompletedInvokeActionEventType:
			completed++
			diagnostics = event.Diagnostics
		}
	}
	if completed != 1 {
		a.t.Fatalf("the action has completed %d times", completed)
	}
	return diagnostics
}

// then has the server answer the next requests for a session with these statuses, and after that from what it knows.
func then(api *scriptixtest.Server, sessionID string, statuses ...string) {
	for _, status := range statuses {
		api.Inject(scriptixtest.Fault{
			Match: scriptixtest.ForSession(sessionID), Times: 1, Body: `{"session_id":"` + sessionID + `","status":"` + status + `"}`,
		})
	}
}

var limitType = tftypes.Object{AttributeTypes: map[string]tftypes.Type{"invoke": tftypes.String}}

// limit is the timeouts of an action.
func limit(text string) tftypes.Value {
	return tftypes.NewValue(limitType, map[string]tftypes.Value{"invoke": stringValue(text)})
}

func TestActionTellsHowFarItsWaitHasCome(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := newPipeAPI(t)
		api.Add(scriptixtest.Session{SessionID: "short"}, scriptixtest.Session{SessionID: "long"})
		then(api, "long", "queued", "processing")
		var messages []string
		diagnostics := newActions(t.Context(), t, api).invoke(t.Context(), values{"session_ids": stringList("short", "long", "short")}, func(message string) {
			messages = append(messages, message)
			// Were the messages kept until the end, all requests would have been sent by now.
			if sent := len(api.Requests()); len(messages) == 1 && sent != 2 {
				t.Errorf("the first message came after %d requests, want 2", sent)
			}
		})
		if len(diagnostics) > 0 {
			t.Fatal(texts(diagnostics))
		}
		want := []string{"1 of 2 finished, 1 queued, 0 s", "1 of 2 finished, 1 processing, 3 s", "2 of 2 finished, 6 s"}
		if !slices.Equal(messages, want) {
			t.Errorf("the messages are %q, want %q", messages, want)
		}
		if sent := len(api.Requests()); sent != 4 {
			t.Errorf("%d requests were sent, want 4", sent)
		}
	})
}

func TestActionOfFinishedSessionsEndsAtOnce(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		arguments values
		message   string
		requests  int
	}{
		"no session":      {values{"session_ids": stringList()}, "No session to wait for: session_ids is empty", 0},
		"one":             {values{"session_ids": stringList("completed")}, "1 of 1 finished, 0 s", 1},
		"failed, allowed": {values{"session_ids": stringList("completed", "failed"), "allow_failed": boolValue(true)}, "2 of 2 finished, 1 failed, 0 s", 2},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := scriptixtest.NewServer(t)
			api.Add(scriptixtest.Session{SessionID: "completed"}, scriptixtest.Session{SessionID: "failed", Error: "Processing timeout"})
			var messages []string
			diagnostics := newActions(t.Context(), t, api).invoke(t.Context(), test.arguments, func(message string) {
				messages = append(messages, regexp.MustCompile(`\d+ s$`).ReplaceAllString(message, "0 s"))
			})
			if len(diagnostics) > 0 || !slices.Equal(messages, []string{test.message}) {
				t.Errorf("the messages are %q, and %s", messages, texts(diagnostics))
			}
			if sent := len(api.Requests()); sent != test.requests {
				t.Errorf("%d requests were sent, want %d", sent, test.requests)
			}
		})
	}
}

func TestActionEndsWithWhatWentWrong(t *testing.T) {
	tests := map[string]struct {
		arguments values
		words     []string
	}{
		"failed": {
			values{"session_ids": stringList("failed", "slow"), "timeouts": limit("30s")},
			[]string{"ERROR: Session Failed", `Session "failed"`, `"Processing timeout"`, "1 other session had not finished"},
		},
		"timed out": {
			values{"session_ids": stringList("slow"), "timeouts": limit("4s")},
			[]string{"ERROR: Session Still Processing", `Session "slow" has not finished: its status is still processing. The wait reached its timeout of 4s`, "timeouts.invoke"},
		},
		"missing": {
			values{"session_ids": stringList("slow", "missing", "gone")},
			[]string{"ERROR: Session Not Found", `session "missing"`, `session "gone"`},
		},
		"unrecognised": {
			values{"session_ids": stringList("odd")}, []string{"WARNING: Unrecognised Session Status", `"done"`},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				api := newPipeAPI(t)
				api.Add(
					scriptixtest.Session{SessionID: "failed", Error: "Processing timeout"},
					scriptixtest.Session{SessionID: "slow", Processing: forever},
					scriptixtest.Session{SessionID: "odd", FinalStatus: "done"},
				)
				diagnostics := newActions(t.Context(), t, api).invoke(t.Context(), test.arguments, func(string) {})
				contains(t, texts(diagnostics), test.words...)
			})
		})
	}
}

func TestActionEndsWhenInterrupted(t *testing.T) {
	t.Parallel()
	api := scriptixtest.NewServer(t)
	api.Add(scriptixtest.Session{SessionID: "slow", Processing: forever})
	interrupted, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	// The first message comes right before the wait.
	arguments := values{"session_ids": stringList("slow"), "timeouts": limit("30s")}
	diagnostics := newActions(interrupted, t, api).invoke(t.Context(), arguments, func(string) { interrupt() })
	contains(t, texts(diagnostics), "ERROR: Cancelled", `Session "slow" has not finished: its status is still processing. The wait was interrupted after`)
	if sent := len(api.Requests()); sent != 1 {
		t.Errorf("%d requests were sent, want 1", sent)
	}
}

// Terraform validates an action without a provider that is configured, and nothing is sent for it.
func TestActionArgumentsAreRefusedBeforeAnythingIsSent(t *testing.T) {
	t.Parallel()
	api := scriptixtest.NewServer(t)
	t.Cleanup(func() {
		if sent := len(api.Requests()); sent > 0 {
			t.Errorf("%d requests were sent", sent)
		}
	})
	actions := newActions(t.Context(), t, api)
	unknown := tftypes.NewValue(tftypes.List{ElementType: tftypes.String}, tftypes.UnknownValue)
	tests := map[string]struct {
		arguments values
		words     []string // none: not refused
	}{
		"no session_ids":                  {values{}, []string{"session_ids", "Missing Configuration for Required Attribute"}},
		"null among them":                 {values{"session_ids": tftypes.NewValue(tftypes.List{ElementType: tftypes.String}, []tftypes.Value{tftypes.NewValue(tftypes.String, nil)})}, []string{"Null List Value"}},
		"a slash":                         {values{"session_ids": stringList("a", "b/c")}, []string{"Invalid Argument", `session_ids[1] must not contain a slash.`}},
		"an empty one":                    {values{"session_ids": stringList("")}, []string{`session_ids[0] must not be empty.`}},
		"poll_interval under 3 seconds":   {values{"session_ids": stringList("a"), "poll_interval": stringValue("2s")}, []string{`poll_interval must be at least "3s"`}},
		"poll_interval that is none":      {values{"session_ids": stringList("a"), "poll_interval": stringValue("often")}, []string{`poll_interval must be a number with a unit`}},
		"poll_interval above the timeout": {values{"session_ids": stringList("a"), "poll_interval": stringValue("1m"), "timeouts": limit("1m")}, []string{`poll_interval must be shorter than timeouts.invoke, which is 1m`}},
		"poll_interval above the default": {values{"session_ids": stringList("a"), "poll_interval": stringValue("2h")}, []string{`must be shorter than timeouts.invoke, which is 1h15m`}},
		"timeout of zero":                 {values{"session_ids": stringList("a"), "timeouts": limit("0s")}, []string{`timeouts.invoke must be more than zero`}},
		"timeout that is none":            {values{"session_ids": stringList("a"), "timeouts": limit("long")}, []string{`timeouts.invoke must be a number with a unit`}},
		"not known yet":                   {values{"session_ids": unknown, "poll_interval": tftypes.NewValue(tftypes.String, tftypes.UnknownValue), "timeouts": tftypes.NewValue(limitType, tftypes.UnknownValue)}, nil},
		"at the limits":                   {values{"session_ids": stringList("..."), "poll_interval": stringValue("3s"), "timeouts": limit("3001ms"), "allow_failed": boolValue(true)}, nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			response, err := actions.ValidateActionConfig(t.Context(), &tfprotov6.ValidateActionConfigRequest{ActionType: waitAction, Config: actions.config(test.arguments)})
			if err != nil {
				t.Fatal(err)
			}
			if test.words == nil && len(response.Diagnostics) > 0 {
				t.Error(texts(response.Diagnostics))
			}
			said := texts(response.Diagnostics)
			for _, diagnostic := range response.Diagnostics {
				said += diagnostic.Attribute.String()
			}
			contains(t, strings.ReplaceAll(said, "\n", " "), test.words...)
		})
	}
}

// The list shows how many have finished, at the start and in the end.
func TestActionOfManySessionsReportsWhatTheListShows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := newPipeAPI(t)
		api.Add(
			scriptixtest.Session{SessionID: "a"}, scriptixtest.Session{SessionID: "b"}, scriptixtest.Session{SessionID: "c"},
			scriptixtest.Session{SessionID: "d", Processing: 2 * time.Second},
		)
		var messages []string
		arguments := values{"session_ids": stringList("a", "b", "c", "d")}
		diagnostics := newActions(t.Context(), t, api).invoke(t.Context(), arguments, func(message string) { messages = append(messages, message) })
		if want := []string{"3 of 4 finished, 1 processing, 0 s", "4 of 4 finished, 3 s"}; len(diagnostics) > 0 || !slices.Equal(messages, want) {
			t.Errorf("the messages are %q, want %q, and %s", messages, want, texts(diagnostics))
		}
	})
}
