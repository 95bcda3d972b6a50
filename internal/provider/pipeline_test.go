//go:build unix

package provider_test

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
)

const pipeline = examples + "/pipeline"

// jobs are the guide's jobs. The last step of each applies. When somebody cancels a job, GitHub signals the first process
// of the step, and GitLab's runner all of them.
var jobs = map[string]struct {
	steps func(t *testing.T, job string) []string
	end   ending
}{
	"github-actions.yml": {stepsOfGitHub, ending{syscall.SIGINT, false}},
	"gitlab-ci.yml":      {stepsOfGitLab, ending{syscall.SIGTERM, true}},
}

// patience is the time until GitHub sends a second signal, after which Terraform leaves its lock.
const patience = 7500 * time.Millisecond

// The next run of a canceled job deploys.
func TestCanceledJobLeavesNoTerraformAndNoLock(t *testing.T) {
	t.Parallel()
	needsUsualCLI(t, terraformData)
	for file, job := range jobs {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			server := scriptixtest.NewServer(t)
			server.Add(scriptixtest.Session{SessionID: "keynote", Processing: forever})
			runner := newRunner(t, server)
			steps := job.steps(t, file)
			last := len(steps) - 1
			for _, step := range steps[:last] {
				runner.run(step)
			}

			command := runner.shell(steps[last])
			output, err := os.Create(filepath.Join(t.TempDir(), "output"))
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = output.Close() })
			command.Stdout, command.Stderr = output, output
			if err := command.Start(); err != nil {
				t.Fatal(err)
			}
			group := -command.Process.Pid
			t.Cleanup(func() { _ = syscall.Kill(group, syscall.SIGKILL) })
			until(t, "the wait has begun", func() bool { return len(server.Requests()) > 1 })
			lock := filepath.Join(runner.directory, ".terraform.tfstate.lock.info")
			if _, err := os.Stat(lock); err != nil {
				t.Fatalf("the state is not locked: %v", err)
			}

			canceled := time.Now()
			signal(t, command, job.end)
			go func() { _ = command.Wait() }() // its end counts, and not how it ends
			until(t, "no process of the step is left", func() bool { return errors.Is(syscall.Kill(group, 0), syscall.ESRCH) })
			if took := time.Since(canceled); took > patience {
				t.Errorf("the step ended after %s, and the runner has lost its patience after %s", took, patience)
			}
			if _, err := os.Stat(lock); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("the state is still locked (%v)", err)
			}
			if printed := read(t, output.Name()); !says("Error: Cancelled", "Run Terraform again to continue the wait").MatchString(printed) {
				t.Errorf("the step does not say that the wait was canceled:\n%s", printed)
			}

			server.Add(scriptixtest.Session{SessionID: "keynote"})
			deployed := ""
			for _, step := range slices.DeleteFunc(steps, func(step string) bool { return strings.Contains(step, ".provider") }) {
				deployed += runner.run(step)
			}
			contains(t, deployed, "Apply complete! Resources: 2 added")
		})
	}
}

// newRunner is a machine of a CI system, with the guide's configuration and the secrets of the job.
func newRunner(t *testing.T, server *scriptixtest.Server) *stranger {
	t.Helper()
	runner := newStranger(t)
	write(t, filepath.Join(runner.directory, "main.tf"), read(t, filepath.Join(pipeline, "main.tf")))
	runner.environment = append(runner.environment,
		"SCRIPTIX_API_TOKEN="+scriptixtest.Token,
		"SCRIPTIX_BASE_URL="+server.URL,
		`TF_VAR_session_ids=["keynote"]`,
		"TF_IN_AUTOMATION=true",
		"CI_PROJECT_DIR="+runner.directory,
	)
	return runner
}

var (
	checkoutOfProvider = regexp.MustCompile(`(?s)repository: (\S+)\n +ref: (\S+)\n +path: (\S+)\n`)
	commandOfGitHub    = regexp.MustCompile(`(?m)^ +(?:- )?run: (.+)$`)
	commandOfGitLab    = regexp.MustCompile(`(?m)^ {4}- (.+)$`)
)

// stepsOfGitHub has a clone where the job uses an action that clones. The runner gives each step a shell of its own.
func stepsOfGitHub(t *testing.T, file string) []string {
	t.Helper()
	job := read(t, filepath.Join(pipeline, file))
	provider := checkoutOfProvider.FindStringSubmatch(job)
	if provider == nil {
		t.Fatalf("%s does not check the provider out:\n%s", file, job)
	}
	steps := []string{"git clone --quiet --branch " + provider[2] + " https://github.com/" + provider[1] + ".git " + provider[3]}
	for _, command := range commandOfGitHub.FindAllStringSubmatch(job, -1) {
		steps = append(steps, command[1])
	}
	return steps
}

// stepsOfGitLab has the script of each job. The runner gives each script a shell of its own.
func stepsOfGitLab(t *testing.T, file string) []string {
	t.Helper()
	var steps []string
	for _, job := range strings.Split(read(t, filepath.Join(pipeline, file)), "  script:\n")[1:] {
		var script []string
		for _, command := range commandOfGitLab.FindAllStringSubmatch(job, -1) {
			script = append(script, command[1])
		}
		steps = append(steps, strings.Join(script, "\n"))
	}
	return steps
}

// The project updates the actions of its own workflows. The guide's job follows.
func TestJobOfTheGuideUsesTheActionsOfTheProject(t *testing.T) {
	t.Parallel()
	actions := regexp.MustCompile(`uses: \S+@[0-9a-f]{40} # v\S+`).FindAllString(read(t, filepath.Join(pipeline, "github-actions.yml")), -1)
	if len(actions) != 4 {
		t.Errorf("the job has %q, want 4 actions that are pinned", actions)
	}
	contains(t, read(t, checkout+"/.github/workflows/test.yml"), actions...)
}
