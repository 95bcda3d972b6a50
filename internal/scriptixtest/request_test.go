package scriptixtest_test

import (
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
)

func TestRequestsAreRecorded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		server := scriptixtest.NewPipeServer(t, scriptixtest.WithClockSkew(time.Hour))
		server.Add(scriptixtest.Session{SessionID: "a b"})
		c := newClient(t, server)
		c.get(sessionsPath + "?status=queued&offset=100")
		pass(3 * time.Second)
		c.session("a%20b")
		c.do(c.request(http.MethodPost, sessionsPath+"/a%20b"))

		want := []scriptixtest.Request{
			{Method: http.MethodGet, Path: sessionsPath, Time: start, Answered: http.StatusOK},
			{Method: http.MethodGet, Path: sessionsPath + "/a b", Time: start.Add(3 * time.Second), Answered: http.StatusOK, SessionID: "a b"},
			{Method: http.MethodPost, Path: sessionsPath + "/a b", Time: start.Add(3 * time.Second), Answered: http.StatusMethodNotAllowed},
		}
		got := server.Requests()
		equal(t, "requests", len(got), len(want))
		for i := range want {
			equal(t, "method", got[i].Method, want[i].Method)
			equal(t, "path", got[i].Path, want[i].Path)
			equal(t, "time", got[i].Time, want[i].Time)
			equal(t, "answered", got[i].Answered, want[i].Answered)
			equal(t, "session", got[i].SessionID, want[i].SessionID)
			equal(t, "authorization", got[i].Header.Get("Authorization"), "Bearer "+scriptixtest.Token)
		}
		equal(t, "query", got[0].Query.Encode(), "offset=100&status=queued")

		got[0].Path = "changed"
		equal(t, "path after a change of the copy", server.Requests()[0].Path, sessionsPath)
		server.ResetRequests()
		equal(t, "requests after the reset", len(server.Requests()), 0)
	})
}

func TestRequestsShowWhatIsNotAnsweredYet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := scriptixtest.NewPipeServer(t)
		server.Inject(scriptixtest.Fault{Latency: time.Second})
		c := newClient(t, server)
		var requests sync.WaitGroup
		requests.Go(func() { c.get(sessionsPath) })
		synctest.Wait()
		equal(t, "answered before", server.Requests()[0].Answered, 0)
		requests.Wait()
		equal(t, "answered after", server.Requests()[0].Answered, http.StatusOK)
	})
}

func TestMaxInFlight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := scriptixtest.NewPipeServer(t)
		c := newClient(t, server)
		for range 50 {
			c.get(sessionsPath)
		}
		equal(t, "one after the other", server.MaxInFlight(), 1)

		server.Inject(scriptixtest.Fault{Latency: time.Second})
		var requests sync.WaitGroup
		for range 7 {
			requests.Go(func() { c.get(sessionsPath) })
		}
		synctest.Wait()
		server.ResetRequests()
		equal(t, "while they run", server.MaxInFlight(), 7)
		requests.Wait()
		equal(t, "at the same time", server.MaxInFlight(), 7)
		server.ResetRequests()
		equal(t, "after the reset", server.MaxInFlight(), 0)
	})
}

func TestObserver(t *testing.T) {
	var observed []scriptixtest.Request
	server := scriptixtest.NewServer(t, scriptixtest.WithObserver(func(request scriptixtest.Request) {
		observed = append(observed, request)
	}))
	c := newClient(t, server)
	c.session("unknown")
	c.get(sessionsPath)

	equal(t, "observed", len(observed), 2)
	equal(t, "session", observed[0].SessionID, "unknown")
	equal(t, "answered", observed[0].Answered, http.StatusNotFound)
	equal(t, "path", observed[1].Path, sessionsPath)
}
