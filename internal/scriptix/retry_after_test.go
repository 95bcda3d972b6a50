package scriptix_test

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
)

// The fake tells when its window ends; whoever comes back then, and not sooner, sees no second 429.
func TestRetryAfterOfTheFakeIsKept(t *testing.T) {
	t.Parallel()
	forms := map[string]scriptixtest.RetryAfterForm{
		"seconds": scriptixtest.RetryAfterSeconds, "date": scriptixtest.RetryAfterDate, "body only": scriptixtest.RetryAfterBodyOnly,
	}
	for form, retryAfter := range forms {
		for _, skew := range []time.Duration{0, -26 * time.Hour, -7 * time.Second, 7 * time.Second, 26 * time.Hour} {
			t.Run(fmt.Sprintf("%s, clock off by %s", form, skew), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					start := time.Now()
					server := scriptixtest.NewPipeServer(t,
						scriptixtest.WithPlan(scriptixtest.Plan{PerMinute: 1}), scriptixtest.WithoutRateLimitHeaders(),
						scriptixtest.WithRetryAfter(retryAfter), scriptixtest.WithClockSkew(skew))
					server.Add(scriptixtest.Session{SessionID: exampleID, JSON: scriptixtest.FailedSessionJSON})
					client := newClient(t, server)
					for range 2 {
						if err := getExample(t.Context(), client); err != nil {
							t.Fatal(err)
						}
					}
					compare(t, "requests came at", arrivals(server, start), []time.Duration{0, 0, time.Minute})
				})
			})
		}
	}
}

// What a refusal asks for, counted from the answer. Zero is nothing.
func TestRetryAtOfARefusal(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	date := func(after time.Duration) string { // by the clock of a server an hour ahead
		return time.Date(2000, 1, 1, 1, 0, 0, 0, time.UTC).Add(after).Format(http.TimeFormat)
	}
	withDate := func(retryAfter string) http.Header {
		return http.Header{"Retry-After": {retryAfter}, "Date": {date(0)}}
	}
	header := func(retryAfter string) http.Header { return http.Header{"Retry-After": {retryAfter}} }
	type test struct {
		header http.Header
		body   string
		want   time.Duration
	}
	tests := map[string]test{
		"nothing":                     {nil, "", 0},
		"seconds":                     {header("60"), "", time.Minute},
		"seconds with white space":    {header(" 60 "), "", time.Minute},
		"fraction of a second":        {header("0.25"), "", 250 * time.Millisecond},
		"zero":                        {header("0"), "", 0},
		"date":                        {withDate(date(90 * time.Second)), "", 90 * time.Second},
		"date that has passed":        {withDate(date(-time.Second)), "", 0},
		"date that is now":            {withDate(date(0)), "", 0},
		"date without Date":           {header(date(-time.Hour + time.Minute)), "", time.Minute},
		"date with a broken Date":     {http.Header{"Retry-After": {date(-time.Hour + time.Minute)}, "Date": {"today"}}, "", time.Minute},
		"date in the form of RFC 850": {withDate("Saturday, 01-Jan-00 01:01:00 GMT"), "", time.Minute},
		"date beyond a day":           {withDate(date(1000 * day)), "", day},
		"date at the end of time":     {withDate("Fri, 31 Dec 9999 23:59:59 GMT"), "", day},
		"date before all time":        {withDate("Mon, 01 Jan 0001 00:00:00 GMT"), "", 0},
		"body":                        {nil, `{"retry_after": 60}`, time.Minute},
		"fraction in the body":        {nil, `{"retry_after": 1.5}`, 1500 * time.Millisecond},
		"text in the body":            {nil, `{"retry_after": "60"}`, time.Minute},
		"header before body":          {header("30"), `{"retry_after": 60}`, 30 * time.Second},
		"body after a broken header":  {header("soon"), `{"retry_after": 60}`, time.Minute},
		"body after a header of NaN":  {header("NaN"), `{"retry_after": 60}`, time.Minute},
		"body of a proxy":             {nil, scriptixtest.ProxyPage, 0},
		"body of another type":        {nil, `[60]`, 0},
		"object in the body":          {nil, `{"retry_after": {"seconds": 60}}`, 0},
		"null in the body":            {nil, `{"retry_after": null}`, 0},
		"as on the public page":       {header("60"), scriptixtest.RateLimitedBody, time.Minute},
	}
	for _, nonsense := range []struct {
		text string
		want time.Duration
	}{
		{"-1", 0},
		{"-1e300", 0},
		{"-Inf", 0},
		{"NaN", 0},
		{"soon", 0},
		{"60s", 0},
		{"1e400", 0},
		{"", 0},
		{"60, 120", 0},
		{"1e300", day},
		{"Inf", day},
		{"9223372036854775808", day},
		{"86400.5", day},
		{"1e-300", 0},
	} {
		tests["nonsense "+nonsense.text] = test{header(nonsense.text), "", nonsense.want}
		tests["nonsense text in the body "+nonsense.text] = test{nil, fmt.Sprintf(`{"retry_after": %q}`, nonsense.text), nonsense.want}
	}
	for name, test := range tests {
		for status, asks := range map[int]bool{429: true, 503: true, 500: false, 502: false, 403: false} {
			t.Run(fmt.Sprintf("%s, status %d", name, status), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					start := time.Now()
					client := newStubClient(t, status, test.header, test.body)
					want := time.Time{}
					if asks && test.want > 0 {
						want = start.Add(test.want)
					}
					got := failure[*scriptix.APIError](t, getExample(t.Context(), client))
					if !got.RetryAt.Equal(want) {
						t.Errorf("asks to come back at %s, want %s", got.RetryAt, want)
					}
					// The next requests tell whether the refusal was taken to heart. A poll heeds a 429 only.
					checkHeeds(t, "a poll", getExample(t.Context(), client.ForPolling()), want, status == 429)
					ctx, cancel := context.WithTimeout(t.Context(), time.Nanosecond)
					defer cancel()
					checkHeeds(t, "a read", getExample(ctx, client), want, true)
				})
			})
		}
	}
}

// checkHeeds checks that a request was not sent because the API asked to come back later.
func checkHeeds(t *testing.T, which string, err error, until time.Time, heeds bool) {
	t.Helper()
	if until.IsZero() || !heeds {
		failure[*scriptix.APIError](t, err)
		return
	}
	compare(t, which, *failure[*scriptix.RateLimitError](t, err), scriptix.RateLimitError{Until: until})
}

// Whatever Retry-After says, nobody is kept away for longer than a day, and a plain number of seconds is kept.
func FuzzRetryAfter(f *testing.F) {
	for _, value := range []string{
		"0", "60", "-1", "1e300", "NaN", "Inf", "soon", "", "Fri, 31 Dec 1999 23:59:59 GMT", "Fri, 31 Dec 9999 23:59:59 GMT", "0x1p4", "1_0",
	} {
		f.Add(value, "Fri, 31 Dec 1999 23:59:00 GMT", value)
		f.Add(value, "", `"`+value+`"`)
	}
	f.Fuzz(func(t *testing.T, retryAfter, date, inBody string) {
		header := http.Header{"Retry-After": {retryAfter}, "Date": {date}}
		client := newStubClient(t, http.StatusTooManyRequests, header, `{"retry_after": `+inBody+`}`)
		before := time.Now()
		got := failure[*scriptix.APIError](t, getExample(t.Context(), client))
		checkRetryAt(t, got, before)
		if seconds, err := strconv.ParseUint(retryAfter, 10, 32); err == nil && seconds > 0 {
			// Read as an interval around the answer: there is no fake clock here.
			pause := time.Duration(math.Min(float64(seconds), 86400)) * time.Second
			if got.RetryAt.Before(before.Add(pause)) || got.RetryAt.After(time.Now().Add(pause)) {
				t.Errorf("Retry-After %q became %s, asked for at %s", retryAfter, got.RetryAt, before)
			}
		}
	})
}
