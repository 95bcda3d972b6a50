package scriptix_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
)

// windowHeaders describe one window of a plan, almost unused.
func windowHeaders(limit int, left time.Duration) http.Header {
	header := budgetHeaders(max(0, limit-1), time.Now().Add(left))
	header.Set("X-RateLimit-Limit", strconv.Itoa(limit))
	return header
}

// ampleHeaders describe a window in which so much is left that it slows nothing down.
func ampleHeaders(limit int, left time.Duration) http.Header {
	header := windowHeaders(limit, left)
	header.Set("X-RateLimit-Remaining", "1000000000")
	return header
}

// readUnder reads a session whose answer has these headers.
func readUnder(t *testing.T, client *scriptix.Client, server *scriptixtest.Server, header http.Header) {
	t.Helper()
	server.Inject(scriptixtest.Fault{Times: 1, Header: header, Body: `{"session_id": "` + exampleID + `", "status": "queued"}`})
	if err := getExample(t.Context(), client); err != nil {
		t.Fatal(err)
	}
}

// recognized returns the plans that a log names, in order.
func recognized(t *testing.T, log string) []string {
	t.Helper()
	plans := []string{}
	for decoder := json.NewDecoder(bytes.NewReader([]byte(log))); decoder.More(); {
		var record struct {
			Plan      string
			PerMinute int `json:"requests_per_minute"`
			PerHour   int `json:"requests_per_hour"`
		}
		if err := decoder.Decode(&record); err != nil {
			t.Fatal(err)
		}
		if record.Plan != "" {
			plans = append(plans, fmt.Sprintf("%s %d/%d", record.Plan, record.PerMinute, record.PerHour))
		}
	}
	return plans
}

const (
	free   = "Free 10/100"
	bronze = "Bronze 30/500"
	silver = "Silver 60/2000"
	gold   = "Gold 120/5000"
)

// The headers describe one window and do not say which. A limit belongs to more than one window.
func TestPlanIsRecognizedByLimitAndWindow(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		limit int
		left  time.Duration
		want  string
	}{
		{10, time.Minute, free},
		{30, time.Minute, bronze},
		{60, time.Minute, silver},
		{120, time.Minute, gold},
		{100, time.Hour, free},
		{500, time.Hour, bronze},
		{2000, time.Hour, silver},
		{5000, time.Hour, gold},

		// A reset is told in whole seconds, and so is the Date that it is counted from.
		{10, time.Minute + 3*time.Second, free},
		{100, time.Hour + 3*time.Second, free},
		{10, time.Minute + 4*time.Second, ""},
		{100, time.Hour + 4*time.Second, ""},

		// The window may have begun before.
		{10, 31 * time.Second, free},
		{60, 45 * time.Second, silver},
		{100, 50 * time.Minute, free},
		{5000, 2 * time.Minute, gold},

		// So little time is left that the window may be a shorter one.
		{10, 30 * time.Second, ""},
		{10, 5 * time.Second, ""},
		{120, time.Second, ""},
		{100, time.Minute, ""},
		{2000, 10 * time.Second, ""},

		// The window is a longer one.
		{10, time.Hour, ""},
		{60, time.Hour, ""},
		{120, 24 * time.Hour, ""},
		{100, 24 * time.Hour, ""},
		{500, 2 * time.Hour, ""},
		{5000, 24 * time.Hour, ""},
		{1000, 24 * time.Hour, ""},

		// No plan has such a limit.
		{0, time.Minute, ""},
		{9, time.Minute, ""},
		{11, time.Minute, ""},
		{100, 40 * time.Second, ""},
		{600, time.Minute, ""},
		{1000, time.Hour, ""},
	} {
		t.Run(fmt.Sprintf("%d in %s", test.limit, test.left), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := scriptixtest.NewPipeServer(t)
				var log bytes.Buffer
				client := newClient(t, server, loggingTo(&log, slog.LevelInfo))
				readUnder(t, client, server, windowHeaders(test.limit, test.left))
				want := []string{}
				if test.want != "" {
					want = append(want, test.want)
				}
				compare(t, "plans", recognized(t, log.String()), want)
			})
		})
	}
}

func TestPlanNeedsItsHeaders(t *testing.T) {
	t.Parallel()
	for _, missing := range []string{"X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"} {
		for _, value := range []string{"", "soon", "-1", "99999999999999999999"} {
			t.Run(fmt.Sprintf("%s %q", missing, value), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					server := scriptixtest.NewPipeServer(t)
					var log bytes.Buffer
					client := newClient(t, server, loggingTo(&log, slog.LevelInfo))
					header := windowHeaders(10, time.Minute)
					header.Set(missing, value)
					readUnder(t, client, server, header)
					compare(t, "plans", recognized(t, log.String()), []string{})
				})
			})
		}
	}
}

// The user's own cap wins: nothing is inferred, and nothing else slows polls down.
func TestOwnCapInfersNoPlan(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := scriptixtest.NewPipeServer(t)
		var log bytes.Buffer
		client := newClient(t, server, withCap(30), loggingTo(&log, slog.LevelInfo))
		start := time.Now()
		for range 20 { // after 11 of them, the hour of the Free plan would allow one every 40 s
			readUnder(t, client, server, windowHeaders(10, time.Minute))
			time.Sleep(time.Until(client.NextPoll(time.Now())))
		}
		compare(t, "plans", recognized(t, log.String()), []string{})
		const pace = time.Minute / 9 // of the headers: 9 requests are left in a minute
		took(t, start, 20*pace-time.Second, 20*pace+time.Second)
	})
}

func TestPlanIsLoggedOnce(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		headers []func() http.Header
		want    []string
	}{
		"minute, again and again": {times(5, 10, time.Minute), []string{free}},
		"hour, again and again":   {times(5, 500, time.Hour), []string{bronze}},
		"hour, then its minute":   {slices.Concat(times(2, 500, time.Hour), times(2, 30, time.Minute)), []string{bronze}},
		"minute, then its hour":   {slices.Concat(times(2, 30, time.Minute), times(2, 500, time.Hour)), []string{bronze}},
		"something else between":  {slices.Concat(times(2, 10, time.Minute), times(2, 7, time.Minute), times(2, 10, time.Minute)), []string{free}},
		"another minute":          {slices.Concat(times(2, 10, time.Minute), times(2, 120, time.Minute)), []string{free, gold}},
		"another hour":            {slices.Concat(times(2, 100, time.Hour), times(2, 5000, time.Hour)), []string{free, gold}},
		// 5,000 are the hour of one plan and the day of another: the minute is what tells.
		"minute, then the end of a day": {slices.Concat(times(2, 30, time.Minute), times(2, 5000, time.Hour)), []string{bronze}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := scriptixtest.NewPipeServer(t)
				var log bytes.Buffer
				client := newClient(t, server, loggingTo(&log, slog.LevelInfo))
				for _, header := range test.headers {
					readUnder(t, client, server, header())
					time.Sleep(time.Second)
				}
				compare(t, "plans", recognized(t, log.String()), test.want)
			})
		})
	}
}

func times(count, limit int, left time.Duration) []func() http.Header {
	headers := make([]func() http.Header, count)
	for i := range headers {
		headers[i] = func() http.Header { return windowHeaders(limit, left) }
	}
	return headers
}

// The window that the headers do not describe is kept to as well: a tenth of it may be spent at once, and the rest evenly.
func TestOtherWindowOfThePlanIsKept(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		limit int
		left  time.Duration
		burst int
		apart time.Duration
	}{
		{10, time.Minute, 10, time.Hour / 90},
		{30, time.Minute, 50, time.Hour / 450},
		{60, time.Minute, 200, time.Hour / 1800},
		{120, time.Minute, 500, time.Hour / 4500},
		{100, time.Hour, 1, time.Minute / 9},
		{500, time.Hour, 3, time.Minute / 27},
		{2000, time.Hour, 6, time.Minute / 54},
		{5000, time.Hour, 12, time.Minute / 108},
	} {
		t.Run(fmt.Sprintf("%d in %s", test.limit, test.left), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := scriptixtest.NewPipeServer(t)
				client := newClient(t, server)
				request := func() { readUnder(t, client, server, ampleHeaders(test.limit, test.left)) }
				pause := func() time.Duration { return time.Until(client.NextPoll(time.Now())) }
				request() // shows the plan
				for range test.burst {
					// Not even then are two requests sent at the same moment: the API must count the first before it
					// shows what is left for the second.
					compare(t, "pause within the burst", pause(), time.Millisecond)
					request()
				}
				for range 5 {
					if got := pause(); (got - test.apart).Abs() > time.Millisecond {
						t.Errorf("the pause is %s, want %s", got, test.apart)
					}
					time.Sleep(pause())
					request()
				}
			})
		})
	}
}

// The hour's window says more: a wait uses up the hour, not the minute.
func TestOtherWindowIsTheHourOnceTheMinuteIsShown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := scriptixtest.NewPipeServer(t)
		client := newClient(t, server)
		readUnder(t, client, server, ampleHeaders(100, time.Hour))
		for range 11 {
			readUnder(t, client, server, ampleHeaders(10, time.Minute))
		}
		pause := time.Until(client.NextPoll(time.Now()))
		if want := time.Hour / 90; (pause - want).Abs() > time.Millisecond {
			t.Errorf("the pause is %s, want %s", pause, want)
		}
	})
}

// Requests that do not poll are not held back, but polls have to make up for them.
func TestOtherRequestsAreSpentAsWell(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := scriptixtest.NewPipeServer(t)
		client := newClient(t, server)
		start := time.Now()
		for range 1 + 10 + 20 { // one that shows the plan, the burst, and more
			readUnder(t, client, server, ampleHeaders(10, time.Minute))
		}
		took(t, start, 0, 0)
		pause := time.Until(client.ForPolling().NextPoll(time.Now()))
		// The debt is no greater than a burst, whatever was read before.
		if want := 11 * time.Hour / 90; (pause - want).Abs() > time.Millisecond {
			t.Errorf("the pause is %s, want %s", pause, want)
		}
	})
}

// Whoever polls whenever that is allowed gets through each hour, and uses all of it.
func TestPlanIsSpentEvenly(t *testing.T) {
	t.Parallel()
	for name, plan := range map[string]scriptixtest.Plan{
		"Free": scriptixtest.Free, "Bronze": scriptixtest.Bronze, "Silver": scriptixtest.Silver, "Gold": scriptixtest.Gold,
	} {
		hours := 3
		if plan.PerHour > 500 {
			hours = 2 // of thousands of requests, the first with the burst
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := scriptixtest.NewPipeServer(t, scriptixtest.WithPlan(plan))
				server.Add(scriptixtest.Session{SessionID: exampleID, Processing: 24 * time.Hour})
				server.Inject(scriptixtest.Fault{Latency: 80 * time.Millisecond})
				client := newClient(t, server).ForPolling()
				start := time.Now()
				for time.Since(start) < time.Duration(hours)*time.Hour {
					sent := time.Now()
					if err := getExample(t.Context(), client); err != nil {
						t.Fatalf("after %s: %v", sent.Sub(start), err)
					}
					time.Sleep(time.Until(client.NextPoll(sent)))
				}
				checkSpending(t, arrivals(server, start), hours, plan.PerHour)
			})
		})
	}
}

// Each run of Terraform begins without knowing what the run before it has spent.
func TestPlanOutlivesItsClient(t *testing.T) {
	t.Parallel()
	for name, plan := range map[string]scriptixtest.Plan{"Free": scriptixtest.Free, "Bronze": scriptixtest.Bronze} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := scriptixtest.NewPipeServer(t, scriptixtest.WithPlan(plan))
				server.Add(scriptixtest.Session{SessionID: exampleID, Processing: 24 * time.Hour})
				for range 18 { // three hours
					client := newClient(t, server)
					for start := time.Now(); time.Since(start) < 10*time.Minute; {
						sent := time.Now()
						if err := getExample(t.Context(), client); err != nil {
							t.Fatal(err)
						}
						time.Sleep(time.Until(client.NextPoll(sent)))
					}
				}
				refused := 0
				for _, request := range server.Requests() {
					if request.Answered == http.StatusTooManyRequests {
						refused++
					}
				}
				compare(t, "refused requests", refused, 0)
			})
		})
	}
}

// checkSpending checks how many requests were sent in each hour, and how far apart.
func checkSpending(t *testing.T, moments []time.Duration, hours, perHour int) {
	t.Helper()
	sent := make([]int, hours)
	even := time.Hour / time.Duration(perHour)
	for i, moment := range moments {
		if hour := int(moment / time.Hour); hour < hours {
			sent[hour]++
		}
		if i == 0 || moments[i-1] < 10*time.Minute {
			continue
		}
		if gap := moment - moments[i-1]; gap > 2*even {
			t.Errorf("no request for %s before %s, want one every %s", gap, moment, even)
		}
	}
	t.Logf("%v of %d", sent, perHour)
	for hour, requests := range sent {
		if requests > perHour || requests*100 < 85*perHour {
			t.Errorf("%d requests in hour %d, want 85 to 100 %% of %d", requests, hour+1, perHour)
		}
	}
}
