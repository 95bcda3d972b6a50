package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestScreenWithoutColorIsPlainText(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	s := screen{out: &out}
	s.heading("Step")
	s.say("Something.")
	s.command("terraform", "apply", `-var=ids=["a"]`)
	want := "\n=== Step\n\nSomething.\n\n$ terraform apply '-var=ids=[\"a\"]'\n"
	if got := out.String(); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestScreenWithColorEndsEveryStyle(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	s := screen{out: &out, color: true}
	s.heading("Step")
	s.command("terraform", "init")
	if got := out.String(); strings.Count(got, plain) != 2 || !strings.Contains(got, bold+"=== Step"+plain) {
		t.Errorf("got %q", got)
	}
}

func TestScreenHasNoColorInAFile(t *testing.T) {
	t.Parallel()
	file, err := os.Create(filepath.Join(t.TempDir(), "screen"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() })
	if newScreen(file).color {
		t.Error("a file got colors")
	}
}

func TestQuotedIsWhatAShellTakes(t *testing.T) {
	t.Parallel()
	for argument, want := range map[string]string{
		"-input=false": "-input=false",
		"two words":    "'two words'",
		"it's":         `'it'\''s'`,
	} {
		if got := quoted(argument); got != want {
			t.Errorf("%s: got %s, want %s", argument, got, want)
		}
	}
}
