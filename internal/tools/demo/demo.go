package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/scriptix/terraform-provider-scriptix/internal/tools/fakeapi"
	"github.com/scriptix/terraform-provider-scriptix/internal/tools/mirror"
	"github.com/scriptix/terraform-provider-scriptix/internal/tools/process"
)

// failedGate awaits the session that fails, beside those that the configuration awaits by itself.
const failedGate = `-var=awaited_sessions=["board-meeting","customer-call","podcast","town-hall","voicemail"]`

// planFile is what the apply takes from the plan.
const planFile = "transcripts.tfplan"

// refusal is the summary of the error that a failed session is. Terraform may put colours before and after it.
const refusal = "Session Failed"

// demo is one showing: a story in seven steps, and what they share.
type demo struct {
	screen    screen
	checkout  string
	folder    string // temporary: everything that is made goes here
	terraform string

	environment []string
}

func (d *demo) run(ctx context.Context) error {
	d.screen.heading("1. Building the provider, and a fake Scriptix API for it to talk to")
	provider, err := mirror.Build(ctx, d.checkout, d.folder)
	if err != nil {
		return err
	}
	program, err := fakeapi.Build(ctx, d.checkout, d.folder)
	if err != nil {
		return err
	}
	if err := copyConfiguration(filepath.Join(d.checkout, "examples", "demo"), d.work()); err != nil {
		return err
	}
	d.screen.say("Both are in a temporary folder, beside a copy of examples/demo.")

	d.screen.heading("2. Recordings are uploaded")
	recordings, err := describe(script)
	if err != nil {
		return err
	}
	token := rand.Text()
	api, err := fakeapi.Start(ctx, program, token, script, d.folder)
	if err != nil {
		return err
	}
	defer api.Stop()
	d.screen.say(recordings)
	d.screen.say("The fake API listens at " + api.Address + ".")

	d.environment = provider.Environment(
		"TF_DATA_DIR="+filepath.Join(d.folder, "data"),
		"SCRIPTIX_BASE_URL="+api.Address,
		"SCRIPTIX_API_TOKEN="+token,
	)
	for _, step := range []func(context.Context) error{d.install, d.plan, d.apply, d.tell, d.refuse} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (d *demo) install(ctx context.Context) error {
	d.screen.heading("3. Terraform installs the provider")
	return d.runTerraform(ctx, "init", "-input=false")
}

func (d *demo) plan(ctx context.Context) error {
	d.screen.heading("4. The plan waits until four transcripts are there")
	d.screen.say("Terraform reads data sources while it plans, so this is where a gate holds a pipeline.")
	return d.runTerraform(ctx, "plan", "-input=false", "-out="+planFile)
}

func (d *demo) apply(ctx context.Context) error {
	d.screen.heading("5. The apply goes on with what the plan found")
	return d.runTerraform(ctx, "apply", "-input=false", planFile)
}

// tell repeats the outputs as a person would like to read them.
func (d *demo) tell(ctx context.Context) error {
	d.screen.heading("6. What Terraform knows now")
	var answer strings.Builder
	output := d.command(ctx, "output", "-json")
	output.Stdout = &answer
	if err := process.Run(output); err != nil {
		return fmt.Errorf("terraform output: %w", err)
	}
	results, err := parseResults(answer.String())
	if err != nil {
		return err
	}
	d.screen.say(results.table())
	return nil
}

// refuse succeeds when Terraform fails for the right reason.
func (d *demo) refuse(ctx context.Context) error {
	d.screen.heading("7. A failed session stops the pipeline")
	d.screen.say("The same apply, but it awaits the voicemail as well. It has to be refused.")
	var message strings.Builder
	apply := d.command(ctx, "apply", "-input=false", "-auto-approve", failedGate)
	apply.Stderr = io.MultiWriter(os.Stderr, &message)
	d.screen.command("terraform", "apply", "-input=false", "-auto-approve", failedGate)

	err := process.Run(apply)
	var exit *exec.ExitError
	switch {
	case err == nil:
		return errors.New("the apply went through though a session had failed")
	case !errors.As(err, &exit):
		return fmt.Errorf("terraform apply: %w", err)
	case !strings.Contains(message.String(), refusal):
		return errors.New("the apply failed, but not because of the failed session")
	}
	d.screen.say(fmt.Sprintf("Terraform ended with exit code %d, so nothing after it would run. That is what a gate is for.",
		exit.ExitCode()))
	return nil
}
