package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/tools/fakeapi"
	"github.com/scriptix/terraform-provider-scriptix/internal/tools/mirror"
)

const (
	// refusal is the summary of the error for a failed session. Terraform may put colors before and after it.
	refusal = "Session Failed"

	// publishing is what Terraform prints when it changes what depends on the gate.
	publishing = "terraform_data.publication: Modifying"
)

// demo is one run of the story.
type demo struct {
	screen    screen
	checkout  string
	folder    string // temporary: everything that the demo writes is in it
	terraform string

	environment []string
}

// tell tells the story: a gate that opens, a gate that stops the apply, and a report.
func (d *demo) tell(ctx context.Context) error {
	api, err := d.prepare(ctx)
	if err != nil {
		return err
	}
	defer api.Stop()
	for _, step := range []func(context.Context) error{d.plan, d.apply, d.refuse, d.report} {
		d.pause(ctx)
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// pause gives a viewer time to read. Nobody reads along when the output is a file.
func (d *demo) pause(ctx context.Context) {
	if !d.screen.isTerminal {
		return
	}
	select {
	case <-ctx.Done():
	case <-time.After(2 * time.Second):
	}
}

// prepare builds and installs everything, and starts the fake API.
func (d *demo) prepare(ctx context.Context) (*fakeapi.API, error) {
	d.screen.say("Building the provider and a fake Scriptix API, in a temporary folder ...")
	provider, err := mirror.Build(ctx, d.checkout, d.folder)
	if err != nil {
		return nil, err
	}
	program, err := fakeapi.Build(ctx, d.checkout, d.folder)
	if err != nil {
		return nil, err
	}
	if err := copyConfiguration(filepath.Join(d.checkout, "examples", "demo"), d.work()); err != nil {
		return nil, err
	}
	d.environment = provider.Environment("TF_IN_AUTOMATION=1", "TF_INPUT=0")
	for _, arguments := range [][]string{{"init"}, {"-chdir=report", "init"}} {
		if _, err := d.run(ctx, arguments...); err != nil {
			return nil, err
		}
	}

	recordings, err := describe(script)
	if err != nil {
		return nil, err
	}
	token := rand.Text()
	api, err := fakeapi.Start(ctx, program, token, script, d.folder)
	if err != nil {
		return nil, err
	}
	d.environment = append(d.environment, "SCRIPTIX_BASE_URL="+api.Address, "SCRIPTIX_API_TOKEN="+token)
	d.screen.heading("1. Six recordings were just uploaded to the fake Scriptix API")
	d.screen.say(recordings)
	return api, nil
}

func (d *demo) plan(ctx context.Context) error {
	d.screen.heading("2. The plan does not wait")
	d.screen.say("examples/demo publishes four transcripts. For each of them, a scriptix_session_completion\n" +
		"waits while Terraform applies.")
	began := time.Now()
	if err := d.showPlan(ctx); err != nil {
		return err
	}
	d.screen.say(fmt.Sprintf("The plan took %.1f seconds.", time.Since(began).Seconds()))
	return nil
}

func (d *demo) apply(ctx context.Context) error {
	d.screen.heading("3. The apply waits for all four at once, then publishes them")
	_, err := d.show(ctx, "apply", "gate.tfplan")
	return err
}

// refuse succeeds if Terraform fails for the right reason and publishes nothing.
func (d *demo) refuse(ctx context.Context) error {
	d.screen.heading("4. A failed session stops the apply")
	d.screen.say("The same configuration, with the other two sessions added. One of them fails.")
	if err := d.showPlan(ctx, "-var-file=six.tfvars"); err != nil {
		return err
	}
	printed, err := d.show(ctx, "apply", "gate.tfplan")
	var exit *exec.ExitError
	switch {
	case err == nil:
		return errors.New("the apply succeeded although a session had failed")
	case !errors.As(err, &exit):
		return err
	case !strings.Contains(printed, refusal):
		return errors.New("the apply failed, but not because of the failed session")
	case strings.Contains(printed, publishing):
		return errors.New("the apply changed what depends on the failed session")
	}
	d.screen.say(fmt.Sprintf("Terraform ended with exit code %d. It did not change terraform_data.publication.", exit.ExitCode()))
	return nil
}

func (d *demo) report(ctx context.Context) error {
	d.screen.heading("5. A report on all sessions")
	d.screen.say("The data source scriptix_sessions lists them with one request. Here, a failed session is data\n" +
		"and not an error.")
	_, err := d.show(ctx, "-chdir=report", "plan")
	return err
}
