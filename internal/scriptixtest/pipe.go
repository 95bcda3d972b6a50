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

// dial has the signature of DialContext of [http.Transport]. All addresses lead to the listener.
func (l *pipeListener) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case l.accepted <- server:
		return client, nil
	case <-l.closed:
		return nil, l.failed("dial", net.ErrClosed)
	case <-ctx.Done():
		return nil, l.failed("dial", ctx.Err())
	}
}

// Accept waits for somebody to dial.
func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case connection := <-l.accepted:
		return connection, nil
	case <-l.closed:
		return nil, l.failed("accept", net.ErrClosed)
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

func (l *pipeListener) failed(operation string, err error) error {
	return &net.OpError{Op: operation, Net: pipeAddress{}.Network(), Addr: pipeAddress{}, Err: err}
}

type pipeAddress struct{}

func (pipeAddress) Network() string { return "pipe" }
func (pipeAddress) String() string  { return "127.0.0.1:1" }
