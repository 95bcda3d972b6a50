package provider_test

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
)

const examples = "../../examples"

// exampleSessions are those that the examples mention, in the order in which they were uploaded.
func exampleSessions() []scriptixtest.Session {
	return []scriptixtest.Session{
		{SessionID: "abc123def456", Filename: "meeting.mp3"},
		{SessionID: "def456abc123", Filename: "lecture.mp3"},
		{SessionID: "fed654cba321", Filename: "release-notes.mp3"},
		{SessionID: "321cba654fed", Filename: "voicemail.mp3", Error: "Language detection failed"},
		{SessionID: "board-meeting"},
		{SessionID: "customer-call"},
		{SessionID: "podcast"},
		{SessionID: "town-hall"},
		{SessionID: "drained", Processing: 2 * time.Second},
	}
}

// exampleVariables are the variables that examples leave to their users.
var exampleVariables = []string{
	`TF_VAR_session_ids=["abc123def456","def456abc123"]`,
	"TF_VAR_scriptix_api_token=" + scriptixtest.Token,
}

// Every folder with a configuration is an example, so that none can be forgotten.
func TestExamplesWork(t *testing.T) {
	t.Parallel()
	folders := exampleFolders(t, "*.tf")
	if len(folders) < 12 {
		t.Errorf("only %q are examples", folders)
	}
	for _, folder := range folders {
		t.Run(filepath.ToSlash(folder), func(t *testing.T) {
			t.Parallel()
			executable := cliWith(t, neededFor(t, filepath.ToSlash(folder)))
			server := scriptixtest.NewServer(t)
			server.Add(exampleSessions()...)
			terraform := newExample(t, server, folder)
			terraform.executable = executable
			// The guide on gating says that such a CLI refuses tests with mocks, also when it runs none.
			if product, minor := versionOf(t, terraform.executable); testFiles.in(product, minor) && !mocks.in(product, minor) {
				if err := os.RemoveAll(filepath.Join(terraform.directory, "tests")); err != nil {
					t.Fatal(err)
				}
			}
			terraform.run(true, "init", "-no-color", "-input=false")
			terraform.run(true, "plan", "-no-color", "-input=false", "-out=saved.tfplan")
			if onlyReads := strings.Contains(folder, "data-sources"); onlyReads && len(server.Requests()) == 0 {
				t.Error("the plan has read no session")
			}
			terraform.run(true, "apply", "-no-color", "-input=false", "saved.tfplan")
			if len(server.Requests()) == 0 {
				t.Error("no session was read")
			}
		})
	}
}

// neededFor is what an example needs of the CLI: what OpenTofu has in another version or not at all, or else its own
// required_version.
func neededFor(t *testing.T, folder string) feature {
	t.Helper()
	switch {
	case strings.HasPrefix(folder, "actions/"):
		return actionBlocks
	case strings.HasPrefix(folder, "ephemeral-resources/"):
		return ephemeralResources
	case strings.HasSuffix(folder, "/import-by-identity"):
		return importByIdentity
	}
	minor := requiredBy(t, folder)
	return feature{"what the required_version of this example stands for", minor, minor}
}

// A reader sees the version before Terraform refuses what it does not know, and the workflow runs the example with it.
func TestExamplesSayWhichTerraformTheyNeed(t *testing.T) {
	t.Parallel()
	everyWeek := weekly.FindString(read(t, checkout+"/.github/workflows/test.yml"))
	for _, folder := range exampleFolders(t, "*.tf") {
		minor := requiredBy(t, folder)
		if !strings.Contains(everyWeek, fmt.Sprintf("1.%d.", minor)) {
			t.Errorf("%s requires Terraform 1.%d, and the weekly tests have %s", folder, minor, everyWeek)
		}
		object, name, _ := strings.Cut(filepath.ToSlash(folder), "/scriptix_")
		page := filepath.Join(checkout, "docs", object, name+".md")
		if _, err := os.Stat(page); err != nil {
			continue // the folder of an import, or of an example that shows its required_version
		}
		_, usage, _ := strings.Cut(read(t, page), "\n# ")
		usage, _, _ = strings.Cut(usage, "\n```")
		contains(t, usage, fmt.Sprintf("Terraform 1.%d", minor))
	}
}

var weekly = regexp.MustCompile(`SCRIPTIX_TEST_CLIS: ".*"`)

// The command is no configuration, and is run as a person would run it. It imports into an empty state, in which Terraform
// refuses a for_each over a resource that does not exist yet.
func TestExampleOfAnImportWorks(t *testing.T) {
	t.Parallel()
	folders := exampleFolders(t, "import.sh")
	if len(folders) != 2 {
		t.Errorf("%q show how to import, want two folders", folders)
	}
	for _, folder := range folders {
		t.Run(filepath.ToSlash(folder), func(t *testing.T) {
			t.Parallel()
			needsUsualCLI(t, terraformData)
			server := scriptixtest.NewServer(t)
			server.Add(exampleSessions()...)
			terraform := newExample(t, server, folder)
			write(t, filepath.Join(terraform.directory, "another.tf"), "resource \"terraform_data\" \"another\" {}\n")
			terraform.run(true, "init", "-no-color", "-input=false")
			terraform.run(true, "import", "-no-color", "terraform_data.another", "another")
			command := strings.Fields(read(t, filepath.Join(examples, folder, "import.sh")))
			if command[0] != "terraform" {
				t.Fatalf("the command is %q", command)
			}
			contains(t, terraform.run(true, command[1:]...), "Import successful!")
		})
	}
}

func TestExamplesAreFormatted(t *testing.T) {
	t.Parallel()
	terraform := newExample(t, scriptixtest.NewServer(t), ".")
	terraform.run(true, "fmt", "-check", "-diff", "-recursive")
}

// The tests of an example must work without the API, which is why users would write such.
func TestExamplesPassTheirOwnTests(t *testing.T) {
	t.Parallel()
	folders := exampleFolders(t, "tests/*.tftest.hcl")
	if len(folders) == 0 {
		t.Error("no example shows how to test a gate")
	}
	for _, folder := range folders {
		t.Run(filepath.ToSlash(folder), func(t *testing.T) {
			t.Parallel()
			needsUsualCLI(t, mocks)
			server := scriptixtest.NewServer(t)
			terraform := newExample(t, server, folder)
			terraform.environment = slices.DeleteFunc(terraform.environment, func(setting string) bool {
				return strings.HasPrefix(setting, "SCRIPTIX_") || strings.HasPrefix(setting, "TF_VAR_")
			})
			terraform.run(true, "init", "-no-color", "-input=false")
			report := terraform.run(true, "test", "-no-color")
			if !regexp.MustCompile(`Success! [1-9]\d* passed, 0 failed`).MatchString(report) {
				t.Errorf("the tests have not passed:\n%s", report)
			}
			nothingSent(t, server)
		})
	}
}

// The page of the data source shows what its gate prints.
func TestSessionPageShowsWhatTerraformPrints(t *testing.T) {
	t.Parallel()
	needsUsualCLI(t, postconditions)
	server := scriptixtest.NewServer(t)
	server.Add(scriptixtest.Session{SessionID: "fed654cba321", Error: "Audio file is too short"})
	terraform := newCLI(t, server, "")
	gate := read(t, filepath.Join(examples, "data-sources", "scriptix_session", "gate.tf"))
	write(t, filepath.Join(terraform.directory, "gate.tf"), gate)
	printed := diagnosticIn(t, "Resource postcondition failed", terraform.run(false, "plan", "-input=false"))
	contains(t, steady(read(t, "../../docs/data-sources/session.md")), steady(printed))
}

// escapes are what a terminal obeys in place of showing it: a color, the same from a single character, a line of its own,
// and a reversal of the text.
const escapes = "\x1b[31m \u009b31m \r\n \u202e"

func TestExamplesPrintNoControlCharacters(t *testing.T) {
	t.Parallel()
	server := scriptixtest.NewServer(t)
	server.Add(
		scriptixtest.Session{SessionID: "fed654cba321", Error: "Audio" + escapes + "is too short"},
		scriptixtest.Session{SessionID: "321cba654fed", Error: "Language" + escapes + "not detected"},
	)
	tests := map[string]struct {
		succeeds bool
		words    []string
	}{
		"scriptix_session/gate.tf":         {false, []string{"Audio", "is too short"}},
		"scriptix_session/allow_failed.tf": {true, []string{"Language", "not detected"}},
		"scriptix_sessions/failed.tf":      {true, []string{"Language", "not detected", "Audio", "is too short"}},
	}
	for example, test := range tests {
		t.Run(example, func(t *testing.T) {
			t.Parallel()
			needsUsualCLI(t, postconditions)
			needsWhatIsRequired(t, filepath.Join("data-sources", filepath.Dir(example)))
			terraform := newCLI(t, server, read(t, filepath.Join(examples, "data-sources", example)))
			output := terraform.run(test.succeeds, "apply", "-no-color", "-input=false", "-auto-approve")
			if !says(test.words...).MatchString(output) {
				t.Errorf("%q is missing in:\n%s", test.words, output)
			}
			if at := strings.IndexAny(output, "\x1b\u009b\r\u202e"); at >= 0 {
				t.Errorf("the output has a control character at %d: %q", at, output)
			}
		})
	}
}

// The guide on gating uses an example of a page, with a command for the shell.
func TestGatingGuideFindsRecentFailures(t *testing.T) {
	t.Parallel()
	example := read(t, filepath.Join(examples, "data-sources", "scriptix_sessions", "failed.tf"))
	const command = `terraform output -json recent_failures`
	contains(t, read(t, gatingGuide), `test "$(`+command+`)" = "{}"`)
	contains(t, read(t, "../../docs/data-sources/sessions.md"), "```terraform\n"+example+"```\n")

	needsWhatIsRequired(t, filepath.Join("data-sources", "scriptix_sessions"))
	server := scriptixtest.NewServer(t)
	server.Add(
		scriptixtest.Session{SessionID: "completed"},
		scriptixtest.Session{SessionID: "failed-before", Error: "Audio file is too short", CreatedAt: time.Now().Add(-3 * time.Hour)},
	)
	terraform := newCLI(t, server, example)
	recent := func() string {
		terraform.run(true, "apply", "-no-color", "-input=false", "-auto-approve")
		return strings.TrimSpace(terraform.run(true, strings.Fields(command)[1:]...))
	}
	if got := recent(); got != "{}" {
		t.Errorf("without a recent failure, the output is %s", got)
	}
	server.Add(scriptixtest.Session{SessionID: "failed-now", Error: "Processing timeout"})
	server.ResetRequests()
	if got := recent(); got != `{"failed-now":"Processing timeout"}` {
		t.Errorf("with a recent failure, the output is %s", got)
	}
	if got := len(server.Requests()); got != 1 {
		t.Errorf("%d requests were sent, want 1", got)
	}
}

// The guide on gating takes the module from the provider's repository, which is that of this checkout.
func TestGatingGuideUsesTheModule(t *testing.T) {
	t.Parallel()
	needsUsualCLI(t, attributesOfAttributes)
	server := scriptixtest.NewServer(t)
	server.Add(exampleSessions()...)
	terraform := newExample(t, server, ".")
	terraform.directory = t.TempDir()
	terraform.environment = append(terraform.environment, publicRepository(t)...)
	write(t, filepath.Join(terraform.directory, "versions.tf"), requirement)
	write(t, filepath.Join(terraform.directory, "main.tf"), blockOfGuide(t, gatingGuide, "module "))
	terraform.run(true, "init", "-no-color", "-input=false")
	// The fake's recordings are long enough and in English.
	contains(t, terraform.run(true, "apply", "-no-color", "-input=false", "-auto-approve"), "abc123def456", "def456abc123")
}

// The guide on gating shows a part of the module's tests.
func TestGatingGuideShowsTheTestsOfTheModule(t *testing.T) {
	t.Parallel()
	contains(t, read(t, filepath.Join(examples, "gate", "tests", "gate.tftest.hcl")), blockOfGuide(t, gatingGuide, "mock_provider "))
}

const gatingGuide = "../../docs/guides/gating.md"

// blockOfGuide returns the first Terraform example of a page that begins with the words.
func blockOfGuide(t *testing.T, page, begins string) string {
	t.Helper()
	const fence = "```terraform\n"
	_, block, found := strings.Cut(read(t, page), fence+begins)
	if !found {
		t.Fatalf("%s has no example that begins with %q", page, begins)
	}
	block, _, _ = strings.Cut(block, "```\n")
	return begins + block
}

// checkout is the repository of the provider.
const (
	checkout = "../.."
	readme   = checkout + "/README.md"
)

// publicRepository makes a Git repository of this checkout, with the tag of the first release. The environment lets Git take it
// for the one that the pages name.
func publicRepository(t *testing.T) (environment []string) {
	t.Helper()
	repository := t.TempDir()
	copyFolder(t, checkout, repository)
	for _, arguments := range [][]string{
		{"init", "--quiet"},
		{"add", "."},
		{"-c", "user.name=test", "-c", "user.email=test@example.com", "commit", "--quiet", "--no-gpg-sign", "--message", "Release"},
		{"tag", "v" + firstVersion},
	} {
		command := exec.CommandContext(t.Context(), "git", arguments...)
		command.Dir = repository
		if output, err := command.CombinedOutput(); err != nil {
			t.Fatalf("git %s: %v\n%s", arguments, err, output)
		}
	}
	return []string{
		"GIT_CONFIG_COUNT=1",
		"GIT_CONFIG_KEY_0=url.file://" + filepath.ToSlash(repository) + ".insteadOf",
		"GIT_CONFIG_VALUE_0=https://github.com/scriptix/terraform-provider-scriptix.git",
	}
}

// needsWhatIsRequired skips an example on CLIs that its required_version excludes.
func needsWhatIsRequired(t *testing.T, folder string) {
	t.Helper()
	needsUsualCLI(t, neededFor(t, filepath.ToSlash(folder)))
}

// requiredBy returns the minor version of Terraform that an example requires.
func requiredBy(t *testing.T, folder string) int {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(examples, folder, "*.tf"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if least := requirements.FindStringSubmatch(read(t, file)); least != nil {
			minor, err := strconv.Atoi(least[1])
			if err != nil {
				t.Fatal(err)
			}
			return minor
		}
	}
	t.Fatalf("%s has no required_version", folder)
	return 0
}

var requirements = regexp.MustCompile(`required_version\s*=\s*">= 1\.(\d+)`)

// exampleFolders are the folders, as paths in examples, that have files of a pattern.
func exampleFolders(t *testing.T, pattern string) []string {
	t.Helper()
	var folders []string
	err := fs.WalkDir(os.DirFS(examples), ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.IsDir() {
			return err
		}
		if leftover(path) {
			return fs.SkipDir
		}
		files, err := filepath.Glob(filepath.Join(examples, path, pattern))
		if len(files) > 0 {
			folders = append(folders, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return folders
}

// leftover tells what a person who tried an example out may have left there.
func leftover(path string) bool {
	name := filepath.Base(path)
	return len(name) > 1 && strings.HasPrefix(name, ".") || strings.Contains(name, ".tfstate")
}

// newExample prepares Terraform in a copy of the examples, because one of them may use another. Unlike with newCLI,
// Terraform installs the provider as from a registry.
func newExample(t *testing.T, server *scriptixtest.Server, folder string) *cli {
	t.Helper()
	executable := defaultCLI(t)
	root := t.TempDir()
	copyFolder(t, examples, root)
	settings := filepath.Join(t.TempDir(), "settings.tfrc")
	write(t, settings, fmt.Sprintf("provider_installation {\n  filesystem_mirror {\n    path = %q\n  }\n}\n", mirror(t)))
	directory := filepath.Join(root, folder)
	if folder != "." && !requiresProvider(t, directory) {
		write(t, filepath.Join(directory, "source.tf"), requirement)
	}
	return &cli{t: t, executable: executable, directory: directory, environment: append(os.Environ(), append([]string{
		"TF_CLI_CONFIG_FILE=" + settings,
		"TF_IN_AUTOMATION=1",
		"CHECKPOINT_DISABLE=1",
		"SCRIPTIX_API_TOKEN=" + scriptixtest.Token,
		"SCRIPTIX_BASE_URL=" + server.URL,
		"PATH=" + standIns(t) + string(filepath.ListSeparator) + os.Getenv("PATH"),
	}, exampleVariables...)...)}
}

// standIns is a folder of programs that take the place of those which would reach for the internet.
func standIns(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "curl"), []byte("#!/bin/sh\ntest -n \"$RECORDING_URL\"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	return folder
}

// copyFolder copies what is neither hidden nor left over.
func copyFolder(t *testing.T, from, to string) {
	t.Helper()
	source := os.DirFS(from)
	err := fs.WalkDir(source, ".", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case leftover(path) && entry.IsDir():
			return fs.SkipDir
		case leftover(path):
			return nil
		case entry.IsDir():
			return os.MkdirAll(filepath.Join(to, path), 0o750)
		}
		text, err := fs.ReadFile(source, path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, path), text, 0o600)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// requiresProvider tells whether a configuration says where the provider comes from. The examples of data sources
// do not: they are pieces of a configuration, shown on a page each.
func requiresProvider(t *testing.T, directory string) bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(directory, "*.tf"))
	if err != nil {
		t.Fatal(err)
	}
	return slices.ContainsFunc(files, func(file string) bool {
		return strings.Contains(read(t, file), "required_providers")
	})
}

// firstVersion is the version that the examples and the pages name.
const firstVersion = "0.1.0"

// mirror makes a folder, once for all tests, that Terraform installs the provider just built from.
func mirror(t *testing.T) string {
	t.Helper()
	path, err := fillMirror()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.ToSlash(path)
}

var fillMirror = sync.OnceValues(func() (string, error) {
	program, err := build()
	if err != nil {
		return "", err
	}
	path := filepath.Join(workshop, "mirror")
	// Each CLI takes a short address for one at its own registry.
	for _, registry := range []string{"registry.terraform.io", "registry.opentofu.org"} {
		folder := filepath.Join(path, registry, "scriptix", "scriptix", firstVersion, runtime.GOOS+"_"+runtime.GOARCH)
		if err := os.MkdirAll(folder, 0o750); err != nil {
			return "", err
		}
		if err := os.Link(program, filepath.Join(folder, "terraform-provider-scriptix_v"+firstVersion+filepath.Ext(program))); err != nil {
			return "", err
		}
	}
	return path, nil
})
