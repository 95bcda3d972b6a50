package provider_test

import (
	"testing"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
)

// The guide on waiting has a table of which commands read data sources, and so may wait. It says what Terraform does,
// and Terraform is free to change that.
func TestCommandsReadAsTheGuideOnWaitingSays(t *testing.T) {
	t.Parallel()
	needsUsualCLI(t, terraformData)
	server := scriptixtest.NewServer(t)
	server.Add(scriptixtest.Session{SessionID: "test"})
	terraform := newCLI(t, server, session(`session_id = "test"`, waits)+`
resource "terraform_data" "publication" { input = data.scriptix_session.test.status }
resource "terraform_data" "other" { input = "needs no session" }
`)
	sent := 0
	for _, step := range []struct {
		arguments []string
		requests  int
	}{
		{[]string{"validate", "-no-color"}, 0},
		{[]string{"plan", "-no-color"}, 1},
		{[]string{"plan", "-no-color", "-refresh=false"}, 1},
		{[]string{"plan", "-no-color", "-target=terraform_data.other"}, 0},
		{[]string{"plan", "-no-color", "-out=saved.tfplan"}, 1},
		{[]string{"apply", "-no-color", "saved.tfplan"}, 0},
		{[]string{"plan", "-no-color", "-refresh-only"}, 1},
		{[]string{"plan", "-no-color", "-refresh=false"}, 1},
		{[]string{"show", "-no-color"}, 0},
		{[]string{"output", "-no-color"}, 0},
		{[]string{"destroy", "-no-color", "-auto-approve", "-refresh=false"}, 0},
		{[]string{"apply", "-no-color", "-auto-approve"}, 1},
		{[]string{"destroy", "-no-color", "-auto-approve"}, 1},
	} {
		terraform.run(true, step.arguments...)
		if got := len(server.Requests()) - sent; got != step.requests {
			t.Errorf("terraform %q: %d requests were sent, want %d", step.arguments, got, step.requests)
		}
		sent = len(server.Requests())
	}
}
