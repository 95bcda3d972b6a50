//go:build unix

package provider_test

import (
	"bufio"
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A stranger pastes what the README shows, in an empty home: installs the provider, starts the fake API, and lets the
// first gate wait for its session.
func TestReadmeWorksFromTopToBottom(t *testing.T) {
	t.Parallel()
	needsUsualCLI(t, attributesOfAttributes)
	stranger := newStranger(t)

	contains(t, stranger.run(code(t, readme, "## Install", "shell")), "/.terraform.d/plugins/registry.terraform.io/")
	stranger.directory = filepath.Join(stranger.directory, "terraform-provider-scriptix")
	account := stranger.start(code(t, readme, "### Your Own Configuration", "shell"), 2)
	for line := range strings.Lines(account) {
		setting, found := strings.CutPrefix(strings.TrimSpace(line), "export ")
		if !found {
			t.Fatalf("%q is nothing to paste", line)
		}
		stranger.environment = append(stranger.environment, setting)
	}

	clone := stranger.directory
	stranger.directory = t.TempDir()
	write(t, filepath.Join(stranger.directory, "main.tf"), code(t, readme, "## Your First Gate", "terraform"))
	export, commands, _ := strings.Cut(code(t, readme, "## Your First Gate", "shell"), "\n")
	contains(t, export, "export SCRIPTIX_API_TOKEN=")
	printed := stranger.run(commands)
	contains(t, printed, "scriptix/scriptix v"+firstVersion, "(unauthenticated)", "Still creating...", `document_id = "`)

	stranger.directory = clone
	stranger.run("make uninstall")
	left, err := filepath.Glob(filepath.Join(stranger.home, ".terraform.d", "plugins", "*", "scriptix", "scriptix"))
	if err != nil || len(left) > 0 {
		t.Errorf("make uninstall has left %q (%v)", left, err)
	}
}

// On Windows, Terraform looks into another folder.
func TestInstallHasAFolderForEachSystem(t *testing.T) {
	t.Parallel()
	for system, folder := range map[string]string{
		"linux":   "/home/me/.terraform.d/plugins'",
		"darwin":  "/home/me/.terraform.d/plugins'",
		"windows": "'C:/Users/me/AppData/Roaming/terraform.d/plugins'",
	} {
		t.Run(system, func(t *testing.T) {
			t.Parallel()
			command := exec.CommandContext(t.Context(), "make", "--dry-run", "install")
			command.Dir = checkout
			command.Env = append(os.Environ(), "GOOS="+system, "HOME=/home/me", `APPDATA=C:\Users\me\AppData\Roaming`, "MAKEFLAGS=")
			commands, err := command.CombinedOutput()
			if err != nil {
				t.Fatalf("%v\n%s", err, commands)
			}
			contains(t, string(commands), folder)
		})
	}
}

// code returns the first block of a language below a heading.
func code(t *testing.T, page, heading, language string) string {
	t.Helper()
	_, section, found := strings.Cut(read(t, page), "\n"+heading+"\n")
	_, block, fenced := strings.Cut(section, "\n```"+language+"\n")
	if !found || !fenced {
		t.Fatalf("%s has no %s below %q", page, language, heading)
	}
	block, _, _ = strings.Cut(block, "```\n")
	return block
}

// stranger is a person with a shell, a home without any settings, and the public repository of the provider.
type stranger struct {
	t           *testing.T
	home        string
	directory   string
	environment []string
}

// newStranger has the usual CLI as "terraform" on the PATH. It applies without a question.
func newStranger(t *testing.T) *stranger {
	t.Helper()
	home, programs := t.TempDir(), t.TempDir()
	if err := os.Symlink(defaultCLI(t), filepath.Join(programs, "terraform")); err != nil {
		t.Fatal(err)
	}
	environment := []string{
		"HOME=" + home,
		"PATH=" + programs + string(filepath.ListSeparator) + os.Getenv("PATH"),
		"TMPDIR=" + t.TempDir(),
		"CHECKPOINT_DISABLE=1",
		"TF_CLI_ARGS=-no-color",
		"TF_CLI_ARGS_apply=-auto-approve -input=false",
	}
	return &stranger{t, home, t.TempDir(), append(append(environment, goCaches(t)...), publicRepository(t)...)}
}

// goCaches lets Go find what it has already downloaded and built.
func goCaches(t *testing.T) (environment []string) {
	t.Helper()
	for _, name := range []string{"GOCACHE", "GOMODCACHE", "GOFLAGS", "GOPROXY", "GOSUMDB", "GOTOOLCHAIN"} {
		value, err := exec.CommandContext(t.Context(), "go", "env", name).Output()
		if err != nil {
			t.Fatal(err)
		}
		environment = append(environment, name+"="+strings.TrimSpace(string(value)))
	}
	return environment
}

// shell prepares commands, in a file as CI systems do it: a shell that gets a single command as an argument becomes that
// command. They run in a process group of their own.
func (s *stranger) shell(commands string) *exec.Cmd {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	s.t.Cleanup(cancel)
	script := filepath.Join(s.t.TempDir(), "script")
	write(s.t, script, commands)
	command := exec.CommandContext(ctx, "bash", "-e", script)
	command.Dir = s.directory
	command.Env = s.environment
	command.WaitDelay = 5 * time.Second
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return command
}

// run returns what commands print. They must succeed.
func (s *stranger) run(commands string) string {
	s.t.Helper()
	output, err := s.shell(commands).CombinedOutput()
	if err != nil {
		s.t.Fatalf("%s: %v\n%s", commands, err, output)
	}
	return string(output)
}

// start runs commands until the test ends, and returns the first lines that they print.
func (s *stranger) start(commands string, lines int) string {
	s.t.Helper()
	command := s.shell(commands)
	var problems bytes.Buffer
	command.Stderr = &problems
	output, err := command.StdoutPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() {
		_ = syscall.Kill(-command.Process.Pid, syscall.SIGKILL)
		_ = command.Wait()
	})
	var printed strings.Builder
	for reader := bufio.NewReader(output); lines > 0; lines-- {
		line, err := reader.ReadString('\n')
		if err != nil {
			s.t.Fatalf("%s: %v\n%s", commands, err, problems.String())
		}
		printed.WriteString(line)
	}
	return printed.String()
}
