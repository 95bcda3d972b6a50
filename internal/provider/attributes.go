package provider

import (
	"maps"

	actionschema "github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	ephemeralschema "github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"
	listschema "github.com/hashicorp/terraform-plugin-framework/list/schema"
	resourceschema "github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

// sessionIDAttribute is the argument that names a session, wherever one is named.
func sessionIDAttribute() schema.StringAttribute {
	return schema.StringAttribute{
		MarkdownDescription: "Identifier of the session, as the upload returned it. Must not be empty or contain white " +
			"space, control characters or slashes.",
		Required:   true,
		Validators: []validator.String{sessionIDValidator},
	}
}

// together is all attributes in one map.
func together(groups ...map[string]schema.Attribute) map[string]schema.Attribute {
	all := map[string]schema.Attribute{}
	for _, group := range groups {
		maps.Copy(all, group)
	}
	return all
}

// The attributes of a data source are just as good for the other kinds of block: to the framework, all are the same
// interface. What only one kind has, such as plan modifiers, stands with that kind.

func forResource(attributes map[string]schema.Attribute) map[string]resourceschema.Attribute {
	return converted(attributes, func(attribute schema.Attribute) resourceschema.Attribute { return attribute })
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

func converted[From, To any](attributes map[string]From, convert func(From) To) map[string]To {
	result := make(map[string]To, len(attributes))
	for name, attribute := range attributes {
		result[name] = convert(attribute)
	}
	return result
}
