package main

import (
	"archive/zip"
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

const (
	provider     = "terraform-provider-scriptix"
	manifestFile = "terraform-registry-manifest.json"
)

// release is a folder with what would be published.
type release struct {
	folder  string
	version string
}

// The registry finds the files of a release by these names.

func (r release) prefix() string { return provider + "_" + r.version + "_" }

func (r release) archive() string   { return r.prefix() + runtime.GOOS + "_" + runtime.GOARCH + ".zip" }
func (r release) manifest() string  { return r.prefix() + "manifest.json" }
func (r release) checksums() string { return r.prefix() + "SHA256SUMS" }

func (r release) path(name string) string { return filepath.Join(r.folder, name) }

// program is the only file of the archive.
func (r release) program() string {
	name := provider + "_v" + r.version
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	return name
}

// verify checks everything that the registry and Terraform would check, save the signature.
func (r release) verify(manifest string) error {
	if err := r.verifyChecksums(manifest); err != nil {
		return fmt.Errorf("%s: %w", r.checksums(), err)
	}
	if err := r.verifyArchive(); err != nil {
		return fmt.Errorf("%s: %w", r.archive(), err)
	}
	return nil
}

// verifyChecksums compares the sums with the files. GoReleaser publishes the manifest under another name and leaves the
// file where it is, so it is read there.
func (r release) verifyChecksums(manifest string) error {
	text, err := os.ReadFile(r.path(r.checksums()))
	if err != nil {
		return err
	}
	listed, err := parseChecksums(text)
	if err != nil {
		return err
	}
	files := map[string]string{r.archive(): r.path(r.archive()), r.manifest(): manifest}
	if got, want := slices.Sorted(maps.Keys(listed)), slices.Sorted(maps.Keys(files)); !slices.Equal(got, want) {
		return fmt.Errorf("lists %v instead of %v", got, want)
	}
	for name, path := range files {
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if sum := sha256.Sum256(content); listed[name] != hex.EncodeToString(sum[:]) {
			return fmt.Errorf("has another sum than %s", name)
		}
	}
	return nil
}

func (r release) verifyArchive() error {
	archive, err := zip.OpenReader(r.path(r.archive()))
	if err != nil {
		return err
	}
	defer func() { _ = archive.Close() }()
	if len(archive.File) != 1 || archive.File[0].Name != r.program() {
		return fmt.Errorf("does not hold %s alone", r.program())
	}
	if archive.File[0].Mode()&0o100 == 0 {
		return errors.New("its program cannot be executed")
	}
	return nil
}

// parseChecksums reads a file as sha256sum writes it.
func parseChecksums(text []byte) (map[string]string, error) {
	sums := map[string]string{}
	lines := bufio.NewScanner(bytes.NewReader(text))
	for lines.Scan() {
		sum, name, found := strings.Cut(lines.Text(), "  ")
		if !found || len(sum) != 2*sha256.Size {
			return nil, fmt.Errorf("line %q has not the form of sha256sum", lines.Text())
		}
		sums[name] = sum
	}
	return sums, lines.Err()
}
