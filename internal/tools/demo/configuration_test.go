package main

import (
	"os"
	"path/filepath"
	"testing"
)

func TestCopyConfigurationLeavesStatesBehind(t *testing.T) {
	t.Parallel()
	from, to := t.TempDir(), filepath.Join(t.TempDir(), "work")
	for _, name := range []string{"main.tf", "terraform.tfstate", ".terraform.lock.hcl"} {
		if err := os.WriteFile(filepath.Join(from, name), []byte("# "+name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := copyConfiguration(from, to); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(to)
	if err != nil || len(entries) != 1 || entries[0].Name() != "main.tf" {
		t.Errorf("copied %v (%v), want main.tf alone", entries, err)
	}
	if text, err := os.ReadFile(filepath.Join(to, "main.tf")); err != nil || string(text) != "# main.tf" {
		t.Errorf("copied %q, %v", text, err)
	}
}
