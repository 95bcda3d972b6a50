package provider_test

import (
	"fmt"
	"math"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
)

// feature is what only newer CLIs have: the first minor version 1.x of each that has it.
type feature struct {
	name      string
	terraform int
	openTofu  int
}

// noneYet is a version of OpenTofu that is far off.
const noneYet = math.MaxInt

// features are all of them, in the order in which they are declared here.
var features []feature

func newFeature(name string, terraform, openTofu int) feature {
	added := feature{name, terraform, openTofu}
	features = append(features, added)
	return added
}

var (
	terraformData      = newFeature("terraform_data", 4, 6)
	ephemeralResources = newFeature("ephemeral resources", 10, 11)
	importByIdentity   = newFeature("import by identity", 12, noneYet)
	actionBlocks       = newFeature("actions", 14, noneYet)
	listBlocks         = newFeature("terraform query", 14, noneYet)
	importBlocks       = newFeature("import blocks", 5, 6)
	postconditions     = newFeature("postconditions", 2, 6)
	testFiles          = newFeature("terraform test", 6, 6)
	mocks              = newFeature("mocks of providers", 7, 8)
	// Before, a state tells of what is sensitive in the configuration alone, and not of what the schema calls so.
	sensitiveStates = newFeature("states that tell what the schema calls sensitive", 5, 6)
	// Before, an expression such as data.scriptix_session.meeting.document.name is refused.
	attributesOfAttributes = newFeature("way to look into an attribute", 3, 6)
	importsThatRead        = newFeature("import that reads data sources", 3, 6)
	// Terraform 1.0 runs itself in a second process. The first keeps a SIGINT from it, passes a SIGTERM on even if it reached
	// both, leaves the second behind when it is killed, and needs a temporary folder.
	oneProcess                      = newFeature("single process", 1, 6)
	interruptsPassedOnWhilePlanning = newFeature("way to pass an interrupt on while it plans an apply", 16, noneYet)
)

// cliWith is the first CLI that has a feature, the usual one before others. Without any, the test is skipped and says
// why: it is run where SCRIPTIX_TEST_CLIS names one.
func cliWith(t *testing.T, needed feature) string {
	t.Helper()
	var versions []string
	for _, path := range clis(t) {
		product, minor := versionOf(t, path)
		if needed.in(product, minor) {
			return path
		}
		versions = append(versions, fmt.Sprintf("%s 1.%d", product, minor))
	}
	skip(t, fmt.Sprintf("%s without %s; name a CLI that has them in SCRIPTIX_TEST_CLIS", strings.Join(versions, ", "), needed.name))
	return ""
}

// needsUsualCLI skips a test of Terraform's test framework, which runs the usual CLI alone, unless that has a feature.
func needsUsualCLI(t *testing.T, needed feature) {
	t.Helper()
	if product, minor := versionOf(t, defaultCLI(t)); !needed.in(product, minor) {
		skip(t, fmt.Sprintf("%s 1.%d has no %s", product, minor, needed.name))
	}
}

// A test that a CLI skips here may run with another one, so "make test-matrix" also says what each CLI lacks.
func TestWhatTheCLILacksIsSaid(t *testing.T) {
	t.Parallel()
	product, minor := versionOf(t, defaultCLI(t))
	for _, lacking := range features {
		if !lacking.in(product, minor) {
			tell(t, fmt.Sprintf("%s 1.%d has no %s", product, minor, lacking.name))
			t.Attr("lacks", lacking.name)
		}
	}
}

// skippedVariable names the file that tells which tests were skipped and why: go test says so with -v only.
const skippedVariable = "SCRIPTIX_TEST_SKIPPED"

// skip ends a test that the CLIs at hand cannot run, and never silently.
func skip(t *testing.T, reason string) {
	t.Helper()
	tell(t, fmt.Sprintf("skipped %s: %s", t.Name(), reason))
	t.Skip("skipped: " + reason)
}

// tell adds a line to the file that make prints when all tests have ended.
func tell(t *testing.T, line string) {
	t.Helper()
	path := os.Getenv(skippedVariable)
	if path == "" {
		return
	}
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if _, err := fmt.Fprintln(file, line); err != nil {
		t.Fatal(err)
	}
}

func (f feature) in(product string, minor int) bool {
	if product == "OpenTofu" {
		return minor >= f.openTofu
	}
	return minor >= f.terraform
}

// versions has what each CLI was found to be: a run for each test would take seconds.
var versions sync.Map // of paths to func() ([]byte, error)

// versionOf is how a CLI names itself, on a line that warnings may precede: "OpenTofu v1.12.6".
func versionOf(t *testing.T, path string) (product string, minor int) {
	t.Helper()
	ask, _ := versions.LoadOrStore(path, sync.OnceValues(func() ([]byte, error) { return exec.Command(path, "version").Output() }))
	output, err := ask.(func() ([]byte, error))()
	if err != nil {
		t.Fatalf("%s version: %v", path, err)
	}
	for line := range strings.Lines(string(output)) {
		if _, err := fmt.Sscanf(line, "%s v1.%d.", &product, &minor); err == nil {
			return product, minor
		}
	}
	t.Fatalf("%s does not say its version: %s", path, output)
	return "", 0
}
