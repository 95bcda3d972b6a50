package main

import (
	"archive/zip"
	"bytes"
	"crypto"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ProtonMail/go-crypto/openpgp"
	"github.com/ProtonMail/go-crypto/openpgp/packet"
)

const prefix = project + "_1.2.3_"

// rsaKey and ellipticKey are made once, because RSA keys take long.
var rsaKey, ellipticKey = newKey(packet.PubKeyAlgoRSA), newKey(packet.PubKeyAlgoEdDSA)

func newKey(algorithm packet.PublicKeyAlgorithm) *openpgp.Entity {
	key, err := openpgp.NewEntity("test", "", "", &packet.Config{Algorithm: algorithm, RSABits: 2048, DefaultHash: crypto.SHA256})
	if err != nil {
		panic(err)
	}
	return key
}

// wanted is a release for two platforms.
func wanted() contents {
	return contents{
		platforms: []platform{{"linux", "amd64"}, {"windows", "386"}},
		manifest:  []byte(`{"version": 1}`),
		keys:      openpgp.EntityList{rsaKey, ellipticKey},
	}
}

// files are the files of a release without its checksums and their signature.
func files(t *testing.T) map[string][]byte {
	t.Helper()
	return map[string][]byte{
		prefix + "linux_amd64.zip":       packed(t, project+"_v1.2.3"),
		prefix + "windows_386.zip":       packed(t, project+"_v1.2.3.exe"),
		prefix + "linux_amd64.sbom.json": []byte(`{"bomFormat": "CycloneDX", "components": [{}]}`),
		prefix + "windows_386.sbom.json": []byte(`{"bomFormat": "CycloneDX", "components": [{}]}`),
		prefix + "manifest.json":         []byte(`{"version": 1}`),
	}
}

func packed(t *testing.T, names ...string) []byte {
	t.Helper()
	var archive bytes.Buffer
	writer := zip.NewWriter(&archive)
	for _, name := range names {
		if _, err := writer.Create(name); err != nil {
			t.Fatal(err)
		}
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	return archive.Bytes()
}

// sums lists those of the files that are archives or the manifest.
func sums(files map[string][]byte) string {
	var lines []string
	for name, content := range files {
		if !strings.HasSuffix(name, ".sbom.json") {
			lines = append(lines, fmt.Sprintf("%x  %s\n", sha256.Sum256(content), name))
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "")
}

// publish writes the files, the checksums and their signature into a folder.
func publish(t *testing.T, files map[string][]byte, checksums string, signer *openpgp.Entity) string {
	t.Helper()
	folder := t.TempDir()
	var signature bytes.Buffer
	if err := openpgp.DetachSign(&signature, signer, strings.NewReader(checksums), nil); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(folder, prefix+"SHA256SUMS"), []byte(checksums))
	write(t, filepath.Join(folder, prefix+"SHA256SUMS.sig"), signature.Bytes())
	for name, content := range files {
		write(t, filepath.Join(folder, name), content)
	}
	return folder
}

func write(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestCompleteReleaseHasItsVersion(t *testing.T) {
	t.Parallel()
	released := files(t)
	version, err := wanted().check(publish(t, released, sums(released), rsaKey))
	if err != nil || version != "1.2.3" {
		t.Errorf("got version %q and error %v, want 1.2.3", version, err)
	}
}

func TestWhatTheRegistryRefusesIsFound(t *testing.T) {
	t.Parallel()
	const archive, bill = prefix + "linux_amd64.zip", prefix + "linux_amd64.sbom.json"
	for name, test := range map[string]struct {
		spoil   func(t *testing.T, released map[string][]byte) string // returns the checksums
		problem string
	}{
		"SBOM in the checksums": {func(_ *testing.T, released map[string][]byte) string {
			return sums(released) + fmt.Sprintf("%x  %s\n", sha256.Sum256(released[bill]), bill)
		}, `lists "` + bill + `", which is neither`},
		"listed twice": {func(_ *testing.T, released map[string][]byte) string {
			return sums(released) + sums(map[string][]byte{archive: released[archive]})
		}, `lists "` + archive + `", which is neither`},
		"no archive": {func(_ *testing.T, released map[string][]byte) string {
			delete(released, archive)
			return sums(released)
		}, "does not list " + archive},
		"archive listed but missing": {func(_ *testing.T, released map[string][]byte) string {
			listed := sums(released)
			delete(released, archive)
			return listed
		}, "the archive " + archive + ":"},
		"wrong checksum": {func(t *testing.T, released map[string][]byte) string {
			t.Helper()
			listed := sums(released)
			released[archive] = packed(t, project+"_v1.2.3")[1:]
			return listed
		}, "has another checksum for " + archive},
		"program of another version": {func(t *testing.T, released map[string][]byte) string {
			t.Helper()
			released[archive] = packed(t, project+"_v1.2.4")
			return sums(released)
		}, `contains ["terraform-provider-scriptix_v1.2.4"]`},
		"another file in the archive": {func(t *testing.T, released map[string][]byte) string {
			t.Helper()
			released[archive] = packed(t, project+"_v1.2.3", "README.md")
			return sums(released)
		}, `contains ["README.md"`},
		"no SBOM": {func(_ *testing.T, released map[string][]byte) string {
			delete(released, bill)
			return sums(released)
		}, "the SBOM is missing"},
		"empty SBOM": {func(_ *testing.T, released map[string][]byte) string {
			released[bill] = []byte(`{"bomFormat": "CycloneDX", "components": []}`)
			return sums(released)
		}, "names no component"},
		"no manifest": {func(_ *testing.T, released map[string][]byte) string {
			delete(released, prefix+"manifest.json")
			return sums(released)
		}, "the manifest is missing"},
		"another manifest": {func(_ *testing.T, released map[string][]byte) string {
			released[prefix+"manifest.json"] = []byte(`{}`)
			return sums(released)
		}, "the manifest differs"},
		"a file too many": {func(_ *testing.T, released map[string][]byte) string {
			listed := sums(released)
			released["artifacts.json"] = nil
			return listed
		}, "artifacts.json belongs to no release"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			released := files(t)
			checksums := test.spoil(t, released)
			_, err := wanted().check(publish(t, released, checksums, rsaKey))
			says(t, err, test.problem)
		})
	}
}

func TestSignatureThatTheRegistryRefusesIsFound(t *testing.T) {
	t.Parallel()
	released := files(t)
	says(t, second(wanted().check(publish(t, released, sums(released), ellipticKey))), "only RSA and DSA")

	stranger := wanted()
	stranger.keys = openpgp.EntityList{ellipticKey}
	says(t, second(stranger.check(publish(t, released, sums(released), rsaKey))), "unknown entity")

	unsigned := publish(t, released, sums(released), rsaKey)
	if err := os.Remove(filepath.Join(unsigned, prefix+"SHA256SUMS.sig")); err != nil {
		t.Fatal(err)
	}
	says(t, second(wanted().check(unsigned)), "the signature is missing")

	changed := publish(t, released, sums(released), rsaKey)
	write(t, filepath.Join(changed, prefix+"SHA256SUMS"), []byte(sums(released)+"\n"))
	says(t, second(wanted().check(changed)), "the signature of "+prefix+"SHA256SUMS")
}

// A license that the owner adds must not stay behind.
func TestLicenseBelongsIntoEveryArchive(t *testing.T) {
	t.Parallel()
	released, licensed := files(t), wanted()
	licensed.licenses = []string{"LICENSE"}
	says(t, second(licensed.check(publish(t, released, sums(released), rsaKey))), "contains")

	released[prefix+"linux_amd64.zip"] = packed(t, "LICENSE", project+"_v1.2.3")
	released[prefix+"windows_386.zip"] = packed(t, "LICENSE", project+"_v1.2.3.exe")
	if _, err := licensed.check(publish(t, released, sums(released), rsaKey)); err != nil {
		t.Error(err)
	}
}

func TestChecksumsHaveOneFile(t *testing.T) {
	t.Parallel()
	says(t, second(wanted().check(t.TempDir())), "0 files are named")
}

// The configuration lists systems, architectures, and what to leave out.
func TestPlatformsComeFromTheConfiguration(t *testing.T) {
	t.Parallel()
	platforms, err := readPlatforms("../../../.goreleaser.yml")
	if err != nil {
		t.Fatal(err)
	}
	if len(platforms) != 13 || slices.Contains(platforms, platform{"darwin", "386"}) || !slices.Contains(platforms, platform{"windows", "386"}) {
		t.Errorf("got %v, want 13 platforms, among them windows/386 and not darwin/386", platforms)
	}
}

func second(_ string, err error) error { return err }

func says(t *testing.T, err error, problem string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), problem) {
		t.Errorf("got error %v, want one with %q", err, problem)
	}
}
