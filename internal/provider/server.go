package provider

import (
	"context"
	"maps"
	"slices"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// NewServer returns a function that returns the provider's protocol server. Its arguments are those of New.
func NewServer(interrupted context.Context, version string) func() tfprotov6.ProviderServer {
	return func() tfprotov6.ProviderServer { return newServer(New(interrupted, version)()) } //nolint:contextcheck // schemas are for all requests
}

func newServer(provider provider.Provider) tfprotov6.ProviderServer {
	framework := providerserver.NewProtocol6(provider)().(frameworkServer) //nolint:errcheck // every test needs it
	return &server{
		frameworkServer: newValidatingServer(sessionsServer{framework}),
		streams:         map[chan struct{}]struct{}{},
	}
}

// server prevents that StopProvider turns an interrupted action or list into a success.
//
// When StopProvider returns, plugin-go ends the context of every request. Its InvokeAction then drops the next event and
// ends the stream without an error. Terraform 1.14.3 and 1.16.0 take a stream without a Completed event for success. So
// StopProvider must not return before plugin-go has sent the Completed event of every invocation. ListResource of
// plugin-go drops the error of a list in the same way.
type server struct {
	frameworkServer

	mu      sync.Mutex
	stopped bool
	streams map[chan struct{}]struct{} // of invocations and lists; each closes when its stream ends
}

// ConfigureProvider begins a run of Terraform. With -debug, one process serves many runs.
func (s *server) ConfigureProvider(ctx context.Context, request *tfprotov6.ConfigureProviderRequest) (*tfprotov6.ConfigureProviderResponse, error) {
	s.mu.Lock()
	s.stopped = false
	s.mu.Unlock()
	return s.frameworkServer.ConfigureProvider(ctx, request)
}

// InvokeAction invokes an action. After StopProvider it returns an error instead, because plugin-go could drop the
// Completed event of an invocation that StopProvider did not wait for.
func (s *server) InvokeAction(ctx context.Context, request *tfprotov6.InvokeActionRequest) (*tfprotov6.InvokeActionServerStream, error) {
	// StopProvider sees an invocation either with a context that it can cancel, or not at all.
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped {
		return nil, context.Canceled
	}
	stream, err := s.frameworkServer.InvokeAction(ctx, request)
	if err != nil {
		return nil, err
	}
	ended := s.begin()
	events := stream.Events
	stream.Events = func(send func(tfprotov6.InvokeActionEvent) bool) {
		defer s.end(ended)
		events(send)
	}
	return stream, nil
}

// ListResource lists resources. After StopProvider it returns an error instead, as InvokeAction does.
func (s *server) ListResource(ctx context.Context, request *tfprotov6.ListResourceRequest) (*tfprotov6.ListResourceServerStream, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped {
		return nil, context.Canceled
	}
	stream, err := s.frameworkServer.ListResource(ctx, request)
	if err != nil {
		return nil, err
	}
	ended := s.begin()
	results := stream.Results
	stream.Results = func(send func(tfprotov6.ListResourceResult) bool) {
		defer s.end(ended)
		results(send)
	}
	return stream, nil
}

// begin records a stream. The caller holds the lock.
func (s *server) begin() (ended chan struct{}) {
	ended = make(chan struct{})
	s.streams[ended] = struct{}{}
	return ended
}

// end records that plugin-go has sent the last event of a stream.
func (s *server) end(stream chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.streams, stream)
	close(stream)
}

// StopProvider cancels all requests, and returns when no stream is left.
func (s *server) StopProvider(ctx context.Context, request *tfprotov6.StopProviderRequest) (*tfprotov6.StopProviderResponse, error) {
	response, streams, err := s.stop(ctx, request)
	for _, ended := range streams {
		<-ended
	}
	return response, err
}

// stop cancels all requests, refuses later streams, and returns the streams that are still open.
func (s *server) stop(ctx context.Context, request *tfprotov6.StopProviderRequest) (*tfprotov6.StopProviderResponse, []chan struct{}, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stopped = true
	response, err := s.frameworkServer.StopProvider(ctx, request)
	return response, slices.Collect(maps.Keys(s.streams)), err
}
