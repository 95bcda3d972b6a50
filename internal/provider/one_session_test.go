//go:build unix

package provider_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/scriptix/terraform-provider-scriptix/internal/provider"
	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
)

// httpProvider is HashiCorp's provider whose data source http reads any address, in the newest version that is a Go
// module by its path.
const httpProvider = "github.com/terraform-providers/terraform-provider-http@v1.2.0"

// oneSessionAgainstHTTP is how much longer a plan takes that reads a session than one that does the same GET with the
// data source http.
func oneSessionAgainstHTTP(t *testing.T) float64 {
	t.Helper()
	server := scriptixtest.NewServer(t)
	server.Add(scriptixtest.Session{SessionID: "one"})
	own := newCLI(t, server, session(`session_id = "one"`))
	other := newHTTPCLI(t, server, "one")
	plan := func(terraform *cli) func() {
		return func() { terraform.run(true, "plan", "-input=false", "-no-color") }
	}
	const pairs = 41
	ratio := provider.TimeRatio(pairs, plan(own), plan(other))
	if requests := len(server.Requests()); requests != 2*pairs {
		t.Fatalf("%d requests, want one for each plan", requests)
	}
	return ratio
}

// newHTTPCLI prepares Terraform to read the session with the data source http.
func newHTTPCLI(t *testing.T, server *scriptixtest.Server, sessionID string) *cli {
	t.Helper()
	directory := t.TempDir()
	install := exec.CommandContext(t.Context(), "go", "install", httpProvider)
	install.Dir = directory // outside this module
	install.Env = append(os.Environ(), "GOBIN="+directory, "GOFLAGS=", withoutC)
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
