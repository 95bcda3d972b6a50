package scriptixtest_test

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
)

func TestServerIsReachedByItsURL(t *testing.T) {
	server := scriptixtest.NewServer(t)
	server.Add(scriptixtest.Session{SessionID: "one"})

	c := newClient(t, server)
	c.Client = &http.Client{Transport: &http.Transport{}}
	defer c.CloseIdleConnections()

	equal(t, "host", strings.HasPrefix(server.URL, "http://127.0.0.1:"), true)
	equal(t, "status", c.session("one").status, http.StatusOK)
}

func TestPipeServerLeavesTheBubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := scriptixtest.NewPipeServer(t)
		server.Add(scriptixtest.Session{SessionID: "long", Processing: 30 * time.Minute})
		c := newClient(t, server)

		var requests sync.WaitGroup
		for range 20 {
			requests.Go(func() { equal(t, "status", c.session("long").status, http.StatusOK) })
		}
		requests.Wait()
		equal(t, "before", c.fields("long")["status"], any("processing"))

		start := time.Now()
		pass(time.Hour)
		equal(t, "passed", time.Since(start), time.Hour)
		equal(t, "after", c.fields("long")["status"], any("completed"))
	})
}

func TestPipeServerIsReachedThroughItsTransportOnly(t *testing.T) {
	c := newClient(t, scriptixtest.NewPipeServer(t))
	c.Client = &http.Client{Transport: &http.Transport{}}

	if answer, err := c.try(c.request(http.MethodGet, sessionsPath)); err == nil {
		t.Fatalf("a network reached the pipe server: status %d", answer.status)
	}
}

func TestCloseEndsEverything(t *testing.T) {
	servers := map[string]func(testing.TB, ...scriptixtest.Option) *scriptixtest.Server{
		"loopback": scriptixtest.NewServer,
		"pipe":     scriptixtest.NewPipeServer,
	}
	faults := map[string]scriptixtest.Fault{
		"hang":               {Hang: true},
		"latency":            {Latency: time.Hour},
		"latency of a fault": {Latency: time.Hour, Status: http.StatusInternalServerError},
	}
	for kind, newServer := range servers {
		for name, fault := range faults {
			t.Run(fmt.Sprintf("%s/%s", kind, name), func(t *testing.T) {
				arrived := make(chan struct{})
				fault.Match = func(*http.Request) bool { close(arrived); return true }
				server := newServer(t)
				server.Inject(fault)
				c := newClient(t, server)
				ended := make(chan error)
				go func() {
					answer, err := c.try(c.request(http.MethodGet, sessionsPath))
					if err == nil {
						t.Errorf("the request was answered with status %d", answer.status)
					}
					ended <- err
				}()
				<-arrived
				server.Close()
				<-ended
				equal(t, "answered", server.Requests()[0].Answered, 0)

				server.Close()
				_, err := c.try(c.request(http.MethodGet, sessionsPath))
				var refused *net.OpError
				if !errors.As(err, &refused) || refused.Op != "dial" {
					t.Errorf("request after closing: got error %v, want one of dialing", err)
				}
			})
		}
	}
}

func TestPipeServerEndsDialing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := scriptixtest.NewPipeServer(t)
		c := newClient(t, server)
		equal(t, "status", c.get(sessionsPath).status, http.StatusOK)
		server.Close()
		synctest.Wait()

		if _, err := c.try(c.request(http.MethodGet, sessionsPath)); !errors.Is(err, net.ErrClosed) {
			t.Errorf("got error %v, want %v", err, net.ErrClosed)
		}
	})
}
