package provider

import (
	"maps"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/float64planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/objectplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// field is one attribute that is computed from a T. Its schema and its value are defined together, so that they cannot
// disagree. An update of a resource does not change it: the plan has its value from the state.
type field[T any] struct {
	name      string
	attribute schema.Attribute
	valueType tftypes.Type
	value     func(*T) tftypes.Value
}

// shape is how a T looks in Terraform: its schema and its values.
//
// Values are built as tftypes. The framework's reflection builds them from a struct, but takes twenty times as long:
// minutes for a list of thousands of sessions.
type shape[T any] struct {
	fields     []field[T]
	objectType tftypes.Object
}

func newShape[T any](fields ...field[T]) shape[T] {
	types := make(map[string]tftypes.Type, len(fields))
	for _, field := range fields {
		types[field.name] = field.valueType
	}
	return shape[T]{fields: fields, objectType: tftypes.Object{AttributeTypes: types}}
}

// with returns the shape with one more field.
func (s shape[T]) with(added field[T]) shape[T] {
	return newShape(append(append([]field[T]{}, s.fields...), added)...)
}

func (s shape[T]) attributes() map[string]schema.Attribute {
	attributes := make(map[string]schema.Attribute, len(s.fields))
	for _, field := range s.fields {
		attributes[field.name] = field.attribute
	}
	return attributes
}

// customType returns the type of the object. Without it, the framework derives the same type from the attributes for each
// null in a list, which takes half a second for 10,000 sessions.
func (s shape[T]) customType() basetypes.ObjectType {
	types := make(map[string]attr.Type, len(s.fields))
	for _, field := range s.fields {
		types[field.name] = field.attribute.GetType()
	}
	return basetypes.ObjectType{AttrTypes: types}
}

func (s shape[T]) values(t *T) map[string]tftypes.Value {
	values := make(map[string]tftypes.Value, len(s.fields))
	for _, field := range s.fields {
		values[field.name] = field.value(t)
	}
	return values
}

// object returns a T as a value; null for nil.
func (s shape[T]) object(t *T) tftypes.Value {
	if t == nil {
		return tftypes.NewValue(s.objectType, nil)
	}
	return tftypes.NewValue(s.objectType, s.values(t))
}

func (s shape[T]) list(ts []T) tftypes.Value {
	elements := make([]tftypes.Value, len(ts))
	for i := range ts {
		elements[i] = s.object(&ts[i])
	}
	return tftypes.NewValue(tftypes.List{ElementType: s.objectType}, elements)
}

func text[T any](name string, value func(*T) *string, description string) field[T] {
	return field[T]{
		name:      name,
		attribute: textAttribute(description),
		valueType: tftypes.String,
		value:     func(t *T) tftypes.Value { return tftypes.NewValue(tftypes.String, value(t)) },
	}
}

func textAttribute(description string) schema.StringAttribute {
	return schema.StringAttribute{
		Computed:            true,
		MarkdownDescription: description,
		PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
	}
}

func secretText[T any](name string, value func(*T) *string, description string) field[T] {
	attribute := textAttribute(description)
	attribute.Sensitive = true
	secret := text(name, value, description)
	secret.attribute = attribute
	return secret
}

func integer[T any](name string, value func(*T) *int64, description string) field[T] {
	return field[T]{
		name: name,
		attribute: schema.Int64Attribute{
			Computed:            true,
			MarkdownDescription: description,
			PlanModifiers:       []planmodifier.Int64{int64planmodifier.UseStateForUnknown()},
		},
		valueType: tftypes.Number,
		value:     func(t *T) tftypes.Value { return tftypes.NewValue(tftypes.Number, value(t)) },
	}
}

func number[T any](name string, value func(*T) *float64, description string) field[T] {
	return field[T]{
		name: name,
		attribute: schema.Float64Attribute{
			Computed:            true,
			MarkdownDescription: description,
			PlanModifiers:       []planmodifier.Float64{float64planmodifier.UseStateForUnknown()},
		},
		valueType: tftypes.Number,
		value:     func(t *T) tftypes.Value { return tftypes.NewValue(tftypes.Number, value(t)) },
	}
}

func object[T, N any](name string, nested shape[N], value func(*T) *N, description string) field[T] {
	return field[T]{
		name: name,
		attribute: schema.SingleNestedAttribute{
			Computed:            true,
			Attributes:          nested.attributes(),
			MarkdownDescription: description,
			PlanModifiers:       []planmodifier.Object{objectplanmodifier.UseStateForUnknown()},
		},
		valueType: nested.objectType,
		value:     func(t *T) tftypes.Value { return nested.object(value(t)) },
	}
}

// objectValues returns the values of an object; none if it is null or unknown.
func objectValues(object tftypes.Value) map[string]tftypes.Value {
	values := map[string]tftypes.Value{}
	if object.IsKnown() && !object.IsNull() {
		// Cannot fail: Terraform sends a known object of the schema's type.
		_ = object.As(&values)
	}
	// As returns the map of the object itself: a change of it would change the object, even the configuration.
	return maps.Clone(values)
}

// stateOf returns a state: the arguments from a configuration, a plan, or a state, with the computed values.
func stateOf(arguments tftypes.Value, computed map[string]tftypes.Value) tftypes.Value {
	values := objectValues(arguments)
	maps.Copy(values, computed)
	return tftypes.NewValue(arguments.Type(), values)
}
