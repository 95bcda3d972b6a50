// Command schema prints the provider's schema in the form of "terraform providers schema -json", for tfplugindocs. The
// schema comes from the provider itself: a Terraform CLI omits the kinds of blocks that are newer than the CLI.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"github.com/hashicorp/terraform-json"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/zclconf/go-cty/cty"

	"github.com/scriptix/terraform-provider-scriptix/internal/provider"
)

// providerName is the name under which tfplugindocs looks for the schema.
const providerName = "scriptix"

func main() {
	schema, err := schema(context.Background())
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Fprintf(os.Stdout, "%s\n", schema)
}

func schema(ctx context.Context) ([]byte, error) {
	server, err := providerserver.NewProtocol6WithError(provider.New(ctx, "docs")())()
	if err != nil {
		return nil, err
	}
	schemas, err := server.GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		return nil, err
	}
	identities, err := server.GetResourceIdentitySchemas(ctx, &tfprotov6.GetResourceIdentitySchemasRequest{})
	if err != nil {
		return nil, err
	}
	for _, diagnostic := range append(schemas.Diagnostics, identities.Diagnostics...) {
		return nil, fmt.Errorf("reading the schema: %s: %s", diagnostic.Summary, diagnostic.Detail)
	}
	described := &tfjson.ProviderSchema{
		ConfigSchema:             schemaOf(schemas.Provider),
		ResourceSchemas:          each(schemas.ResourceSchemas, schemaOf),
		DataSourceSchemas:        each(schemas.DataSourceSchemas, schemaOf),
		EphemeralResourceSchemas: each(schemas.EphemeralResourceSchemas, schemaOf),
		ActionSchemas: each(schemas.ActionSchemas, func(action *tfprotov6.ActionSchema) *tfjson.ActionSchema {
			return &tfjson.ActionSchema{Block: blockOf(action.Schema.Block)}
		}),
		ListResourceSchemas:     each(schemas.ListResourceSchemas, schemaOf),
		ResourceIdentitySchemas: each(identities.IdentitySchemas, identityOf),
	}
	return json.Marshal(tfjson.ProviderSchemas{
		FormatVersion: "1.0",
		Schemas:       map[string]*tfjson.ProviderSchema{providerName: described},
	})
}

func each[From, To any](all map[string]From, convert func(From) To) map[string]To {
	result := make(map[string]To, len(all))
	for name, one := range all {
		result[name] = convert(one)
	}
	return result
}

func schemaOf(schema *tfprotov6.Schema) *tfjson.Schema {
	return &tfjson.Schema{Version: uint64(max(schema.Version, 0)), Block: blockOf(schema.Block)}
}

// blockOf omits nested blocks, because the provider has none.
func blockOf(block *tfprotov6.SchemaBlock) *tfjson.SchemaBlock {
	return &tfjson.SchemaBlock{
		Attributes:      attributesOf(block.Attributes),
		Description:     block.Description,
		DescriptionKind: kindOf(block.DescriptionKind),
		Deprecated:      block.Deprecated,
	}
}

func attributesOf(attributes []*tfprotov6.SchemaAttribute) map[string]*tfjson.SchemaAttribute {
	result := make(map[string]*tfjson.SchemaAttribute, len(attributes))
	for _, attribute := range attributes {
		described := &tfjson.SchemaAttribute{
			Description:     attribute.Description,
			DescriptionKind: kindOf(attribute.DescriptionKind),
			Deprecated:      attribute.Deprecated,
			Required:        attribute.Required,
			Optional:        attribute.Optional,
			Computed:        attribute.Computed,
			Sensitive:       attribute.Sensitive,
			WriteOnly:       attribute.WriteOnly,
		}
		if nested := attribute.NestedType; nested != nil {
			described.AttributeNestedType = &tfjson.SchemaNestedAttributeType{
				Attributes:  attributesOf(nested.Attributes),
				NestingMode: tfjson.SchemaNestingMode(strings.ToLower(nested.Nesting.String())),
			}
		} else {
			described.AttributeType = typeOf(attribute.Type)
		}
		result[attribute.Name] = described
	}
	return result
}

func identityOf(identity *tfprotov6.ResourceIdentitySchema) *tfjson.IdentitySchema {
	attributes := make(map[string]*tfjson.IdentityAttribute, len(identity.IdentityAttributes))
	for _, attribute := range identity.IdentityAttributes {
		attributes[attribute.Name] = &tfjson.IdentityAttribute{
			IdentityType:      typeOf(attribute.Type),
			Description:       attribute.Description,
			RequiredForImport: attribute.RequiredForImport,
			OptionalForImport: attribute.OptionalForImport,
		}
	}
	return &tfjson.IdentitySchema{Version: uint64(max(identity.Version, 0)), Attributes: attributes}
}

func kindOf(kind tfprotov6.StringKind) tfjson.SchemaDescriptionKind {
	if kind == tfprotov6.StringKindMarkdown {
		return tfjson.SchemaDescriptionKindMarkdown
	}
	return tfjson.SchemaDescriptionKindPlain
}

// typeOf converts a type through JSON, because both libraries use the same JSON form.
func typeOf(attributeType tftypes.Type) cty.Type {
	var result cty.Type
	text, err := json.Marshal(attributeType)
	if err == nil {
		err = result.UnmarshalJSON(text)
	}
	if err != nil {
		panic(fmt.Sprintf("converting a type of the schema: %v", err))
	}
	return result
}
