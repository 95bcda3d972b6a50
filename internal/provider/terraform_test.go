package provider_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
)

// cli is a directory with a configuration, in which a real Terraform runs with the provider as a process of its own:
// for what shows only there, such as output, files, logs and signals.
type cli struct {
	t           *testing.T
	executable  string
	directory   string
	environment []string
}

// requirement names the provider as the built binary is overridden.
const requirement = "terraform {\n  required_providers {\n    scriptix = { source = \"scriptix/scriptix\" }\n  }\n}\n"

// newCLI prepares Terraform with token and address of the server in the environment.
func newCLI(t *testing.T, server *scriptixtest.Server, config string) *cli {
	t.Helper()
	executable := defaultCLI(t)
	settings := filepath.Join(t.TempDir(), "settings.tfrc")
	write(t, settings, "provider_installation {\n  dev_overrides {\n    \"scriptix/scriptix\" = \""+filepath.ToSlash(filepath.Dir(binary(t)))+"\"\n  }\n  direct {}\n}\n")
	directory := t.TempDir()
	write(t, filepath.Join(directory, "main.tf"), requirement+config)
	return &cli{t: t, executable: executable, directory: directory, environment: append(os.Environ(),
		"TF_CLI_CONFIG_FILE="+settings,
		"TF_IN_AUTOMATION=1",
		"CHECKPOINT_DISABLE=1",
		"SCRIPTIX_API_TOKEN="+scriptixtest.Token,
		"SCRIPTIX_BASE_URL="+server.URL,
	)}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// howToAccept says how to run the tests that need Terraform.
const howToAccept = `acceptance tests run with "make test", or with TF_ACC=1 and a Terraform on the PATH or in TF_ACC_TERRAFORM_PATH`

func runsAcceptanceTests() bool {
	return os.Getenv(resource.EnvTfAcc) != "" || os.Getenv("TF_ACC_TERRAFORM_PATH") != ""
}

// defaultCLI is the CLI that Terraform's test framework uses too. Without TF_ACC, as in other providers, or a CLI that is named,
// the test is skipped. "make test-matrix" counts the tests that ask for a CLI.
func defaultCLI(t *testing.T) string {
	t.Helper()
	if !runsAcceptanceTests() {
		t.Skip("skipped: " + howToAccept)
	}
	t.Attr("cli", "")
	if named := os.Getenv("TF_ACC_TERRAFORM_PATH"); named != "" {
		return named
	}
	found, err := exec.LookPath("terraform")
	if err != nil {
		t.Fatalf("these tests need Terraform: %v", err)
	}
	return found
}

// command is a run of Terraform. It is killed when it has not ended by itself long after it should have.
func (c *cli) command(arguments ...string) (command *exec.Cmd, output *bytes.Buffer) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	c.t.Cleanup(cancel)
	command = exec.CommandContext(ctx, c.executable, arguments...)
	command.Dir = c.directory
	command.Env = c.environment
	command.WaitDelay = 5 * time.Second
	output = &bytes.Buffer{}
	command.Stdout, command.Stderr = output, output
	return command, output
}

// run returns what Terraform prints, and the test fails unless it succeeds or fails as expected.
func (c *cli) run(succeeds bool, arguments ...string) string {
	c.t.Helper()
	command, output := c.command(arguments...)
	err := command.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) || (err == nil) != succeeds {
		c.t.Fatalf("terraform %q: %v\n%s", arguments, err, output)
	}
	return output.String()
}

// binary builds the provider once for all tests and returns its path.
func binary(t *testing.T) string {
	t.Helper()
	path, err := build()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// withoutC makes the go command build as a release is built. A program with C libraries takes a millisecond more to start, and
// Terraform starts a provider three times for a plan.
const withoutC = "CGO_ENABLED=0"

var build = sync.OnceValues(func() (string, error) {
	path := filepath.Join(workshop, "provider", "terraform-provider-scriptix")
	if runtime.GOOS == "windows" {
		path += ".exe"
	}
	command := exec.Command("go", "build", "-o", path, "../..")
	command.Env = append(os.Environ(), withoutC)
	output, err := command.CombinedOutput()
	if err != nil {
		return "", errors.Join(err, errors.New(string(output)))
	}
	return path, nil
})
