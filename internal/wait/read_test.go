package wait_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
	"github.com/scriptix/terraform-provider-scriptix/internal/wait"
)

// read reads one session.
func (w *world) read(ctx context.Context, sessionID string, mayBeNew bool) (*scriptix.Session, error) {
	sessions, err := w.waiter.Read(ctx, []string{sessionID}, wait.ReadOptions{EveryField: true, MayBeNew: mayBeNew})
	if err != nil {
		return nil, err
	}
	return &sessions[0], nil
}

// readEach reads sessions one by one, as many at the same time as Terraform, and calls then after each.
func (w *world) readEach(ctx context.Context, sessionIDs []string, parallelism int, then func(*scriptix.Session) error) error {
	turns := make(chan struct{}, parallelism)
	errs := make([]error, len(sessionIDs))
	var group sync.WaitGroup
	for i, sessionID := range sessionIDs {
		turns <- struct{}{}
		group.Go(func() {
			defer func() { <-turns }()
			session, err := w.read(ctx, sessionID, true)
			if err == nil && session.SessionID != sessionID {
				err = fmt.Errorf("got %s instead of %s", session.SessionID, sessionID)
			}
			if err == nil && then != nil {
				err = then(session)
			}
			errs[i] = err
		})
	}
	group.Wait()
	return errors.Join(errs...)
}

// Reads that come together share their requests.
func TestReadsThatComeTogetherShareTheirRequests(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		options     []scriptixtest.Option
		parallelism int
		processing  time.Duration
		newer       int
		fault       *scriptixtest.Fault // of lists
		requests    int                 // at most
		took        time.Duration       // at most; 0: not held
		refusals    int
	}{
		"finished, at the default parallelism": {parallelism: 10, requests: 10},
		"finished, all at once":                {parallelism: 100, requests: 5},
		"that take ten minutes":                {parallelism: 100, processing: 10 * time.Minute, requests: 130},
		"that take twenty seconds, ten by ten": {parallelism: 10, processing: 20 * time.Second, requests: 25},
		"under the Free plan": {
			parallelism: 10, options: []scriptixtest.Option{scriptixtest.WithPlan(scriptixtest.Free)}, requests: 10, took: 90 * time.Second,
		},
		"older than 1,000 others":            {parallelism: 10, newer: 1000, requests: 104},
		"with lists that fail":               {parallelism: 10, fault: &scriptixtest.Fault{Status: http.StatusInternalServerError}, requests: 104, took: 4200 * time.Millisecond},
		"with lists that are refused":        {parallelism: 10, fault: &scriptixtest.Fault{Status: http.StatusForbidden}, requests: 115},
		"with lists that are malformed":      {parallelism: 10, fault: &scriptixtest.Fault{Body: `{"count":1,"total_results":1,"result":7}`}, requests: 115},
		"with lists of an API of its own":    {parallelism: 10, fault: &scriptixtest.Fault{Status: http.StatusUnauthorized}, requests: 115},
		"with abbreviated items, ten by ten": {parallelism: 10, options: []scriptixtest.Option{scriptixtest.WithAbbreviatedItems()}, requests: 115},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, test.options...)
				sessionIDs := w.addSessions(100, 0, test.processing)
				addFinished(test.newer)(w)
				if test.fault != nil {
					test.fault.Match = scriptixtest.ForList()
					w.Inject(*test.fault)
				}
				w.Inject(scriptixtest.Fault{Latency: costLatency})
				ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
				defer cancel()
				err := w.readEach(ctx, sessionIDs, test.parallelism, func(session *scriptix.Session) error {
					sessions, err := w.waiter.Wait(ctx, []scriptix.Session{*session}, wait.Options{})
					if err == nil && (sessions[0].Document == nil || sessions[0].Filename == nil) {
						err = fmt.Errorf("%s lacks fields", session.SessionID)
					}
					return err
				})
				if err != nil {
					t.Fatal(err)
				}
				if requests := len(w.Requests()); requests > test.requests {
					t.Errorf("%d requests, want at most %d", requests, test.requests)
				}
				if took := time.Since(w.began); test.took > 0 && took > test.took {
					t.Errorf("took %s, want at most %s", took, test.took)
				}
				if w.refusals() > 0 {
					t.Errorf("%d requests were refused", w.refusals())
				}
				t.Logf("%d requests, %s", len(w.Requests()), time.Since(w.began))
			})
		})
	}
}

func TestOneReadIsOneGet(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.Add(scriptixtest.Session{SessionID: "s", Processing: time.Hour})
		session, err := w.read(t.Context(), "s", false)
		if err != nil || session.Status != scriptix.StatusProcessing || session.MediaURL == nil {
			t.Fatalf("got %+v, %v", session, err)
		}
		if requests := w.Requests(); len(requests) != 1 || requests[0].SessionID != "s" || time.Since(w.began) != 0 {
			t.Errorf("%d requests after %s", len(requests), time.Since(w.began))
		}
	})
}

// A session that has not finished is only answered by a request that is sent after the read begins. The answer to an earlier one
// may come before, or in between.
func TestAReadIsAnsweredByALaterRequestOnly(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		sessions int
		latency  time.Duration // of requests after the first
		least    time.Duration // that the read takes
		most     time.Duration
	}{
		"one session":                     {1, costLatency, costLatency, 2 * costLatency},
		"a session of a page":             {100, costLatency, costLatency, 2 * costLatency},
		"the earlier answer comes before": {1, 4 * time.Second, 4 * time.Second, 4 * time.Second},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				sessionIDs := w.addSessions(test.sessions, 4*time.Second, time.Hour) // in the queue when the poll is sent
				w.Inject(scriptixtest.Fault{Times: 1, Latency: 3 * time.Second}, scriptixtest.Fault{Latency: test.latency})
				ctx, leave := context.WithTimeout(t.Context(), 30*time.Second)
				defer leave()
				var group sync.WaitGroup
				group.Go(func() { _, _ = w.waiter.Wait(ctx, processing(sessionIDs), wait.Options{}) })
				time.Sleep(4500 * time.Millisecond)
				asked := time.Now()
				session, err := w.read(ctx, sessionIDs[0], false)
				if err != nil || session.Status != scriptix.StatusProcessing {
					t.Errorf("got %v, %v", session, err)
				}
				requests := w.Requests()
				if sent := requests[len(requests)-1].Time; sent.Before(asked) {
					t.Errorf("the latest request was sent %s before the read", asked.Sub(sent))
				}
				if took := time.Since(asked); took < test.least || took > test.most {
					t.Errorf("took %s", took)
				}
				leave()
				group.Wait()
			})
		})
	}
}

// A read counts as a poll of the waits for its session, and makes none of them poll sooner.
func TestAReadHastensNoPoll(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		sessionIDs := w.addSessions(1, 0, time.Hour)
		ctx, leave := context.WithTimeout(t.Context(), 9*time.Minute)
		defer leave()
		var group sync.WaitGroup
		group.Go(func() { _, _ = w.waiter.Wait(ctx, processing(sessionIDs), wait.Options{PollInterval: 5 * time.Minute}) })
		time.Sleep(time.Minute)
		if _, err := w.read(ctx, sessionIDs[0], false); err != nil {
			t.Error(err)
		}
		time.Sleep(7 * time.Minute)
		if polled := w.polledAt(); fmt.Sprint(polled) != "[60 360]" {
			t.Errorf("asked at %v", polled)
		}
		leave()
		group.Wait()
	})
}

// Each read has its own error, its own deadline and its own cancellation.
func TestReadsHaveSeparateFates(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.addSessions(12, 0, 0)
		w.Inject(
			scriptixtest.Fault{Match: scriptixtest.ForSession("session-000"), Hang: true},
			scriptixtest.Fault{Match: scriptixtest.ForList(), Times: 1, Latency: 20 * time.Second},
			scriptixtest.Fault{Latency: costLatency},
		)
		var group sync.WaitGroup
		read := func(sessionID string, timeout time.Duration, check func(err error, took time.Duration) bool) {
			group.Go(func() {
				ctx, cancel := context.WithTimeout(t.Context(), timeout)
				defer cancel()
				_, err := w.read(ctx, sessionID, false)
				if took := time.Since(w.began); !check(err, took) {
					t.Errorf("%s: %v after %s", sessionID, err, took)
				}
			})
			synctest.Wait()
		}
		endsWith := func(cause error, after time.Duration) func(error, time.Duration) bool {
			return func(err error, took time.Duration) bool {
				ended, ok := errors.AsType[*scriptix.RequestError](err)
				return ok && ended.Ended && errors.Is(err, cause) && took == after
			}
		}
		succeeds := func(err error, took time.Duration) bool { return err == nil && took < 25*time.Second }
		read("session-000", 10*time.Second, endsWith(context.DeadlineExceeded, 10*time.Second))
		read("session-001", time.Hour, succeeds)
		read("session-002", 3*time.Second, endsWith(context.DeadlineExceeded, 3*time.Second))
		read("missing", time.Hour, func(err error, _ time.Duration) bool {
			session, ok := errors.AsType[*scriptix.SessionError](err)
			return ok && scriptix.IsNotFound(err) && session.SessionID == "missing"
		})
		for i := 3; i < 12; i++ {
			read(fmt.Sprintf("session-%03d", i), time.Hour, succeeds)
		}
		group.Wait()
	})
}

// Outside of waits, the errors of reads are those of the client.
func TestAReadFailsAsAGetDoes(t *testing.T) {
	t.Parallel()
	faults := map[string]scriptixtest.Fault{
		"500": {Status: 500}, "reset": {Reset: true}, "truncated": {Truncate: true}, "501": {Status: 501}, "429 too late": {Status: 429, Header: http.Header{"Retry-After": {"3600"}}},
		"a JSON list": {Body: "[]"}, "401 of the API": {Status: 401, Body: scriptixtest.KeyRevokedBody}, "404 of the API": {Status: 404, Body: scriptixtest.NotFoundJSON},
	}
	maps.Copy(faults, gatewayAnswers)
	for name, fault := range faults {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var read, get error
			var reads, gets int
			for _, isRead := range []bool{true, false} {
				synctest.Test(t, func(t *testing.T) {
					w := newWorld(t)
					w.Add(scriptixtest.Session{SessionID: "s"})
					fault.Match = nil
					w.Inject(fault)
					ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
					defer cancel()
					if isRead {
						_, err := w.read(ctx, "s", false)
						if session, ok := errors.AsType[*scriptix.SessionError](err); ok && session.SessionID == "s" {
							read = session.Err
						}
						reads = len(w.Requests())
					} else {
						_, get = w.client.GetSession(ctx, "s")
						gets = len(w.Requests())
					}
				})
			}
			if read == nil || read.Error() != get.Error() || fmt.Sprintf("%T", read) != fmt.Sprintf("%T", get) {
				t.Errorf("a read fails with %T %v, a GET with %T %v", read, read, get, get)
			}
			if reads != gets {
				t.Errorf("a read sends %d requests, a GET %d", reads, gets)
			}
		})
	}
}

// The API may not find a session whose upload is a second old.
func TestAWaitAsksAgainForASessionThatIsNotFoundYet(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		appears  time.Duration
		mayBeNew bool
		isFound  bool
		took     time.Duration // at most
	}{
		"after a second":         {time.Second, true, true, 4 * time.Second},
		"after nine seconds":     {9 * time.Second, true, true, 10 * time.Second},
		"never":                  {time.Hour, true, false, 10 * time.Second},
		"in a read without wait": {time.Second, false, false, 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				time.AfterFunc(test.appears, func() { w.Add(scriptixtest.Session{SessionID: "s"}) })
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				_, err := w.read(ctx, "s", test.mayBeNew)
				if test.isFound != (err == nil) || err != nil && !scriptix.IsNotFound(err) {
					t.Errorf("got %v", err)
				}
				if took := time.Since(w.began); took > test.took {
					t.Errorf("took %s", took)
				}
				if !test.isFound && test.mayBeNew && time.Since(w.began) < 10*time.Second {
					t.Errorf("gave up after %s", time.Since(w.began))
				}
				time.Sleep(2 * time.Hour)
			})
		})
	}
}

// What the API says about the token of one read holds for waits, but each read gets its own answer.
func TestARefusedTokenEndsNoOtherRead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		// No page may show them instead.
		w.Add(scriptixtest.Session{SessionID: "session-000", Unlisted: true}, scriptixtest.Session{SessionID: "session-001", Unlisted: true})
		w.Inject(
			scriptixtest.Fault{Match: scriptixtest.ForSession("session-000"), Status: http.StatusPaymentRequired, Body: scriptixtest.KeyRevokedBody},
			scriptixtest.Fault{Latency: time.Second},
		)
		var group sync.WaitGroup
		group.Go(func() {
			if _, err := w.read(t.Context(), "session-000", false); err == nil || scriptix.Classify(err) != scriptix.ClassTokenRefused {
				t.Errorf("got %v", err)
			}
		})
		group.Go(func() {
			if _, err := w.read(t.Context(), "session-001", false); err != nil {
				t.Error(err)
			}
		})
		group.Wait()
	})
}

// A read returns all fields of a running session, also if list items have few.
func TestASparseItemAnswersNoRead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, scriptixtest.WithAbbreviatedItems())
		sessionIDs := w.addSessions(20, 0, time.Hour)
		w.Inject(scriptixtest.Fault{Latency: costLatency})
		err := w.readEach(t.Context(), sessionIDs, 10, func(session *scriptix.Session) error {
			if session.MediaURL == nil || session.Language == nil {
				return fmt.Errorf("%s lacks fields", session.SessionID)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
}

// An item that is enough for a wait may lack what a read returns.
func TestAnItemWithoutTheRecordingAnswersNoRead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		sessionIDs := w.addSessions(20, 0, 0)
		items := make([]string, len(sessionIDs))
		for i, sessionID := range sessionIDs {
			items[i] = fmt.Sprintf(`{"id":%d,"session_id":%q,"status":"completed","filename":"a.mp3","duration":1.5,"language":"en",
				"media_type":"audio/mpeg","created_at":"2025-01-15T10:00:00Z","started_at":"2025-01-15T10:00:00Z",
				"finished_at":"2025-01-15T10:00:00Z","session_mode":"decode","document":{"id":1,"name":"a","type":"transcript"}}`, i, sessionID)
		}
		w.Inject(scriptixtest.Fault{Match: scriptixtest.ForList(), Body: fmt.Sprintf(
			`{"count":%d,"total_results":%d,"result":[%s]}`, len(items), len(items), strings.Join(items, ","))})
		w.Inject(scriptixtest.Fault{Latency: costLatency})
		err := w.readEach(t.Context(), sessionIDs, 10, func(session *scriptix.Session) error {
			if session.MediaURL == nil {
				return fmt.Errorf("%s has no media_url", session.SessionID)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
		if got := len(w.Requests()); got > len(sessionIDs)+2 {
			t.Errorf("%d requests were sent", got)
		}
	})
}

// A read has all its attempts, however long the API has been failing for a wait.
func TestAReadInAnOutageHasAllItsAttempts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		sessionIDs := w.addSessions(1, 0, time.Hour)
		w.Inject(scriptixtest.Fault{Status: http.StatusServiceUnavailable})
		ctx, leave := context.WithTimeout(t.Context(), 20*time.Minute)
		defer leave()
		var group sync.WaitGroup
		group.Go(func() { _, _ = w.waiter.Wait(ctx, processing(sessionIDs), wait.Options{PollInterval: 5 * time.Minute}) })
		time.Sleep(11 * time.Minute)
		for range 2 {
			before := len(w.Requests())
			_, err := w.read(ctx, sessionIDs[0], false)
			refusal, ok := errors.AsType[*scriptix.APIError](err)
			if sent := len(w.Requests()) - before; !ok || refusal.Attempts != 1+scriptix.DefaultMaxRetries || sent != refusal.Attempts {
				t.Errorf("got %v after %d requests", err, sent)
			}
		}
		leave()
		group.Wait()
	})
}
