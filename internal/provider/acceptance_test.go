package provider_test

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/scriptix/terraform-provider-scriptix/internal/provider"
	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
)

// apply runs the steps through real Terraform with the provider in this process, which polls fast.
func apply(t *testing.T, steps ...resource.TestStep) {
	t.Helper()
	defaultCLI(t)
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: map[string]func() (tfprotov6.ProviderServer, error){"scriptix": hasty},
		Steps:                    steps,
	})
}

// hasty makes the provider that polls fast.
func hasty() (tfprotov6.ProviderServer, error) { return provider.NewHastyServer(), nil }

// says matches a text that has all these words, in this order, wherever Terraform has broken the lines and
// whatever margin it has drawn beside them.
func says(phrases ...string) *regexp.Regexp {
	patterns := make([]string, len(phrases))
	for i, phrase := range phrases {
		words := strings.Fields(phrase)
		for j, word := range words {
			words[j] = regexp.QuoteMeta(word)
		}
		patterns[i] = strings.Join(words, `[\s│]+`)
	}
	return regexp.MustCompile(`(?s)` + strings.Join(patterns, `.*`))
}

// using is a configuration with a provider block for the server, with further arguments of the block.
func using(server *scriptixtest.Server, config string, arguments ...string) string {
	return providerBlock(append([]string{
		fmt.Sprintf("api_token = %q", scriptixtest.Token),
		fmt.Sprintf("base_url = %q", server.URL),
	}, arguments...)...) + config
}

func providerBlock(arguments ...string) string {
	return "provider \"scriptix\" {\n  " + strings.Join(arguments, "\n  ") + "\n}\n"
}

// session and sessions are data sources of the name "test" with these arguments.
func session(arguments ...string) string { return dataSource("scriptix_session", "test", arguments) }

func sessions(arguments ...string) string { return dataSource("scriptix_sessions", "test", arguments) }

func dataSource(kind, name string, arguments []string) string {
	return fmt.Sprintf("data %q %q {\n  %s\n}\n", kind, name, strings.Join(arguments, "\n  "))
}

const (
	theSession  = "data.scriptix_session.test"
	theSessions = "data.scriptix_sessions.test"
)

// has checks one attribute.
func has(address, attribute string, check knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(address, tfjsonpath.New(attribute), check)
}

// hasExactly checks every attribute there is, so that none can be added without a word here.
func hasExactly(address string, attributes map[string]knownvalue.Check) statecheck.StateCheck {
	return stateCheck(func(ctx context.Context, request statecheck.CheckStateRequest, response *statecheck.CheckStateResponse) {
		for attribute, check := range attributes {
			has(address, attribute, check).CheckState(ctx, request, response)
			if response.Error != nil {
				return
			}
		}
		for _, resource := range request.State.Values.RootModule.Resources {
			if resource.Address == address && len(resource.AttributeValues) != len(attributes) {
				response.Error = fmt.Errorf("%s has %d attributes, and %d are checked", address, len(resource.AttributeValues), len(attributes))
			}
		}
	})
}

// sent checks how many requests one plan and apply have cost. Terraform's test framework plans again after the
// checks.
func sent(server *scriptixtest.Server, want int) statecheck.StateCheck {
	return sentBetween(server, want, want)
}

// sentBetween is for blocks that share requests if Terraform reads them at the same time.
func sentBetween(server *scriptixtest.Server, least, most int) statecheck.StateCheck {
	return stateCheck(func(_ context.Context, _ statecheck.CheckStateRequest, response *statecheck.CheckStateResponse) {
		if got := len(server.Requests()); got < least || got > most {
			response.Error = fmt.Errorf("%d requests were sent, want %d to %d: %s", got, least, most, paths(server))
		}
	})
}

type stateCheck func(context.Context, statecheck.CheckStateRequest, *statecheck.CheckStateResponse)

func (c stateCheck) CheckState(ctx context.Context, request statecheck.CheckStateRequest, response *statecheck.CheckStateResponse) {
	c(ctx, request, response)
}

// ids checks which sessions a list has, in order.
func ids(want ...string) knownvalue.Check {
	elements := make([]knownvalue.Check, len(want))
	for i, id := range want {
		elements[i] = knownvalue.ObjectPartial(map[string]knownvalue.Check{"session_id": knownvalue.StringExact(id)})
	}
	return knownvalue.ListExact(elements)
}

// quotedList is a list of texts in Terraform's language.
func quotedList(texts ...string) string {
	quoted := make([]string, len(texts))
	for i, text := range texts {
		quoted[i] = fmt.Sprintf("%q", text)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

// paths is what the server was asked for, in order.
func paths(server *scriptixtest.Server) []string {
	var paths []string
	for _, request := range server.Requests() {
		paths = append(paths, request.Path+"?"+request.Query.Encode())
	}
	return paths
}

// nothingSent fails the test if the server was asked for anything.
func nothingSent(t *testing.T, server *scriptixtest.Server) {
	t.Helper()
	if got := paths(server); len(got) > 0 {
		t.Errorf("requests were sent: %q", got)
	}
}

// contractSession returns what to know of the completed session on the API's page, which has the contractID, and of the other
// attributes of a block.
func contractSession(others map[string]knownvalue.Check) map[string]knownvalue.Check {
	session := map[string]knownvalue.Check{
		"id":           knownvalue.Int64Exact(12345),
		"session_id":   knownvalue.StringExact(contractID),
		"status":       knownvalue.StringExact("completed"),
		"filename":     knownvalue.StringExact("meeting.mp3"),
		"duration":     knownvalue.Float64Exact(3600.5),
		"language":     knownvalue.StringExact("en"),
		"media_type":   knownvalue.StringExact("audio/mpeg"),
		"error":        knownvalue.Null(),
		"created_at":   knownvalue.StringExact("2025-01-15T10:00:00Z"),
		"started_at":   knownvalue.StringExact("2025-01-15T10:01:30Z"),
		"finished_at":  knownvalue.StringExact("2025-01-15T10:15:45Z"),
		"session_mode": knownvalue.StringExact("decode"),
		"document": knownvalue.ObjectExact(map[string]knownvalue.Check{
			"id":   knownvalue.StringExact("67890"),
			"name": knownvalue.StringExact("meeting.mp3 Transcript"),
			"type": knownvalue.StringExact("transcript"),
		}),
		"custom_model_id": knownvalue.Null(),
	}
	maps.Copy(session, others)
	return session
}
