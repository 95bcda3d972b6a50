package mirror

import (
	"os"
	"path/filepath"
	"testing"
)

func TestPackKeepsTheArchiveAsItIs(t *testing.T) {
	t.Parallel()
	const name = "terraform-provider-scriptix_1.2.3_linux_amd64.zip"
	archive := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(archive, []byte("zipped"), 0o600); err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	if _, err := Pack(archive, folder); err != nil {
		t.Fatal(err)
	}

	packed, err := os.ReadFile(filepath.Join(folder, "providers", "registry.terraform.io", "scriptix", "scriptix", name))
	if err != nil || string(packed) != "zipped" {
		t.Errorf("the mirror has %q (%v)", packed, err)
	}
	if _, err := os.Stat(filepath.Join(folder, "terraform.tfrc")); err != nil {
		t.Error(err)
	}
}

func TestPackFailsWithoutAnArchive(t *testing.T) {
	t.Parallel()
	if _, err := Pack(filepath.Join(t.TempDir(), "missing.zip"), t.TempDir()); err == nil {
		t.Error("nothing was packed, and nobody said so")
	}
}
