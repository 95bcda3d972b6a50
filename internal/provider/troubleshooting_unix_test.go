//go:build unix

package provider_test

import (
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
