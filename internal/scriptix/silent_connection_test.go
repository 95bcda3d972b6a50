package scriptix_test

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
)

// middlebox passes connections on to a server. It swallows everything on those that it has been told to silence, as a NAT
// does that has forgotten them.
type middlebox struct {
	net.Listener

	server             string
	accepted, silenced atomic.Int64
}

func newMiddlebox(t *testing.T, server string) *middlebox {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	box := &middlebox{Listener: listener, server: server}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			front, err := listener.Accept()
			if err != nil {
				return
			}
			back, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", server)
			if err != nil {
				_ = front.Close()
				continue
			}
			number := box.accepted.Add(1)
			go box.pass(number, back, front)
			go box.pass(number, front, back)
		}
	}()
	return box
}

// silence swallows what comes on all connections so far.
func (b *middlebox) silence() { b.silenced.Store(b.accepted.Load()) }

func (b *middlebox) pass(number int64, to, from net.Conn) {
	defer to.Close()
	buffer := make([]byte, 32<<10)
	for {
		read, err := from.Read(buffer)
		if err != nil {
			return
		}
		if number <= b.silenced.Load() {
			continue
		}
		if _, err := to.Write(buffer[:read]); err != nil {
			return
		}
	}
}

// A connection that went silent is given up, and the next attempt goes out on another one.
func TestSilentConnectionIsGivenUp(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		if request.ProtoMajor != 2 {
			t.Errorf("a request came by %s", request.Proto)
		}
		_, _ = io.WriteString(w, `{"session_id": "`+exampleID+`", "status": "processing"}`)
	}))
	server.EnableHTTP2 = true
	server.StartTLS()
	defer server.Close()
	box := newMiddlebox(t, server.Listener.Addr().String())
	transport := scriptix.NewTransport()
	transport.TLSClientConfig = server.Client().Transport.(*http.Transport).TLSClientConfig.Clone()
	transport.TLSClientConfig.ServerName = "example.com"
	// The same rule with shorter times: a ping after so long a silence, and so long for its answer.
	compare(t, "pings after", []time.Duration{transport.HTTP2.SendPingTimeout, transport.HTTP2.PingTimeout},
		[]time.Duration{10 * time.Second, 5 * time.Second})
	transport.HTTP2.SendPingTimeout, transport.HTTP2.PingTimeout = 200*time.Millisecond, 200*time.Millisecond
	defer transport.CloseIdleConnections()
	config := newConfig(t, "https://"+box.Addr().String(), transport)
	config.RequestTimeout, config.MaxRetries = time.Second, 0
	client := scriptix.NewClient(config)
	if err := getExample(t.Context(), client); err != nil {
		t.Fatal(err)
	}
	box.silence()
	for range 3 {
		if err := getExample(t.Context(), client); err == nil {
			return
		}
	}
	t.Error("three attempts failed after a connection went silent")
}
