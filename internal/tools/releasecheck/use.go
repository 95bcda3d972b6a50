package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/scriptix/terraform-provider-scriptix/internal/tools/fakeapi"
	"github.com/scriptix/terraform-provider-scriptix/internal/tools/mirror"
	"github.com/scriptix/terraform-provider-scriptix/internal/tools/process"
)

// script has the one session that is read.
const script = `[{"session_id": "release", "filename": "release.mp3", "language": "en", "duration": 60, "queued": "0s", "processing": "0s"}]`

// configuration names the exact version, since Terraform chooses a pre-release, which a snapshot is, only then.
const configuration = `terraform {
  required_providers {
    scriptix = {
      source  = "scriptix/scriptix"
      version = %q
    }
  }
}

data "scriptix_session" "release" {
  session_id = "release"
}

output "status" {
  value = data.scriptix_session.release.status
}
`

// use installs the release and reads a session of the fake API with it.
func use(ctx context.Context, r release, checkout, terraform, folder string) error {
	say("Installing %s and reading a session with it", r.archive())
	packed, err := mirror.Pack(r.path(r.archive()), folder)
	if err != nil {
		return err
	}
	work := filepath.Join(folder, "work")
	if err := os.MkdirAll(work, 0o750); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(work, "main.tf"), fmt.Appendf(nil, configuration, r.version), 0o600); err != nil {
		return err
	}
	program, err := fakeapi.Build(ctx, checkout, folder)
	if err != nil {
		return err
	}
	token := rand.Text()
	api, err := fakeapi.Start(ctx, program, token, []byte(script), folder)
	if err != nil {
		return err
	}
	defer api.Stop()

	cli := terraformCLI{
		path:        terraform,
		folder:      work,
		environment: packed.Environment("SCRIPTIX_BASE_URL="+api.Address, "SCRIPTIX_API_TOKEN="+token),
	}
	return cli.readStatus(ctx)
}

// terraformCLI is Terraform in a folder with a configuration.
type terraformCLI struct {
	path        string
	folder      string
	environment []string
}

func (t terraformCLI) readStatus(ctx context.Context) error {
	if _, err := t.run(ctx, "init", "-input=false", "-no-color"); err != nil {
		return err
	}
	if _, err := t.run(ctx, "apply", "-input=false", "-no-color", "-auto-approve"); err != nil {
		return err
	}
	status, err := t.run(ctx, "output", "-raw", "status")
	if err != nil {
		return err
	}
	if status != "completed" {
		return fmt.Errorf("the session's status is %q instead of completed", status)
	}
	return nil
}

// run returns what Terraform printed, and is silent unless it fails.
func (t terraformCLI) run(ctx context.Context, arguments ...string) (string, error) {
	var output, messages strings.Builder
	command := process.Command(ctx, t.path, arguments...)
	command.Dir = t.folder
	command.Env = t.environment
	command.Stdout = &output
	command.Stderr = &messages
	if err := process.Run(command); err != nil {
		return "", fmt.Errorf("terraform %s: %w\n%s%s", arguments[0], err, output.String(), messages.String())
	}
	return output.String(), nil
}
