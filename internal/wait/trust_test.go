package wait

import (
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
func TestAListIsWrongThreeMinutesAfterAnAnswerHasShownTheEnd(t *testing.T) {
	t.Parallel()
	running := pageOf(0, inStatus("s", scriptix.StatusProcessing))
	tests := map[string]struct {
		page      *scriptix.Page
		ended     time.Time
		sentAfter time.Duration
		suspended bool
	}{
		"late":               {running, start, lagAllowance - time.Second, false},
		"wrong":              {running, start, lagAllowance, true},
		"with the end of it": {pageOf(0, *settled("s")), start, time.Hour, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var lists trust
			sentAt := start.Add(test.sentAfter)
			lists.compare(&entry{session: *settled("s"), ended: test.ended}, &test.page.Sessions[0], sentAt, sentAt)
			if lists.list.holds(sentAt) != test.suspended {
				t.Errorf("suspended: %t", !test.suspended)
			}
			if lists.list.holds(sentAt.Add(longestSuspension)) {
				t.Error("suspended for ever")
			}
		})
	}
}

func TestRefusedPagesSuspendLists(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		refusals  int
		pageCame  bool // before the last refusal
		turn      time.Duration
		suspended time.Duration
	}{
		"the first":                       {refusals: 1, suspended: time.Minute},
		"each suspension is longer":       {refusals: 3, suspended: 4 * time.Minute},
		"up to a quarter of an hour":      {refusals: 7, suspended: 15 * time.Minute},
		"and begins again after a page":   {refusals: 3, pageCame: true, suspended: time.Minute},
		"a turn of the GETs takes longer": {refusals: 1, turn: time.Hour, suspended: time.Hour},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var lists trust
			now := start
			for i := range test.refusals {
				now = later(now, lists.list.until)
				if test.pageCame && i == test.refusals-1 {
					lists.pageCame(pageOf(0), false, now)
				}
				lists.list.begin(test.turn, now)
			}
			if suspended := lists.list.until.Sub(now); suspended != test.suspended {
				t.Errorf("suspended for %s, want %s", suspended, test.suspended)
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

// New uploads move a session from one page to another between two minutes.
func TestPagesOfDifferentMinutesAreNotCompared(t *testing.T) {
	t.Parallel()
	first := inStatus("newest", scriptix.StatusQueued)
	var lists trust
	lists.pageCame(pageOf(0, first), false, start)
	lists.pageCame(pageOf(100, first), false, start.Add(time.Minute))
	if lists.offset.holds(start.Add(time.Minute)) {
		t.Error("the offset counts as ignored")
	}
}

func TestPagesShowWhetherTheOffsetIsIgnored(t *testing.T) {
	t.Parallel()
	first := inStatus("newest", scriptix.StatusQueued)
	full := pageOf(0, first)
	full.Items = scriptix.PageSize
	tests := map[string]struct {
		pages   []*scriptix.Page
		topOnly bool
	}{
		"no":                            {[]*scriptix.Page{pageOf(0, first), pageOf(100, inStatus("older", scriptix.StatusFailed))}, false},
		"it is":                         {[]*scriptix.Page{pageOf(0, first), pageOf(100, first)}, true},
		"not by uploads in between":     {[]*scriptix.Page{full, pageOf(3, first)}, false},
		"the same page again":           {[]*scriptix.Page{pageOf(0, first), pageOf(0, first)}, false},
		"an empty page, whatever it is": {[]*scriptix.Page{pageOf(0), pageOf(100)}, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var lists trust
			for _, page := range test.pages {
				lists.pageCame(page, false, start)
			}
			if lists.offset.holds(start) != test.topOnly {
				t.Errorf("top only: %t", lists.offset.holds(start))
			}
			if lists.offset.holds(start.Add(longestSuspension)) {
				t.Error("given up for ever")
			}
		})
	}
}
