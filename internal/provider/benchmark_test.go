package provider

import (
	"fmt"
	"testing"

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

// BenchmarkSessions encodes sessions for Terraform, then also reads them from a server on this machine.
func BenchmarkSessions(b *testing.B) {
	for _, number := range []int{10, 1_000, 10_000} {
		sessions := make([]scriptix.Session, number)
		for i := range sessions {
			sessions[i] = fullSession()
			sessions[i].SessionID = fmt.Sprintf("session-%05d", i)
		}
		b.Run(fmt.Sprintf("encoded/%d", number), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := listedSessionShape.encodedList(sessions); err != nil {
					b.Fatal(err)
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
