package provider

import (
	"fmt"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
)

// BenchmarkReadSession is one read of one session, as Terraform asks for it, against a server on this machine.
func BenchmarkReadSession(b *testing.B) {
	api := scriptixtest.NewServer(b)
	api.Add(scriptixtest.Session{SessionID: "abc123def456", JSON: scriptixtest.CompletedSessionJSON})
	server := newProtocolServer(b.Context(), b, api)
	request := server.request("scriptix_session", values{"session_id": stringValue("abc123def456")})
	b.ReportAllocs()
	for b.Loop() {
		response, err := server.ReadDataSource(b.Context(), request)
		if err != nil || len(response.Diagnostics) > 0 {
			b.Fatal(err, texts(response.Diagnostics))
		}
	}
}

// BenchmarkSessionsState is what becomes of sessions that have been read: the value alone, then with the
// framework's part. What is fetched and decoded before costs the same whatever happens here.
func BenchmarkSessionsState(b *testing.B) {
	for _, number := range []int{10, 1_000, 10_000} {
		sessions := make([]scriptix.Session, number)
		for i := range sessions {
			sessions[i] = fullSession()
			sessions[i].SessionID = fmt.Sprintf("session-%05d", i)
		}
		b.Run(fmt.Sprintf("value/%d", number), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				listedSessionShape.list(sessions)
			}
		})
		b.Run(fmt.Sprintf("state/%d", number), func(b *testing.B) {
			config := configOf(b, "scriptix_sessions", nil)
			b.ReportAllocs()
			for b.Loop() {
				state := tfsdk.State{Schema: config.Schema}
				diagnostics := state.Set(b.Context(), stateOf(config.Raw, map[string]tftypes.Value{
					"total_results": tftypes.NewValue(tftypes.Number, int64(number)),
					"sessions":      listedSessionShape.list(sessions),
				}))
				if diagnostics.HasError() {
					b.Fatal(diagnostics)
				}
			}
		})
		b.Run(fmt.Sprintf("read/%d", number), func(b *testing.B) {
			api := scriptixtest.NewServer(b)
			for i := range number {
				api.Add(scriptixtest.Session{SessionID: fmt.Sprintf("session-%05d", i)})
			}
			server := newProtocolServer(b.Context(), b, api)
			request := server.request("scriptix_sessions", nil)
			b.ReportAllocs()
			for b.Loop() {
				response, err := server.ReadDataSource(b.Context(), request)
				if err != nil || len(response.Diagnostics) > 0 {
					b.Fatal(err, texts(response.Diagnostics))
				}
			}
		})
	}
}
