package main

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/ProtonMail/go-crypto/openpgp"
)

const project = "terraform-provider-scriptix"

// contents is what the files of a release have to contain.
// The rules are those of https://developer.hashicorp.com/terraform/registry/providers/publishing.
type contents struct {
	platforms []platform
	licenses  []string // names of the files that each archive has next to the program
	manifest  []byte
	keys      openpgp.EntityList // that the registry knows
}

// check returns the version of the release in the folder, and an error that names everything that is wrong with it.
func (c contents) check(folder string) (string, error) {
	sums, err := filepath.Glob(filepath.Join(folder, project+"_*_SHA256SUMS"))
	if err != nil {
		return "", err
	}
	if len(sums) != 1 {
		return "", fmt.Errorf("%d files are named %s_VERSION_SHA256SUMS, want one", len(sums), project)
	}
	prefix := strings.TrimSuffix(filepath.Base(sums[0]), "SHA256SUMS")
	version := strings.TrimSuffix(strings.TrimPrefix(prefix, project+"_"), "_")
	return version, errors.Join(
		c.checkChecksums(folder, prefix),
		c.checkArchives(folder, prefix, version),
		c.checkManifest(folder, prefix),
		c.checkNames(folder, prefix),
	)
}

// summed returns the files that the checksums list. The registry refuses a release whose checksums list another file.
func (c contents) summed(prefix string) []string {
	names := []string{prefix + "manifest.json"}
	for _, p := range c.platforms {
		names = append(names, prefix+p.OS+"_"+p.Arch+".zip")
	}
	return names
}

// checkChecksums checks the list of checksums, its signature, and that each checksum is right.
func (c contents) checkChecksums(folder, prefix string) error {
	name := prefix + "SHA256SUMS"
	text, err := os.ReadFile(filepath.Join(folder, name))
	if err != nil {
		return err
	}
	signature, err := os.ReadFile(filepath.Join(folder, name+".sig"))
	if err != nil {
		return fmt.Errorf("the signature is missing: %w", err)
	}
	if err := checkSignature(c.keys, text, signature); err != nil {
		return fmt.Errorf("the signature of %s: %w", name, err)
	}
	var problems []error
	missing := c.summed(prefix)
	for line := range strings.Lines(string(text)) {
		sum, file, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "  ")
		at := slices.Index(missing, file)
		if at < 0 {
			problems = append(problems, fmt.Errorf("%s lists %q, which is neither the archive of a platform nor the manifest, or is listed twice", name, file))
			continue
		}
		missing = slices.Delete(missing, at, at+1)
		content, err := os.ReadFile(filepath.Join(folder, file))
		if err != nil {
			problems = append(problems, err)
			continue
		}
		if actual := sha256.Sum256(content); hex.EncodeToString(actual[:]) != sum {
			problems = append(problems, fmt.Errorf("%s has another checksum for %s", name, file))
		}
	}
	for _, file := range missing {
		problems = append(problems, fmt.Errorf("%s does not list %s", name, file))
	}
	return errors.Join(problems...)
}

// checkArchives checks that the archive of each platform contains the program and the licenses, and nothing else.
func (c contents) checkArchives(folder, prefix, version string) error {
	var problems []error
	for _, p := range c.platforms {
		name := prefix + p.OS + "_" + p.Arch
		wanted := append([]string{p.program(version)}, c.licenses...)
		problems = append(problems,
			checkArchive(filepath.Join(folder, name+".zip"), wanted),
			checkBillOfMaterials(filepath.Join(folder, name+".sbom.json")))
	}
	return errors.Join(problems...)
}

func checkArchive(path string, wanted []string) error {
	archive, err := zip.OpenReader(path)
	if err != nil {
		return fmt.Errorf("the archive %s: %w", filepath.Base(path), err)
	}
	defer func() { _ = archive.Close() }() // only read
	var packed []string
	for _, file := range archive.File {
		packed = append(packed, file.Name)
	}
	slices.Sort(packed)
	if wanted := slices.Sorted(slices.Values(wanted)); !slices.Equal(packed, wanted) {
		return fmt.Errorf("the archive %s contains %q, want %q", filepath.Base(path), packed, wanted)
	}
	return nil
}

// checkBillOfMaterials checks that the SBOM, in CycloneDX's format, names what the program consists of.
func checkBillOfMaterials(path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("the SBOM is missing: %w", err)
	}
	var bill struct {
		Format     string            `json:"bomFormat"`
		Components []json.RawMessage `json:"components"`
	}
	if err := json.Unmarshal(text, &bill); err != nil {
		return fmt.Errorf("%s: %w", filepath.Base(path), err)
	}
	if bill.Format != "CycloneDX" || len(bill.Components) == 0 {
		return fmt.Errorf("the SBOM %s names no component", filepath.Base(path))
	}
	return nil
}

func (c contents) checkManifest(folder, prefix string) error {
	published, err := os.ReadFile(filepath.Join(folder, prefix+"manifest.json"))
	if err != nil {
		return fmt.Errorf("the manifest is missing: %w", err)
	}
	if !bytes.Equal(published, c.manifest) {
		return errors.New("the manifest differs from the one of the source")
	}
	return nil
}

// checkNames finds files that belong to no release.
func (c contents) checkNames(folder, prefix string) error {
	known := append(c.summed(prefix), prefix+"SHA256SUMS", prefix+"SHA256SUMS.sig")
	for _, p := range c.platforms {
		known = append(known, prefix+p.OS+"_"+p.Arch+".sbom.json")
	}
	entries, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	var problems []error
	for _, entry := range entries {
		if !slices.Contains(known, entry.Name()) {
			problems = append(problems, fmt.Errorf("%s belongs to no release", entry.Name()))
		}
	}
	return errors.Join(problems...)
}
