package scriptixtest_test

import (
	"encoding/json"
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
