package provider

import (
	"maps"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// field is one attribute that is computed from a T: its schema and its value stand in one place, so that they
// cannot disagree.
type field[T any] struct {
	name      string
	attribute schema.Attribute
	valueType tftypes.Type
	value     func(*T) tftypes.Value
}

// shape is how a T looks in Terraform: the one place that knows both its schema and its values.
//
// Values are made as tftypes directly. The framework's reflection does the same from a struct, but takes twenty
// times as long, which a list of thousands of sessions makes minutes of.
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

// with is the shape with one more field.
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

// customType is the type that the framework would work out from the attributes by itself, but each time it meets
// a null in the list: half a second for 10,000 sessions.
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

// object is null for nil.
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
		attribute: schema.StringAttribute{Computed: true, MarkdownDescription: description},
		valueType: tftypes.String,
		value:     func(t *T) tftypes.Value { return tftypes.NewValue(tftypes.String, value(t)) },
	}
}

func secretText[T any](name string, value func(*T) *string, description string) field[T] {
	secret := text(name, value, description)
	secret.attribute = schema.StringAttribute{Computed: true, Sensitive: true, MarkdownDescription: description}
	return secret
}

func integer[T any](name string, value func(*T) *int64, description string) field[T] {
	return field[T]{
		name:      name,
		attribute: schema.Int64Attribute{Computed: true, MarkdownDescription: description},
		valueType: tftypes.Number,
		value:     func(t *T) tftypes.Value { return tftypes.NewValue(tftypes.Number, value(t)) },
	}
}

func number[T any](name string, value func(*T) *float64, description string) field[T] {
	return field[T]{
		name:      name,
		attribute: schema.Float64Attribute{Computed: true, MarkdownDescription: description},
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
		},
		valueType: nested.objectType,
		value:     func(t *T) tftypes.Value { return nested.object(value(t)) },
	}
}

// objectValues takes an object apart; it is empty for one that is null or unknown.
func objectValues(object tftypes.Value) map[string]tftypes.Value {
	values := map[string]tftypes.Value{}
	if object.IsKnown() && !object.IsNull() {
		// Cannot fail: Terraform hands over a known object of the schema's type.
		_ = object.As(&values)
	}
	// As hands out the object's own map: whoever changes it changes the object, be it the configuration.
	return maps.Clone(values)
}

// stateOf is a state: the arguments as they stand, from a configuration or a plan, and what was computed.
func stateOf(arguments tftypes.Value, computed map[string]tftypes.Value) tftypes.Value {
	values := objectValues(arguments)
	maps.Copy(values, computed)
	return tftypes.NewValue(arguments.Type(), values)
}
