//go:build unix

package provider_test

import (
	"strings"
	"syscall"
	"testing"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
)

// However a query is interrupted, Terraform fails: it does not take what it has for all there is.
func TestInterruptedQueryIsAnError(t *testing.T) {
	t.Parallel()
	for name, executable := range queryCLIs(t) {
		for how, end := range map[string]ending{
			"SIGINT to the group":  {syscall.SIGINT, true},
			"SIGINT to Terraform":  {syscall.SIGINT, false},
			"SIGTERM to the group": {syscall.SIGTERM, true},
		} {
			t.Run(name+", "+how, func(t *testing.T) {
				t.Parallel()
				server := scriptixtest.NewServer(t)
				server.Inject(scriptixtest.Fault{Hang: true})
				run := newQuery(t, server, executable, query()).startReading(server, "query", "-no-color")
				run.signal(end)
				run.leavesNothing()
				output := read(t, run.output)
				if run.command.ProcessState.Success() || !strings.Contains(output, "Cancelled") {
					t.Errorf("Terraform has ended with %s:\n%s", run.command.ProcessState, output)
				}
			})
		}
	}
}
