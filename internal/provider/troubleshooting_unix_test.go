//go:build unix

package provider_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
)

func TestTroubleshootingGuideShowsAnInterrupt(t *testing.T) {
	t.Parallel()
	server := scriptixtest.NewServer(t)
	server.Add(scriptixtest.Session{SessionID: "abc123def456", Processing: forever})
	terraform := newCLI(t, server, "\n"+meeting(waits))
	command, output := terraform.command("plan", "-input=false")
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	group := -command.Process.Pid
	t.Cleanup(func() { _ = syscall.Kill(group, syscall.SIGKILL) })

	// A second poll is sent only by a wait.
	until(t, "the wait has begun", func() bool { return len(server.Requests()) > 1 })
	if err := syscall.Kill(group, syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	if err := command.Wait(); err == nil {
		t.Error("Terraform says that it succeeded")
	}
	holdGuide(t, "Cancelled", output.String())
}

// The provider cannot open its socket, and Terraform does not say why.
func TestTroubleshootingGuideExplainsATemporaryFolderThatIsOfNoUse(t *testing.T) {
	t.Parallel()
	long := filepath.Join(t.TempDir(), strings.Repeat("x", 90))
	if err := os.Mkdir(long, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, folder := range map[string]string{"missing": filepath.Join(t.TempDir(), "missing"), "too long": long} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			terraform := newCLI(t, scriptixtest.NewServer(t), meeting())
			terraform.environment = append(terraform.environment, "TMPDIR="+folder)
			message := "Unrecognized remote plugin message"
			if product, minor := versionOf(t, terraform.executable); name == "missing" && !oneProcess.in(product, minor) {
				message = "open " + folder // before it starts the provider
			}
			if output := terraform.run(false, "plan", "-no-color"); !says(message).MatchString(output) {
				t.Errorf("Terraform says something else:\n%s", output)
			}
		})
	}
	contains(t, read(t, troubleshootingGuide), "\n### Unrecognized remote plugin message\n", "`TMPDIR`")
}

// A reader pastes an example of a page, and nothing else.
func TestTroubleshootingGuideExplainsAMissingSource(t *testing.T) {
	t.Parallel()
	terraform := newExample(t, scriptixtest.NewServer(t), ".")
	terraform.directory = t.TempDir()
	const message = "Failed to query available provider packages"
	write(t, filepath.Join(terraform.directory, "main.tf"), meeting())
	if output := terraform.run(false, "init", "-no-color"); !says(message, "hashicorp/scriptix").MatchString(output) {
		t.Errorf("Terraform says something else:\n%s", output)
	}
	write(t, filepath.Join(terraform.directory, "source.tf"), code(t, troubleshootingGuide, "### "+message, "terraform"))
	terraform.run(true, "init", "-no-color")
}
