package provider

import (
	"context"
	"maps"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
)

// sends are all operations that send requests, for a session if they are for one, each with what it says.
func sends(server *protocolServer, sessionID string) map[string]func(*testing.T) string {
	one, many := values{"session_id": stringValue(sessionID)}, values{"session_ids": stringList("first", "second", sessionID)}
	queries := queries{server}
	return map[string]func(*testing.T) string{
		"data source": func(*testing.T) string {
			_, diagnostics := server.read(context.Background(), server.request("scriptix_session", one))
			return texts(diagnostics)
		},
		"data source of many": func(*testing.T) string {
			_, diagnostics := server.read(context.Background(), server.request("scriptix_sessions", nil))
			return texts(diagnostics)
		},
		"data source by IDs": func(*testing.T) string {
			_, diagnostics := server.read(context.Background(), server.request("scriptix_sessions", many))
			return texts(diagnostics)
		},
		"ephemeral resource": func(t *testing.T) string {
			t.Helper()
			response, err := server.ProviderServer.(tfprotov6.EphemeralResourceServer).OpenEphemeralResource(t.Context(), &tfprotov6.OpenEphemeralResourceRequest{
				TypeName: "scriptix_session", Config: server.dynamic(server.schema.EphemeralResourceSchemas["scriptix_session"], one),
			})
			check(t, err)
			return texts(response.Diagnostics)
		},
		"action": func(t *testing.T) string {
			t.Helper()
			actions := actionsOf(server)
			return texts(actions.run(t.Context(), actions.config(many), func(string) {}))
		},
		"query": func(*testing.T) string {
			_, _, diagnostics := queries.list(queries.request(nil, 0, false))
			return texts(diagnostics)
		},
		"import": func(t *testing.T) string {
			t.Helper()
			response, err := server.ImportResourceState(t.Context(), &tfprotov6.ImportResourceStateRequest{TypeName: completionResource, ID: sessionID})
			check(t, err)
			return texts(response.Diagnostics)
		},
		"import of a batch": func(t *testing.T) string {
			t.Helper()
			response, err := server.ImportResourceState(t.Context(), &tfprotov6.ImportResourceStateRequest{
				TypeName: "scriptix_session_completions", ID: "first,second," + sessionID,
			})
			check(t, err)
			return texts(response.Diagnostics)
		},
		"creation": func(t *testing.T) string {
			t.Helper()
			config := server.dynamic(server.schema.ResourceSchemas[completionResource], one)
			response, err := server.ApplyResourceChange(t.Context(), &tfprotov6.ApplyResourceChangeRequest{
				TypeName: completionResource, PriorState: server.noCompletion(), PlannedState: config, Config: config,
			})
			check(t, err)
			return texts(response.Diagnostics)
		},
	}
}

// plans are the operations that announce requests of the apply.
func plans(server *protocolServer, sessionID string) map[string]func(*testing.T) string {
	return map[string]func(*testing.T) string{
		"plan of a creation": func(t *testing.T) string {
			t.Helper()
			config := server.dynamic(server.schema.ResourceSchemas[completionResource], values{"session_id": stringValue(sessionID)})
			response, err := server.PlanResourceChange(t.Context(), &tfprotov6.PlanResourceChangeRequest{
				TypeName: completionResource, PriorState: server.noCompletion(), ProposedNewState: config, Config: config,
			})
			check(t, err)
			return texts(response.Diagnostics)
		},
		"plan of an action": func(t *testing.T) string {
			t.Helper()
			return actionsOf(server).plan(t, values{"session_ids": stringList("test", sessionID)})
		},
	}
}

func TestEveryBlockThatSendsNeedsAToken(t *testing.T) {
	t.Setenv("SCRIPTIX_API_TOKEN", "")
	server, said := configured(t, nil)
	if said != "" {
		t.Fatalf("the provider block says %s", said)
	}
	operations := sends(server, "test")
	maps.Copy(operations, plans(server, "test"))
	for name, operation := range operations {
		t.Run(name, func(t *testing.T) {
			saysInOrder(t, operation(t), "ERROR: Missing API Token", "No API token is configured.",
				"Set the environment variable SCRIPTIX_API_TOKEN, or api_token in the provider block, to a batch token of your Scriptix account.")
		})
	}
}

// Terraform knows the argument when it applies, so a plan says nothing.
func TestEveryBlockThatSendsNeedsAKnownProviderBlock(t *testing.T) {
	t.Parallel()
	for argument, unknown := range map[string]tftypes.Value{
		"api_token": unknownText, "base_url": unknownText, "request_timeout": unknownText,
		"max_concurrent_requests": unknownNumber, "requests_per_minute": unknownNumber, "max_retries": unknownNumber,
	} {
		block := values{"api_token": stringValue("token")}
		block[argument] = unknown
		server, said := configured(t, block)
		if said != "" {
			t.Fatalf("unknown %s: the provider block says %s", argument, said)
		}
		for name, operation := range sends(server, "test") {
			t.Run(argument+"/"+name, func(t *testing.T) {
				t.Parallel()
				saysInOrder(t, operation(t), "ERROR: Unknown Provider Argument",
					"The value of "+argument+" in the provider block is not known yet. It depends on something that this run still has to create.",
					"terraform apply -target")
			})
		}
		for name, plan := range plans(server, "test") {
			if said := plan(t); said != "" {
				t.Errorf("unknown %s: the %s says %s", argument, name, said)
			}
		}
	}
}

// Two variables were swapped. The token must not become a part of an address, of a log, or of an error.
func TestNoBlockTakesTheTokenForASessionID(t *testing.T) {
	t.Parallel()
	for spelling, sessionID := range map[string]string{
		"alone": scriptixtest.Token, "in a text": "id-" + scriptixtest.Token + "-1", "escaped": strings.ReplaceAll(scriptixtest.Token, "-", "%2D"),
	} {
		api := scriptixtest.NewServer(t)
		server := newProtocolServer(t.Context(), t, api)
		operations := sends(server, sessionID)
		maps.Copy(operations, plans(server, sessionID))
		for _, namesNone := range []string{"data source of many", "query"} {
			delete(operations, namesNone)
		}
		for name, operation := range operations {
			t.Run(spelling+"/"+name, func(t *testing.T) {
				t.Parallel()
				said := operation(t)
				saysInOrder(t, said, "ERROR: Invalid Argument", "session_id", "must not contain the API token.")
				if strings.Contains(said, sessionID) {
					t.Errorf("the error repeats the token: %s", said)
				}
				sent(t, api, 0)
			})
		}
	}
}

// The environment does not stand in for an argument that Terraform will know, and what is known must be valid.
func TestUnknownArgumentsHideNoOther(t *testing.T) {
	t.Setenv("SCRIPTIX_API_TOKEN", "token-of-the-environment")
	server, said := configured(t, values{"api_token": unknownText})
	if said != "" {
		t.Fatal(said)
	}
	saysInOrder(t, sends(server, "test")["data source"](t), "Unknown Provider Argument", "api_token")

	_, said = configured(t, values{"api_token": unknownText, "base_url": stringValue("http://example.com")})
	saysInOrder(t, said, "ERROR: Invalid Argument", "base_url")

	t.Setenv("SCRIPTIX_API_TOKEN", "")
	server, _ = configured(t, values{"base_url": unknownText})
	saysInOrder(t, sends(server, "test")["data source"](t), "Missing API Token")
}

// Selecting no session sends nothing, so it needs nothing.
func TestEmptySelectionNeedsNoToken(t *testing.T) {
	t.Setenv("SCRIPTIX_API_TOKEN", "")
	server, _ := configured(t, nil)
	state, diagnostics := server.readSessions(values{"session_ids": stringList(), "wait_for_completion": boolValue(true)})
	has(t, state, diagnostics, "total_results", numberValue(0))
	none := values{"session_ids": stringList()}
	// invoke plans the action, too.
	if said := texts(actionsOf(server).invoke(t.Context(), none, func(string) {})); said != "" {
		t.Error(said)
	}
}
