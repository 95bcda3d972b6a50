package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/ProtonMail/go-crypto/openpgp"
)

func TestSignatureVerifiesWithTheKeyThatIsPublished(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	file, signature, key := filepath.Join(folder, "file"), filepath.Join(folder, "file.sig"), filepath.Join(folder, "key.asc")
	if err := os.WriteFile(file, []byte("text"), 0o600); err != nil {
		t.Fatal(err)
	}
	err := run([]string{"-public-key-into", key, "--batch", "--local-user", "test", "--output", signature, "--detach-sign", file})
	if err != nil {
		t.Fatal(err)
	}
	keys, err := openpgp.ReadArmoredKeyRing(bytes.NewReader(read(t, key)))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := openpgp.CheckDetachedSignature(keys, bytes.NewReader(read(t, file)), bytes.NewReader(read(t, signature)), nil); err != nil {
		t.Error(err)
	}
}

func TestOtherArgumentsAreRefused(t *testing.T) {
	t.Parallel()
	for name, arguments := range map[string][]string{
		"armored":  {"-public-key-into", "key", "--batch", "--local-user", "test", "--armor", "--output", "sig", "--detach-sign", "file"},
		"no batch": {"-public-key-into", "key", "--local-user", "test", "--output", "sig", "--detach-sign", "file"},
		"no file":  {"-public-key-into", "key", "--batch", "--local-user", "test", "--output", "sig", "--detach-sign"},
	} {
		if err := run(arguments); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}
