//go:build unix

package provider_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
)

// httpProvider is HashiCorp's provider whose data source http reads any address, in the newest version that is a Go
// module by its path.
const httpProvider = "github.com/terraform-providers/terraform-provider-http@v1.2.0"

// oneSessionAgainstHTTP is how much longer a plan takes that reads a session than one that does the same GET with the
// data source http: the fastest of some runs each, in turn, so that a busy machine slows both.
func oneSessionAgainstHTTP(t *testing.T) float64 {
	t.Helper()
	server := scriptixtest.NewServer(t)
	server.Add(scriptixtest.Session{SessionID: "one"})
	own := newCLI(t, server, session(`session_id = "one"`))
	other := newHTTPCLI(t, server, "one")
	fastest := func(soFar time.Duration, terraform *cli) time.Duration {
		began := time.Now()
		terraform.run(true, "plan", "-input=false", "-no-color")
		return min(soFar, time.Since(began))
	}
	const runs = 15
	ours, theirs := time.Hour, time.Hour
	for range runs {
		ours, theirs = fastest(ours, own), fastest(theirs, other)
	}
	if requests := len(server.Requests()); requests != 2*runs {
		t.Fatalf("%d requests, want one for each plan", requests)
	}
	return ours.Seconds() / theirs.Seconds()
}

// newHTTPCLI prepares Terraform to read the session with the data source http.
func newHTTPCLI(t *testing.T, server *scriptixtest.Server, sessionID string) *cli {
	t.Helper()
	directory := t.TempDir()
	install := exec.CommandContext(t.Context(), "go", "install", httpProvider)
	install.Dir = directory // outside this module
	install.Env = append(os.Environ(), "GOBIN="+directory, "GOFLAGS=")
	if output, err := install.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	terraform := newCLI(t, server, "")
	settings := filepath.Join(directory, "settings.tfrc")
	write(t, settings, fmt.Sprintf("provider_installation {\n  dev_overrides {\n    \"hashicorp/http\" = %q\n  }\n  direct {}\n}\n", directory))
	terraform.environment = append(terraform.environment, "TF_CLI_CONFIG_FILE="+settings)
	write(t, filepath.Join(terraform.directory, "main.tf"), fmt.Sprintf(`
terraform {
  required_providers {
    http = { source = "hashicorp/http" }
  }
}

data "http" "session" {
  url             = "%s/api/v3/speech-to-text/session/%s"
  request_headers = { Authorization = "Bearer %s" }
}
`, server.URL, sessionID, scriptixtest.Token))
	return terraform
}
