package provider

import (
	"maps"
	"testing"
	"testing/synctest"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
)

// openSession opens an ephemeral session and returns its attributes and diagnostics.
func (s *protocolServer) openSession(arguments values) (values, []*tfprotov6.Diagnostic) {
	s.t.Helper()
	schema := s.schema.EphemeralResourceSchemas["scriptix_session"]
	response, err := s.OpenEphemeralResource(s.t.Context(), &tfprotov6.OpenEphemeralResourceRequest{
		TypeName: "scriptix_session", Config: s.dynamic(schema, arguments),
	})
	if err != nil {
		s.t.Fatal(err)
	}
	result, err := response.Result.Unmarshal(schema.ValueType())
	if err != nil {
		s.t.Fatal(err)
	}
	return objectValues(result), response.Diagnostics
}

func TestEphemeralSessionShowsWhatIsThereUnlessAskedToWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := newPipeAPI(t)
		api.Add(scriptixtest.Session{SessionID: "test", Processing: forever})
		session, diagnostics := newProtocolServer(t.Context(), t, api).openSession(values{
			"session_id": stringValue("test"), "timeouts": limitOf("open", "30s"),
		})
		has(t, session, diagnostics, "status", stringValue("processing"))
		sent(t, api, 1)
	})
}

func TestEphemeralSessionErrorsAreThoseOfTheDataSource(t *testing.T) {
	tests := map[string]struct {
		session   scriptixtest.Session
		hangs     bool
		arguments values
		words     []string
	}{
		"failed": {
			session: scriptixtest.Session{Error: "Audio file is too short"}, arguments: awaited(nil),
			words: []string{"Session Failed", `"Audio file is too short"`},
		},
		"slow": {
			session: scriptixtest.Session{Processing: forever}, arguments: awaited(values{"timeouts": limitOf("open", "1s")}),
			words: []string{"Session Still Processing", "To wait longer, raise timeouts.open."},
		},
		"missing": {session: scriptixtest.Session{SessionID: "other"}, words: []string{"Session Not Found", `"SESSION_NOT_FOUND"`}},
		"no answer": {
			hangs: true, arguments: values{"timeouts": limitOf("open", "200ms")}, words: []string{"Reading Timed Out", "raise timeouts.open"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				api := newPipeAPI(t)
				if test.session.SessionID == "" {
					test.session.SessionID = "test"
				}
				api.Add(test.session)
				if test.hangs {
					api.Inject(scriptixtest.Fault{Hang: true})
				}
				arguments := values{"session_id": stringValue("test")}
				maps.Copy(arguments, test.arguments)
				_, diagnostics := newProtocolServer(t.Context(), t, api).openSession(arguments)
				saysInOrder(t, problem(t, diagnostics), test.words...)
			})
		})
	}
}

func TestFailedEphemeralSessionIsAResultWhenAllowed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := newPipeAPI(t)
		api.Add(scriptixtest.Session{SessionID: "test", Error: "Audio file is too short"})
		session, diagnostics := newProtocolServer(t.Context(), t, api).openSession(awaited(values{
			"session_id": stringValue("test"), "allow_failed": boolValue(true),
		}))
		has(t, session, diagnostics, "status", stringValue("failed"))
	})
}
