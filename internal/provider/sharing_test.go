package provider

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
)

// apiLatency is how long the fake takes for an answer, as an API does that is far away.
const apiLatency = 80 * time.Millisecond

// inSlots calls do for each of the numbers below count, as many at the same time as Terraform has slots.
func inSlots(slots, count int, do func(i int)) {
	free := make(chan struct{}, slots)
	var group sync.WaitGroup
	for i := range count {
		free <- struct{}{}
		group.Go(func() {
			defer func() { <-free }()
			do(i)
		})
	}
	group.Wait()
}

// A hundred gates cost about what one costs, also if Terraform asks for them one by one.
func TestGatesOfManySessionsShareTheirRequests(t *testing.T) {
	tests := map[string]struct {
		plan       scriptixtest.Plan
		count      int
		processing time.Duration
		slots      int
		newer      int           // sessions that were uploaded later
		requests   int           // at most
		took       time.Duration // at most
	}{
		"finished":               {scriptixtest.Unlimited, 100, 0, 10, 0, 10, time.Second},
		"finished, all at once":  {scriptixtest.Unlimited, 100, 0, 100, 0, 5, time.Second},
		"after ten minutes":      {scriptixtest.Unlimited, 100, 10 * time.Minute, 100, 0, 130, 10*time.Minute + 11*time.Second},
		"older than 1,000":       {scriptixtest.Unlimited, 100, 0, 10, 1000, 115, 10 * time.Second},
		"finished, Free plan":    {scriptixtest.Free, 100, 0, 10, 0, 10, 90 * time.Second},
		"finished, Bronze plan":  {scriptixtest.Bronze, 60, 0, 10, 0, 10, 10 * time.Second},
		"after 20 s, ten by ten": {scriptixtest.Unlimited, 100, 20 * time.Second, 10, 0, 25, 30 * time.Second},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				api := newPipeAPI(t, scriptixtest.WithPlan(test.plan))
				for i := range test.count + test.newer {
					api.Add(scriptixtest.Session{SessionID: fmt.Sprintf("session-%04d", i), Processing: test.processing})
				}
				api.Inject(scriptixtest.Fault{Latency: apiLatency})
				server := newProtocolServer(t.Context(), t, api)
				began := time.Now()
				inSlots(test.slots, test.count, func(i int) {
					state, diagnostics := server.createCompletion(values{"session_id": stringValue(fmt.Sprintf("session-%04d", i))})
					has(t, state, diagnostics, "status", stringValue("completed"))
				})
				took, requests := time.Since(began), len(api.Requests())
				if requests > test.requests || took > test.took {
					t.Errorf("%d requests in %s, want at most %d in %s", requests, took, test.requests, test.took)
				}
				for _, request := range api.Requests() {
					if request.Answered == http.StatusTooManyRequests {
						t.Error("the API refused a request")
					}
				}
				t.Logf("%d requests in %s", requests, took)
			})
		})
	}
}

// Gates of one session each share their requests, whichever block they are.
func TestEveryGateOfOneSessionSharesItsRead(t *testing.T) {
	for name, read := range map[string]func(server *protocolServer, sessionID string) string{
		"data source by IDs": func(server *protocolServer, sessionID string) string {
			_, diagnostics := server.readSessions(values{"session_ids": stringList(sessionID), "wait_for_completion": boolValue(true)})
			return texts(diagnostics)
		},
		"action": func(server *protocolServer, sessionID string) string {
			return texts(actionsOf(server).invoke(context.Background(), values{"session_ids": stringList(sessionID)}, func(string) {}))
		},
		"data source": func(server *protocolServer, sessionID string) string {
			_, diagnostics := server.readSession(values{"session_id": stringValue(sessionID)})
			return texts(diagnostics)
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				api := newPipeAPI(t)
				for i := range 100 {
					api.Add(scriptixtest.Session{SessionID: fmt.Sprintf("session-%04d", i)})
				}
				api.Inject(scriptixtest.Fault{Latency: apiLatency})
				server := newProtocolServer(t.Context(), t, api)
				inSlots(10, 100, func(i int) {
					if said := read(server, fmt.Sprintf("session-%04d", i)); said != "" {
						t.Error(said)
					}
				})
				if requests := len(api.Requests()); requests > 10 {
					t.Errorf("%d requests, want at most 10", requests)
				}
			})
		})
	}
}

// An upload may be a second old, so that the API does not find it yet.
func TestGateOfManySessionsAsksAgainForANewUpload(t *testing.T) {
	for name, test := range map[string]struct {
		appears time.Duration
		waits   bool
		said    []string // nil: the gate opens
		took    time.Duration
	}{
		"after two seconds":   {2 * time.Second, true, nil, 5 * time.Second},
		"never":               {time.Hour, true, []string{"Session Not Found", `session "new"`}, 11 * time.Second},
		"never, without wait": {time.Hour, false, []string{"Session Not Found", `session "new"`}, time.Second},
	} {
		for _, count := range []int{0, 1, 20} {
			t.Run(fmt.Sprintf("%s/beside %d", name, count), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					api := newPipeAPI(t)
					sessionIDs := []string{"new"}
					for i := range count {
						sessionIDs = append(sessionIDs, fmt.Sprintf("session-%02d", i))
						api.Add(scriptixtest.Session{SessionID: sessionIDs[i+1]})
					}
					upload := time.AfterFunc(test.appears, func() { api.Add(scriptixtest.Session{SessionID: "new"}) })
					defer upload.Stop()
					api.Inject(scriptixtest.Fault{Latency: apiLatency})
					server := newProtocolServer(t.Context(), t, api)
					began := time.Now()
					state, diagnostics := server.readSessions(values{
						"session_ids": stringList(sessionIDs...), "wait_for_completion": boolValue(test.waits),
					})
					if took := time.Since(began); took > test.took {
						t.Errorf("took %s, want at most %s", took, test.took)
					}
					if test.said != nil {
						saysInOrder(t, texts(diagnostics), test.said...)
					} else if found := listed(t, state); len(diagnostics) > 0 || len(found) != count+1 || !slices.Contains(found, "new: completed") {
						t.Errorf("found %q, %s", found, texts(diagnostics))
					}
					if requests := len(api.Requests()); requests > 12 {
						t.Errorf("%d requests, want at most 12", requests)
					}
				})
			})
		}
	}
}

// Many missing sessions are no new uploads. Only the first ten are asked for twice.
func TestManyMissingSessionsAreNotAskedForAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := newPipeAPI(t)
		sessionIDs := make([]string, 50)
		for i := range sessionIDs {
			sessionIDs[i] = fmt.Sprintf("missing-%02d", i)
		}
		server := newProtocolServer(t.Context(), t, api)
		_, diagnostics := server.readSessions(values{"session_ids": stringList(sessionIDs...), "wait_for_completion": boolValue(true)})
		saysInOrder(t, texts(diagnostics), "Session Not Found", `session "missing-00"`)
		if requests := len(api.Requests()); requests > 1+len(sessionIDs)+12 {
			t.Errorf("%d requests were sent", requests)
		}
	})
}

// A wait for many takes the end of a session from a list, which may omit what the data source of one exports.
func TestSessionThatAListHasSettledHasEveryField(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := newPipeAPI(t, scriptixtest.WithoutMediaURLInLists())
		api.Add(scriptixtest.Session{SessionID: "early", Processing: 5 * time.Second})
		for _, sessionID := range []string{"late", "later"} {
			api.Add(scriptixtest.Session{SessionID: sessionID, Processing: time.Minute})
		}
		server := newProtocolServer(t.Context(), t, api)
		var group sync.WaitGroup
		group.Go(func() {
			_, diagnostics := server.readSessions(values{"session_ids": stringList("early", "late", "later"), "wait_for_completion": boolValue(true)})
			if len(diagnostics) > 0 {
				t.Error(texts(diagnostics))
			}
		})
		<-time.After(20 * time.Second)
		state, diagnostics := server.readSession(values{"session_id": stringValue("early")})
		if len(diagnostics) > 0 || state["media_url"].IsNull() {
			t.Errorf("media_url is %s, %s", state["media_url"], texts(diagnostics))
		}
		group.Wait()
	})
}

// A list may omit media_url, which the data source exports.
func TestSessionsThatShareAReadHaveEveryField(t *testing.T) {
	for name, test := range map[string]struct {
		processing time.Duration
		arguments  values
	}{
		"finished":   {0, nil},
		"running":    {time.Hour, nil},
		"waited for": {5 * time.Second, values{"wait_for_completion": boolValue(true)}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				api := newPipeAPI(t, scriptixtest.WithoutMediaURLInLists())
				for i := range 20 {
					api.Add(scriptixtest.Session{SessionID: fmt.Sprintf("session-%02d", i), Processing: test.processing})
				}
				server := newProtocolServer(t.Context(), t, api)
				api.Inject(scriptixtest.Fault{Latency: apiLatency})
				inSlots(10, 20, func(i int) {
					arguments := values{"session_id": stringValue(fmt.Sprintf("session-%02d", i))}
					maps.Copy(arguments, test.arguments)
					state, diagnostics := server.readSession(arguments)
					if len(diagnostics) > 0 || state["media_url"].IsNull() {
						t.Errorf("media_url of session %d is %s, %s", i, state["media_url"], texts(diagnostics))
					}
				})
			})
		})
	}
}
