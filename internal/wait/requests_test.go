package wait_test

import (
	"context"
	"errors"
	"fmt"
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

// addSessions adds sessions that finish after the time given, and returns their ids.
func (w *world) addSessions(count int, queued, processing time.Duration) []string {
	sessionIDs := make([]string, count)
	for i := range sessionIDs {
		sessionIDs[i] = fmt.Sprintf("session-%03d", i)
		w.Add(scriptixtest.Session{SessionID: sessionIDs[i], Queued: queued, Processing: processing})
	}
	return sessionIDs
}

// listThenWait does what the data source scriptix_sessions does without session_ids.
func (w *world) listThenWait(ctx context.Context) ([]scriptix.Session, error) {
	listing, err := w.client.ListSessions(ctx, scriptix.ListOptions{})
	if err != nil {
		return nil, err
	}
	return w.waiter.Wait(ctx, listing.Sessions, wait.Options{})
}

// refusals counts the answers with status 429.
func (w *world) refusals() int {
	count := 0
	for _, request := range w.Requests() {
		if request.Answered == http.StatusTooManyRequests {
			count++
		}
	}
	return count
}

func TestWaitsThatBeginAtDifferentMomentsComeToPollTogether(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		sessionIDs := w.addSessions(30, 0, 10*time.Minute)
		var group sync.WaitGroup
		for i, sessionID := range sessionIDs {
			group.Go(func() {
				time.Sleep(time.Duration(i) * 130 * time.Millisecond)
				sessions, err := w.readAndWait(t.Context(), wait.Options{}, sessionID)
				if err != nil || sessions[0].Status != scriptix.StatusCompleted {
					t.Errorf("got %v, %v", sessions, err)
				}
			})
		}
		group.Wait()
		// A first read and a last GET each, about one list a round, and 20 own GETs to confirm the lists.
		if requests := len(w.Requests()); requests > 30+30+20+120 {
			t.Errorf("%d requests", requests)
		}
	})
}

func TestAbbreviatedItemsAreReadInFull(t *testing.T) {
	t.Parallel()
	tests := map[string]time.Duration{
		"when the list is picked from": 0,
		"while waiting":                time.Minute,
	}
	for name, from := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				sessionIDs := w.addSessions(5, 0, 10*time.Minute)
				lie := make([]string, len(sessionIDs))
				for i, sessionID := range sessionIDs {
					lie[i] = fmt.Sprintf(`{"session_id": %q, "status": "completed"}`, sessionID)
				}
				w.Inject(scriptixtest.Fault{
					Match: func(r *http.Request) bool { return scriptixtest.ForList()(r) && time.Since(w.began) >= from },
					Body:  fmt.Sprintf(`{"count": 5, "total_results": 5, "result": [%s]}`, strings.Join(lie, ",")),
				})
				if _, err := w.listThenWait(t.Context()); err != nil {
					t.Fatal(err)
				}
				if took := time.Since(w.began); took < 10*time.Minute {
					t.Errorf("reported after %s", took)
				}
			})
		})
	}
}

// What lists may do must never delay the end of a wait by more than this.
func TestListsThatShowNothingHideNoEnd(t *testing.T) {
	t.Parallel()
	const length = 20 * time.Minute
	tests := map[string]struct {
		options []scriptixtest.Option
		fault   scriptixtest.Fault
		change  func(*scriptixtest.Session)
		late    time.Duration
	}{
		"that lags behind":        {options: []scriptixtest.Option{scriptixtest.WithListLag(45 * time.Second)}, late: 55 * time.Second},
		"that never moves on":     {options: []scriptixtest.Option{scriptixtest.WithListLag(48 * time.Hour)}, late: 10 * time.Second},
		"with no status filter":   {options: []scriptixtest.Option{scriptixtest.WithIgnoredStatusFilter()}, late: 10 * time.Second},
		"without the sessions":    {change: func(s *scriptixtest.Session) { s.Unlisted = true }, late: 10 * time.Second},
		"that is forbidden":       {fault: scriptixtest.Fault{Status: 403}, late: 10 * time.Second},
		"that does not exist":     {fault: scriptixtest.Fault{Status: 404, Body: scriptixtest.ProxyPage}, late: 10 * time.Second},
		"that always fails":       {fault: scriptixtest.Fault{Status: 500}, late: 20 * time.Second},
		"that is another thing":   {fault: scriptixtest.Fault{Body: `{"sessions": []}`}, late: 10 * time.Second},
		"with absurd totals":      {fault: scriptixtest.Fault{Body: `{"count": 0, "total_results": 999999999999, "result": []}`}, late: 10 * time.Second},
		"that repeats its page":   {fault: scriptixtest.Fault{Body: `{"count": 1, "total_results": 400, "result": [{"session_id": "x", "status": "queued"}]}`}, late: 10 * time.Second},
		"that never ends":         {fault: scriptixtest.Fault{Hang: true}, late: 70 * time.Second},
		"in which all are queued": {options: []scriptixtest.Option{scriptixtest.WithIgnoredStatusFilter()}, change: func(s *scriptixtest.Session) { s.Queued, s.Processing = length, 0 }, late: 10 * time.Second},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, test.options...)
				var sessionIDs []string
				for i := range 10 {
					session := scriptixtest.Session{SessionID: fmt.Sprintf("session-%d", i), Processing: length}
					if test.change != nil {
						test.change(&session)
					}
					w.Add(session)
					sessionIDs = append(sessionIDs, session.SessionID)
				}
				first, err := w.waiter.Read(t.Context(), sessionIDs, wait.ReadOptions{})
				if err != nil {
					t.Fatal(err)
				}
				if test.fault.Status != 0 || test.fault.Body != "" || test.fault.Hang {
					test.fault.Match = scriptixtest.ForList()
					w.Inject(test.fault)
				}
				sessions, err := w.waiter.Wait(t.Context(), first, wait.Options{})
				if err != nil || sessions[9].Status != scriptix.StatusCompleted {
					t.Fatalf("got %v, %v", sessions, err)
				}
				// A list that tells nothing costs what asking for each does, and a few attempts to list.
				if requests, rounds := len(w.Requests()), 20+48+90; requests > rounds*(10+2) {
					t.Errorf("%d requests for 10 sessions in %d rounds", requests, rounds)
				}
				if late := time.Since(w.began) - length; late < 0 || late > test.late {
					t.Errorf("noticed %s after the end, want at most %s", late, test.late)
				}
			})
		})
	}
}

// New sessions push those awaited from one page to the next while the pages are read.
func TestPagesThatShiftWhileTheyAreRead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		const length = 5 * time.Minute
		sessionIDs := w.addSessions(250, 0, length)
		first, err := w.waiter.Read(t.Context(), sessionIDs, wait.ReadOptions{})
		if err != nil {
			t.Fatal(err)
		}
		w.Inject(scriptixtest.Fault{Match: scriptixtest.ForList(), Latency: time.Second})
		ctx, stop := context.WithTimeout(t.Context(), time.Hour)
		var group sync.WaitGroup
		defer group.Wait()
		defer stop()
		group.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				w.Add(scriptixtest.Session{SessionID: fmt.Sprintf("new-%d", i), Processing: 2 * time.Minute})
				time.Sleep(300 * time.Millisecond)
			}
		})
		sessions, err := w.waiter.Wait(ctx, first, wait.Options{})
		if err != nil || len(sessions) != 250 {
			t.Fatalf("got %d sessions, %v", len(sessions), err)
		}
		// One interval, and the pages of both lists; the own GETs take no time here.
		if late := time.Since(w.began) - length; late < 0 || late > 5*time.Second+14*time.Second {
			t.Errorf("noticed %s after the end", late)
		}
		// Lists are worth while all the same: asking for each would be 250 requests a round. These are the last GETs, and
		// three or four pages in each of some sixty rounds.
		if requests := len(w.Requests()); requests > 250+60*6 {
			t.Errorf("%d requests", requests)
		}
	})
}

// A list that is refused is tried again after 1, 2, 4 … minutes: never banned for ever, and never asked in a tight loop.
// A page has spare rows before and after its sessions, because uploads and deletions move them.
func TestAPageStillShowsSessionsThatMoveALittle(t *testing.T) {
	t.Parallel()
	for name, move := range map[string]func(w *world, i int){
		"down": func(w *world, i int) { w.Add(scriptixtest.Session{SessionID: fmt.Sprint("upload-", i)}) },
		"up":   func(w *world, i int) { w.Remove(fmt.Sprintf("finished-%05d", 299-i)) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				sessionIDs := w.addSessions(60, 0, time.Hour)
				addFinished(300)(w)
				ctx, leave := context.WithTimeout(t.Context(), 10*time.Minute)
				defer leave()
				var group sync.WaitGroup
				group.Go(func() { _, _ = w.waiter.Wait(ctx, processing(sessionIDs), wait.Options{}) })
				time.Sleep(time.Minute)
				w.ResetRequests()
				for i := range 40 {
					move(w, i)
					time.Sleep(10 * time.Second)
				}
				lists, gets := w.countListsAndGets()
				const most = 64 + 7 + 4 // polls, verifications, and those that missed a session
				if lists+gets > most {
					t.Errorf("%d pages and %d GETs, want at most %d in all", lists, gets, most)
				}
				leave()
				group.Wait()
			})
		})
	}
}

func TestAListThatIsRefusedIsTriedAgainLater(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.addSessions(5, 0, 10*time.Minute)
		first, err := w.client.ListSessions(t.Context(), scriptix.ListOptions{})
		if err != nil {
			t.Fatal(err)
		}
		w.ResetRequests()
		w.Inject(scriptixtest.Fault{Match: scriptixtest.ForList(), Status: http.StatusForbidden})
		if _, err := w.waiter.Wait(t.Context(), first.Sessions, wait.Options{}); err != nil {
			t.Fatal(err)
		}
		lists := 0
		for _, request := range w.Requests() {
			if request.SessionID == "" {
				lists++
			}
		}
		if lists != 4 { // in 10 minutes: at once, and 1, 3 and 7 minutes later
			t.Errorf("%d lists were asked for", lists)
		}
	})
}

func TestARateLimitIsNoReasonToDoWithoutLists(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.addSessions(10, 0, 10*time.Minute)
		first, err := w.client.ListSessions(t.Context(), scriptix.ListOptions{})
		if err != nil {
			t.Fatal(err)
		}
		w.ResetRequests()
		w.Inject(scriptixtest.Fault{Times: 1, Status: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {"30"}}})
		ctx, cancel := context.WithCancel(t.Context()) // a deadline would have a last look
		time.AfterFunc(40*time.Second, cancel)
		_, err = w.waiter.Wait(ctx, first.Sessions, wait.Options{})
		if _, ok := errors.AsType[*wait.CancelledError](err); !ok {
			t.Fatalf("got %v", err)
		}
		if got := fmt.Sprint(w.polledAt()); got != "[3 33 36 39]" {
			t.Errorf("asked at %s, want one list at a time, and none before the API takes it", got)
		}
	})
}

func TestAListThatSaysRunningForEverHoldsNobodyUp(t *testing.T) {
	t.Parallel()
	tests := []struct {
		sessions int
		length   time.Duration
	}{
		{sessions: 10, length: 7 * time.Minute},
		{sessions: 100, length: 7 * time.Minute},
	}
	for _, test := range tests {
		t.Run(fmt.Sprintf("%d for %s", test.sessions, test.length), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				sessionIDs := w.addSessions(test.sessions, 0, test.length)
				first, err := w.waiter.Read(t.Context(), sessionIDs, wait.ReadOptions{})
				if err != nil {
					t.Fatal(err)
				}
				w.Inject(frozenList(sessionIDs))
				ctx, cancel := context.WithTimeout(t.Context(), 75*time.Minute)
				defer cancel()
				if _, err := w.waiter.Wait(ctx, first, wait.Options{}); err != nil {
					t.Fatal(err)
				}
				if late := time.Since(w.began) - test.length; late > 4*time.Minute+20*time.Second {
					t.Errorf("noticed %s after the end", late)
				}
			})
		})
	}
}

// Each session that a list shows as running is verified in turn, those that go on running as well.
func TestVerificationComesInTurn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const length = 7 * time.Minute
		w := newWorld(t)
		running := w.addSessions(18, 0, 24*time.Hour)
		ending := []string{"very-last-1", "very-last-2"}
		for _, sessionID := range ending {
			w.Add(scriptixtest.Session{SessionID: sessionID, Processing: length})
		}
		w.Inject(frozenList(append(ending, running...)))
		ctx, leave := context.WithTimeout(t.Context(), 75*time.Minute)
		defer leave()
		var group sync.WaitGroup
		group.Go(func() { _, _ = w.waiter.Wait(ctx, processing(running), wait.Options{}) })
		if _, err := w.waiter.Wait(ctx, processing(ending), wait.Options{}); err != nil {
			t.Fatal(err)
		}
		// A minute for each of the twenty, until one shows that the list is wrong three minutes later.
		if late := time.Since(w.began) - length; late > 20*time.Minute+3*time.Minute+10*time.Second {
			t.Errorf("noticed %s after the end", late)
		}
		leave()
		group.Wait()
	})
}

// frozenList is a list that says of the sessions, whatever it is asked, that they are being processed.
func frozenList(sessionIDs []string) scriptixtest.Fault {
	listed := make([]string, len(sessionIDs))
	for i, sessionID := range sessionIDs {
		listed[i] = fmt.Sprintf(`{"session_id": %q, "status": "processing"}`, sessionID)
	}
	return scriptixtest.Fault{
		Match: scriptixtest.ForList(),
		Body: fmt.Sprintf(`{"count": %d, "total_results": %d, "result": [%s]}`,
			len(listed), len(listed), strings.Join(listed, ",")),
	}
}

// Verification must not use up the requests that a small plan leaves for lists.
func TestVerificationIsATenthOfASmallPlan(t *testing.T) {
	t.Parallel()
	for _, plan := range []scriptixtest.Plan{{PerMinute: 12}, {PerHour: 100}} {
		t.Run(fmt.Sprintf("%+v", plan), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, scriptixtest.WithPlan(plan))
				sessionIDs := w.addSessions(150, 0, 24*time.Hour)
				ctx, cancel := context.WithTimeout(t.Context(), 3*time.Hour)
				defer cancel()
				_, _ = w.waiter.Wait(ctx, processing(sessionIDs), wait.Options{})
				lists, gets := w.countListsAndGets()
				if lists == 0 || gets > (gets+lists)/10+10 { // the last look takes ten more
					t.Errorf("%d own GETs of running sessions beside %d pages of lists", gets, lists)
				}
			})
		})
	}
}

func (w *world) countListsAndGets() (lists, gets int) {
	for _, request := range w.Requests() {
		if request.SessionID == "" {
			lists++
		} else {
			gets++
		}
	}
	return lists, gets
}

// A page that shows one session says less than its own GET, and costs the same.
func TestOneSessionIsAskedForByGets(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		if _, err := w.waiter.Wait(t.Context(), processing(w.addSessions(1, 0, 2*time.Minute)), wait.Options{}); err != nil {
			t.Fatal(err)
		}
		if lists, _ := w.countListsAndGets(); lists > 0 {
			t.Errorf("%d pages of lists", lists)
		}
	})
}

// A GET that failed has confirmed nothing: what a list that never moves on says is doubted until one succeeds.
func TestAFailedGetConfirmsNoList(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const length, outage = 7 * time.Minute, 25 * time.Minute
		w := newWorld(t)
		sessionIDs := w.addSessions(10, 0, length)
		first, err := w.waiter.Read(t.Context(), sessionIDs, wait.ReadOptions{})
		if err != nil {
			t.Fatal(err)
		}
		w.Inject(frozenList(sessionIDs), scriptixtest.Fault{
			Match:  func(*http.Request) bool { return time.Since(w.began) < outage },
			Status: http.StatusServiceUnavailable,
		})
		ctx, cancel := context.WithTimeout(t.Context(), 75*time.Minute)
		defer cancel()
		if _, err := w.waiter.Wait(ctx, first, wait.Options{}); err != nil {
			t.Fatal(err)
		}
		// A minute to the next verification, three for a list that may just lag, and one interval.
		if late := time.Since(w.began) - outage; late > 4*time.Minute+10*time.Second {
			t.Errorf("noticed %s after the API could be asked again", late)
		}
	})
}

func TestBudgetOfThePlanIsSpentEvenly(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, scriptixtest.WithPlan(scriptixtest.Plan{PerHour: 21}))
		w.addSessions(1, 0, 59*time.Minute)
		if _, err := w.listThenWait(t.Context()); err != nil {
			t.Fatal(err)
		}
		moments := w.polledAt()
		for i := 1; i < len(moments); i++ {
			if gap := moments[i] - moments[i-1]; gap < 179 || gap > 182 {
				t.Errorf("%.0f s between polls, want an hour divided by the 20 requests left: %v", gap, moments)
				break
			}
		}
	})
}

func TestUsedUpBudgetBeyondTheDeadlineEndsTheWaitAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		sessionIDs := w.addSessions(1, 0, 2*time.Hour)
		w.Inject(scriptixtest.Fault{
			After: 2,
			Body:  `{"session_id": "session-000", "status": "processing"}`,
			Header: http.Header{
				"X-Ratelimit-Remaining": {"0"},
				"X-Ratelimit-Reset":     {fmt.Sprint(w.began.Add(time.Hour).Unix())},
			},
		})
		ctx, cancel := context.WithTimeout(t.Context(), 59*time.Minute)
		defer cancel()
		_, err := w.readAndWait(ctx, wait.Options{}, sessionIDs...)
		var closed *wait.RateLimitError
		if !errors.As(err, &closed) {
			t.Fatalf("got %v", err)
		}
		if until := closed.Err.Until.Sub(w.began); until != time.Hour {
			t.Errorf("until %s after the beginning, want the end of the hour", until)
		}
		if len(closed.Pending) != 1 || closed.Pending[0].SessionID != "session-000" || closed.Polls != 2 {
			t.Errorf("got %+v", closed.Progress)
		}
		if took := time.Since(w.began); took != 6*time.Second {
			t.Errorf("ended after %s, want with the answer that said so", took)
		}
	})
}

func TestRequestsOfListsAreSpreadEvenlyToo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, scriptixtest.WithPlan(scriptixtest.Plan{PerHour: 21}))
		w.addSessions(50, 0, 24*time.Hour)
		ctx, cancel := context.WithTimeout(t.Context(), 59*time.Minute)
		defer cancel()
		_, _ = w.listThenWait(ctx)
		if first := len(w.polledAt()); first < 15 {
			t.Errorf("%d requests of 21 were sent", first)
		}
		moments := w.polledAt()
		for i := 6; i < len(moments); i++ {
			if took := moments[i] - moments[i-6]; took < 10*60 {
				t.Fatalf("six requests came in %.0f s, want an hour for 20: %v", took, moments)
			}
		}
	})
}

// A reading of lists that is cut off goes on where it stopped; from the beginning, it would never get past what a minute
// allows.
func TestListsLongerThanAMinuteAllowsAreReadToTheEnd(t *testing.T) {
	t.Parallel()
	plan := scriptixtest.WithPlan(scriptixtest.Plan{PerMinute: 12})
	tests := map[string]struct {
		cap     int
		options []scriptixtest.Option
	}{
		"with a plan":                  {options: []scriptixtest.Option{plan}},
		"with a plan that nobody told": {options: []scriptixtest.Option{plan, scriptixtest.WithoutRateLimitHeaders()}},
		"with a cap of the user's own": {cap: 10},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newCappedWorld(t, test.cap, test.options...)
				awaited := w.addSessions(20, 0, 2*time.Minute) // the oldest, at the end of the list
				time.Sleep(time.Second)
				for i := range 1100 {
					w.Add(scriptixtest.Session{SessionID: fmt.Sprintf("other-%04d", i), Processing: 48 * time.Hour})
				}
				ctx, cancel := context.WithTimeout(t.Context(), 2*time.Hour)
				defer cancel()
				if _, err := w.waiter.Wait(ctx, processing(awaited), wait.Options{}); err != nil {
					t.Fatal(err)
				}
				// 12 pages for each of two readings, and 20 own GETs, are five minutes.
				if took := time.Since(w.began); took > 12*time.Minute {
					t.Errorf("took %s", took)
				}
			})
		})
	}
}

// One failed request for a list is no reason to ask for each session.
func TestOneFailedListCostsHardlyAnything(t *testing.T) {
	t.Parallel()
	cost := func(faults ...scriptixtest.Fault) (requests int) {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			sessionIDs := w.addSessions(300, 0, time.Hour)
			w.Inject(faults...)
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
			defer cancel()
			_, _ = w.waiter.Wait(ctx, processing(sessionIDs), wait.Options{})
			requests = len(w.Requests())
		})
		return requests
	}
	without := cost()
	with := cost(scriptixtest.Fault{Match: scriptixtest.ForList(), After: 20, Times: 1, Status: http.StatusServiceUnavailable})
	if with > without+15 {
		t.Errorf("%d requests with one that failed, and %d without", with, without)
	}
}

func TestOwnCapIsSpentEvenly(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newCappedWorld(t, 5)
		sessionIDs := w.addSessions(1, 0, time.Hour)
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
		defer cancel()
		_, _ = w.waiter.Wait(ctx, processing(sessionIDs), wait.Options{})
		moments := w.polledAt()
		for i := 1; i < len(moments); i++ {
			if gap := moments[i] - moments[i-1]; gap < 12 || gap > 16 {
				t.Fatalf("%.0f s between polls, want a fifth of a minute: %v", gap, moments)
			}
		}
	})
}

// The last GET of a session is not asked again, so no pause has to make up for it.
func TestTheEndOfManySessionsIsToldAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const length = 10 * time.Second
		w := newWorld(t, scriptixtest.WithPlan(scriptixtest.Plan{PerMinute: 60}))
		w.addSessions(30, 0, length)
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		if _, err := w.listThenWait(ctx); err != nil {
			t.Fatal(err)
		}
		if late := time.Since(w.began) - length; late > 2*wait.MinimumInterval {
			t.Errorf("noticed %s after the end", late)
		}
	})
}

// A list that abbreviates its items cannot show more of a session that has finished, whatever its own GET met.
func TestListsAreNotAskedForWhatTheyCannotShow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, scriptixtest.WithAbbreviatedItems())
		w.addSessions(20, 0, 0)
		listing, err := w.client.ListSessions(t.Context(), scriptix.ListOptions{})
		if err != nil {
			t.Fatal(err)
		}
		w.ResetRequests()
		w.Inject(scriptixtest.Fault{Times: 20, Status: http.StatusServiceUnavailable})
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		if _, err := w.waiter.Wait(ctx, listing.Sessions, wait.Options{}); err != nil {
			t.Fatal(err)
		}
		for _, request := range w.Requests() {
			if request.SessionID == "" {
				t.Fatal("a list was asked for")
			}
		}
		if requests := len(w.Requests()); requests != 40 {
			t.Errorf("%d requests, want two for each", requests)
		}
	})
}

func TestTheLastRequestOfABudgetIsSpentBeforeTheDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, scriptixtest.WithPlan(scriptixtest.Plan{PerHour: 4}))
		w.addSessions(1, 0, 2*time.Hour)
		ctx, cancel := context.WithTimeout(t.Context(), 59*time.Minute)
		defer cancel()
		_, err := w.listThenWait(ctx)
		// Nothing would be asked any more before the deadline, budget or not: it has just been.
		var timeout *wait.TimeoutError
		if !errors.As(err, &timeout) || len(timeout.Pending) != 1 || timeout.Polls != 3 {
			t.Fatalf("got %v", err)
		}
		// The third poll would come at the end of the hour; the last of use is shortly before the deadline.
		if got := fmt.Sprint(w.polledAt()); got != "[0 1200 2400 3535]" {
			t.Errorf("polled at %s", got)
		}
	})
}

func TestWithoutHeadersTheScheduleIsKept(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, scriptixtest.WithPlan(scriptixtest.Gold), scriptixtest.WithoutRateLimitHeaders())
		w.addSessions(1, 0, 10*time.Second)
		if _, err := w.listThenWait(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(w.polledAt()); got != "[0 3 6 9 12]" {
			t.Errorf("polled at %s", got)
		}
	})
}
