package promises

import (
	"os/exec"
	"strings"
	"testing"
)

// TestOnlyASilentVulnerabilityDatabaseLetsTheChecksPass runs the step of .ci/run with an output of govulncheck.
func TestOnlyASilentVulnerabilityDatabaseLetsTheChecksPass(t *testing.T) {
	t.Parallel()
	_, step, found := strings.Cut(text(t, ".ci/run"), "\nvulnerabilities() {\n")
	step, _, ends := strings.Cut(step, "\n}\n")
	if !found || !ends {
		t.Fatal(".ci/run has no such function")
	}
	for name, test := range map[string]struct {
		output string
		code   string // of make
		warns  bool
		passes bool
	}{
		"nothing found": {"No vulnerabilities found.", "0", false, true},
		"no answer":     {`govulncheck: fetching vulnerabilities: Get "https://vuln.go.dev/index/modules.json.gz": dial tcp: no such host`, "2", true, true},
		"refused":       {"govulncheck: fetching vulnerabilities: HTTP GET /index/modules.json.gz returned unexpected status: 404 Not Found", "2", false, false},
		"found":         {"Vulnerability #1: GO-2099-0001", "2", false, false},
		"not compiled":  {"govulncheck: loading packages: there are errors with the provided package patterns", "2", false, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			script := "set -euo pipefail\nmake() { echo \"$OUTPUT\"; return " + test.code + "; }\n" +
				"vulnerabilities() {\n" + step + "\n}\nvulnerabilities\n"
			command := exec.Command("bash", "-c", script)
			command.Env = append(command.Environ(), "OUTPUT="+test.output)
			output, err := command.CombinedOutput()
			if (err == nil) != test.passes {
				t.Errorf("the step passes: %t, want %t\n%s", err == nil, test.passes, output)
			}
			if warns := strings.Contains(string(output), "WARNING"); warns != test.warns || !strings.Contains(string(output), test.output) {
				t.Errorf("a warning: %t, want %t, after govulncheck's output:\n%s", warns, test.warns, output)
			}
		})
	}
}
