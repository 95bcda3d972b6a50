package faults

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/tools/mirror"
	"github.com/scriptix/terraform-provider-scriptix/internal/tools/process"
)

// workers is how many Terraforms run at once. They begin with a second of work for a processor.
var workers = make(chan struct{}, 20)

// applyWithTerraform has a real Terraform apply the operation, with the provider as a process of its own.
func applyWithTerraform(t *testing.T, o operation, url string) outcome {
	t.Helper()
	workers <- struct{}{}
	defer func() { <-workers }()
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "main.tf.json"), configuration(t, o, url), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	var output bytes.Buffer
	command := process.Command(ctx, terraform(t), "apply", "-auto-approve", "-json")
	command.Dir, command.Env = folder, override(t).Environment()
	command.Stdout, command.Stderr = &output, &output
	// Not by process.Run, which would kill a provider that Terraform had left behind.
	err := command.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) || ctx.Err() != nil {
		t.Fatalf("%v\n%s", err, &output)
	}
	nothingIsLeftOf(t, command.Process)
	got := said(t, output.Bytes())
	if code := command.ProcessState.ExitCode(); code != min(len(got.errors), 1) {
		t.Errorf("Terraform ended with exit code %d and %d errors", code, len(got.errors))
	}
	return got
}

// configuration is the operation in Terraform's language, with an output for what comes of it.
func configuration(t *testing.T, o operation, url string) []byte {
	t.Helper()
	found := fmt.Sprintf("data.%s.test[*]", o.dataSource) // a list of one
	if o.dataSource == "scriptix_sessions" {
		found = "data.scriptix_sessions.test.sessions"
	}
	content, err := json.Marshal(map[string]any{
		"terraform": map[string]any{
			"required_providers": map[string]any{"scriptix": map[string]any{"source": mirror.Address}},
		},
		"provider": map[string]any{"scriptix": o.settings(url)},
		"data":     map[string]any{o.dataSource: map[string]any{"test": o.allArguments()}},
		"output": map[string]any{"sessions": map[string]any{
			"value": "${[for session in " + found + " : \"${session.session_id} ${session.status}\"]}",
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// said is what Terraform tells machines of the outcome, a line for each message.
func said(t *testing.T, output []byte) outcome {
	t.Helper()
	var got outcome
	for line := range bytes.Lines(output) {
		var message struct {
			Type       string
			Diagnostic struct{ Severity, Summary, Detail string }
			Outputs    map[string]struct{ Value []string }
		}
		if err := json.Unmarshal(line, &message); err != nil {
			t.Fatalf("%v in:\n%s", err, output)
		}
		switch {
		case message.Type == "outputs":
			got.sessions = message.Outputs["sessions"].Value
		case message.Type == "diagnostic" && message.Diagnostic.Severity == "error":
			got.errors = append(got.errors, problem{message.Diagnostic.Summary, message.Diagnostic.Detail})
		}
	}
	return got
}

// terraform is the CLI that all acceptance tests use.
func terraform(t *testing.T) string {
	t.Helper()
	if named := os.Getenv("TF_ACC_TERRAFORM_PATH"); named != "" {
		return named
	}
	found, err := exec.LookPath("terraform")
	if err != nil {
		t.Skip("there is no Terraform CLI: run make test, which fetches one")
	}
	return found
}

// override is the provider, built once for all tests.
func override(t *testing.T) mirror.Mirror {
	t.Helper()
	built, err := buildOverride()
	if err != nil {
		t.Fatal(err)
	}
	return built
}

var overrideFolder string

var buildOverride = sync.OnceValues(func() (built mirror.Mirror, err error) {
	if overrideFolder, err = os.MkdirTemp("", "scriptix-faults-test-"); err != nil {
		return mirror.Mirror{}, err
	}
	return mirror.BuildOverride(context.Background(), "../../..", overrideFolder)
})

// removeOverride ends what buildOverride has begun.
func removeOverride() error {
	if overrideFolder == "" {
		return nil // only tests without Terraform were run
	}
	return os.RemoveAll(overrideFolder)
}
