package provider_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/scriptix/terraform-provider-scriptix/internal/provider"
)

// workshop is a directory that lasts as long as the tests do, for what they share.
var workshop string

// TestMain shields the tests from the settings of whoever runs them, and finds goroutines that outlive them.
func TestMain(m *testing.M) {
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func run(m *testing.M) (code int, err error) {
	workshop, err = os.MkdirTemp("", "scriptix-provider-test-")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(workshop)) }()
	if err := neutralEnvironment(); err != nil {
		return 0, err
	}
	if !runsAcceptanceTests() {
		fmt.Fprintln(os.Stderr, howToAccept)
	}
	if code := m.Run(); code != 0 {
		return code, nil
	}
	if err := guideExplains(provider.ShownSummaries()); err != nil {
		return 0, err
	}
	if flag.Lookup("test.bench").Value.String() != "" {
		return 0, nil // a benchmark that is a process of its own ends with its connections open
	}
	// A plugin server that runs in this process, as Terraform's test framework has it, leaves the ends of two pipes to
	// the garbage collector, and these readers with them.
	return 0, goleak.Find(goleak.IgnoreAnyFunction("github.com/hashicorp/go-plugin.copyChan"))
}

// neutralEnvironment takes away what would change what Terraform or the provider do.
func neutralEnvironment() error {
	for _, name := range []string{
		"SCRIPTIX_API_TOKEN", "SCRIPTIX_BASE_URL", "TF_APPEND_USER_AGENT",
		"TF_LOG", "TF_LOG_CORE", "TF_LOG_PROVIDER", "TF_LOG_PATH", "TF_CLI_ARGS", "TF_CLI_ARGS_plan", "TF_CLI_ARGS_apply",
		"TF_DATA_DIR", "TF_WORKSPACE",
	} {
		if err := os.Unsetenv(name); err != nil {
			return err
		}
	}
	settings := filepath.Join(workshop, "empty.tfrc")
	if err := os.WriteFile(settings, nil, 0o600); err != nil {
		return err
	}
	return os.Setenv("TF_CLI_CONFIG_FILE", settings)
}

// guideExplains checks that the guide on troubleshooting has a heading for each summary.
func guideExplains(summaries []string) error {
	guide, err := os.ReadFile(troubleshootingGuide)
	if err != nil {
		return err
	}
	for _, summary := range summaries {
		if !strings.Contains(string(guide), "\n### "+summary+"\n") {
			err = errors.Join(err, fmt.Errorf("the provider says %q, and the guide on troubleshooting has no such heading", summary))
		}
	}
	return err
}
