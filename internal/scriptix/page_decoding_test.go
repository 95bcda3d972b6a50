package scriptix

import (
	"errors"
	"slices"
	"testing"
)

// Who reads a page decides whether a malformed item matters, so that the page must say all about it.
func TestPageKeepsWhatIsWellFormed(t *testing.T) {
	t.Parallel()
	const fine = `{"session_id": "fine", "status": "queued"}`
	for name, test := range map[string]struct {
		items  string
		places []int
		field  string // of the first malformed item
		count  int
	}{
		"empty":          {``, nil, "", 0},
		"fine":           {fine + `,` + fine, []int{0, 1}, "", 2},
		"odd":            {`{"session_id": "fine", "status": "queued", "duration": "x"}`, []int{0}, "", 1},
		"text":           {`"x",` + fine, []int{1}, "result[0]", 2},
		"null":           {fine + `,null,` + fine, []int{0, 2}, "result[1]", 3},
		"array":          {fine + `,[` + fine + `]`, []int{0}, "result[1]", 2},
		"no id":          {fine + `,{"status": "queued"},` + fine, []int{0, 2}, "result[1].session_id", 3},
		"no status":      {`{"session_id": "x"},` + fine, []int{1}, "result[0].status", 2},
		"id of a number": {`{"status": "queued", "session_id": 1},` + fine, []int{1}, "result[0].session_id", 2},
		"nothing":        {`{}`, nil, "result[0].session_id", 1},
		"several":        {fine + `,{"session_id": "x", "status": {}},7,` + fine + `,null`, []int{0, 3}, "result[1].status", 5},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			page, err := decodePage([]byte(`{"count": 9, "total_results": 99, "result": [`+test.items+`]}`), func(text string) string { return text })
			if err != nil {
				t.Fatal(err)
			}
			if page.total != 99 || page.count != test.count || !slices.Equal(page.places, test.places) || len(page.items) != len(test.places) {
				t.Errorf("got %d items at %v, %d in all, of %d", len(page.items), page.places, page.count, page.total)
			}
			for i := range page.items {
				if page.items[i].SessionID != "fine" {
					t.Errorf("got %+v", page.items[i])
				}
			}
			if field := fieldOf(page.malformed); field != test.field {
				t.Errorf("the error is about %q: %v", field, page.malformed)
			}
		})
	}
}

func fieldOf(err error) string {
	if answer, ok := errors.AsType[*AnswerError](err); ok {
		return answer.Field
	}
	return ""
}
