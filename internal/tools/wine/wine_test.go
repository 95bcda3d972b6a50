package wine

import (
	"bytes"
	"context"
	"debug/pe"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
	"github.com/scriptix/terraform-provider-scriptix/internal/tools/mirror"
	"github.com/scriptix/terraform-provider-scriptix/internal/tools/process"
)

var (
	wine      = flag.String("wine", "", "`path` of wine64")
	prefix    = flag.String("prefix", "", "`folder` of Wine's drive C, made if it is not there")
	terraform = flag.String("terraform", "terraform", "`path` of a Terraform CLI of this system")
)

const checkout = "../../.."

// removal is what Wine 8 does not know, and how it says so. Go has another way for Windows before 10, but looks for other
// answers. The tests remove their temporary files in this way.
const (
	removal      = "case STATUS_INVALID_INFO_CLASS,"
	withWinesOwn = "case NTStatus(0xC0000002), STATUS_INVALID_INFO_CLASS,"
)

func TestShimExportsWhatGoLoads(t *testing.T) {
	t.Parallel()
	file, err := pe.NewFile(bytes.NewReader(Shim()))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	section, err := file.Sections[0].Data()
	if err != nil {
		t.Fatal(err)
	}
	if file.Machine != pe.IMAGE_FILE_MACHINE_AMD64 || !bytes.Contains(section, []byte("\x00ProcessPrng\x00advapi32.SystemFunction036\x00")) {
		t.Errorf("the library is for %#x, and contains %q", file.Machine, section)
	}
}

// Windows is only compiled for where nobody has it. Wine is not Windows, but runs what is compiled.
func TestUnitTestsPassUnderWine(t *testing.T) {
	environment := started(t)
	folder := t.TempDir()
	overlay := overlaid(t, folder)
	for _, pkg := range packages(t) {
		t.Run(filepath.Base(pkg), func(t *testing.T) {
			program := filepath.Join(folder, filepath.Base(pkg)+".test.exe")
			build(t, "test", "-c", "-overlay", overlay, "-o", program, pkg)
			if _, err := os.Stat(program); err != nil {
				t.Skip("the package has no tests")
			}
			output, err := run(t, append(os.Environ(), environment...), pkg, *wine, program, "-test.v")
			if err != nil {
				t.Errorf("%v\n%s", err, output)
			}
			t.Logf("passed: %d, skipped: %d", bytes.Count(output, []byte("--- PASS: ")), bytes.Count(output, []byte("--- SKIP: ")))
			for reason, count := range skips(output) {
				t.Logf("skipped %d times: %s", count, reason)
			}
		})
	}
}

var skipped = regexp.MustCompile(`(?m)^ +\S+\.go:\d+: skipped: (.*?)\r?$`)

// skips counts the reasons why tests were skipped.
func skips(output []byte) map[string]int {
	counts := map[string]int{}
	for _, found := range skipped.FindAllSubmatch(output, -1) {
		counts[string(found[1])]++
	}
	return counts
}

func TestTerraformUsesTheWindowsBuild(t *testing.T) {
	environment := started(t)
	folder := t.TempDir()
	program := filepath.Join(folder, "provider.exe")
	build(t, "build", "-o", program, checkout)
	// Terraform runs on this system, and starts the provider under Wine.
	programs := filepath.Join(folder, "programs")
	write(t, filepath.Join(programs, "terraform-provider-scriptix"), fmt.Sprintf("#!/bin/sh\nexec '%s' '%s'\n", *wine, program))
	overridden, err := mirror.Override(programs, folder)
	if err != nil {
		t.Fatal(err)
	}
	// The session completes when the provider has seen it processing.
	var server *scriptixtest.Server
	server = scriptixtest.NewServer(t, scriptixtest.WithObserver(func(scriptixtest.Request) {
		server.Add(scriptixtest.Session{SessionID: "waited"})
	}))
	server.Add(scriptixtest.Session{SessionID: "waited", Processing: time.Hour})
	project := filepath.Join(folder, "project")
	write(t, filepath.Join(project, "main.tf"), `terraform {
  required_providers {
    scriptix = {
      source = "scriptix/scriptix"
    }
  }
}

resource "scriptix_session_completion" "waited" {
  session_id = "waited"
}

output "status" {
  value = scriptix_session_completion.waited.status
}
`)
	settings := overridden.Environment(append(environment, "SCRIPTIX_BASE_URL="+server.URL, "SCRIPTIX_API_TOKEN="+scriptixtest.Token)...)
	if output, err := run(t, settings, project, *terraform, "apply", "-no-color", "-input=false", "-auto-approve"); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	output, err := run(t, settings, project, *terraform, "output", "-json", "status")
	var status string
	if err != nil || json.Unmarshal(output, &status) != nil || status != "completed" {
		t.Errorf("the status is %q, want completed: %v\n%s", status, err, output)
	}
	if sent := len(server.Requests()); sent < 2 {
		t.Errorf("%d requests arrived, want one to begin the wait, and at least one poll", sent)
	}
}

// started prepares Wine, and returns its settings.
func started(t *testing.T) []string {
	t.Helper()
	if *wine == "" {
		t.Skip("no Wine is named: run make test-wine")
	}
	// Wine makes the folder, but no folder around it.
	if err := os.MkdirAll(*prefix, 0o700); err != nil {
		t.Fatal(err)
	}
	environment := []string{"WINEPREFIX=" + *prefix, "WINEDEBUG=-all"}
	if output, err := run(t, append(os.Environ(), environment...), ".", *wine, "wineboot", "--init"); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	t.Cleanup(func() {
		ended := exec.CommandContext(context.Background(), *wine, "wineboot", "--kill")
		ended.Env = append(os.Environ(), environment...)
		_ = ended.Run() // it ends itself with the others
	})
	library := filepath.Join(*prefix, "drive_c", "windows", "system32", ShimName)
	if _, err := os.Stat(library); err != nil {
		write(t, library, string(Shim()))
	}
	return environment
}

// overlaid has Go's own library understand Wine's answer.
func overlaid(t *testing.T, folder string) string {
	t.Helper()
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	source := filepath.Join(strings.TrimSpace(string(root)), "src", "internal", "syscall", "windows", "at_windows.go")
	text, err := os.ReadFile(source)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Count(string(text), removal) != 1 {
		t.Fatalf("Go removes files in another way than before: %s", source)
	}
	changed := filepath.Join(folder, "at_windows.go")
	write(t, changed, strings.Replace(string(text), removal, withWinesOwn, 1))
	overlay, err := json.Marshal(map[string]map[string]string{"Replace": {source: changed}})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(folder, "overlay.json")
	write(t, path, string(overlay))
	return path
}

// packages returns the folders of the provider's packages.
func packages(t *testing.T) []string {
	t.Helper()
	list := exec.Command("go", "list", "-f", "{{.Dir}}", "./...")
	list.Dir = checkout
	output, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.Fields(string(output))
}

// build compiles a package of the provider for Windows.
func build(t *testing.T, arguments ...string) {
	t.Helper()
	command := exec.Command("go", arguments...)
	command.Dir = arguments[len(arguments)-1]
	command.Args[len(arguments)] = "."
	command.Env = append(os.Environ(), "GOOS=windows", "GOARCH=amd64", "CGO_ENABLED=0")
	if output, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
}

func run(t *testing.T, environment []string, folder, name string, arguments ...string) ([]byte, error) {
	t.Helper()
	var output bytes.Buffer
	command := process.Command(t.Context(), name, arguments...)
	command.Dir, command.Env = folder, environment
	command.Stdout, command.Stderr = &output, &output
	err := process.Run(command)
	return output.Bytes(), err
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
}
