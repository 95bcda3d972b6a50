package faults

import (
	"context"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/scriptix/terraform-provider-scriptix/internal/provider"
	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
)

// values are the arguments that are set; the others are null.
type values map[string]tftypes.Value

// providerServer is the provider as Terraform sees it, in this process, so that its goroutines can be counted.
type providerServer struct {
	tfprotov6.ProviderServer
	t      *testing.T
	schema *tfprotov6.GetProviderSchemaResponse
}

func newProvider(t *testing.T, url string) *providerServer {
	t.Helper()
	server, err := providerserver.NewProtocol6WithError(provider.New(context.Background(), "test")())()
	if err != nil {
		t.Fatal(err)
	}
	schema, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	s := &providerServer{server, t, schema}
	response, err := server.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{Config: s.block(schema.Provider, values{
		"api_token":       word(scriptixtest.Token),
		"base_url":        word(url),
		"request_timeout": word("2s"),
	})})
	if err != nil || len(response.Diagnostics) > 0 {
		t.Fatalf("%v %v", err, response)
	}
	return s
}

// read returns the attributes of a data source, or the errors.
func (s *providerServer) read(dataSource string, arguments values) (values, []*tfprotov6.Diagnostic) {
	s.t.Helper()
	schema := s.schema.DataSourceSchemas[dataSource]
	timeouts := schema.ValueType().(tftypes.Object).AttributeTypes["timeouts"]
	arguments["timeouts"] = tftypes.NewValue(timeouts, map[string]tftypes.Value{"read": word(timeout.String())})
	response, err := s.ReadDataSource(s.t.Context(), &tfprotov6.ReadDataSourceRequest{
		TypeName: dataSource, Config: s.block(schema, arguments),
	})
	if err != nil {
		s.t.Fatal(err)
	}
	state, err := response.State.Unmarshal(schema.ValueType())
	if err != nil {
		s.t.Fatal(err)
	}
	attributes := values{}
	if err := state.As((*map[string]tftypes.Value)(&attributes)); err != nil {
		s.t.Fatal(err)
	}
	return attributes, response.Diagnostics
}

// block is the configuration of a block.
func (s *providerServer) block(schema *tfprotov6.Schema, arguments values) *tfprotov6.DynamicValue {
	s.t.Helper()
	object := schema.ValueType().(tftypes.Object)
	all := map[string]tftypes.Value{}
	for name, attribute := range object.AttributeTypes {
		all[name] = tftypes.NewValue(attribute, nil)
		if set, ok := arguments[name]; ok {
			all[name] = set
		}
	}
	block, err := tfprotov6.NewDynamicValue(object, tftypes.NewValue(object, all))
	if err != nil {
		s.t.Fatal(err)
	}
	return &block
}

func word(text string) tftypes.Value { return tftypes.NewValue(tftypes.String, text) }
