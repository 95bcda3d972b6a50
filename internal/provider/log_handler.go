package provider

import (
	"context"
	"log/slog"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-log/tflog"
)

// logHandler passes structured logs to Terraform's logger, so that the packages below need not know it.
type logHandler struct {
	outer      *logHandler // nil for the handler itself
	group      string      // opened around attributes and everything that follows; "" opens none
	attributes []slog.Attr
}

// Enabled returns true. Terraform decides which levels it shows (TF_LOG).
func (logHandler) Enabled(context.Context, slog.Level) bool { return true }

// WithAttrs returns a handler that adds attributes to every record.
func (h logHandler) WithAttrs(attributes []slog.Attr) slog.Handler {
	return logHandler{outer: &h, attributes: attributes}
}

// WithGroup returns a handler that puts the attributes that follow into a group.
func (h logHandler) WithGroup(name string) slog.Handler {
	return logHandler{outer: &h, group: name}
}

// Handle writes one record.
func (h logHandler) Handle(ctx context.Context, record slog.Record) error {
	var attributes []slog.Attr
	record.Attrs(func(attribute slog.Attr) bool {
		attributes = append(attributes, attribute)
		return true
	})
	for scope := &h; scope != nil; scope = scope.outer {
		attributes = slices.Concat(scope.attributes, attributes)
		if scope.group != "" {
			attributes = []slog.Attr{slog.GroupAttrs(scope.group, attributes...)}
		}
	}
	fields := fieldsOf(attributes)
	switch {
	case record.Level >= slog.LevelError:
		tflog.Error(ctx, record.Message, fields)
	case record.Level >= slog.LevelWarn:
		tflog.Warn(ctx, record.Message, fields)
	case record.Level >= slog.LevelInfo:
		tflog.Info(ctx, record.Message, fields)
	default:
		tflog.Debug(ctx, record.Message, fields)
	}
	return nil
}

// fieldsOf returns attributes as Terraform's logger takes them. A group is a map. As slog requires, an empty attribute and
// an empty group are left out, and a group without a name is inlined.
func fieldsOf(attributes []slog.Attr) map[string]any {
	fields := make(map[string]any, len(attributes))
	for _, attribute := range attributes {
		value := attribute.Value.Resolve()
		switch {
		case attribute.Equal(slog.Attr{}):
		case value.Kind() == slog.KindGroup && attribute.Key == "":
			maps.Copy(fields, fieldsOf(value.Group()))
		case value.Kind() == slog.KindGroup:
			if group := fieldsOf(value.Group()); len(group) > 0 {
				fields[attribute.Key] = group
			}
		case value.Kind() == slog.KindDuration:
			fields[attribute.Key] = value.String() // "1.5s"; Terraform's logger would write a bare number
		default:
			fields[attribute.Key] = value.Any()
		}
	}
	return fields
}
