package wait

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
)

// One pass asks for each session that is due until it is answered. Whatever pages show, that takes a bounded number of requests:
// one GET for each session, the budget of the search, and a few pages that have moved.
func TestOnePassSendsABoundedNumberOfRequests(t *testing.T) {
	t.Parallel()
	stranger := inStatus("stranger", scriptix.StatusProcessing)
	tests := map[string]func(r *request) *scriptix.Page{
		"empty pages": func(r *request) *scriptix.Page { return &scriptix.Page{Offset: r.offset} },
		"pages of strangers": func(r *request) *scriptix.Page {
			return &scriptix.Page{Offset: r.offset, Sessions: []scriptix.Session{stranger}, Items: 100, TotalResults: 100_000}
		},
		"one awaited session on each page": func(r *request) *scriptix.Page {
			return &scriptix.Page{
				Offset: r.offset, Items: 100, TotalResults: 100_000,
				Sessions: []scriptix.Session{inStatus(fmt.Sprint(r.offset%60), scriptix.StatusProcessing)},
			}
		},
		"pages that move on each time": func(r *request) *scriptix.Page {
			return &scriptix.Page{
				Offset: r.offset + 50, Items: 100, TotalResults: 100_000,
				Sessions: []scriptix.Session{inStatus("0", scriptix.StatusProcessing)},
			}
		},
		"what the status does not allow": func(r *request) *scriptix.Page {
			return &scriptix.Page{Offset: r.offset, Items: 1, TotalResults: 1, Sessions: []scriptix.Session{inStatus("1", scriptix.StatusQueued)}}
		},
	}
	for name, page := range tests {
		for _, count := range []int{1, 5, 60} {
			for _, places := range []string{"unknown", "scattered", "together"} {
				t.Run(fmt.Sprintf("%s, %d sessions, %s", name, count, places), func(t *testing.T) {
					t.Parallel()
					requests := passOver(count, places, page)
					if most := count + count/2 + 2 + 10; requests > most {
						t.Errorf("%d requests, want at most %d", requests, most)
					}
				})
			}
		}
	}
}

// passOver returns how many requests one pass over sessions sends; at most 1,000.
func passOver(count int, places string, page func(*request) *scriptix.Page) int {
	sessionIDs := make([]string, count)
	for i := range sessionIDs {
		sessionIDs[i] = fmt.Sprint(i)
	}
	l := newTestLoop(sessionIDs...)
	now := start.Add(MinimumInterval)
	for i, sessionID := range sessionIDs {
		switch places {
		case "scattered":
			l.board.entries[sessionID].place = 150 * i
		case "together":
			l.board.entries[sessionID].place = i
		}
	}
	requests := 0
	for requests < 1000 {
		sent, _ := l.requests(2, now)
		if len(sent) == 0 {
			break
		}
		requests += len(sent)
		now = now.Add(time.Millisecond)
		for _, r := range sent {
			if r.isPage {
				l.take(r, page(r), nil, nil, now)
				continue
			}
			session := inStatus(r.id, scriptix.StatusProcessing)
			l.take(r, nil, &session, nil, now)
		}
	}
	return requests
}

// rateLimited lets no request through.
type rateLimited struct {
	noLimits

	err scriptix.RateLimitError
}

func (r *rateLimited) RateLimited() *scriptix.RateLimitError { return &r.err }

// A rate limit holds back urgent requests, too. The loop looks again when it ends, and each minute, because the machine may have
// slept.
func TestARateLimitHoldsBackEveryRequest(t *testing.T) {
	t.Parallel()
	l := newTestLoop("s", "urgent")
	until := start.Add(10 * time.Minute)
	l.limits = &rateLimited{err: scriptix.RateLimitError{Until: until}}
	l.board.entries["urgent"].askNow(start)
	for now, want := range map[time.Time]time.Time{start: start.Add(time.Minute), until.Add(-time.Second): until} {
		if requests, wake := l.requests(2, now); len(requests) > 0 || !wake.Equal(want) {
			t.Errorf("%d requests at %s, and the next at %s, want %s", len(requests), now, wake, want)
		}
	}
}

// The context of a wait ends a moment after its deadline.
func TestNothingIsAskedForAfterTheDeadline(t *testing.T) {
	t.Parallel()
	l := newTestLoop("s")
	w := l.board.waits[0]
	ctx, cancel := context.WithDeadline(t.Context(), start.Add(time.Minute))
	defer cancel()
	w.ctx = ctx
	if requests, _ := l.requests(2, start.Add(time.Minute+1)); len(requests) > 0 || !w.isDone() {
		t.Errorf("%d requests; ended: %t", len(requests), w.isDone())
	}
}

// A page that shows that nothing on it is running leaves nothing to ask for again: the next request needs no pause.
func TestAPageOfFinishedSessionsNeedsNoPause(t *testing.T) {
	t.Parallel()
	for status, pauses := range map[scriptix.Status]bool{scriptix.StatusFailed: false, scriptix.StatusProcessing: true} {
		t.Run(string(status), func(t *testing.T) {
			t.Parallel()
			l := newTestLoop("a", "b", "c")
			r := &request{isPage: true, entries: []*entry{l.board.entries["a"], l.board.entries["b"]}}
			l.sent(r, start)
			other := *settled("b")
			other.Status = status
			l.take(r, pageOf(0, *settled("a"), other), nil, nil, start)
			if l.lastSent.IsZero() == pauses {
				t.Errorf("the next request pauses: %t", !pauses)
			}
		})
	}
}

// A page that shows all sessions is as good as a filtered list.
func TestAFilteredListIsNotUsedForSessionsOfOnePage(t *testing.T) {
	t.Parallel()
	l := newTestLoop("0", "1", "2")
	for i, e := range l.board.open {
		e.place = i
	}
	requests, _ := l.requests(1, start.Add(MinimumInterval))
	if len(requests) != 1 || !requests[0].isPage || requests[0].status != "" {
		t.Errorf("sent %+v", requests)
	}
}

// A page that fails is no attempt of a read: its own GET replaces the page at once.
func TestAFailedPageMakesNoReadFail(t *testing.T) {
	t.Parallel()
	l := newLoop(noLimits{})
	w := newWait(t.Context(), Options{})
	w.started, w.isRead = start, true
	l.join(w, []scriptix.Session{{SessionID: "s"}})
	r := &request{isPage: true, searches: true, entries: l.board.open}
	l.sent(r, start)
	l.take(r, nil, nil, &scriptix.APIError{StatusCode: http.StatusServiceUnavailable}, start)
	if w.isDone() {
		t.Fatal("the read has failed")
	}
	if requests, _ := l.requests(1, start); len(requests) != 1 || requests[0].isPage {
		t.Errorf("sent %+v", requests)
	}
}

// A failed wait does not stay open for an answer that does not come.
func TestAFailedWaitEndsAfterItsGrace(t *testing.T) {
	t.Parallel()
	l := newTestLoop("bad", "hanging")
	w := l.board.waits[0]
	bad, hanging := l.board.entries["bad"], l.board.entries["hanging"]
	r := ownGet(bad)
	l.sent(r, start)
	l.sent(ownGet(hanging), start)
	l.take(r, nil, settled("bad"), nil, start)
	if wake := l.nextEnding(); w.isDone() || !wake.Equal(start.Add(failureGrace)) {
		t.Fatalf("ended: %t; looks again at %s", w.isDone(), wake)
	}
	hanging.asked.cancel = func() {}
	l.requests(0, start.Add(failureGrace))
	if !w.isDone() {
		t.Error("the wait is still open")
	}
}

// The API may ask for ever to come back soon. Only the first time is the session asked for as soon as that is allowed.
func TestARateLimitWithoutEndKeepsTheSchedule(t *testing.T) {
	t.Parallel()
	l := newTestLoop("s")
	e := l.board.entries["s"]
	limited := &scriptix.APIError{StatusCode: http.StatusTooManyRequests, RetryAt: start}
	for i, due := range []time.Duration{0, MinimumInterval, MinimumInterval} {
		now := e.due
		r := ownGet(e)
		l.sent(r, now)
		l.take(r, nil, nil, limited, now)
		if got := e.due.Sub(now); got != due {
			t.Errorf("failure %d: due after %s, want %s", i, got, due)
		}
	}
}

// A filtered list that shows hardly any of the sessions is left aside for a while, longer each time.
func TestAFilterThatShowsNothingIsLeftAside(t *testing.T) {
	t.Parallel()
	l := newTestLoop("0", "1", "2")
	for i, want := range []time.Duration{time.Minute, 2 * time.Minute} {
		now := later(start, l.trust.filter.until).Add(time.Hour)
		r := l.filteredPage(l.board.entries["0"], l.board.open, 1, now)
		if r == nil {
			t.Fatal("no filtered page")
		}
		l.sent(r, now)
		l.take(r, pageOf(0), nil, nil, now)
		if got := l.trust.filter.until.Sub(now); got != want {
			t.Errorf("time %d: left aside for %s, want %s", i, got, want)
		}
		for _, e := range l.board.open {
			e.unfiltered, e.ownGet = 0, false
		}
	}
}

// newTestRead returns a read that has joined the loop.
func newTestRead(t *testing.T, l *loop, at time.Time, options ReadOptions, sessionIDs ...string) *wait {
	t.Helper()
	w := newWait(t.Context(), Options{AllowFailed: true})
	w.started, w.isRead, w.reading = at, true, options
	l.join(w, unread(sessionIDs))
	return w
}

// newTestWait returns a wait for running sessions that has joined the loop. It allows failed ones.
func newTestWait(t *testing.T, l *loop, at time.Time, sessionIDs ...string) *wait {
	t.Helper()
	w := newWait(t.Context(), Options{AllowFailed: true})
	w.started = at
	sessions := unread(sessionIDs)
	for i := range sessions {
		sessions[i].Status = scriptix.StatusProcessing
	}
	l.join(w, sessions)
	return w
}

// asks sends and returns the next request, which must be a GET.
func (l *loop) asks(t *testing.T, sessionID string, now time.Time) *request {
	t.Helper()
	requests, _ := l.requests(1, now)
	if len(requests) != 1 || requests[0].id != sessionID {
		t.Fatalf("sent %+v, want a GET of %s", requests, sessionID)
	}
	requests[0].begin(t.Context())
	return requests[0]
}

// A read of several may take long after one of them was answered. A wait for that one needs requests all the same.
func TestAWaitAsksForASessionThatALongReadHasDoneWith(t *testing.T) {
	t.Parallel()
	l := newLoop(noLimits{})
	newTestRead(t, l, start, ReadOptions{}, "running", "slow")
	r := l.asks(t, "running", start)
	l.asks(t, "slow", start)
	l.take(r, nil, &scriptix.Session{SessionID: "running", Status: scriptix.StatusProcessing}, nil, start)
	if requests, _ := l.requests(1, start); len(requests) > 0 {
		t.Fatalf("sent %+v", requests)
	}
	newTestWait(t, l, start, "running")
	l.asks(t, "running", start.Add(time.Minute))
}

// A read may leave after a wait has begun to ask for a session that it had done with.
func TestALeavingReadForgetsNoSessionOfOthers(t *testing.T) {
	t.Parallel()
	l := newLoop(noLimits{})
	read := newTestRead(t, l, start, ReadOptions{}, "s", "slow")
	r := l.asks(t, "s", start)
	l.asks(t, "slow", start)
	l.take(r, nil, &scriptix.Session{SessionID: "s", Status: scriptix.StatusProcessing}, nil, start)
	w := newTestWait(t, l, start, "s")
	l.leave(read)
	r = l.asks(t, "s", start.Add(time.Minute))
	l.take(r, nil, &scriptix.Session{SessionID: "s", Status: scriptix.StatusFailed, Error: new("broken")}, nil, start.Add(time.Minute))
	if !w.isDone() {
		t.Error("an answer did not count")
	}
}

// A page may answer a read while the GET of the session is under way. That GET is canceled as soon as nobody needs it.
func TestACanceledRequestMakesNoReadFail(t *testing.T) {
	t.Parallel()
	l := newLoop(noLimits{})
	read := newTestRead(t, l, start, ReadOptions{}, "s", "slow")
	r := l.asks(t, "s", start)
	l.asks(t, "slow", start)
	page := &request{isPage: true, entries: []*entry{l.board.entries["s"]}, sentAt: start}
	failed := scriptix.Session{SessionID: "s", Status: scriptix.StatusFailed, Error: new("broken")}
	l.take(page, &scriptix.Page{Sessions: []scriptix.Session{failed}, Items: 1, TotalResults: 1}, nil, nil, start)
	l.take(r, nil, nil, &scriptix.RequestError{Err: context.Canceled, Ended: true}, start)
	if read.isDone() {
		t.Errorf("the read ended with %v", read.err)
	}
}

// A wait may end with a list item that lacks a field. A read that needs every field asks for them.
func TestAReadIsNotAnsweredByTheEndOfAWait(t *testing.T) {
	t.Parallel()
	l := newLoop(noLimits{})
	newTestWait(t, l, start, "s", "other")
	page := &request{isPage: true, entries: l.board.open, sentAt: start}
	failed := scriptix.Session{SessionID: "s", Status: scriptix.StatusFailed, Error: new("broken")}
	l.take(page, &scriptix.Page{Sessions: []scriptix.Session{failed}, Items: 1, TotalResults: 1}, nil, nil, start)
	read := newTestRead(t, l, start, ReadOptions{EveryField: true}, "s")
	if read.pending == 0 {
		t.Fatal("the read is answered")
	}
	l.asks(t, "s", start)
}

// A list may show every field of a session, and be older than an item without them.
func TestAnOlderItemAnswersNoReadOfEveryField(t *testing.T) {
	t.Parallel()
	l := newLoop(noLimits{})
	newTestWait(t, l, start, "s", "other")
	read := newTestRead(t, l, start, ReadOptions{EveryField: true}, "s")
	page := &request{isPage: true, entries: []*entry{l.board.entries["s"]}, sentAt: start}
	queued := scriptix.Session{
		SessionID: "s", Status: scriptix.StatusQueued, ID: new(int64(1)), Filename: new("a.mp3"), Language: new("en"),
		MediaType: new("audio/mpeg"), MediaURL: new("https://media.example/a"), CreatedAt: new("2025-01-15T10:00:00Z"), SessionMode: new("decode"),
	}
	if !queued.HasDetails() {
		t.Fatal("the item lacks a field")
	}
	l.take(page, &scriptix.Page{Sessions: []scriptix.Session{queued}, Items: 1, TotalResults: 1}, nil, nil, start)
	if read.isDone() {
		t.Fatalf("the read is answered with %+v", read.sessions)
	}
	l.asks(t, "s", start)
}

func TestAnUploadIsNewForTenSeconds(t *testing.T) {
	t.Parallel()
	l := newLoop(noLimits{})
	read := newTestRead(t, l, start, ReadOptions{MayBeNew: true}, "s")
	if !read.isNew(start) || !read.isNew(start.Add(newFor-1)) || read.isNew(start.Add(newFor)) {
		t.Error("it is new for another time")
	}
}

// A fault of a session is an older answer for a read that begins later, and the session may be there by now.
func TestAReadIsNotAnsweredByAnEarlierFault(t *testing.T) {
	t.Parallel()
	faults := map[string]error{
		"not found": &scriptix.APIError{StatusCode: http.StatusNotFound, ErrorCode: "SESSION_NOT_FOUND", FromAPI: true},
		"refused":   &scriptix.APIError{StatusCode: http.StatusForbidden, FromAPI: true},
	}
	for name, fault := range faults {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLoop(noLimits{})
			l.trust.list.extend(time.Hour, start)
			newTestWait(t, l, start, "s", "other")
			now := start.Add(time.Minute)
			l.board.entries["s"].askNow(now)
			l.take(l.asks(t, "s", now), nil, nil, fault, now)
			read := newTestRead(t, l, now, ReadOptions{}, "s", "another")
			if read.isDone() || read.pending != 2 {
				t.Fatalf("the read ended with %v", read.err)
			}
			l.take(l.asks(t, "s", now), nil, settled("s"), nil, now)
			if read.pending != 1 {
				t.Error("an answer did not count")
			}
		})
	}
}

// A page that was under way when the last look began does not replace it.
func TestAPageReplacesNoLastLook(t *testing.T) {
	t.Parallel()
	l := newLoop(noLimits{})
	w := newTestWait(t, l, start, "s", "other")
	w.lastLook = start.Add(time.Minute)
	requests, _ := l.requests(1, start.Add(59*time.Second))
	if len(requests) != 1 || !requests[0].isPage {
		t.Fatalf("sent %+v", requests)
	}
	l.requests(0, w.lastLook) // no request is free
	running := []scriptix.Session{
		{SessionID: "s", Status: scriptix.StatusProcessing}, {SessionID: "other", Status: scriptix.StatusProcessing},
	}
	looks := start.Add(time.Minute)
	l.take(requests[0], &scriptix.Page{Sessions: running, Items: 2, TotalResults: 2}, nil, nil, looks)
	l.asks(t, "s", looks)
	l.asks(t, "other", looks)
}

// A session that a read has shown as running is done with for the read, and has not finished: a page that shows it as running is
// right, and a page that shows the end, but not in full, does not change what the read returns.
func TestAPageAfterAReadChangesNothing(t *testing.T) {
	t.Parallel()
	l := newLoop(noLimits{})
	read := newTestRead(t, l, start, ReadOptions{}, "s", "other")
	running := inStatus("s", scriptix.StatusProcessing)
	l.take(l.asks(t, "s", start), nil, &running, nil, start)
	for _, status := range []scriptix.Status{scriptix.StatusProcessing, scriptix.StatusCompleted} {
		l.showPage(&request{isPage: true, sentAt: start}, pageOf(0, inStatus("s", status)), start)
	}
	if l.trust.list.holds(start) {
		t.Error("the list counts as wrong")
	}
	if got := read.entries[0].session.Status; got != scriptix.StatusProcessing {
		t.Errorf("the read would return the status %q", got)
	}
}

// A read of a running session leaves it running: beside a wait, the next request keeps its pause.
func TestOnlyAnEndRefundsThePace(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		answer scriptix.Session
		pauses bool
	}{
		"an end":              {*settled("read"), false},
		"a session that runs": {inStatus("read", scriptix.StatusProcessing), true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLoop(noLimits{})
			newTestWait(t, l, start, "waited")
			newTestRead(t, l, start, ReadOptions{}, "read")
			l.take(l.asks(t, "read", start), nil, &test.answer, nil, start)
			if l.lastSent.IsZero() == test.pauses {
				t.Errorf("the next request pauses: %t", !test.pauses)
			}
		})
	}
}

// A page may show the end of a session while its own GET is under way. The answer to that GET brings nothing new: it does not
// refund the pace of a request that was sent meanwhile.
func TestOneEndRefundsThePaceOnce(t *testing.T) {
	t.Parallel()
	l := newLoop(noLimits{})
	newTestWait(t, l, start, "s", "other")
	l.board.entries["s"].askNow(start)
	r := l.asks(t, "s", start)
	l.showPage(&request{isPage: true, sentAt: start}, pageOf(0, *settled("s")), start)
	sent := start.Add(MinimumInterval)
	l.asks(t, "other", sent)
	l.take(r, nil, settled("s"), nil, sent)
	if l.lastSent.IsZero() {
		t.Error("the next request needs no pause")
	}
}

// A session may be uploaded after the API has not found it, and an undocumented status is final only with finished_at, which an
// abbreviated item lacks.
func TestAListThatShowsWhatMayBeIsNotWrong(t *testing.T) {
	t.Parallel()
	missing := &scriptix.APIError{StatusCode: http.StatusNotFound, ErrorCode: "SESSION_NOT_FOUND", FromAPI: true}
	text, number := "2025-01-15T10:15:45Z", 1.5
	finished := &scriptix.Session{
		SessionID: "s", Status: "done", FinishedAt: &text, Filename: &text, Duration: &number,
		Document: &scriptix.Document{ID: &text, Name: &text, Type: &text},
	}
	for name, test := range map[string]struct {
		answer *scriptix.Session
		err    error
		status scriptix.Status
	}{
		"a session that was not found":             {nil, missing, scriptix.StatusProcessing},
		"an abbreviated item, undocumented status": {finished, nil, "done"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLoop(noLimits{})
			newTestRead(t, l, start, ReadOptions{}, "s", "slow")
			l.take(l.asks(t, "s", start), nil, test.answer, test.err, start)
			sent := start.Add(lagAllowance)
			l.showPage(&request{isPage: true, sentAt: sent}, pageOf(0, inStatus("s", test.status)), sent)
			if l.trust.list.holds(sent) {
				t.Error("the list counts as wrong")
			}
		})
	}
}

// Two pages under way that are refused are one refusal.
func TestRefusalsAtTheSameTimeCountOnce(t *testing.T) {
	t.Parallel()
	var list suspension
	list.begin(0, start)
	list.begin(0, start.Add(time.Second))
	if got := list.until.Sub(start); got != time.Minute {
		t.Errorf("suspended for %s, want a minute", got)
	}
}

// Near the end of a window the pace says little: own GETs replace a list for an hour at most.
func TestATurnOfGetsIsAtMostAnHour(t *testing.T) {
	t.Parallel()
	l := newTestLoop("a", "b", "c")
	l.limits = pacedLimits{pace: 40 * time.Minute}
	if turn := l.turnOfGets(start); turn != time.Hour {
		t.Errorf("a turn takes %s", turn)
	}
}

// pacedLimits let one request through at a time.
type pacedLimits struct {
	noLimits

	pace time.Duration
}

func (p pacedLimits) NextPoll(last time.Time) time.Time { return last.Add(p.pace) }

// Beside a wait, the GETs that follow a page ignore the pace if they are few.
func TestAPageThatDoesNotShowASessionLeavesItUrgent(t *testing.T) {
	t.Parallel()
	l := newLoop(noLimits{})
	newTestWait(t, l, start, "waited")
	newTestRead(t, l, start, ReadOptions{}, "a", "b", "c")
	requests, _ := l.requests(1, start)
	if len(requests) != 1 || !requests[0].isPage {
		t.Fatalf("sent %+v, want a page", requests)
	}
	l.take(requests[0], pageOf(0), nil, nil, start)
	for _, sessionID := range []string{"a", "b", "c"} {
		if !l.board.entries[sessionID].isUrgent {
			t.Errorf("%s is not urgent any more", sessionID)
		}
	}
}

// A last look leaves out what its own GET has just shown, or is about to show.
func TestALastLookIsSparedByOwnGets(t *testing.T) {
	t.Parallel()
	l := newLoop(noLimits{})
	w := newTestWait(t, l, start, "just read", "being read", "old")
	now := start.Add(time.Minute)
	l.board.entries["just read"].getAt = now
	l.board.entries["being read"].asked = ownGet(l.board.entries["being read"])
	if looked := w.toLookAt(now); len(looked) != 1 || looked[0].session.SessionID != "old" {
		t.Errorf("looks at %d sessions, want only at the old one", len(looked))
	}
}

// A filtered list that shows its sessions again is suspended for a short time when it next fails.
func TestAFilterThatWorksIsTrustedAgain(t *testing.T) {
	t.Parallel()
	l := newLoop(noLimits{})
	l.trust.filter.begin(0, start)
	l.missedByFilter(&request{isPage: true, status: scriptix.StatusProcessing}, start)
	if l.trust.filter.times != 0 {
		t.Error("the failure counts still")
	}
}

func TestAnswersServeLaterReadsForHalfAMinute(t *testing.T) {
	t.Parallel()
	var r recent
	r.begin(start)
	r.add(settled("s"), 5, start)
	for after, want := range map[time.Duration]bool{recentFor - time.Second: true, recentFor: false} {
		if _, ok := r.get("s", start.Add(after)); ok != want {
			t.Errorf("after %s: %t", after, ok)
		}
	}
}

// A canceled request is no longer under way.
func TestAWaitThatLeavesLeavesNoRequest(t *testing.T) {
	t.Parallel()
	l := newLoop(noLimits{})
	read := newTestRead(t, l, start, ReadOptions{}, "s")
	l.asks(t, "s", start)
	l.leave(read)
	if len(l.underWay) > 0 {
		t.Errorf("%d requests are under way", len(l.underWay))
	}
}
