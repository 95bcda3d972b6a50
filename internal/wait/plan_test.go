package wait

import "testing"

// The planner's table: what was seen last, and the way that costs fewest requests.
func TestPlannerTakesTheCheapestWay(t *testing.T) {
	t.Parallel()
	all := func(v view) view { // lists are believed, whole
		v.lists, v.offsets, v.filter = true, true, true
		return v
	}
	window := func(from, to int) plan { return plan{byWindow, from, to} }
	gets, filters := plan{way: byGet}, plan{way: byFilter}
	tests := map[string]struct {
		view view
		want plan
	}{
		"one session":                                     {all(view{sessions: 1, notLooked: 1, processing: 1}), gets},
		"two that nobody has looked for":                  {all(view{sessions: 2, notLooked: 2, queued: 2}), window(0, 100)},
		"a hundred at the top":                            {all(view{sessions: 100, shallowest: 0, deepest: 99, processing: 100}), window(0, 100)},
		"a hundred across two pages need one":             {all(view{sessions: 100, shallowest: 37, deepest: 136, processing: 100}), window(37, 137)},
		"what does not fill a page is left on both sides": {all(view{sessions: 20, shallowest: 240, deepest: 259, processing: 20}), window(200, 300)},
		"a wider window for some that have moved":         {all(view{sessions: 100, shallowest: 200, deepest: 299, widen: true, processing: 100, unlisted: 9}), window(150, 350)},
		"five hundred together":                           {all(view{sessions: 500, shallowest: 0, deepest: 499, processing: 500}), window(0, 500)},
		"scattered ones by the filter":                    {all(view{sessions: 30, shallowest: 0, deepest: 3500, processing: 30}), filters},
		"those the top does not show by the filter":       {all(view{sessions: 100, lost: 100, queued: 60, processing: 40}), filters},
		"not by a filter that showed them not":            {all(view{sessions: 5, lost: 5, processing: 5, unlisted: 5}), gets},
		"not by a filter full of strangers":               {all(view{sessions: 10, lost: 10, processing: 10, surplus: 15}), gets},
		"by a window when many finish between two polls":  {all(view{sessions: 300, shallowest: 0, deepest: 399, processing: 300, finishes: 5}), window(0, 400)},
		"by the filter when few do":                       {all(view{sessions: 150, shallowest: 0, deepest: 499, processing: 150, finishes: 1}), filters},
		"without lists":                                   {view{sessions: 100, shallowest: 0, deepest: 99, processing: 100, offsets: true, filter: true}, gets},
		"without a filter":                                {view{lists: true, offsets: true, sessions: 30, shallowest: 0, deepest: 3500, processing: 30}, gets},
		"without offsets only the top":                    {view{lists: true, filter: true, sessions: 60, lost: 10, shallowest: 5, deepest: 54, processing: 60, unlisted: 60}, window(0, 100)},
		"the loser of the two is tried again":             {all(view{sessions: 40, lost: 40, processing: 40, unlisted: 40, retry: true}), window(0, 100)},
		"and in turn the filter":                          {all(view{sessions: 40, lost: 40, processing: 40, unlisted: 40, retry: true, deep: true}), filters},
		"but nothing beats one request":                   {all(view{sessions: 100, shallowest: 0, deepest: 99, processing: 100, retry: true}), window(0, 100)},
		"nor is a way tried that cannot be cheaper":       {all(view{sessions: 2, lost: 0, shallowest: 0, deepest: 150, queued: 1, processing: 1, retry: true}), gets},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := test.view.choose(); got != test.want {
				t.Errorf("got %+v, want %+v", got, test.want)
			}
		})
	}
}
