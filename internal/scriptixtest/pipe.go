package scriptixtest

import (
	"context"
	"net"
	"sync"
)

// pipeListener is a [net.Listener] without a network: who dials it holds one end of a pipe, and who accepts
// from it the other.
type pipeListener struct {
	accepted  chan net.Conn
	closed    chan struct{}
	closeOnce sync.Once
}

func newPipeListener() *pipeListener {
	return &pipeListener{accepted: make(chan net.Conn), closed: make(chan struct{})}
}

// dial connects at once or never, whatever the context and the address: the server accepts until it closes.
func (l *pipeListener) dial(context.Context, string, string) (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case l.accepted <- server:
		return client, nil
	case <-l.closed:
		return nil, closedError("dial")
	}
}

// Accept waits for somebody to dial.
func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case connection := <-l.accepted:
		return connection, nil
	case <-l.closed:
		return nil, closedError("accept")
	}
}

// Close ends Accept and dial for good.
func (l *pipeListener) Close() error {
	l.closeOnce.Do(func() { close(l.closed) })
	return nil
}

// Addr is a name only. It is a loopback address because clients may insist on one for plain HTTP, and its
// port is one where nothing listens, so that who gets there past the pipe fails.
func (l *pipeListener) Addr() net.Addr { return pipeAddress{} }

func closedError(operation string) error {
	return &net.OpError{Op: operation, Net: pipeAddress{}.Network(), Addr: pipeAddress{}, Err: net.ErrClosed}
}

type pipeAddress struct{}

// Network is the name of no real network.
func (pipeAddress) Network() string { return "pipe" }

// String is a loopback address that nothing is expected to listen on.
func (pipeAddress) String() string { return "127.0.0.1:1" }
