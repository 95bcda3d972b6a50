package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/fstest"
)

func TestCopyConfigurationLeavesStatesBehind(t *testing.T) {
	t.Parallel()
	from, to := t.TempDir(), filepath.Join(t.TempDir(), "work")
	source := fstest.MapFS{}
	for _, name := range []string{"main.tf", "six.tfvars", "terraform.tfstate", ".terraform.lock.hcl", "report/main.tf", "report/terraform.tfstate"} {
		source[name] = &fstest.MapFile{Data: []byte("# " + name)}
	}
	if err := os.CopyFS(from, source); err != nil {
		t.Fatal(err)
	}
	if err := copyConfiguration(from, to); err != nil {
		t.Fatal(err)
	}
	var copied []string
	err := fs.WalkDir(os.DirFS(to), ".", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			copied = append(copied, path)
		}
		return err
	})
	if want := []string{"main.tf", "report/main.tf", "six.tfvars"}; err != nil || !slices.Equal(copied, want) {
		t.Errorf("copied %q (%v), want %q", copied, err, want)
	}
	if text, err := os.ReadFile(filepath.Join(to, "report", "main.tf")); err != nil || string(text) != "# report/main.tf" {
		t.Errorf("copied %q, %v", text, err)
	}
}
