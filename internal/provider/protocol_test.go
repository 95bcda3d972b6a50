package provider

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
)

// protocolServer is the provider as Terraform sees it, without a Terraform: for what Terraform's test framework
// cannot show, such as warnings, and for benchmarks.
type protocolServer struct {
	tfprotov6.ProviderServer
	t      testing.TB
	schema *tfprotov6.GetProviderSchemaResponse
}

// values are the arguments that are set; the others are null.
type values map[string]tftypes.Value

// newProtocolServer configures a provider for the API, with further arguments of the provider block.
func newProtocolServer(interrupted context.Context, t testing.TB, api *scriptixtest.Server, block ...values) *protocolServer {
	t.Helper()
	server := NewServer(interrupted, "test")()
	schema, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	s := &protocolServer{ProviderServer: server, t: t, schema: schema}
	s.configure(api, block...)
	return s
}

// configure begins a run of Terraform.
func (s *protocolServer) configure(api *scriptixtest.Server, block ...values) {
	s.t.Helper()
	arguments := values{"api_token": stringValue(scriptixtest.Token), "base_url": stringValue(api.URL)}
	for _, more := range block {
		maps.Copy(arguments, more)
	}
	response, err := s.ConfigureProvider(s.t.Context(), &tfprotov6.ConfigureProviderRequest{
		TerraformVersion: "1.11.4", Config: s.dynamic(s.schema.Provider, arguments),
	})
	if err != nil || len(response.Diagnostics) > 0 {
		s.t.Fatalf("configuring the provider: %v, %s", err, texts(response.Diagnostics))
	}
}

// request asks to read a data source with these arguments.
func (s *protocolServer) request(dataSource string, arguments values) *tfprotov6.ReadDataSourceRequest {
	s.t.Helper()
	return &tfprotov6.ReadDataSourceRequest{
		TypeName: dataSource,
		Config:   s.dynamic(s.schema.DataSourceSchemas[dataSource], arguments),
	}
}

// read reads a data source and returns its attributes and diagnostics.
func (s *protocolServer) read(ctx context.Context, request *tfprotov6.ReadDataSourceRequest) (values, []*tfprotov6.Diagnostic) {
	s.t.Helper()
	response, err := s.ReadDataSource(ctx, request)
	if err != nil {
		s.t.Fatal(err)
	}
	state, err := response.State.Unmarshal(s.schema.DataSourceSchemas[request.TypeName].ValueType())
	if err != nil {
		s.t.Fatal(err)
	}
	return objectValues(state), response.Diagnostics
}

// dynamic is the configuration of a block.
func (s *protocolServer) dynamic(schema *tfprotov6.Schema, arguments values) *tfprotov6.DynamicValue {
	s.t.Helper()
	blockType := schema.ValueType().(tftypes.Object)
	all := make(values, len(blockType.AttributeTypes))
	for name, attributeType := range blockType.AttributeTypes {
		all[name] = tftypes.NewValue(attributeType, nil)
	}
	maps.Copy(all, arguments)
	dynamic, err := tfprotov6.NewDynamicValue(blockType, tftypes.NewValue(blockType, map[string]tftypes.Value(all)))
	if err != nil {
		s.t.Fatal(err)
	}
	return &dynamic
}

// texts are diagnostics as a person reads them, the severity first.
func texts(diagnostics []*tfprotov6.Diagnostic) string {
	noteSummaries(diagnostics)
	var texts []string
	for _, diagnostic := range diagnostics {
		texts = append(texts, fmt.Sprintf("%s: %s\n%s", diagnostic.Severity, diagnostic.Summary, diagnostic.Detail))
	}
	return strings.Join(texts, "\n")
}

// saysInOrder fails the test unless a text has all these phrases, in this order.
func saysInOrder(t *testing.T, text string, phrases ...string) {
	t.Helper()
	rest := text
	for _, phrase := range phrases {
		_, after, found := strings.Cut(rest, phrase)
		if !found {
			t.Errorf("%q is missing, or too early, in:\n%s", phrase, text)
			continue
		}
		rest = after
	}
}

// sent fails the test unless the API was sent so many requests.
func sent(t *testing.T, api *scriptixtest.Server, want int) {
	t.Helper()
	if got := len(api.Requests()); got != want {
		t.Errorf("%d requests were sent, want %d", got, want)
	}
}

// newPipeAPI starts an API that needs no network, and leads the provider to it until the test ends. In a bubble of
// testing/synctest time passes then only while everybody waits for it, so that a test of an hour takes milliseconds and
// finds every pause exactly as long as it should be. It changes what all clients share: no such test can run beside others.
func newPipeAPI(t *testing.T, options ...scriptixtest.Option) *scriptixtest.Server {
	t.Helper()
	original := http.DefaultTransport
	t.Cleanup(func() { http.DefaultTransport = original })
	api := scriptixtest.NewPipeServer(t, options...)
	http.DefaultTransport = api.Transport()
	return api
}

// contains fails the test unless the text has all these words.
func contains(t *testing.T, text string, words ...string) {
	t.Helper()
	for _, word := range words {
		if !strings.Contains(text, word) {
			t.Errorf("%q is missing in:\n%s", word, text)
		}
	}
}

func stringValue(text string) tftypes.Value { return tftypes.NewValue(tftypes.String, text) }

func numberValue(value int64) tftypes.Value { return tftypes.NewValue(tftypes.Number, value) }

func boolValue(value bool) tftypes.Value { return tftypes.NewValue(tftypes.Bool, value) }

func stringList(texts ...string) tftypes.Value {
	elements := make([]tftypes.Value, len(texts))
	for i, text := range texts {
		elements[i] = stringValue(text)
	}
	return tftypes.NewValue(tftypes.List{ElementType: tftypes.String}, elements)
}
