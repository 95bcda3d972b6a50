package provider_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
)

// orderedActions are what the action's page tells of Terraform 1.16.
var orderedActions = feature{"actions in the order of dependencies", 16, noneYet}

// publication is a resource that must not exist before the action has succeeded.
const publication = `
resource "terraform_data" "publication" {
  lifecycle {
    action_trigger {
      events  = [before_create]
      actions = [action.scriptix_wait_for_completion.test]
    }
  }
}
`

// orderExample is the order that the action's page shows.
func orderExample(t *testing.T) string {
	t.Helper()
	return read(t, filepath.Join(examples, "actions", "scriptix_wait_for_completion", "order.tf"))
}

// The action waits for what its config refers to, on every version, and also when both resources are replaced.
func TestActionWaitsForWhatItsConfigRefersTo(t *testing.T) {
	t.Parallel()
	server := scriptixtest.NewServer(t)
	server.Add(exampleSessions()...)
	terraform := newCLI(t, server, orderExample(t))
	terraform.executable = cliWith(t, actionBlocks)
	inOrder := says("terraform_data.upload: Creation complete", "Action started", "terraform_data.release: Creation complete")
	for _, arguments := range [][]string{
		{"apply", "-no-color", "-auto-approve"},
		{"apply", "-no-color", "-auto-approve", "-replace=terraform_data.upload"},
	} {
		server.ResetRequests()
		if output := terraform.run(true, arguments...); !inOrder.MatchString(output) {
			t.Errorf("%q does another order:\n%s", arguments, output)
		}
		if sent := len(server.Requests()); sent != 1 {
			t.Errorf("%q has sent %d requests, want 1", arguments, sent)
		}
	}
	terraform.run(true, "destroy", "-no-color", "-auto-approve")
}

// The page explains create_before_destroy, and recommends the resource below Terraform 1.16, because of these.
func TestActionOrderDependsOnTheVersion(t *testing.T) {
	t.Parallel()
	executable := cliWith(t, actionBlocks)
	product, minor := versionOf(t, executable)
	ordered := orderedActions.in(product, minor)
	run := func(t *testing.T, config string) (terraform *cli, server *scriptixtest.Server) {
		t.Helper()
		server = scriptixtest.NewServer(t)
		server.Add(scriptixtest.Session{SessionID: "test"}, scriptixtest.Session{SessionID: "fed654cba321"})
		terraform = newCLI(t, server, config)
		terraform.executable = executable
		return terraform, server
	}
	apply := []string{"apply", "-no-color", "-auto-approve"}

	t.Run("a dependency of the trigger fails", func(t *testing.T) {
		t.Parallel()
		terraform, server := run(t, waitAction(`session_ids = ["test"]`)+`
resource "terraform_data" "upload" {
  provisioner "local-exec" {
    command = "exit 1"
  }
}
resource "terraform_data" "publication" {
  depends_on = [terraform_data.upload]
  lifecycle {
    action_trigger {
      events  = [before_create]
      actions = [action.scriptix_wait_for_completion.test]
    }
  }
}
`)
		terraform.run(false, apply...)
		if sent := len(server.Requests()); (sent == 0) != ordered {
			t.Errorf("%s 1.%d: the action has sent %d requests", product, minor, sent)
		}
	})
	t.Run("an action after the creation fails", func(t *testing.T) {
		t.Parallel()
		terraform, _ := run(t, waitAction(`session_ids = ["missing"]`)+`
resource "terraform_data" "upload" {
  lifecycle {
    action_trigger {
      events  = [after_create]
      actions = [action.scriptix_wait_for_completion.test]
    }
  }
}
resource "terraform_data" "dependent" {
  depends_on = [terraform_data.upload]
}
`)
		terraform.run(false, apply...)
		created := strings.Contains(terraform.run(true, "state", "list"), "terraform_data.dependent")
		if created == ordered {
			t.Errorf("%s 1.%d: the dependent was created: %t", product, minor, created)
		}
	})
	t.Run("both resources are replaced", func(t *testing.T) {
		t.Parallel()
		terraform, _ := run(t, strings.ReplaceAll(orderExample(t), "create_before_destroy = true", ""))
		terraform.run(true, apply...)
		output := terraform.run(ordered, slices.Concat(apply, []string{"-replace=terraform_data.upload"})...)
		if cycle := strings.Contains(output, "Error: Cycle:"); cycle == ordered {
			t.Errorf("%s 1.%d: a cycle: %t\n%s", product, minor, cycle, output)
		}
	})
	t.Run("the trigger continues after a failure", func(t *testing.T) {
		t.Parallel()
		terraform, _ := run(t, waitAction(`session_ids = ["missing"]`)+
			strings.Replace(publication, "events  =", "on_failure = continue\n      events  =", 1))
		output := terraform.run(ordered, apply...)
		if !ordered {
			contains(t, output, "Unsupported argument")
			return
		}
		contains(t, terraform.run(true, "state", "list"), "terraform_data.publication")
	})
}
