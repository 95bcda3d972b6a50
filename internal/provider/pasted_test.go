//go:build unix

package provider_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
)

const (
	networksGuide  = checkout + "/docs/guides/networks.md"
	whichGateGuide = checkout + "/docs/guides/which-gate.md"
)

// pastedByTests begin the configurations of pages that are no files of the examples. The tests in this file paste them, and
// those of the README and of the module.
var pastedByTests = []string{
	`resource "scriptix_session_completion" "keynote" {`, `resource "scriptix_session_completion" "meeting" {`,
	`module "gate" {`, `mock_provider "scriptix" {`, "provider_installation {",
}

// A configuration on a page is an example, which tests apply, or a test pastes it.
func TestPagesShowNoConfigurationWithoutATest(t *testing.T) {
	t.Parallel()
	var tested strings.Builder
	if err := filepath.WalkDir(examples, func(path string, entry os.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			tested.WriteString(read(t, path))
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	pages, err := filepath.Glob(checkout + "/docs/*/*.md")
	if err != nil || len(pages) < 10 {
		t.Fatalf("only %q are pages (%v)", pages, err)
	}
	configuration := regexp.MustCompile("(?s)\n```terraform\n(.*?)```")
	for _, page := range append(pages, checkout+"/docs/index.md") {
	blocks:
		for _, block := range configuration.FindAllStringSubmatch(read(t, page), -1) {
			for _, beginning := range pastedByTests {
				if strings.HasPrefix(block[1], beginning) {
					continue blocks
				}
			}
			if !strings.Contains(tested.String(), strings.TrimSpace(block[1])) {
				t.Errorf("no test applies what %s shows:\n%s", page, block[1])
			}
		}
	}
}

// newUser is a stranger who has installed the provider, and has an account.
func newUser(t *testing.T, server *scriptixtest.Server, config string) *stranger {
	t.Helper()
	user := newStranger(t)
	if err := os.Mkdir(filepath.Join(user.home, ".terraform.d"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(mirror(t), filepath.Join(user.home, ".terraform.d", "plugins")); err != nil {
		t.Fatal(err)
	}
	user.environment = append(user.environment, "SCRIPTIX_API_TOKEN="+scriptixtest.Token, "SCRIPTIX_BASE_URL="+server.URL)
	write(t, filepath.Join(user.directory, "main.tf"), config)
	if !strings.Contains(config, "required_providers") {
		write(t, filepath.Join(user.directory, "versions.tf"), requirement)
	}
	user.run("terraform init -input=false")
	return user
}

func TestConditionOfTheGuideStopsAShortRecording(t *testing.T) {
	t.Parallel()
	needsUsualCLI(t, postconditions)
	for duration, words := range map[float64]string{12.5: "has only 12.5", 3600.5: "Apply complete!"} {
		server := scriptixtest.NewServer(t)
		server.Add(scriptixtest.Session{SessionID: "abc123def456", Duration: duration})
		user := newUser(t, server, code(t, gatingGuide, "## Wait, Then Test", "terraform"))
		contains(t, user.run("terraform apply 2>&1 || true"), words)
	}
}

func TestEphemeralResourceOfTheGuideOpensAfterTheWait(t *testing.T) {
	t.Parallel()
	needsUsualCLI(t, ephemeralResources)
	server := scriptixtest.NewServer(t)
	server.Add(exampleSessions()...)
	user := newUser(t, server, code(t, whichGateGuide, "### Ephemeral Resource", "terraform"))
	contains(t, user.run("terraform apply"), "Apply complete! Resources: 1 added")
}

func TestScriptOfTheGuideActsOnTheSummary(t *testing.T) {
	t.Parallel()
	needsUsualCLI(t, terraformData)
	if _, err := exec.LookPath("jq"); err != nil {
		skip(t, "jq is not installed")
	}
	server := scriptixtest.NewServer(t)
	server.Add(scriptixtest.Session{SessionID: "keynote", Error: "Audio file is too short"})
	user := newUser(t, server, read(t, filepath.Join(pipeline, "main.tf")))
	user.environment = append(user.environment, `TF_VAR_session_ids=["keynote"]`)
	user.run("terraform plan -input=false -out=deployment.tfplan")
	onSummary, ofChecks, _ := strings.Cut(strings.Join(shellBlocks(t, gatingGuide, "## Output for Machines"), "\x00"), "\x00")
	// A plan without conditions has no checks.
	user.run("set -o pipefail\n" + ofChecks)
	contains(t, user.run("("+onSummary+") || echo \"exit code $?\""), "Upload the recording again.", "exit code 1")
}

func TestLogOfTheGuideShowsTheRequests(t *testing.T) {
	t.Parallel()
	server := scriptixtest.NewServer(t, scriptixtest.WithPlan(scriptixtest.Free))
	server.Add(scriptixtest.Session{SessionID: "abc123def456"})
	user := newUser(t, server, meeting())
	printed := user.run(code(t, troubleshootingGuide, "### Rate Limit Reached", "shell"))
	contains(t, printed, "Scriptix API request", "Recognized the Scriptix plan")
}

func TestMirrorOfTheGuideServesInit(t *testing.T) {
	t.Parallel()
	needsUsualCLI(t, feature{"lock files from a mirror", 1, 6})
	user := newStranger(t)
	folder := filepath.Join(t.TempDir(), "mirror")
	here := func(text string) string { return strings.ReplaceAll(text, "/srv/terraform-mirror", folder) }
	commands := shellBlocks(t, networksGuide, "## Mirrors and Lock Files")
	install, _, _ := strings.Cut(here(commands[0]), "\n") // the other line compiles for Windows
	user.run("git clone --quiet https://github.com/scriptix/terraform-provider-scriptix.git clone && cd clone && " + install)

	settings := filepath.Join(t.TempDir(), "settings.tfrc")
	write(t, settings, here(code(t, networksGuide, "## Mirrors and Lock Files", "terraform")))
	user.environment = append(user.environment, "TF_CLI_CONFIG_FILE="+settings)
	write(t, filepath.Join(user.directory, "main.tf"), requirement)
	user.run(strings.Split(here(commands[1]), " -platform=")[0] + "\nterraform init -input=false")
	contains(t, read(t, filepath.Join(user.directory, ".terraform.lock.hcl")), `version = "`+firstVersion+`"`, "h1:")
}

func TestOverrideForContributorsNeedsNoInit(t *testing.T) {
	t.Parallel()
	user := newStranger(t)
	override := code(t, checkout+"/.github/CONTRIBUTING.md", "## Commands", "shell")
	write(t, filepath.Join(user.directory, "main.tf"), requirement)
	contains(t, user.run("git clone --quiet https://github.com/scriptix/terraform-provider-scriptix.git clone && cd clone\n"+override+
		"cd .. && terraform validate"), "overrides are in effect", "The configuration is valid")
}

// shellBlocks returns the blocks for the shell below a heading, up to the next one of its rank.
func shellBlocks(t *testing.T, page, heading string) []string {
	t.Helper()
	_, section, found := strings.Cut(read(t, page), "\n"+heading+"\n")
	if !found {
		t.Fatalf("%s has no %q", page, heading)
	}
	section, _, _ = strings.Cut(section, "\n## ")
	var blocks []string
	for _, block := range regexp.MustCompile("(?s)\n```shell\n(.*?)```").FindAllStringSubmatch(section, -1) {
		blocks = append(blocks, block[1])
	}
	return blocks
}
