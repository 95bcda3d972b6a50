package provider

import (
	"maps"

	actionschema "github.com/hashicorp/terraform-plugin-framework/action/schema"
	datasourceschema "github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	ephemeralschema "github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"
	listschema "github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

// sessionIDAttribute returns the argument that names a session.
func sessionIDAttribute() schema.StringAttribute {
	return schema.StringAttribute{
		MarkdownDescription: "ID of the session, as returned by the upload. Must not be empty or contain white space, control " +
			"characters, or slashes.",
		Required:   true,
		Validators: []validator.String{sessionIDValidator},
	}
}

// together returns all attributes in one map. Of several with the same name, the last one counts.
func together(groups ...map[string]schema.Attribute) map[string]schema.Attribute {
	all := map[string]schema.Attribute{}
	for _, group := range groups {
		maps.Copy(all, group)
	}
	return all
}

// Attributes are those of a resource. They serve every kind of block, because all kinds share one interface in the
// framework. Other kinds ignore plan modifiers.

func forDataSource(attributes map[string]schema.Attribute) map[string]datasourceschema.Attribute {
	return converted(attributes, func(attribute schema.Attribute) datasourceschema.Attribute { return attribute })
}

func forEphemeralResource(attributes map[string]schema.Attribute) map[string]ephemeralschema.Attribute {
	return converted(attributes, func(attribute schema.Attribute) ephemeralschema.Attribute { return attribute })
}

func forAction(attributes map[string]schema.Attribute) map[string]actionschema.Attribute {
	return converted(attributes, func(attribute schema.Attribute) actionschema.Attribute { return attribute })
}

func forListResource(attributes map[string]schema.Attribute) map[string]listschema.Attribute {
	return converted(attributes, func(attribute schema.Attribute) listschema.Attribute { return attribute })
}

func converted[To any](attributes map[string]schema.Attribute, convert func(schema.Attribute) To) map[string]To {
	result := make(map[string]To, len(attributes))
	for name, attribute := range attributes {
		result[name] = convert(attribute)
	}
	return result
}
