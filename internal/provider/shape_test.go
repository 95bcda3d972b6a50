package provider

import (
	"fmt"
	"maps"
	"math/big"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	datasourceschema "github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
)

// fullSession has a value in every field, and no value twice.
func fullSession() scriptix.Session {
	return scriptix.Session{
		ID: new(int64(1)), SessionID: "session_id", Status: "status", Filename: new("filename"), Duration: new(2.5),
		Language: new("language"), MediaType: new("media_type"), MediaURL: new("media_url"), Error: new("error"),
		CreatedAt: new("created_at"), StartedAt: new("started_at"), FinishedAt: new("finished_at"),
		Document:    &scriptix.Document{ID: new("3"), Name: new("name"), Type: new("type")},
		SessionMode: new("session_mode"), CustomModelID: new(int64(4)),
	}
}

// emptySession has what the API never leaves out, and nothing else.
func emptySession() scriptix.Session {
	return scriptix.Session{SessionID: "session_id", Status: "status"}
}

var fullValues = map[string]any{
	"id": "1", "session_id": "session_id", "status": "status", "filename": "filename", "duration": "2.5",
	"language": "language", "media_type": "media_type", "media_url": "media_url", "error": "error",
	"created_at": "created_at", "started_at": "started_at", "finished_at": "finished_at",
	"document":     map[string]any{"id": "3", "name": "name", "type": "type"},
	"session_mode": "session_mode", "custom_model_id": "4",
}

// plain is a value without Terraform's types; numbers are texts.
func plain(t *testing.T, value tftypes.Value) any {
	t.Helper()
	switch {
	case value.IsNull():
		return nil
	case value.Type().Is(tftypes.String):
		var text string
		check(t, value.As(&text))
		return text
	case value.Type().Is(tftypes.Number):
		var number *big.Float
		check(t, value.As(&number))
		return number.Text('g', -1)
	case value.Type().Is(tftypes.List{}):
		elements := []tftypes.Value{}
		check(t, value.As(&elements))
		plains := []any{}
		for _, element := range elements {
			plains = append(plains, plain(t, element))
		}
		return plains
	}
	attributes := map[string]tftypes.Value{}
	check(t, value.As(&attributes))
	plains := map[string]any{}
	for name, attribute := range attributes {
		plains[name] = plain(t, attribute)
	}
	return plains
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func without(values map[string]any, names ...string) map[string]any {
	kept := maps.Clone(values)
	for _, name := range names {
		delete(kept, name)
	}
	return kept
}

// nothing is the values of a session with nothing but its two required fields.
func nothing() map[string]any {
	values := map[string]any{}
	for name := range fullValues {
		values[name] = nil
	}
	values["session_id"], values["status"] = "session_id", "status"
	return values
}

func TestShapeTakesEveryValueFromItsField(t *testing.T) {
	full, empty := fullSession(), emptySession()
	partial := emptySession()
	partial.Document = &scriptix.Document{}
	partialValues := nothing()
	partialValues["document"] = map[string]any{"id": nil, "name": nil, "type": nil}
	tests := map[string]struct {
		value tftypes.Value
		want  any
	}{
		"full":              {sessionShape.object(&full), fullValues},
		"empty":             {sessionShape.object(&empty), nothing()},
		"empty document":    {sessionShape.object(&partial), partialValues},
		"none":              {sessionShape.object(nil), nil},
		"listed, full":      {listedSessionShape.object(&full), without(fullValues, "media_url")},
		"listed, empty":     {listedSessionShape.object(&empty), without(nothing(), "media_url")},
		"list":              {listOf(t, full, empty), []any{without(fullValues, "media_url"), without(nothing(), "media_url")}},
		"list without any":  {listOf(t), []any{}},
		"document":          {documentShape.object(full.Document), fullValues["document"]},
		"document, missing": {documentShape.object(nil), nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, plain(t, test.value)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// A field that the client learns must not be forgotten here.
func TestShapeHasEveryFieldOfTheClient(t *testing.T) {
	tests := map[string]struct {
		fields  reflect.Type
		shape   map[string]schema.Attribute
		lacking []string
	}{
		"session":        {reflect.TypeFor[scriptix.Session](), sessionShape.attributes(), nil},
		"listed session": {reflect.TypeFor[scriptix.Session](), listedSessionShape.attributes(), []string{"media_url"}},
		"document":       {reflect.TypeFor[scriptix.Document](), documentShape.attributes(), nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			want := []string{}
			for field := range test.fields.Fields() {
				name := attributeName(field.Name)
				if field.IsExported() && !slices.Contains(ownFields, name) && !slices.Contains(test.lacking, name) {
					want = append(want, name)
				}
			}
			slices.Sort(want)
			if diff := cmp.Diff(want, slices.Sorted(maps.Keys(test.shape))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// ownFields are those that the client adds to what the API says.
var ownFields = []string{"unexpected_fields"}

var wordStart = regexp.MustCompile(`([a-z])([A-Z])`)

// attributeName is a field of the client as the API and Terraform write it: "custom_model_id" for "CustomModelID".
func attributeName(field string) string {
	return strings.ToLower(wordStart.ReplaceAllString(field, "${1}_$2"))
}

// with must not change the shape that it adds to: the list and the single session share one.
func TestShapeWithAnotherFieldIsANewOne(t *testing.T) {
	if _, found := listedSessionShape.attributes()["media_url"]; found {
		t.Error("the listed session has a media_url")
	}
	if _, found := sessionShape.attributes()["media_url"]; !found {
		t.Error("the session has no media_url")
	}
}

func schemas(t testing.TB) map[string]datasourceschema.Schema {
	t.Helper()
	schemas := map[string]datasourceschema.Schema{}
	for _, newDataSource := range new(scriptixProvider).DataSources(t.Context()) {
		dataSource := newDataSource()
		var metadata datasource.MetadataResponse
		dataSource.Metadata(t.Context(), datasource.MetadataRequest{ProviderTypeName: "scriptix"}, &metadata)
		var response datasource.SchemaResponse
		dataSource.Schema(t.Context(), datasource.SchemaRequest{}, &response)
		schemas[metadata.TypeName] = response.Schema
	}
	return schemas
}

// configOf is a configuration of a data source: these arguments, and null for all others.
func configOf(t testing.TB, dataSource string, arguments values) tfsdk.Config {
	t.Helper()
	configured := schemas(t)[dataSource]
	schemaType := configured.Type().TerraformType(t.Context()).(tftypes.Object)
	all := map[string]tftypes.Value{}
	for attribute, attributeType := range schemaType.AttributeTypes {
		all[attribute] = tftypes.NewValue(attributeType, nil)
	}
	maps.Copy(all, arguments)
	return tfsdk.Config{Schema: configured, Raw: tftypes.NewValue(schemaType, all)}
}

// listOf is the list of sessions that Terraform decodes.
func listOf(t testing.TB, sessions ...scriptix.Session) tftypes.Value {
	t.Helper()
	encoded, err := listedSessionShape.encodedList(sessions)
	if err != nil {
		t.Fatal(err)
	}
	return DecodedSessions(t, tfprotov6.DynamicValue{MsgPack: encoded})
}

// The values are made beside the framework, so that nothing but this holds them against the schema.
func TestStateAgreesWithTheSchema(t *testing.T) {
	full, empty := fullSession(), emptySession()
	tests := map[string]struct {
		dataSource string
		computed   map[string]tftypes.Value
	}{
		"full session":  {"scriptix_session", sessionShape.values(&full)},
		"empty session": {"scriptix_session", sessionShape.values(&empty)},
		"sessions": {"scriptix_sessions", map[string]tftypes.Value{
			"total_results": tftypes.NewValue(tftypes.Number, int64(2)),
			"sessions":      listOf(t, full, empty),
		}},
		"no sessions": {"scriptix_sessions", map[string]tftypes.Value{
			"total_results": tftypes.NewValue(tftypes.Number, int64(0)),
			"sessions":      listOf(t),
		}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			config := configOf(t, test.dataSource, values{"allow_failed": boolValue(true)})
			value := stateOf(config.Raw, test.computed)
			if want := config.Schema.Type().TerraformType(t.Context()); !value.Type().Equal(want) {
				t.Errorf("the value is a %s, the schema wants a %s", value.Type(), want)
			}
			state := tfsdk.State{Schema: config.Schema}
			if diagnostics := state.Set(t.Context(), value); diagnostics.HasError() {
				t.Fatalf("the state is not accepted: %v", diagnostics)
			}
			if !state.Raw.Equal(value) {
				t.Errorf("the state has become %s", state.Raw)
			}
			got := objectValues(state.Raw)
			if !got["allow_failed"].Equal(boolValue(true)) {
				t.Errorf("the configuration's allow_failed has become %s", got["allow_failed"])
			}
			for attribute, want := range test.computed {
				if !got[attribute].Equal(want) {
					t.Errorf("%s is %s, want %s", attribute, got[attribute], want)
				}
			}
		})
	}
}

func TestObjectValuesOfWhatIsNoObjectAreNone(t *testing.T) {
	object := tftypes.Object{AttributeTypes: map[string]tftypes.Type{"a": tftypes.String}}
	for name, value := range map[string]tftypes.Value{
		"null":    tftypes.NewValue(object, nil),
		"unknown": tftypes.NewValue(object, tftypes.UnknownValue),
	} {
		if got := objectValues(value); len(got) > 0 {
			t.Errorf("%s: got %v", name, got)
		}
	}
}

// block is what all kinds of block have in common: data sources, resources, ephemeral resources and actions.
type block struct {
	attributes  map[string]schema.Attribute
	description string
	problems    diag.Diagnostics
}

// blocks are all blocks that configurations can have, but the provider's own, by kind and name.
func blocks(t testing.TB) map[string]block {
	t.Helper()
	ctx := t.Context()
	blocks := map[string]block{}
	for name, dataSource := range schemas(t) {
		blocks["data "+name] = block{asResource(dataSource.Attributes), dataSource.MarkdownDescription, dataSource.ValidateImplementation(ctx)}
	}
	for _, newResource := range new(scriptixProvider).Resources(ctx) {
		var metadata resource.MetadataResponse
		newResource().Metadata(ctx, resource.MetadataRequest{ProviderTypeName: "scriptix"}, &metadata)
		var response resource.SchemaResponse
		newResource().Schema(ctx, resource.SchemaRequest{}, &response)
		blocks["resource "+metadata.TypeName] = block{response.Schema.Attributes, response.Schema.MarkdownDescription, response.Schema.ValidateImplementation(ctx)}
	}
	for _, newEphemeral := range new(scriptixProvider).EphemeralResources(ctx) {
		var metadata ephemeral.MetadataResponse
		newEphemeral().Metadata(ctx, ephemeral.MetadataRequest{ProviderTypeName: "scriptix"}, &metadata)
		var response ephemeral.SchemaResponse
		newEphemeral().Schema(ctx, ephemeral.SchemaRequest{}, &response)
		blocks["ephemeral "+metadata.TypeName] = block{asResource(response.Schema.Attributes), response.Schema.MarkdownDescription, response.Schema.ValidateImplementation(ctx)}
	}
	for _, newAction := range new(scriptixProvider).Actions(ctx) {
		var metadata action.MetadataResponse
		newAction().Metadata(ctx, action.MetadataRequest{ProviderTypeName: "scriptix"}, &metadata)
		var response action.SchemaResponse
		newAction().Schema(ctx, action.SchemaRequest{}, &response)
		blocks["action "+metadata.TypeName] = block{asResource(response.Schema.Attributes), response.Schema.MarkdownDescription, response.Schema.ValidateImplementation(ctx)}
	}
	return blocks
}

// asResource returns the attributes as those of a resource, which all of them are.
func asResource[From any](attributes map[string]From) map[string]schema.Attribute {
	result := map[string]schema.Attribute{}
	for name, attribute := range attributes {
		result[name] = any(attribute).(schema.Attribute)
	}
	return result
}

// A misspelled key of timeouts is null to the provider, whichever block has it.
func TestEveryBlockWarnsOfTimeoutsThatSetNone(t *testing.T) {
	t.Parallel()
	for name, block := range blocks(t) {
		timeouts, ok := block.attributes["timeouts"].(schema.SingleNestedAttribute)
		if !ok {
			t.Errorf("%s has no timeouts", name)
			continue
		}
		types, none := map[string]attr.Type{}, map[string]attr.Value{}
		for operation := range timeouts.Attributes {
			types[operation], none[operation] = basetypes.StringType{}, basetypes.NewStringNull()
		}
		var response validator.ObjectResponse
		for _, v := range timeouts.Validators {
			v.ValidateObject(t.Context(), validator.ObjectRequest{
				Path: path.Root("timeouts"), ConfigValue: basetypes.NewObjectValueMust(types, none),
			}, &response)
		}
		if response.Diagnostics.WarningsCount() != 1 {
			t.Fatalf("%s: %s", name, response.Diagnostics)
		}
		said := response.Diagnostics[0]
		same(t, name, said.Summary(), summaryNoTimeout)
		for operation := range timeouts.Attributes {
			contains(t, said.Detail(), "timeouts."+operation)
		}
	}
}

func TestSchemasAreValid(t *testing.T) {
	names := []string{}
	for name, block := range blocks(t) {
		names = append(names, name)
		if block.problems.HasError() {
			t.Errorf("%s: %v", name, block.problems)
		}
		if block.description == "" {
			t.Errorf("%s has no description", name)
		}
	}
	slices.Sort(names)
	want := []string{
		"action scriptix_wait_for_completion", "data scriptix_session", "data scriptix_sessions", "ephemeral scriptix_session",
		"resource scriptix_session_completion", "resource scriptix_session_completions",
	}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Error(diff)
	}
	var response provider.SchemaResponse
	new(scriptixProvider).Schema(t.Context(), provider.SchemaRequest{}, &response)
	if diagnostics := response.Schema.ValidateImplementation(t.Context()); diagnostics.HasError() {
		t.Errorf("provider: %v", diagnostics)
	}
	if response.Schema.MarkdownDescription == "" {
		t.Error("the provider has no description")
	}
	if !response.Schema.Attributes["api_token"].IsSensitive() {
		t.Error("api_token is not sensitive")
	}
	for name, attribute := range response.Schema.Attributes {
		described(t, name, attribute)
	}
}

// described fails the test unless an attribute tells what Markdown shows, and what happens when it is left out.
func described(t *testing.T, name string, attribute interface {
	GetMarkdownDescription() string
	IsOptional() bool
},
) {
	t.Helper()
	text := attribute.GetMarkdownDescription()
	if text == "" {
		t.Errorf("%s has no description", name)
	}
	// A group has no default of its own, and the token, the IDs, and triggers have none.
	hasNone := name == "api_token" || strings.HasSuffix(name, ".triggers") || name == "data scriptix_sessions.session_ids" || strings.HasSuffix(name, ".timeouts")
	if attribute.IsOptional() && !hasNone && !strings.Contains(text, "Defaults to ") {
		t.Errorf("%s does not tell its default: %s", name, text)
	}
}

func TestAttributesAreDescribed(t *testing.T) {
	found := 0
	for name, block := range blocks(t) {
		walk(name, block.attributes, false, func(name string, attribute schema.Attribute, _ bool) {
			found++
			described(t, name, attribute)
		})
	}
	if found < 80 {
		t.Errorf("only %d attributes were found: the walk misses some", found)
	}
}

// A session must look the same wherever it is shown: one that is read in a different way is still the same session.
func TestTheResourceHasTheFieldsOfTheDataSourceButTheAddressOfTheRecording(t *testing.T) {
	blocks := blocks(t)
	computed := func(name string) []string {
		names := []string{}
		for attribute, definition := range blocks[name].attributes {
			if definition.IsComputed() {
				names = append(names, attribute)
			}
		}
		slices.Sort(names)
		return names
	}
	want := computed("data scriptix_session")
	if diff := cmp.Diff(want, computed("ephemeral scriptix_session")); diff != "" {
		t.Errorf("the ephemeral resource: %s", diff)
	}
	want = slices.DeleteFunc(want, func(name string) bool { return name == "media_url" })
	if diff := cmp.Diff(want, computed("resource scriptix_session_completion")); diff != "" {
		t.Errorf("the resource: %s", diff)
	}
}

// One sensitive attribute inside a list of a thousand sessions makes a plan twenty times slower.
func TestNothingInAListIsSensitive(t *testing.T) {
	inList, sensitive := 0, []string{}
	for name, block := range blocks(t) {
		walk(name, block.attributes, false, func(name string, attribute schema.Attribute, listed bool) {
			if listed {
				inList++
			}
			if attribute.IsSensitive() {
				sensitive = append(sensitive, name)
			}
			if listed && (attribute.IsSensitive() || strings.HasSuffix(name, "media_url")) {
				t.Errorf("%s is sensitive and in a list", name)
			}
		})
	}
	if inList < 14 {
		t.Errorf("only %d attributes were found in lists: the walk misses some", inList)
	}
	if diff := cmp.Diff([]string{"data scriptix_session.media_url", "ephemeral scriptix_session.media_url"}, slices.Sorted(slices.Values(sensitive))); diff != "" {
		t.Errorf("the sensitive attributes are others: %s", diff)
	}
}

// walk visits all attributes, those in attributes too, and tells which are in a list, set or map.
func walk(prefix string, attributes map[string]schema.Attribute, listed bool, visit func(string, schema.Attribute, bool)) {
	for name, attribute := range attributes {
		name = prefix + "." + name
		visit(name, attribute, listed)
		switch attribute := attribute.(type) {
		case schema.SingleNestedAttribute:
			walk(name, attribute.Attributes, listed, visit)
		case schema.ListNestedAttribute:
			walk(name, attribute.NestedObject.Attributes, true, visit)
		case schema.SetNestedAttribute:
			walk(name, attribute.NestedObject.Attributes, true, visit)
		case schema.MapNestedAttribute:
			walk(name, attribute.NestedObject.Attributes, true, visit)
		case schema.StringAttribute, schema.Int64Attribute, schema.NumberAttribute, schema.Float64Attribute, schema.BoolAttribute, schema.ListAttribute, schema.SetAttribute, schema.MapAttribute:
		default:
			panic(fmt.Sprintf("%s: what is in a %T?", name, attribute))
		}
	}
}
