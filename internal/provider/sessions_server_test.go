package provider

import (
	"fmt"
	"testing"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
)

// The framework alone takes a thousand allocations for each session of a list, and the rest of a read about 40.
func TestSessionsBypassTheFramework(t *testing.T) {
	const sessions, most = 1_000, 200
	api := scriptixtest.NewServer(t)
	for i := range sessions {
		api.Add(scriptixtest.Session{SessionID: fmt.Sprintf("session-%04d", i)})
	}
	server := newProtocolServer(t.Context(), t, api)
	request := server.request("scriptix_sessions", nil)
	allocations := testing.AllocsPerRun(1, func() {
		response, err := server.ReadDataSource(t.Context(), request)
		if err != nil || len(response.Diagnostics) > 0 {
			t.Fatal(err, texts(response.Diagnostics))
		}
	})
	if allocations > sessions*most {
		t.Errorf("a read takes %.0f allocations for each session, want at most %d", allocations/sessions, most)
	}
}
