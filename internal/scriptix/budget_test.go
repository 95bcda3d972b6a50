package scriptix_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
)

// FuzzRateLimitHeaders reads a session whose answer carries any headers at all. Whatever they say, no request is held
// back for longer than a plan's longest window, and headers that make no sense hold back none.
func FuzzRateLimitHeaders(f *testing.F) {
	const date = "Fri, 31 Dec 1999 23:59:00 GMT"
	for _, seed := range []struct{ limit, remaining, reset, date string }{
		{"", "10", "946684800", date},
		{"", "0", "946684800", date},
		{"", "-1", "946684800", date},
		{"", "0", "-1", date},
		{"", "0", "9223372036854775807", date},
		{"", "99999999999999999999", "946684800", date},
		{"", " 1 ", " 946684800\t", date},
		{"", "1.5", "1e9", date},
		{"", "", "", ""},
		{"", "0", "946684800000", date},
		{"", "9223372036854775807", "946684800", date},
		{"", "0", "946684800", "Fri, 31 Dec 9999 23:59:59 GMT"},
		{"", "0", "60", "soon"},
		{"10", "9", "946684800", date},
		{"100", "0", "946688340", date},
		{"5000", "4999", "946688340", date},
		{" 30 ", "30", "946684800", date},
		{"-10", "9", "946684800", date},
		{"10", "9", "soon", date},
		{"\xf1", "9", "946684800", "\x80"},
	} {
		f.Add(seed.limit, seed.remaining, seed.reset, seed.date)
	}
	f.Fuzz(func(t *testing.T, limit, remaining, reset, date string) {
		header := http.Header{"X-Ratelimit-Limit": {limit}, "X-Ratelimit-Remaining": {remaining}, "X-Ratelimit-Reset": {reset}, "Date": {date}}
		client := newStubClient(t, http.StatusOK, header, `{"session_id":"`+exampleID+`","status":"queued"}`)
		if err := getExample(t.Context(), client); err != nil {
			t.Fatalf("the headers %q made a read fail: %v", header, err)
		}
		checkHeldBack(t, client, header)
	})
}

func checkHeldBack(t *testing.T, client *scriptix.Client, header http.Header) {
	t.Helper()
	// What a window lasts at most, and what a telling of it in whole seconds may add.
	const longest = 24*time.Hour + 3*time.Second
	now := time.Now()
	if pace := client.NextPoll(now).Sub(now); pace < 0 || pace > longest {
		t.Errorf("%q hold the next poll back for %s", header, pace)
	}
	closed := client.RateLimited()
	if closed != nil && time.Until(closed.Until) > longest {
		t.Errorf("%q close the client until %s", header, closed.Until)
	}
	if _, err := strconv.Atoi(strings.TrimSpace(header.Get("X-Ratelimit-Reset"))); err != nil && (closed != nil || !client.NextPoll(now).Equal(now)) {
		t.Errorf("%q hold requests back", header)
	}
}
