//go:build unix

package provider_test

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
)

const (
	providerPage   = checkout + "/docs/index.md"
	networksGuide  = checkout + "/docs/guides/networks.md"
	whichGateGuide = checkout + "/docs/guides/which-gate.md"
)

// pastedByTests begin the configurations of pages that are no files of the examples. The tests in this file paste them, and
// those of the README and of the module.
var pastedByTests = []string{
	`resource "scriptix_session_completion" "keynote" {`, `resource "scriptix_session_completion" "meeting" {`,
	"terraform {\n  required_providers {\n    scriptix = {\n      source = \"scriptix/scriptix\"\n    }\n  }\n}\n",
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

// commandsByTests begin the commands of pages that tests run, as they are or line by line.
var commandsByTests = []string{
	"git clone https://github.com/scriptix/", "echo '[{", "export SCRIPTIX_API_TOKEN=\"...\" # the batch token", "make build\n",
	"terraform apply -auto-approve -input=false\ntest ", "terraform apply -json", "terraform apply -invoke", "terraform show -json",
	"terraform query", "terraform import", "terraform init\nterraform test", "TF_LOG_PROVIDER=DEBUG", "make install PLUGINS=",
	"terraform providers lock",
}

// commandsOfOthers begin the commands that no test here can run, each with the reason.
var commandsOfOthers = map[string]string{
	"make demo":                             "the checks of a change run both",
	"export SCRIPTIX_API_TOKEN=\"...\"\n":   "it names a secret",
	"export HTTPS_PROXY=":                   "it names a proxy of the reader: proxy_test.go has its own",
	"export SSL_CERT_FILE=":                 "it names a file of the reader: proxy_test.go has its own",
	"gh workflow run":                       "it needs GitHub",
	"curl --fail":                           "it needs Scriptix",
	"npx @stoplight/prism-cli":              "it needs npm",
	"TF_ACC=1 TF_ACC_TERRAFORM_PATH=":       "it would run a test in a test",
	"   gpg --quick-generate-key":           "it makes the key of a release: make release-check makes one",
	"   git tag --sign":                     "it begins a release",
	"gh attestation verify terraform-provi": "it needs a published release",
}

// Commands on a page are run by a test, or say why they cannot be.
func TestPagesShowNoCommandWithoutATest(t *testing.T) {
	t.Parallel()
	var pages []string
	for _, pattern := range []string{"README.md", ".github/*.md", "docs/*.md", "docs/*/*.md", "examples/*/README.md"} {
		found, err := filepath.Glob(filepath.Join(checkout, pattern))
		if err != nil {
			t.Fatal(err)
		}
		pages = append(pages, found...)
	}
	known := slices.Concat(commandsByTests, slices.Collect(maps.Keys(commandsOfOthers)))
	shown := map[string]bool{}
	for _, page := range pages {
		for _, block := range regexp.MustCompile("(?s)\n *```shell\n(.*?)```").FindAllStringSubmatch(read(t, page), -1) {
			at := slices.IndexFunc(known, func(beginning string) bool { return strings.HasPrefix(block[1], beginning) })
			if at < 0 {
				t.Errorf("no test runs what %s shows:\n%s", page, block[1])
				continue
			}
			shown[known[at]] = true
		}
	}
	for _, beginning := range known {
		if !shown[beginning] {
			t.Errorf("no page shows a command that begins with %q", beginning)
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

func TestProviderPageWorksFromTopToBottom(t *testing.T) {
	t.Parallel()
	needsUsualCLI(t, attributesOfAttributes)
	server := scriptixtest.NewServer(t)
	server.Add(exampleSessions()...)
	user := newUser(t, server, code(t, providerPage, "## Example Usage", "terraform"))
	_, commands, _ := strings.Cut(code(t, providerPage, "## Example Usage", "shell"), "\n")
	contains(t, user.run(commands), `transcript = "meeting.mp3 Transcript"`)
}

func TestActionOfThePageIsInvoked(t *testing.T) {
	t.Parallel()
	needsUsualCLI(t, actionBlocks)
	server := scriptixtest.NewServer(t)
	server.Add(exampleSessions()...)
	page := checkout + "/docs/actions/wait_for_completion.md"
	user := newUser(t, server, code(t, page, "## Example Usage", "terraform"))
	contains(t, user.run(code(t, page, "## Example Usage", "shell")), "2 of 2 finished", "Actions: 1 invoked")
}

func TestQueryOfThePageIsImported(t *testing.T) {
	t.Parallel()
	needsUsualCLI(t, listBlocks)
	server := scriptixtest.NewServer(t)
	server.Add(exampleSessions()...)
	page := checkout + "/docs/list-resources/session_completion.md"
	user := newUser(t, server, "provider \"scriptix\" {}\n")
	write(t, filepath.Join(user.directory, "failed.tfquery.hcl"), code(t, page, "## Example Usage", "terraform"))
	contains(t, user.run(code(t, page, "## Import What Was Found", "shell")), "voicemail.mp3 (failed)", "1 imported")
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
