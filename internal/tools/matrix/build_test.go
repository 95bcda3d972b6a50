package main

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A small CLI as it comes from the proxy: one of the modules beside it is there, and the other is not.
var smallSource = map[string]string{
	"go.mod": `module github.com/hashicorp/terraform

go 1.25

require (
	github.com/hashicorp/terraform/beside v0.0.0
	github.com/hashicorp/terraform/internal/backend/s3 v0.0.0
)

replace github.com/hashicorp/terraform/beside => ./beside

replace github.com/hashicorp/terraform/internal/backend/s3 => ./internal/backend/s3
`,
	"beside/go.mod":      "module github.com/hashicorp/terraform/beside\n",
	"beside/beside.go":   "package beside\n\nconst Name = \"beside\"\n",
	"version/version.go": "package version\n\nvar dev = \"yes\"\n\nfunc Dev() string { return dev }\n",
	"internal/backend/init/init.go": `package init

import (
	"github.com/hashicorp/terraform/beside"
	backendS3 "github.com/hashicorp/terraform/internal/backend/s3"
)

var Backends = map[string]func() string{
	"beside": func() string { return beside.Name },
	"s3":     func() string { return backendS3.New() },
}
`,
	"main.go": `package main

import (
	backends "github.com/hashicorp/terraform/internal/backend/init"
	"github.com/hashicorp/terraform/version"
)

func main() {
	for name := range backends.Backends {
		print(name, " ", version.Dev())
	}
}
`,
}

// newBuilder downloads the small CLI, and counts how often.
func newBuilder(t *testing.T, downloads *[]string) builder {
	t.Helper()
	folder := t.TempDir()
	for name, content := range smallSource {
		path := filepath.Join(folder, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o400); err != nil {
			t.Fatal(err)
		}
	}
	return builder{
		cache: filepath.Join(t.TempDir(), "cache"),
		download: func(_ context.Context, module string) (string, error) {
			*downloads = append(*downloads, module)
			return folder, nil
		},
		messages: t.Output(),
	}
}

func TestAVersionIsBuiltOnceAndAsARelease(t *testing.T) {
	t.Parallel()
	var downloads []string
	b := newBuilder(t, &downloads)
	for range 2 {
		path, err := b.build(t.Context(), "terraform@v1.14.3")
		if err != nil {
			t.Fatal(err)
		}
		output, err := exec.CommandContext(t.Context(), path).CombinedOutput()
		if err != nil || string(output) != "beside no" {
			t.Errorf("it prints %q (%v), want the backend that is there, and that it is not in development", output, err)
		}
	}
	if len(downloads) != 1 || downloads[0] != "github.com/hashicorp/terraform@v1.14.3" {
		t.Errorf("downloaded %q", downloads)
	}
	left, err := os.ReadDir(b.cache)
	if err != nil || len(left) != 1 {
		t.Errorf("the cache holds %v (%v), want the CLI alone", left, err)
	}
}

func TestWhatCannotBeBuiltIsNotKept(t *testing.T) {
	t.Parallel()
	var downloads []string
	b := newBuilder(t, &downloads)
	if _, err := b.build(t.Context(), "helm@v3.0.0"); err == nil || !strings.Contains(err.Error(), "only terraform and tofu") {
		t.Errorf("got %v for another program", err)
	}
	b.download = func(context.Context, string) (string, error) { return "", errors.New("unknown revision v9.9.9") }
	if _, err := b.build(t.Context(), "tofu@v9.9.9"); err == nil || !strings.Contains(err.Error(), "building tofu@v9.9.9: unknown revision") {
		t.Errorf("got %v for a version that does not exist", err)
	}
	if left, err := os.ReadDir(b.cache); err != nil || len(left) > 0 {
		t.Errorf("the cache holds %v (%v), want nothing", left, err)
	}
}
