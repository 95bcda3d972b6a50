package main

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// draft is a release that is right, until a test changes it.
type draft struct {
	release

	manifestPath string
	programName  string
	programMode  fs.FileMode
	listed       []string
}

func newDraft(t *testing.T) *draft {
	t.Helper()
	r := release{folder: t.TempDir(), version: "1.2.3"}
	return &draft{
		release:      r,
		manifestPath: filepath.Join(t.TempDir(), manifestFile),
		programName:  r.program(),
		programMode:  0o755,
		listed:       []string{r.archive(), r.manifest()},
	}
}

func (d *draft) write(t *testing.T) {
	t.Helper()
	var zipped bytes.Buffer
	archive := zip.NewWriter(&zipped)
	header := &zip.FileHeader{Name: d.programName}
	header.SetMode(d.programMode)
	if _, err := archive.CreateHeader(header); err != nil {
		t.Fatal(err)
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	contents := map[string][]byte{d.archive(): zipped.Bytes(), d.manifest(): []byte("{}")}
	var sums strings.Builder
	for _, name := range d.listed {
		fmt.Fprintf(&sums, "%x  %s\n", sha256.Sum256(contents[name]), name)
	}
	for path, content := range map[string][]byte{
		d.path(d.archive()):   zipped.Bytes(),
		d.manifestPath:        []byte("{}"),
		d.path(d.checksums()): []byte(sums.String()),
	} {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func TestVerify(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		spoil func(*draft)
		want  string
	}{
		"right":              {func(*draft) {}, ""},
		"manifest not there": {func(d *draft) { d.listed = d.listed[:1] }, "lists"},
		"too much":           {func(d *draft) { d.listed = append(d.listed, "README.md") }, "lists"},
		"another name":       {func(d *draft) { d.programName = provider }, "does not hold"},
		"not executable":     {func(d *draft) { d.programMode = 0o644 }, "cannot be executed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDraft(t)
			test.spoil(d)
			d.write(t)
			expectError(t, d.verify(d.manifestPath), test.want)
		})
	}
}

func TestVerifyFindsAChangedFile(t *testing.T) {
	t.Parallel()
	d := newDraft(t)
	d.write(t)
	if err := os.WriteFile(d.manifestPath, []byte(`{"version": 2}`), 0o600); err != nil {
		t.Fatal(err)
	}
	expectError(t, d.verify(d.manifestPath), "another sum")
}

func TestParseChecksumsRefusesOtherForms(t *testing.T) {
	t.Parallel()
	_, err := parseChecksums([]byte("terraform-provider-scriptix.zip\n"))
	expectError(t, err, "sha256sum")
}

// expectError wants an error with the words in it, or none when there are no words.
func expectError(t *testing.T, err error, words string) {
	t.Helper()
	switch {
	case words == "" && err != nil:
		t.Errorf("unexpected: %v", err)
	case words != "" && (err == nil || !strings.Contains(err.Error(), words)):
		t.Errorf("got %v, want an error with %q", err, words)
	}
}
