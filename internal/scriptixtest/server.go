package scriptixtest

import (
	"context"
	"net"
	"net/http"
	"sync"
	"testing"
)

// Server is an [API] that is served over HTTP.
type Server struct {
	*API
	URL string // base URL, without a slash at the end

	dial      dialer
	closeOnce sync.Once
	shutDown  func()
}

type dialer func(ctx context.Context, network, address string) (net.Conn, error)

// NewServer starts an API on a free port of the loopback interface. It closes when the test ends.
func NewServer(t testing.TB, options ...Option) *Server {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("listening on the loopback interface: %v", err)
	}
	return start(t, listener, new(net.Dialer).DialContext, options)
}

// NewPipeServer starts an API that only its Transport reaches, over pairs of [net.Pipe]. Without a network, goroutines that
// wait for each other are durably blocked in the sense of testing/synctest, so that fake time can pass. Call it inside the
// bubble. It closes when the test ends.
func NewPipeServer(t testing.TB, options ...Option) *Server {
	t.Helper()
	listener := newPipeListener()
	return start(t, listener, listener.dial, options)
}

func start(t testing.TB, listener net.Listener, dial dialer, options []Option) *Server {
	t.Helper()
	api := NewAPI(options...)
	server := &http.Server{Handler: api}
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = server.Serve(listener) // returns an error when the listener closes
	}()
	s := &Server{
		API:  api,
		URL:  "http://" + listener.Addr().String(),
		dial: dial,
		shutDown: func() {
			_ = listener.Close()
			<-served           // now no connection is new, so that Close misses none
			_ = server.Close() // also ends latency and Hang, because a request's context ends with its connection
		},
	}
	t.Cleanup(s.Close)
	return s
}

// Transport returns a new transport that reaches the server. A server of [NewPipeServer] is reached in no other way. Its
// connections end when the server closes.
func (s *Server) Transport() *http.Transport {
	return &http.Transport{DialContext: s.dial}
}

// Close ends the server at once, including requests in flight. A second call does nothing.
func (s *Server) Close() {
	s.closeOnce.Do(s.shutDown)
}
