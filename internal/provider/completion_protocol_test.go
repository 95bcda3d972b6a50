package provider

import (
	"fmt"
	"maps"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
)

// planCompletion plans a completion with these arguments. Where a state is there, the plan proposes what it holds.
func (s *protocolServer) planCompletion(prior, arguments values) (values, *tfprotov6.PlanResourceChangeResponse) {
	s.t.Helper()
	schema := s.schema.ResourceSchemas[completionResource]
	state := s.noCompletion()
	proposed := maps.Clone(prior)
	if prior == nil {
		proposed = values{}
	} else {
		state = s.dynamic(schema, prior)
		for _, argument := range []string{"allow_failed", "poll_interval", "timeouts", "triggers"} {
			delete(proposed, argument)
		}
	}
	maps.Copy(proposed, arguments)
	response, err := s.PlanResourceChange(s.t.Context(), &tfprotov6.PlanResourceChangeRequest{
		TypeName: completionResource, PriorState: state, ProposedNewState: s.dynamic(schema, proposed), Config: s.dynamic(schema, arguments),
	})
	if err != nil || len(response.Diagnostics) > 0 {
		s.t.Fatalf("%v, %s", err, texts(response.Diagnostics))
	}
	return s.completion(response.PlannedState), response
}

// createCompletion plans a completion and creates it.
func (s *protocolServer) createCompletion(arguments values) (values, []*tfprotov6.Diagnostic) {
	s.t.Helper()
	_, plan := s.planCompletion(nil, arguments)
	response, err := s.ApplyResourceChange(s.t.Context(), &tfprotov6.ApplyResourceChangeRequest{
		TypeName: completionResource, PriorState: s.noCompletion(), PlannedState: plan.PlannedState,
		Config:          s.dynamic(s.schema.ResourceSchemas[completionResource], arguments),
		PlannedIdentity: plan.PlannedIdentity, PlannedPrivate: plan.PlannedPrivate,
	})
	if err != nil {
		s.t.Error(err)
		return nil, nil
	}
	return s.completion(response.NewState), response.Diagnostics
}

// refreshCompletion refreshes a completion.
func (s *protocolServer) refreshCompletion(state values) (values, []*tfprotov6.Diagnostic) {
	s.t.Helper()
	response, err := s.ReadResource(s.t.Context(), &tfprotov6.ReadResourceRequest{
		TypeName: completionResource, CurrentState: s.dynamic(s.schema.ResourceSchemas[completionResource], state),
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return s.completion(response.NewState), response.Diagnostics
}

// completion returns the attributes of a completion.
func (s *protocolServer) completion(state *tfprotov6.DynamicValue) values {
	s.t.Helper()
	value, err := state.Unmarshal(s.schema.ResourceSchemas[completionResource].ValueType())
	if err != nil {
		s.t.Error(err)
	}
	return objectValues(value)
}

// noCompletion is the state before a completion is created.
func (s *protocolServer) noCompletion() *tfprotov6.DynamicValue {
	s.t.Helper()
	blockType := s.schema.ResourceSchemas[completionResource].ValueType()
	none, err := tfprotov6.NewDynamicValue(blockType, tftypes.NewValue(blockType, nil))
	if err != nil {
		s.t.Fatal(err)
	}
	return &none
}

// textMap is a map of strings, as triggers are.
func textMap(key, text string) tftypes.Value {
	return tftypes.NewValue(tftypes.Map{ElementType: tftypes.String}, map[string]tftypes.Value{key: stringValue(text)})
}

// Another session or trigger means another wait. The arguments of the wait are for the next one, and change nothing else.
func TestPlanOfACompletionReplacesItOrKeepsWhatItKnows(t *testing.T) {
	t.Parallel()
	api := scriptixtest.NewServer(t)
	api.Add(scriptixtest.Session{SessionID: "test"})
	server := newProtocolServer(t.Context(), t, api)
	plain := values{"session_id": stringValue("test")}
	triggered := values{"session_id": stringValue("test"), "triggers": textMap("revision", "1")}
	tests := map[string]struct {
		before, after values
		replacedBy    string // the argument that causes it; "": the completion stays
	}{
		"another session":         {plain, values{"session_id": stringValue("other")}, "session_id"},
		"a trigger is added":      {plain, triggered, "triggers"},
		"a trigger changes":       {triggered, values{"session_id": stringValue("test"), "triggers": textMap("revision", "2")}, "triggers"},
		"a trigger is removed":    {triggered, plain, "triggers"},
		"nothing changes":         {triggered, triggered, ""},
		"allow_failed changes":    {plain, values{"session_id": stringValue("test"), "allow_failed": boolValue(true)}, ""},
		"poll_interval changes":   {plain, values{"session_id": stringValue("test"), "poll_interval": stringValue("1m")}, ""},
		"timeouts.create changes": {plain, values{"session_id": stringValue("test"), "timeouts": objectOfTexts(values{"create": stringValue("2m")})}, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			prior, diagnostics := server.createCompletion(test.before)
			if len(diagnostics) > 0 {
				t.Fatal(texts(diagnostics))
			}
			planned, response := server.planCompletion(prior, test.after)
			var replacedBy []string
			for _, path := range response.RequiresReplace {
				replacedBy = append(replacedBy, path.String())
			}
			if test.replacedBy == "" {
				if len(replacedBy) > 0 || !planned["status"].Equal(prior["status"]) || !planned["document"].Equal(prior["document"]) {
					t.Errorf("replaced by %q, with the status %s and the document %s", replacedBy, planned["status"], planned["document"])
				}
				return
			}
			if got := strings.Join(replacedBy, " "); got != `AttributeName("`+test.replacedBy+`")` {
				t.Errorf("replaced by %q, want %s", got, test.replacedBy)
			}
		})
	}
}

func TestCompletionThatCannotBeReadNamesItsOwnTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := newPipeAPI(t)
		api.Inject(scriptixtest.Fault{Hang: true})
		_, diagnostics := newProtocolServer(t.Context(), t, api).createCompletion(values{
			"session_id": stringValue("test"), "timeouts": objectOfTexts(values{"create": stringValue("200ms")}),
		})
		saysInOrder(t, texts(diagnostics), "ERROR: Reading Timed Out", "within the timeout of 200ms.", "raise timeouts.create")
	})
}

// Thirty waits, each for itself, would send thirty requests each time they poll.
func TestCompletionsShareTheirPolling(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := newPipeAPI(t)
		const number = 30
		for i := range number {
			api.Add(scriptixtest.Session{SessionID: fmt.Sprintf("session-%d", i), Processing: 8 * time.Minute})
		}
		server := newProtocolServer(t.Context(), t, api)
		start := time.Now()
		var creations sync.WaitGroup
		for i := range number {
			creations.Go(func() {
				state, diagnostics := server.createCompletion(values{"session_id": stringValue(fmt.Sprintf("session-%d", i))})
				has(t, state, diagnostics, "status", stringValue("completed"))
			})
		}
		creations.Wait()
		first, gets, pages := 0, 0, 0
		for _, request := range api.Requests() {
			switch {
			case request.Time.Equal(start):
				first++
			case request.Query.Has("limit"):
				pages++
			default:
				gets++
			}
		}
		// Which of the first reads share a page depends on the order in which they come.
		if first > number {
			t.Errorf("%d requests read the sessions at first, want at most one for each of %d", first, number)
		}
		const polls = 60/3 + 240/5 + 180/10 // of the schedule in eight minutes
		if pages == 0 || pages > polls {
			t.Errorf("%d pages of the list were read, want at most one for each poll of %d", pages, polls)
		}
		if gets > 8 {
			t.Errorf("%d sessions were read by themselves, want at most one a minute, which verifies the list", gets)
		}
	})
}

// A session in the state that has not finished is read. What goes wrong then is an error, and the state stays.
func TestRefreshOfAnUnfinishedCompletionMayFail(t *testing.T) {
	t.Parallel()
	api := scriptixtest.NewServer(t)
	server := newProtocolServer(t.Context(), t, api)
	for name, test := range map[string]struct {
		state values
		words []string
	}{
		"deleted":    {values{"session_id": stringValue("missing"), "status": stringValue("processing")}, []string{"ERROR: Session Not Found"}},
		"without ID": {values{}, []string{"ERROR: Invalid Argument", `session_id in the state of the completion must not be null or empty.`}},
	} {
		kept, diagnostics := server.refreshCompletion(test.state)
		saysInOrder(t, name+": "+texts(diagnostics), test.words...)
		if status, want := kept["status"], test.state["status"]; want.Type() != nil && !status.Equal(want) {
			t.Errorf("%s: the status has become %s", name, status)
		}
	}
}

func TestDamagedStateOfAnEarlierVersionIsAnError(t *testing.T) {
	t.Parallel()
	server := newProtocolServer(t.Context(), t, scriptixtest.NewServer(t))
	response, err := server.UpgradeResourceState(t.Context(), &tfprotov6.UpgradeResourceStateRequest{
		TypeName: completionResource, Version: 0, RawState: &tfprotov6.RawState{JSON: []byte(`{"session_id": ["a"]}`)},
	})
	check(t, err)
	// No user causes it, so the guide on troubleshooting does not have it.
	if len(response.Diagnostics) != 1 || response.Diagnostics[0].Summary != "Unreadable State" {
		t.Errorf("got %v", response.Diagnostics)
	}
}
