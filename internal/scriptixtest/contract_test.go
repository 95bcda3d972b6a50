package scriptixtest_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
)

func TestContractExamplesAreJSON(t *testing.T) {
	examples := map[string]struct {
		text    string
		members int
	}{
		"completed session": {scriptixtest.CompletedSessionJSON, 15},
		"failed session":    {scriptixtest.FailedSessionJSON, 5},
		"not found":         {scriptixtest.NotFoundJSON, 3},
	}
	for name, example := range examples {
		t.Run(name, func(t *testing.T) {
			equal(t, "members", len(decode[map[string]any](t, example.text)), example.members)
		})
	}
}

// The description indents the examples, and changes no other byte.
func TestOpenAPIHoldsTheExamplesByteForByte(t *testing.T) {
	examples := map[string]string{
		"completed_session": scriptixtest.CompletedSessionJSON,
		"failed_session":    scriptixtest.FailedSessionJSON,
		"not_found":         scriptixtest.NotFoundJSON,
	}
	for name, text := range examples {
		indented := "        " + strings.ReplaceAll(text, "\n", "\n        ")
		want := "\n    " + name + ":\n      value:\n" + indented + "\n"
		if !strings.Contains(scriptixtest.OpenAPI, want) {
			t.Errorf("the description does not hold this example:%s", want)
		}
	}
}

func TestErrorBodiesAreJSON(t *testing.T) {
	bodies := []string{
		scriptixtest.KeyRevokedBody, scriptixtest.RateLimitedBody, scriptixtest.DetailedErrorBody,
		scriptixtest.NestedErrorBody, scriptixtest.DescriptionErrorBody, scriptixtest.DetailErrorBody,
	}
	for _, body := range bodies {
		equal(t, body, json.Valid([]byte(body)), true)
	}
	equal(t, "proxy page", json.Valid([]byte(scriptixtest.ProxyPage)), false)
}
