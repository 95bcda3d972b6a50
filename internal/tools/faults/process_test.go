package faults

import (
	"context"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/scriptix/terraform-provider-scriptix/internal/provider"
)

// readInThisProcess asks the provider as Terraform does, but in this process, so that its goroutines can be counted.
func readInThisProcess(t *testing.T, o operation, url string) outcome {
	t.Helper()
	server := provider.NewServer(context.Background(), "test")()
	schemas, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	configured, err := server.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{
		Config: block(t, schemas.Provider, o.settings(url)),
	})
	if err != nil || len(configured.Diagnostics) > 0 {
		t.Fatalf("%v %v", err, configured)
	}
	schema := schemas.DataSourceSchemas[o.dataSource]
	response, err := server.ReadDataSource(t.Context(), &tfprotov6.ReadDataSourceRequest{
		TypeName: o.dataSource, Config: block(t, schema, o.allArguments()),
	})
	if err != nil {
		t.Fatal(err)
	}
	var got outcome
	for _, diagnostic := range response.Diagnostics {
		got.errors = append(got.errors, problem{diagnostic.Summary, diagnostic.Detail})
	}
	if len(got.errors) == 0 {
		got.sessions = sessionsIn(t, response.State, schema)
	}
	return got
}

// block is the configuration of a block: what is not set is null.
func block(t *testing.T, schema *tfprotov6.Schema, arguments map[string]any) *tfprotov6.DynamicValue {
	t.Helper()
	block, err := tfprotov6.NewDynamicValue(schema.ValueType(), value(t, schema.ValueType(), arguments))
	if err != nil {
		t.Fatal(err)
	}
	return &block
}

// value is an argument as Terraform hands it to providers.
func value(t *testing.T, kind tftypes.Type, argument any) tftypes.Value {
	t.Helper()
	object, ok := kind.(tftypes.Object)
	arguments, set := argument.(map[string]any)
	if !ok || !set {
		return tftypes.NewValue(kind, argument)
	}
	all := map[string]tftypes.Value{}
	for name, attribute := range object.AttributeTypes {
		all[name] = value(t, attribute, arguments[name])
	}
	return tftypes.NewValue(object, all)
}

// sessionsIn are the sessions of a state, be it one or a list of them.
func sessionsIn(t *testing.T, state *tfprotov6.DynamicValue, schema *tfprotov6.Schema) []string {
	t.Helper()
	data, err := state.Unmarshal(schema.ValueType())
	if err != nil {
		t.Fatal(err)
	}
	sessions := []tftypes.Value{data}
	if list, ok := attributes(t, data)["sessions"]; ok {
		if err := list.As(&sessions); err != nil {
			t.Fatal(err)
		}
	}
	var lines []string
	for _, session := range sessions {
		fields := attributes(t, session)
		lines = append(lines, text(t, fields["session_id"])+" "+text(t, fields["status"]))
	}
	return lines
}

func attributes(t *testing.T, object tftypes.Value) map[string]tftypes.Value {
	t.Helper()
	attributes := map[string]tftypes.Value{}
	if err := object.As(&attributes); err != nil {
		t.Fatal(err)
	}
	return attributes
}

func text(t *testing.T, value tftypes.Value) string {
	t.Helper()
	var text string
	if err := value.As(&text); err != nil {
		t.Fatal(err)
	}
	return text
}
