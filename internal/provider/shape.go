package provider

import (
	"bytes"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/float64planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/objectplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/vmihailenco/msgpack/v5"
)

// field is one attribute that is computed from a T. Its schema and its value are defined together, so that they cannot
// disagree. An update of a resource does not change it: the plan has its value from the state.
type field[T any] struct {
	name      string
	attribute schema.Attribute
	valueType tftypes.Type
	value     func(*T) tftypes.Value
	encode    func(*msgpack.Encoder, *T) error // encodes the value as Terraform's protocol does
}

// shape is how a T looks in Terraform: its schema and its values.
//
// The framework's reflection builds the same values from a struct, but takes many times as long.
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

// encode encodes the object. It is null for nil.
func (s shape[T]) encode(encoder *msgpack.Encoder, t *T) error {
	if t == nil {
		return encoder.EncodeNil()
	}
	if err := encoder.EncodeMapLen(len(s.fields)); err != nil {
		return err
	}
	for _, field := range s.fields {
		if err := encoder.EncodeString(field.name); err != nil {
			return err
		}
		if err := field.encode(encoder, t); err != nil {
			return err
		}
	}
	return nil
}

// encodedList returns the encoding of a list.
func (s shape[T]) encodedList(ts []T) ([]byte, error) {
	var list bytes.Buffer
	encoder := msgpack.NewEncoder(&list)
	if err := encoder.EncodeArrayLen(len(ts)); err != nil {
		return nil, err
	}
	for i := range ts {
		if err := s.encode(encoder, &ts[i]); err != nil {
			return nil, err
		}
	}
	return list.Bytes(), nil
}

// primitive is a field that is a single value, null for nil.
func primitive[T, V any](name string, attribute schema.Attribute, valueType tftypes.Type, value func(*T) *V) field[T] {
	return field[T]{
		name:      name,
		attribute: attribute,
		valueType: valueType,
		value:     func(t *T) tftypes.Value { return tftypes.NewValue(valueType, value(t)) },
		encode:    func(encoder *msgpack.Encoder, t *T) error { return encoder.Encode(value(t)) },
	}
}

func text[T any](name string, value func(*T) *string, description string) field[T] {
	return primitive(name, textAttribute(description), tftypes.String, value)
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
	return primitive(name, attribute, tftypes.String, value)
}

func integer[T any](name string, value func(*T) *int64, description string) field[T] {
	return numeric(name, schema.Int64Attribute{
		Computed:            true,
		MarkdownDescription: description,
		PlanModifiers:       []planmodifier.Int64{int64planmodifier.UseStateForUnknown()},
	}, value)
}

func number[T any](name string, value func(*T) *float64, description string) field[T] {
	return numeric(name, schema.Float64Attribute{
		Computed:            true,
		MarkdownDescription: description,
		PlanModifiers:       []planmodifier.Float64{float64planmodifier.UseStateForUnknown()},
	}, value)
}

// numeric is a field that is a number. It encodes the number as the framework does, as an integer or as a fraction. Terraform
// would otherwise read large numbers differently, and find that an equal number has changed.
func numeric[T, V any](name string, attribute schema.Attribute, value func(*T) *V) field[T] {
	result := primitive(name, attribute, tftypes.Number, value)
	result.encode = func(encoder *msgpack.Encoder, t *T) error { return encodeNumber(encoder, value(t)) }
	return result
}

func encodeNumber(encoder *msgpack.Encoder, number any) error {
	encoded, err := tfprotov6.NewDynamicValue(tftypes.Number, tftypes.NewValue(tftypes.Number, number))
	if err != nil {
		return err
	}
	return encoder.Encode(msgpack.RawMessage(encoded.MsgPack))
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
		encode:    func(encoder *msgpack.Encoder, t *T) error { return nested.encode(encoder, value(t)) },
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
