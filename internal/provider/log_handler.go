package provider

import (
	"context"
	"log/slog"

	"github.com/hashicorp/terraform-plugin-log/tflog"
)

// logHandler passes structured logs on to Terraform's, so that the packages below need not know it. Which
// levels are shown is Terraform's decision (TF_LOG).
type logHandler struct{}

// Enabled leaves the decision to Terraform's logger.
func (logHandler) Enabled(context.Context, slog.Level) bool { return true }

// Handle writes one record.
func (logHandler) Handle(ctx context.Context, record slog.Record) error {
	fields := make(map[string]any, record.NumAttrs())
	record.Attrs(func(attribute slog.Attr) bool {
		value := attribute.Value.Resolve()
		fields[attribute.Key] = value.Any()
		if value.Kind() == slog.KindDuration {
			fields[attribute.Key] = value.String() // "1.5s"; on the way to Terraform it would become a bare number
		}
		return true
	})
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

// WithAttrs is not used by the packages below, which name every attribute with its record.
func (h logHandler) WithAttrs([]slog.Attr) slog.Handler { return h }

// WithGroup is not used by the packages below.
func (h logHandler) WithGroup(string) slog.Handler { return h }
