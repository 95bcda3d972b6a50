package main

import (
	"strings"
	"testing"

	"github.com/scriptix/terraform-provider-scriptix/internal/tools/mirror"
)

func TestForTfplugindocsMovesTheSchema(t *testing.T) {
	t.Parallel()
	got, err := forTfplugindocs([]byte(`{"format_version": "1.0", "provider_schemas": {"` + mirror.Address + `": {"provider": {}}}}`))
	want := `{"format_version":"1.0","provider_schemas":{"scriptix":{"provider":{}}}}`
	if err != nil || string(got) != want {
		t.Errorf("got %s, %v, want %s", got, err, want)
	}
}

func TestForTfplugindocsFails(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ text, want string }{
		"no JSON":          {"Initializing...", "reading the schema"},
		"another provider": {`{"provider_schemas": {"registry.terraform.io/hashicorp/null": {}}}`, mirror.Address},
	} {
		if _, err := forTfplugindocs([]byte(test.text)); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want %q", name, err, test.want)
		}
	}
}
