package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
	"github.com/scriptix/terraform-provider-scriptix/internal/tools/mirror"
	"github.com/scriptix/terraform-provider-scriptix/internal/tools/process"
)

var (
	archive   = flag.String("archive", "", "`path` of the release's archive for this platform")
	terraform = flag.String("terraform", "terraform", "`path` of the Terraform CLI")
)

// configuration names the exact version, because Terraform selects a pre-release, such as a snapshot, in no other way.
const configuration = `terraform {
  required_providers {
    scriptix = {
      source  = "scriptix/scriptix"
      version = %q
    }
  }
}

data "scriptix_session" "read" {
  session_id = "read"
}

resource "scriptix_session_completion" "waited" {
  session_id = "waited"
}

output "statuses" {
  value = [data.scriptix_session.read.status, scriptix_session_completion.waited.status]
}
`

func TestTerraformUsesTheRelease(t *testing.T) {
	if *archive == "" {
		t.Skip("no archive is named: run make release-check")
	}
	version := versionOf(t, *archive)
	server := newServer(t)
	packed, err := mirror.Pack(*archive, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	cli := newCLI(t, packed.Environment("SCRIPTIX_BASE_URL="+server.URL, "SCRIPTIX_API_TOKEN="+scriptixtest.Token), version)
	cli.run("init", "-input=false")
	cli.run("apply", "-input=false", "-auto-approve")

	var statuses []string
	if err := json.Unmarshal([]byte(cli.run("output", "-json", "statuses")), &statuses); err != nil {
		t.Fatal(err)
	}
	if len(statuses) != 2 || statuses[0] != "completed" || statuses[1] != "completed" {
		t.Errorf("the statuses are %q, want two completed sessions", statuses)
	}
	requests := server.Requests()
	if len(requests) < 3 {
		t.Errorf("%d requests arrived, want one to read, one to begin the wait, and at least one poll", len(requests))
	}
	// The version is in the program only if the release's build puts it there.
	for _, request := range requests {
		if agent := request.Header.Get("User-Agent"); !strings.Contains(agent, "/"+version+" ") {
			t.Errorf("a request names %q, without the version %s", agent, version)
		}
	}
}

// versionOf reads the version from the name by which the registry finds an archive.
func versionOf(t *testing.T, archive string) string {
	t.Helper()
	name, isPlatforms := strings.CutSuffix(filepath.Base(archive), "_"+runtime.GOOS+"_"+runtime.GOARCH+".zip")
	version, isProviders := strings.CutPrefix(name, "terraform-provider-scriptix_")
	if !isPlatforms || !isProviders {
		t.Fatalf("the registry finds no archive named %s", archive)
	}
	return version
}

// newServer has a completed session, and one that completes after the provider has seen it processing.
func newServer(t *testing.T) *scriptixtest.Server {
	t.Helper()
	var server *scriptixtest.Server
	server = scriptixtest.NewServer(t, scriptixtest.WithObserver(func(request scriptixtest.Request) {
		if request.SessionID == "waited" {
			server.Add(scriptixtest.Session{SessionID: "waited"})
		}
	}))
	server.Add(scriptixtest.Session{SessionID: "read"}, scriptixtest.Session{SessionID: "waited", Processing: time.Hour})
	return server
}

// cli is Terraform in a folder with the configuration.
type cli struct {
	t           *testing.T
	folder      string
	environment []string
}

func newCLI(t *testing.T, environment []string, version string) cli {
	t.Helper()
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "main.tf"), fmt.Appendf(nil, configuration, version), 0o600); err != nil {
		t.Fatal(err)
	}
	return cli{t, folder, environment}
}

// run returns what Terraform prints, and fails the test if Terraform fails.
func (c cli) run(arguments ...string) string {
	c.t.Helper()
	var output, messages strings.Builder
	command := process.Command(c.t.Context(), *terraform, append(arguments, "-no-color")...)
	command.Dir, command.Env = c.folder, c.environment
	command.Stdout, command.Stderr = &output, &messages
	if err := process.Run(command); err != nil {
		c.t.Fatalf("terraform %s: %v\n%s%s", arguments[0], err, &output, &messages)
	}
	return output.String()
}
