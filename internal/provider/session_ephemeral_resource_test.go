package provider_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/echoprovider"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
)

// ephemeralSession is an ephemeral resource of the name "test" with these arguments.
func ephemeralSession(arguments ...string) string {
	return fmt.Sprintf("ephemeral \"scriptix_session\" \"test\" {\n  %s\n}\n", strings.Join(arguments, "\n  "))
}

// echoed hands the ephemeral resource to a provider whose resource has it in the state, as "echo.test".
func echoed(config string) string {
	return config + "provider \"echo\" {\n  data = ephemeral.scriptix_session.test\n}\nresource \"echo\" \"test\" {}\n"
}

// applyEphemeral runs the steps, with the echo provider beside the one that is tested.
func applyEphemeral(t *testing.T, steps ...resource.TestStep) {
	t.Helper()
	defaultCLI(t)
	resource.UnitTest(t, resource.TestCase{
		TerraformVersionChecks: []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_10_0)},
		ProtoV6ProviderFactories: map[string]func() (tfprotov6.ProviderServer, error){
			"scriptix": hasty,
			"echo":     echoprovider.NewProviderServer(),
		},
		Steps: steps,
	})
}

// echoHas checks one attribute of what was echoed.
func echoHas(attribute string, check knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue("echo.test", tfjsonpath.New("data").AtMapKey(attribute), check)
}

func TestEphemeralSessionHasEveryFieldOfTheContract(t *testing.T) {
	t.Parallel()
	server := scriptixtest.NewServer(t)
	server.Add(scriptixtest.Session{SessionID: contractID, JSON: scriptixtest.CompletedSessionJSON})
	applyEphemeral(t, resource.TestStep{
		Config: using(server, echoed(ephemeralSession(`session_id = "`+contractID+`"`))),
		ConfigStateChecks: []statecheck.StateCheck{
			statecheck.ExpectKnownValue("echo.test", tfjsonpath.New("data"), knownvalue.ObjectExact(contractSession(map[string]knownvalue.Check{
				"media_url":           knownvalue.StringExact("https://storage.scriptix.io/media/abc123def456/meeting.mp3"),
				"wait_for_completion": knownvalue.Null(),
				"allow_failed":        knownvalue.Null(),
				"allow_unfinished":    knownvalue.Null(),
				"poll_interval":       knownvalue.Null(),
				"timeouts":            knownvalue.Null(),
			}))),
		},
	})
}

func TestEphemeralSessionWaitsWhenAskedTo(t *testing.T) {
	t.Parallel()
	server := scriptixtest.NewServer(t)
	server.Add(scriptixtest.Session{SessionID: "test"})
	then(server, "test", inStatus("test", "processing"))
	applyEphemeral(t, resource.TestStep{
		Config:            using(server, echoed(ephemeralSession(`session_id = "test"`, waits))),
		ConfigStateChecks: []statecheck.StateCheck{echoHas("status", knownvalue.StringExact("completed"))},
	})
	if got := len(server.Requests()); got < 2 {
		t.Errorf("%d requests were sent, want at least one poll", got)
	}
}

// A program gets the address of the recording, and nothing that Terraform writes holds it.
func TestEphemeralSessionIsStoredNowhere(t *testing.T) {
	t.Parallel()
	executable := cliWith(t, ephemeralResources)
	server := scriptixtest.NewServer(t)
	server.Add(scriptixtest.Session{SessionID: "test", Filename: "unmistakable.mp3"})
	fetched := filepath.Join(t.TempDir(), "fetched")
	terraform := newCLI(t, server, ephemeralSession(`session_id = "test"`, waits)+`
resource "terraform_data" "download" {
  provisioner "local-exec" {
    command     = "printenv RECORDING NAME > '`+fetched+`'"
    environment = {
      RECORDING = ephemeral.scriptix_session.test.media_url
      NAME      = ephemeral.scriptix_session.test.filename
    }
  }
}
`)
	terraform.executable = executable
	var outputs []string
	for _, arguments := range [][]string{
		{"plan", "-no-color", "-out=saved.tfplan"},
		{"show", "-no-color", "saved.tfplan"},
		{"apply", "-no-color", "saved.tfplan"},
		{"show", "-no-color"},
		{"plan", "-no-color"},
	} {
		outputs = append(outputs, terraform.run(true, arguments...))
	}
	// Unless the program got them, there was nothing to store.
	contains(t, read(t, fetched), recording, "unmistakable.mp3")
	for _, secret := range []string{recording, "unmistakable.mp3", scriptixtest.Token} {
		for _, output := range outputs {
			lacks(t, "the output", output, secret)
		}
		searched := noFileHolds(t, terraform.directory, secret)
		for _, name := range []string{"terraform.tfstate", "saved.tfplan", "saved.tfplan/tfplan", "saved.tfplan/tfstate"} {
			if !searched[name] {
				t.Errorf("%s was not searched, but %v", name, searched)
			}
		}
	}
}
