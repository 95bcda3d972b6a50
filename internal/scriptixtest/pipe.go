package scriptixtest

import (
	"context"
	"net"
	"sync"
)

// pipeListener is a [net.Listener] without a network. dial returns one end of a pipe, and Accept the other.
type pipeListener struct {
	accepted  chan net.Conn
	closed    chan struct{}
	closeOnce sync.Once
}

func newPipeListener() *pipeListener {
	return &pipeListener{accepted: make(chan net.Conn), closed: make(chan struct{})}
}

// dial ignores the context and the address. It connects at once unless the listener is closed.
func (l *pipeListener) dial(context.Context, string, string) (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case l.accepted <- server:
		return client, nil
	case <-l.closed:
		return nil, closedError("dial")
	}
}

// Accept waits for a dial.
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

// Addr returns a loopback address, because clients may require one for plain HTTP. Nothing listens on its port, so that a
// connection outside the pipe fails.
func (l *pipeListener) Addr() net.Addr { return pipeAddress{} }

func closedError(operation string) error {
	return &net.OpError{Op: operation, Net: pipeAddress{}.Network(), Addr: pipeAddress{}, Err: net.ErrClosed}
}

type pipeAddress struct{}

// Network returns the name of no real network.
func (pipeAddress) Network() string { return "pipe" }

// String returns a loopback address that nothing is expected to listen on.
func (pipeAddress) String() string { return "127.0.0.1:1" }
