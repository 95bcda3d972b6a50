package main

import (
	"archive/zip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The module has what the source of Terraform has: a version that the build completes, and a backend in a folder that the
// proxy does not publish.
var module = map[string]string{
	"go.mod": `module github.com/hashicorp/terraform

go 1.26

require github.com/hashicorp/terraform/internal/backend/remote-state/cloud v0.0.0

replace github.com/hashicorp/terraform/internal/backend/remote-state/cloud => ./internal/backend/remote-state/cloud
`,
	"version/version.go": "package version\n\nvar dev = \"yes\"\n\nfunc Dev() string { return dev }\n",
	"internal/backend/init/init.go": `package init

import (
	"strings"

	backendCloud "github.com/hashicorp/terraform/internal/backend/remote-state/cloud"
)

var Backends = map[string]func() string{
	"local": func() string { return strings.ToLower("LOCAL") },
	"cloud": func() string { return backendCloud.New() },
}
`,
	"main.go": `package main

import (
	"fmt"

	backends "github.com/hashicorp/terraform/internal/backend/init"
	"github.com/hashicorp/terraform/version"
)

func main() { fmt.Println("dev:", version.Dev(), len(backends.Backends), backends.Backends["local"]()) }
`,
}

// proxied publishes the module as version 1.98.7 on a module proxy in a folder.
func proxied(t *testing.T) {
	t.Helper()
	proxy := t.TempDir()
	folder := filepath.Join(proxy, "github.com", "hashicorp", "terraform", "@v")
	if err := os.MkdirAll(folder, 0o750); err != nil {
		t.Fatal(err)
	}
	archive, err := os.Create(filepath.Join(folder, "v1.98.7.zip"))
	if err != nil {
		t.Fatal(err)
	}
	writer := zip.NewWriter(archive)
	for name, text := range module {
		file, err := writer.Create("github.com/hashicorp/terraform@v1.98.7/" + name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := file.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"v1.98.7.mod": module["go.mod"], "v1.98.7.info": `{"Version": "v1.98.7"}`} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("GOPROXY", "file://"+filepath.ToSlash(proxy))
	t.Setenv("GOSUMDB", "off")
	t.Setenv("GOMODCACHE", filepath.Join(t.TempDir(), "cache"))
	t.Cleanup(func() {
		if output, err := exec.Command("go", "clean", "-modcache").CombinedOutput(); err != nil {
			t.Errorf("%v\n%s", err, output)
		}
	})
}

func TestCLIIsBuiltOnceFromTheModuleProxy(t *testing.T) {
	proxied(t)
	folder := t.TempDir()
	wanted, err := parse("terraform@1.98.7")
	if err != nil {
		t.Fatal(err)
	}
	path, err := wanted.build(t.Context(), folder)
	if err != nil {
		t.Fatal(err)
	}
	output, err := exec.Command(path).CombinedOutput()
	if want := "dev: no 1 local\n"; err != nil || string(output) != want {
		t.Errorf("the program says %q, want %q (%v)", output, want, err)
	}
	if left, err := os.ReadDir(filepath.Dir(path)); err != nil || len(left) != 1 {
		t.Errorf("%v is left beside the program (%v)", left, err)
	}

	t.Setenv("GOPROXY", "off")
	if again, err := wanted.build(t.Context(), folder); err != nil || again != path {
		t.Errorf("the second build gives %q (%v), want %q", again, err, path)
	}
}

func TestUnknownVersionIsAnError(t *testing.T) {
	proxied(t)
	wanted, err := parse("terraform@1.98.6")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := wanted.build(t.Context(), t.TempDir()); err == nil || !strings.Contains(err.Error(), "1.98.6") {
		t.Errorf("got error %v, want one that names the version", err)
	}
}

func TestOnlyTwoProgramsAreKnown(t *testing.T) {
	for _, name := range []string{"terraform", "packer@1.0.0", ""} {
		if _, err := parse(name); err == nil {
			t.Errorf("%q is accepted", name)
		}
	}
}
