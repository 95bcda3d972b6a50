package wait

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
)

// noLimits lets every request through.
type noLimits struct{}

func (noLimits) NextPoll(last time.Time) time.Time     { return last }
func (noLimits) RateLimited() *scriptix.RateLimitError { return nil }
func (noLimits) MaxRetries() int                       { return 0 }

// newTestLoop returns a loop with one wait for sessions that are being processed.
func newTestLoop(sessionIDs ...string) *loop {
	l := newLoop(noLimits{})
	sessions := make([]scriptix.Session, len(sessionIDs))
	for i, sessionID := range sessionIDs {
		sessions[i] = inStatus(sessionID, scriptix.StatusProcessing)
	}
	w := newWait(context.Background(), Options{})
	w.started = start
	l.join(w, sessions)
	return l
}

// A page that the API refuses is not asked for again at once: own GETs replace it.
func TestARefusedPageIsReplacedByGets(t *testing.T) {
	t.Parallel()
	l := newTestLoop("a", "b")
	now := start.Add(MinimumInterval)
	r := &request{isPage: true, entries: l.board.open}
	l.sent(r, now)
	l.take(r, nil, nil, &scriptix.APIError{StatusCode: http.StatusForbidden}, now)
	for _, e := range l.board.open {
		e.place = 0
	}
	requests, _ := l.requests(2, now)
	if len(requests) != 2 || requests[0].isPage || requests[1].isPage {
		t.Errorf("sent %+v", requests)
	}
}

// A page that fails twice although the API answers is replaced by own GETs of the sessions that it was to show.
func TestOwnGetsReplaceAPageThatFails(t *testing.T) {
	t.Parallel()
	passing := &scriptix.APIError{StatusCode: http.StatusServiceUnavailable}
	reset := &scriptix.RequestError{Err: errors.New("connection reset")}
	limited := &scriptix.APIError{StatusCode: http.StatusTooManyRequests, RetryAt: start.Add(time.Second)}
	const get, page, other = "a GET succeeds", "the page comes", "a page of other sessions comes"
	tests := map[string]struct {
		events   []any // errors of pages, and what succeeded between them
		replaced time.Duration
		probes   int
	}{
		"one failure":                         {events: []any{passing}, probes: 1},
		"two while nothing succeeds":          {events: []any{passing, passing, passing}, probes: 3},
		"two with a GET between":              {events: []any{passing, get, passing}, probes: 1, replaced: time.Minute},
		"a network that fails for one page":   {events: []any{reset, get, reset}, probes: 1, replaced: time.Minute},
		"two with the page between":           {events: []any{passing, get, page, passing}, probes: 2},
		"a page of others resets nothing":     {events: []any{passing, get, other, passing}, probes: 1, replaced: time.Minute},
		"a rate limit needs no probe":         {events: []any{limited}},
		"a second failure after a minute":     {events: []any{passing, get, passing, get, passing}, probes: 1, replaced: 2 * time.Minute},
		"the page comes, and fails again":     {events: []any{passing, get, passing, page, passing, get, passing}, probes: 2, replaced: time.Minute},
		"failures without a GET prove little": {events: []any{passing, get, passing, get, passing, page, passing, passing}, probes: 3},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newTestLoop("s", "other")
			e := l.board.entries["s"]
			probes, now := 0, start
			for _, event := range test.events {
				now = later(now.Add(time.Second), e.page.until)
				e.ownGet = false
				r := &request{isPage: true, entries: []*entry{e}}
				l.sent(r, now)
				switch event := event.(type) {
				case error:
					l.take(r, nil, nil, event, now)
					if e.ownGet {
						probes++
					}
				case string:
					switch event {
					case page:
						l.take(r, pageOf(0, inStatus("s", scriptix.StatusProcessing)), nil, nil, now)
					case other:
						l.take(&request{isPage: true, sentAt: now}, pageOf(0, inStatus("other", scriptix.StatusProcessing)), nil, nil, now)
					default:
						session := inStatus("other", scriptix.StatusProcessing)
						l.take(&request{id: "other"}, nil, &session, nil, now)
					}
				}
			}
			if replaced := max(0, e.page.until.Sub(now)); replaced != test.replaced {
				t.Errorf("replaced for %s, want %s", replaced, test.replaced)
			}
			if probes != test.probes {
				t.Errorf("%d probes, want %d", probes, test.probes)
			}
		})
	}
}
