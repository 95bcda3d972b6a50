package provider_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
)

// One data source times out while its request hangs, and the other continues. The answer that comes too late must not end
// the provider. Tests in fake time show the rest; here, the provider is a process of its own.
func TestTerraformOutlastsADataSourceThatLeaves(t *testing.T) {
	t.Parallel()
	server := scriptixtest.NewServer(t)
	server.Add(
		scriptixtest.Session{SessionID: "leaves", Processing: time.Hour},
		scriptixtest.Session{SessionID: "stays", Processing: 10 * time.Second},
	)
	server.Inject(
		scriptixtest.Fault{Match: scriptixtest.ForList(), Status: http.StatusForbidden},
		scriptixtest.Fault{Match: scriptixtest.ForSession("leaves"), After: 1, Hang: true},
	)
	waits := []string{"wait_for_completion = true"}
	terraform := newCLI(t, server, using(server,
		dataSource("scriptix_session", "leaves", append(waits, `session_id = "leaves"`, `timeouts = { read = "5s" }`))+
			dataSource("scriptix_session", "stays", append(waits, `session_id = "stays"`))+
			"output \"stays\" {\n  value = data.scriptix_session.stays.status\n}\n",
		`request_timeout = "6s"`))
	output := terraform.run(false, "plan", "-no-color")
	if !says("Session Still Processing", `"leaves"`, `its timeout of 5s`).MatchString(output) {
		t.Errorf("the timeout is missing in:\n%s", output)
	}
	if strings.Count(output, "Error: ") != 1 {
		t.Errorf("want no other error in:\n%s", output)
	}
}
