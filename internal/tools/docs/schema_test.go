package main

import (
	"maps"
	"slices"
	"testing"

	"github.com/hashicorp/terraform-json"
)

// Whatever CLI is there, the pages are those of everything that the provider has.
func TestSchemaHasEveryKindOfBlock(t *testing.T) {
	t.Parallel()
	text, err := schema(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var schemas tfjson.ProviderSchemas
	if err := schemas.UnmarshalJSON(text); err != nil {
		t.Fatal(err)
	}
	provider := schemas.Schemas[providerName]
	for kind, test := range map[string]struct{ got, want []string }{
		"data sources":        {slices.Sorted(maps.Keys(provider.DataSourceSchemas)), []string{"scriptix_session", "scriptix_sessions"}},
		"resources":           {slices.Sorted(maps.Keys(provider.ResourceSchemas)), []string{"scriptix_session_completion"}},
		"identities":          {slices.Sorted(maps.Keys(provider.ResourceIdentitySchemas)), []string{"scriptix_session_completion"}},
		"ephemeral resources": {slices.Sorted(maps.Keys(provider.EphemeralResourceSchemas)), []string{"scriptix_session"}},
		"list resources":      {slices.Sorted(maps.Keys(provider.ListResourceSchemas)), []string{"scriptix_session_completion"}},
		"actions":             {slices.Sorted(maps.Keys(provider.ActionSchemas)), []string{"scriptix_wait_for_completion"}},
	} {
		if !slices.Equal(test.got, test.want) {
			t.Errorf("%s: got %q, want %q", kind, test.got, test.want)
		}
	}
}

func TestSchemaTellsWhatPagesShow(t *testing.T) {
	t.Parallel()
	text, err := schema(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var schemas tfjson.ProviderSchemas
	if err := schemas.UnmarshalJSON(text); err != nil {
		t.Fatal(err)
	}
	provider := schemas.Schemas[providerName]
	token := provider.ConfigSchema.Block.Attributes["api_token"]
	if !token.Optional || !token.Sensitive || token.AttributeType.FriendlyName() != "string" || token.DescriptionKind != "markdown" {
		t.Errorf("api_token is %+v", token)
	}
	sessions := provider.DataSourceSchemas["scriptix_sessions"].Block.Attributes["sessions"]
	if !sessions.Computed || sessions.AttributeNestedType.NestingMode != "list" {
		t.Errorf("sessions is %+v", sessions)
	}
	document := sessions.AttributeNestedType.Attributes["document"]
	if document.AttributeNestedType.NestingMode != "single" || document.AttributeNestedType.Attributes["id"].AttributeType.FriendlyName() != "string" {
		t.Errorf("document is %+v", document)
	}
	triggers := provider.ResourceSchemas["scriptix_session_completion"].Block.Attributes["triggers"]
	if got := triggers.AttributeType.FriendlyName(); got != "map of string" {
		t.Errorf("triggers is a %s", got)
	}
	identity := provider.ResourceIdentitySchemas["scriptix_session_completion"].Attributes["session_id"]
	if !identity.RequiredForImport || identity.IdentityType.FriendlyName() != "string" {
		t.Errorf("the identity is %+v", identity)
	}
}
