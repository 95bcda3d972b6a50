package compile_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/scriptix/terraform-provider-scriptix/internal/tools/compile"
)

// smallCheckout has a program that is compiled in no time.
func smallCheckout(t *testing.T, source string) string {
	t.Helper()
	checkout := t.TempDir()
	for name, content := range map[string]string{"go.mod": "module example.org/small\n\ngo 1.25\n", "main.go": source} {
		if err := os.WriteFile(filepath.Join(checkout, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return checkout
}

func TestProgramLeavesOnlyTheProgram(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "made", "on", "the", "way")
	err := compile.Program(t.Context(), smallCheckout(t, "package main\n\nfunc main() {}\n"), ".", filepath.Join(folder, "small"))
	if err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(folder)
	if err != nil || len(entries) != 1 || entries[0].Name() != "small" {
		t.Errorf("the folder holds %v (%v), want the program alone", entries, err)
	}
}

func TestProgramFailsWithTheCompiler(t *testing.T) {
	t.Parallel()
	err := compile.Program(t.Context(), smallCheckout(t, "package main\n\nfunc main() { undefined() }\n"), ".",
		filepath.Join(t.TempDir(), "small"))
	if err == nil || !strings.Contains(err.Error(), "building .") {
		t.Errorf("got %v, want an error that says what was being done", err)
	}
}

func TestProgramEndsWithTheContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := compile.Program(ctx, smallCheckout(t, "package main\n\nfunc main() {}\n"), ".", filepath.Join(t.TempDir(), "small"))
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want that the context was cancelled", err)
	}
}
