package measured_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/scriptix/terraform-provider-scriptix/internal/measured"
)

func TestWriteTableReplacesWhatStandsBetweenItsMarks(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "document.md")
	const before = "a\n<!-- sizes: begin -->\nold\n<!-- sizes: end -->\nb\n<!-- costs: begin -->\nkept\n<!-- costs: end -->\n"
	if err := os.WriteFile(path, []byte(before), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := measured.WriteTable("sizes", "new\n", path); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const want = "a\n<!-- sizes: begin -->\n\nnew\n\n<!-- sizes: end -->\nb\n<!-- costs: begin -->\nkept\n<!-- costs: end -->\n"
	if string(got) != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestWriteTableFailsWithoutItsMarks(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "document.md")
	if err := os.WriteFile(path, []byte("<!-- sizes: begin -->\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := measured.WriteTable("sizes", "new\n", path); err == nil {
		t.Error("a file without the second mark was written")
	}
	if err := measured.WriteTable("sizes", "new\n", path+".missing"); err == nil {
		t.Error("a file that is not there was written")
	}
}
