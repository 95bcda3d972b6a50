package provider

import (
	"bytes"
	"context"
	"log/slog"
	"path"
	"slices"
	"testing"
	"testing/slogtest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-log/tflogtest"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
)

func TestLogHandlerPassesLevelAndFieldsOn(t *testing.T) {
	var output bytes.Buffer
	ctx := tflogtest.RootLogger(t.Context(), &output)
	token, err := scriptix.NewToken("a-secret-token")
	check(t, err)

	logger := slog.New(logHandler{})
	logger.DebugContext(ctx, "debug", "text", "a", "number", 7)
	logger.InfoContext(ctx, "info", slog.Duration("elapsed", time.Second), slog.Bool("on", true))
	logger.WarnContext(ctx, "warn", "token", token)
	logger.ErrorContext(ctx, "error")
	logger.Log(ctx, slog.LevelInfo+1, "between")

	entries, err := tflogtest.MultilineJSONDecode(&output)
	check(t, err)
	for i := range entries {
		delete(entries[i], "@caller")
		delete(entries[i], "@timestamp")
	}
	want := []map[string]any{
		{"@level": "debug", "@message": "debug", "@module": "provider", "text": "a", "number": 7.0},
		{"@level": "info", "@message": "info", "@module": "provider", "elapsed": "1s", "on": true},
		{"@level": "warn", "@message": "warn", "@module": "provider", "token": "(redacted)"},
		{"@level": "error", "@message": "error", "@module": "provider"},
		{"@level": "info", "@message": "between", "@module": "provider"},
	}
	if diff := cmp.Diff(want, entries); diff != "" {
		t.Error(diff)
	}
}

func TestLogHandlerFollowsSlog(t *testing.T) {
	var output bytes.Buffer
	newHandler := func(t *testing.T) slog.Handler {
		t.Helper()
		output.Reset()
		ctx := tflogtest.RootLogger(t.Context(), &output)
		return inContext{logHandler{}, ctx}
	}
	slogtest.Run(t, newHandler, func(t *testing.T) map[string]any {
		t.Helper()
		entries, err := tflogtest.MultilineJSONDecode(&output)
		if err != nil || len(entries) != 1 {
			t.Fatalf("want one entry, got %v, %v", entries, err)
		}
		entry := entries[0]
		entry[slog.LevelKey], entry[slog.MessageKey] = entry["@level"], entry["@message"]
		if path.Base(t.Name()) != "zero-time" { // Terraform's logger adds the time, and always does
			entry[slog.TimeKey] = entry["@timestamp"]
		}
		return entry
	})
}

// inContext is a handler whose records have a context with Terraform's logger.
type inContext struct {
	slog.Handler
	ctx context.Context
}

func (h inContext) Handle(_ context.Context, record slog.Record) error {
	return h.Handler.Handle(h.ctx, record)
}

func (h inContext) WithAttrs(attributes []slog.Attr) slog.Handler {
	return inContext{h.Handler.WithAttrs(attributes), h.ctx}
}

func (h inContext) WithGroup(name string) slog.Handler {
	return inContext{h.Handler.WithGroup(name), h.ctx}
}

// The log of a read has its requests, and holds neither token nor recording.
func TestLogTellsTheStoryOfARead(t *testing.T) {
	api := scriptixtest.NewServer(t)
	api.Add(scriptixtest.Session{SessionID: "test"})
	var output bytes.Buffer
	server := newProtocolServer(t.Context(), t, api)
	request := server.request("scriptix_session", values{"session_id": stringValue("test")})
	_, diagnostics := server.read(tflogtest.RootLogger(t.Context(), &output), request)
	if len(diagnostics) > 0 {
		t.Fatal(texts(diagnostics))
	}
	log := output.String()
	for _, secret := range []string{scriptixtest.Token, "Bearer", "storage.scriptix.io"} {
		if bytes.Contains(output.Bytes(), []byte(secret)) {
			t.Errorf("the log holds %q: %s", secret, log)
		}
	}
	entries, err := tflogtest.MultilineJSONDecode(&output)
	check(t, err)
	entries = slices.DeleteFunc(entries, func(entry map[string]any) bool { return entry["path"] == nil })
	if len(entries) != 1 {
		t.Fatalf("want one request, got %s", log)
	}
	for name, want := range map[string]any{
		"@level": "debug", "method": "GET", "path": "/api/v3/speech-to-text/session/test", "status": 200.0,
	} {
		if entries[0][name] != want {
			t.Errorf("%s is %v, want %v", name, entries[0][name], want)
		}
	}
}
