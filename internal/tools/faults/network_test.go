package faults

import (
	"bytes"
	"context"
	"encoding/json"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
)

// toxic is something that goes wrong with a TCP connection, in the proxy's own words except for its name.
type toxic struct {
	name, kind string
	attributes map[string]int
}

// network is a fake API behind a proxy that begins to misbehave with the answer to one request.
type network struct {
	t        *testing.T
	server   *scriptixtest.Server
	proxy    *toxiproxy.Proxy
	finished []scriptixtest.Session
	fault    toxic
	at       int32         // the request whose answer is the first to meet the fault; 0: it is there from the start
	length   time.Duration // how long the fault lasts; 0: to the end
	answered atomic.Int32
}

func newNetwork(t *testing.T, o operation, fault toxic, at int, length time.Duration) *network {
	t.Helper()
	n := &network{t: t, finished: o.finished, fault: fault, at: int32(at), length: length}
	n.server = scriptixtest.NewServer(t, scriptixtest.WithObserver(n.observe))
	n.server.Add(o.sessions...)
	api := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
	n.proxy = toxiproxy.NewProxy(api, "scriptix", "127.0.0.1:0", n.server.URL[len("http://"):])
	if err := n.proxy.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(n.proxy.Stop)
	if at == 0 {
		n.strike()
	}
	return n
}

// url is where the provider finds the API.
func (n *network) url() string { return "http://" + n.proxy.Listen }

// observe is called before an answer is sent.
func (n *network) observe(scriptixtest.Request) {
	number := n.answered.Add(1)
	if number == 2 {
		n.server.Add(n.finished...)
	}
	if number == n.at {
		n.strike()
	}
}

// strike begins the fault, and ends it when it has lasted long enough.
func (n *network) strike() {
	definition, err := json.Marshal(map[string]any{
		"name": n.fault.name, "type": n.fault.kind, "stream": "downstream", "toxicity": 1, "attributes": n.fault.attributes,
	})
	if err == nil {
		_, err = n.proxy.Toxics.AddToxicJson(bytes.NewReader(definition))
	}
	if err != nil {
		n.t.Error(err)
		return
	}
	if n.length > 0 {
		time.AfterFunc(n.length, func() { _ = n.proxy.Toxics.RemoveToxic(context.Background(), n.fault.name) })
	}
}

// struck fails the test when the fault never came.
func (n *network) struck() {
	n.t.Helper()
	if got := n.answered.Load(); got < n.at {
		n.t.Errorf("only %d requests arrived, and the fault is at number %d", got, n.at)
	}
}

// endedWithin fails the test when the operation, which began with the first request that arrived, outlived its deadline.
func (n *network) endedWithin(deadline time.Duration, end time.Time) {
	n.t.Helper()
	requests := n.server.Requests()
	if len(requests) == 0 {
		n.t.Fatal("nothing was asked for")
	}
	if took := end.Sub(requests[0].Time); took > deadline+late {
		n.t.Errorf("took %s of at most %s", took, deadline)
	}
}

// silentAfter fails the test when a request arrives after everything has ended.
func (n *network) silentAfter(end time.Time) {
	n.t.Helper()
	// As long as the client might pause before it tried again.
	ticker := time.NewTicker(watched)
	defer ticker.Stop()
	<-ticker.C
	for _, request := range n.server.Requests() {
		if late := request.Time.Sub(end); late > onItsWay {
			n.t.Errorf("%s was asked for %s after the end", request.Path, late)
		}
	}
}

const (
	watched  = 3 * time.Second
	onItsWay = time.Second // what the proxy may hold in its hands
)

// many are sessions that fill three pages.
func many() []scriptixtest.Session {
	sessions := make([]scriptixtest.Session, 300)
	for i := range sessions {
		sessions[i].SessionID = "session-" + strconv.Itoa(i)
	}
	return sessions
}
