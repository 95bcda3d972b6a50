package promises

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Two builds of the same source, in two places and with nothing cached of either, are the same byte for byte, so that
// anybody can check a release against its source.
func TestBuildIsReproducible(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("compiling the provider twice takes long: run make test-long")
	}
	first, second := build(t, checkout), build(t, copied(t, checkout))
	if !bytes.Equal(first, second) {
		t.Errorf("two builds differ, of %d and %d bytes", len(first), len(second))
	}
	for _, path := range []string{os.TempDir() + string(filepath.Separator) + "Test", mustAbs(t, checkout)} {
		if bytes.Contains(first, []byte(path)) {
			t.Errorf("%s is in the program", path)
		}
	}
}

// build makes the provider as a release does: what depends on the place is left out.
func build(t *testing.T, folder string) []byte {
	t.Helper()
	file := filepath.Join(t.TempDir(), "provider")
	command := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-o", file, ".")
	command.Dir = folder
	command.Env = append(os.Environ(), "CGO_ENABLED=0")
	if output, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// copied is what the provider is built from, in another folder.
func copied(t *testing.T, checkout string) string {
	t.Helper()
	folder := t.TempDir()
	files, err := filepath.Glob(filepath.Join(checkout, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range append(files, filepath.Join(checkout, "go.mod"), filepath.Join(checkout, "go.sum")) {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, filepath.Base(file)), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"scriptix", "wait", "provider"} {
		source := filepath.Join("internal", name)
		if err := os.CopyFS(filepath.Join(folder, source), os.DirFS(filepath.Join(checkout, source))); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

func mustAbs(t *testing.T, path string) string {
	t.Helper()
	absolute, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	return absolute
}
