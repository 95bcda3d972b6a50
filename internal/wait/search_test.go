package wait

import (
	"fmt"
	"testing"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
)

// The search reads the top of the list, then its end, then the pages between, as long as its budget lasts or pages find many.
func TestSearch(t *testing.T) {
	t.Parallel()
	const total = 1000
	nothing := func(int) int { return 0 }
	tests := map[string]struct {
		sessions int
		topOnly  bool
		found    func(offset int) int
		offsets  []int
	}{
		"two pages for a few sessions":              {sessions: 1, found: nothing, offsets: []int{0, 900}},
		"half as many pages as sessions":            {sessions: 8, found: nothing, offsets: []int{0, 900, 100, 200}},
		"the top only":                              {sessions: 8, topOnly: true, found: nothing, offsets: []int{0}},
		"on while pages find many":                  {sessions: 1, found: func(offset int) int { return max(0, 100-offset/4) }, offsets: []int{0, 100, 200, 300, 400}},
		"less where sessions prove to be scattered": {sessions: 20, found: func(int) int { return 1 }, offsets: []int{0, 900, 100}},
		"each page once, and the end again at last": {
			sessions: 100, found: nothing, offsets: []int{0, 900, 100, 200, 300, 400, 500, 600, 700, 800, 900},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var s search
			s.begin(test.sessions, false)
			var offsets []int
			for range 20 {
				offset, ok := s.page(10*time.Second, test.topOnly, start)
				if !ok {
					break
				}
				offsets = append(offsets, offset)
				page := &scriptix.Page{Offset: offset, Items: 100, TotalResults: total}
				s.searched(page, test.found(offset), start)
			}
			if fmt.Sprint(offsets) != fmt.Sprint(test.offsets) {
				t.Errorf("searched at %d, want %d", offsets, test.offsets)
			}
		})
	}
}

// On a slow plan, more time passes between two pages than between two searches of the top. The search reads on all the same.
func TestSearchGoesDeepUnderASlowPlan(t *testing.T) {
	t.Parallel()
	var s search
	s.begin(100, false)
	now := start
	var offsets []int
	for range 4 {
		now = now.Add(time.Minute)
		offset, _ := s.page(MinimumInterval, false, now)
		offsets = append(offsets, offset)
		s.searched(&scriptix.Page{Offset: offset, Items: 100, TotalResults: 1000}, 0, now)
	}
	if fmt.Sprint(offsets) != "[0 900 0 100]" {
		t.Errorf("searched at %d", offsets)
	}
}

// A hundred own GETs of sessions without a known place pay for one more page: the top again, after a while.
func TestSearchEarnsPagesByGets(t *testing.T) {
	t.Parallel()
	var s search
	s.searched(&scriptix.Page{Items: 100, TotalResults: 1000}, 0, start)
	s.credit, s.wentDeep = 0, true
	for range pageCredit - 1 {
		s.earn()
	}
	later := start.Add(time.Hour)
	if _, ok := s.page(time.Second, false, later); ok {
		t.Error("a page was searched too early")
	}
	s.earn()
	if offset, ok := s.page(time.Second, false, later); !ok || offset != 0 {
		t.Errorf("searched at %d, %t", offset, ok)
	}
}
