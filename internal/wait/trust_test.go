package wait

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
)

var start = time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)

func pageOf(offset int, sessions ...scriptix.Session) *scriptix.Page {
	return &scriptix.Page{Offset: offset, Sessions: sessions, Items: len(sessions), TotalResults: 1000}
}

func inStatus(sessionID string, status scriptix.Status) scriptix.Session {
	return scriptix.Session{SessionID: sessionID, Status: status}
}

func settled(sessionID string) *scriptix.Session {
	reason := "decoder failed"
	return &scriptix.Session{SessionID: sessionID, Status: scriptix.StatusFailed, Error: &reason}
}

// A list that still shows a session as running is late for three minutes, and wrong after that: counted from when the page
// was sent.
func TestAListIsWrongThreeMinutesAfterAGetHasShownTheEnd(t *testing.T) {
	t.Parallel()
	running := pageOf(0, inStatus("s", scriptix.StatusProcessing))
	tests := map[string]struct {
		page      *scriptix.Page
		sentAfter time.Duration
		suspended bool
	}{
		"late":               {running, lagAllowance - time.Second, false},
		"wrong":              {running, lagAllowance, true},
		"about a stranger":   {pageOf(0, inStatus("other", scriptix.StatusProcessing)), time.Hour, false},
		"with the end of it": {pageOf(0, *settled("s")), time.Hour, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var lists trust
			lists.getShowed(settled("s"), start)
			sentAt := start.Add(test.sentAfter)
			lists.examine(test.page, "", sentAt, sentAt)
			if lists.lists(sentAt) == test.suspended {
				t.Errorf("suspended: %t", !test.suspended)
			}
			if !lists.lists(sentAt.Add(lieSuspension)) {
				t.Error("suspended for ever")
			}
		})
	}
}

func TestOnlyTheLatestWitnessesAreRemembered(t *testing.T) {
	t.Parallel()
	var lists trust
	for i := range 3 * maxWitnesses {
		lists.getShowed(settled(string(rune('A'+i))), start)
	}
	if len(lists.witnesses) != maxWitnesses || len(lists.settledAt) != maxWitnesses {
		t.Errorf("%d and %d are remembered", len(lists.witnesses), len(lists.settledAt))
	}
}

func TestFailedPagesSuspendLists(t *testing.T) {
	t.Parallel()
	passing := &scriptix.APIError{StatusCode: http.StatusServiceUnavailable}
	refusal := &scriptix.APIError{StatusCode: http.StatusForbidden}
	reset := &scriptix.RequestError{Err: errors.New("connection reset")}
	malformed := &scriptix.AnswerError{Field: "result", Problem: "is missing"}
	const get, page = "a GET succeeds", "a page succeeds"
	tests := map[string]struct {
		events    []any // errors of pages, and what succeeded between them
		turn      time.Duration
		suspended time.Duration
		probes    int
	}{
		"one failure":                      {events: []any{passing}, probes: 1},
		"two while nothing succeeds":       {events: []any{passing, passing, passing}, probes: 3},
		"two with a GET between":           {events: []any{passing, get, passing}, probes: 1, suspended: time.Minute},
		"two with a page between":          {events: []any{passing, get, page, passing}, probes: 2},
		"a refusal counts at once":         {events: []any{refusal}, suspended: time.Minute},
		"so does what breaks the contract": {events: []any{malformed}, suspended: time.Minute},
		"each suspension is longer":        {events: []any{refusal, refusal, refusal}, suspended: 4 * time.Minute},
		"up to a quarter of an hour":       {events: []any{refusal, refusal, refusal, refusal, refusal, refusal, refusal}, suspended: 15 * time.Minute},
		"and begins again after a success": {events: []any{refusal, refusal, page, refusal}, suspended: time.Minute},
		"a turn of the GETs takes longer":  {events: []any{refusal}, turn: time.Hour, suspended: time.Hour},
		"a network that fails for lists":   {events: []any{reset, get, reset}, probes: 1, suspended: time.Minute},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var lists trust
			probes, now := 0, start
			for _, event := range test.events {
				now = later(now, lists.suspendedUntil)
				switch event := event.(type) {
				case error:
					if lists.pageFailed(event, test.turn, now) {
						probes++
					}
				case string:
					if event == page {
						lists.readingSucceeded()
					} else {
						lists.getShowed(&scriptix.Session{SessionID: "s", Status: scriptix.StatusQueued}, now)
					}
				}
			}
			if suspended := max(0, lists.suspendedUntil.Sub(now)); suspended != test.suspended {
				t.Errorf("suspended for %s, want %s", suspended, test.suspended)
			}
			if probes != test.probes {
				t.Errorf("%d probes, want %d", probes, test.probes)
			}
		})
	}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func TestPagesShowWhetherOffsetAndFilterAreIgnored(t *testing.T) {
	t.Parallel()
	first := inStatus("newest", scriptix.StatusQueued)
	tests := map[string]struct {
		status          scriptix.Status
		pages           []*scriptix.Page
		offsets, filter bool
	}{
		"neither":                       {"", []*scriptix.Page{pageOf(0, first), pageOf(100, inStatus("older", scriptix.StatusFailed))}, true, true},
		"the offset":                    {"", []*scriptix.Page{pageOf(0, first), pageOf(100, first)}, false, true},
		"not by uploads in between":     {"", []*scriptix.Page{pageOf(0, first), pageOf(3, first)}, true, true},
		"the same page again":           {"", []*scriptix.Page{pageOf(0, first), pageOf(0, first)}, true, true},
		"the filter":                    {scriptix.StatusQueued, []*scriptix.Page{pageOf(0, first, *settled("s"))}, true, false},
		"a filter that works":           {scriptix.StatusQueued, []*scriptix.Page{pageOf(0, first)}, true, true},
		"an empty page, whatever it is": {scriptix.StatusQueued, []*scriptix.Page{pageOf(0), pageOf(100)}, true, true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var lists trust
			for _, page := range test.pages {
				lists.examine(page, test.status, start, start)
			}
			if lists.offsets(start) != test.offsets || lists.filter(start) != test.filter {
				t.Errorf("offsets %t, filter %t", lists.offsets(start), lists.filter(start))
			}
			if end := start.Add(quirkSuspension); !lists.offsets(end) || !lists.filter(end) {
				t.Error("given up for ever")
			}
		})
	}
}
