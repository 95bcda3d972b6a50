package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/vmihailenco/msgpack/v5"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
)

// sessionsServer spares the framework the states that hold many sessions. It adds the sessions to the state of
// scriptix_sessions after the framework has made the rest of it, and refreshes scriptix_session_completions itself.
//
// The framework walks, converts, and compares every value of a state. With 10,000 sessions, this takes six times as long
// as everything else that the provider does, and more than half of its memory.
type sessionsServer struct {
	frameworkServer
}

// ReadDataSource replaces the null that Read has set for the sessions.
func (s sessionsServer) ReadDataSource(ctx context.Context, request *tfprotov6.ReadDataSourceRequest) (*tfprotov6.ReadDataSourceResponse, error) {
	if request.TypeName != "scriptix_sessions" {
		return s.frameworkServer.ReadDataSource(ctx, request)
	}
	var sessions []scriptix.Session
	response, err := s.frameworkServer.ReadDataSource(context.WithValue(ctx, sessionsKey{}, &sessions), request)
	if err != nil || hasError(response.Diagnostics) {
		return response, err
	}
	var state map[string]msgpack.RawMessage
	if err := msgpack.Unmarshal(response.State.MsgPack, &state); err != nil {
		return nil, err
	}
	if state["sessions"], err = listedSessionShape.encodedList(sessions); err != nil {
		return nil, err
	}
	response.State.MsgPack, err = msgpack.Marshal(state)
	return response, err
}

// ReadResource returns the state of scriptix_session_completions as it is. The framework would compare each element of
// session_ids with each other one, which takes a second for 1,000 sessions.
func (s sessionsServer) ReadResource(ctx context.Context, request *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	if request.TypeName != "scriptix_session_completions" {
		return s.frameworkServer.ReadResource(ctx, request)
	}
	return &tfprotov6.ReadResourceResponse{NewState: request.CurrentState, Private: request.Private}, nil
}

// sessionsKey is the context key of the sessions that Read hands over, a *[]scriptix.Session.
type sessionsKey struct{}

// handOverSessions passes the sessions of a state on to sessionsServer.
func handOverSessions(ctx context.Context, sessions []scriptix.Session) {
	*ctx.Value(sessionsKey{}).(*[]scriptix.Session) = sessions //nolint:errcheck,forcetypeassert // sessionsServer sets it
}
