package wait_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/measured"
	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
)

var (
	costTable = flag.Bool("cost-table", false, "print what waiting and listing cost in requests")
	costsInto = flag.String("cost-table-into", "", "write it into these files as well, separated by commas, between the two marks of each")
)

// plans are those of the API's public page on rate limits, in the order of their size.
var plans = []struct {
	name string
	plan scriptixtest.Plan
}{
	{"none", scriptixtest.Unlimited},
	{"Gold", scriptixtest.Gold},
	{"Silver", scriptixtest.Silver},
	{"Bronze", scriptixtest.Bronze},
	{"Free", scriptixtest.Free},
}

// The sessions finish nearly ten minutes after the wait began, just after the recommended schedule has polled.
const (
	costedWait = 10 * time.Minute
	unseen     = 9 * time.Second
)

// cost is what it took to wait for them.
type cost struct {
	requests int
	refused  int           // answers with status 429
	delay    time.Duration // between the end of the sessions and the end of the wait
}

// TestCost measures requests and delay for every plan, holds them against the design, and prints them with
// -cost-table.
func TestCost(t *testing.T) {
	t.Parallel()
	counts := []int{1, 100} // the others take long with the race detector and promise nothing more
	if *costTable {
		counts = []int{1, 10, 100, 500}
	}
	var rows []string
	for _, plan := range plans {
		for _, sessions := range counts {
			var measured cost
			synctest.Test(t, func(t *testing.T) { measured = measureWait(t, plan.plan, sessions) })
			checkCost(t, plan.name, sessions, measured)
			rows = append(rows, fmt.Sprintf("| %s | %d | %d | %d | %s | %s | %s |", plan.name, sessions,
				measured.requests, measured.refused, measured.delay.Round(time.Second),
				naive(plan.plan, sessions, func(time.Duration) time.Duration { return 5 * time.Second }),
				naive(plan.plan, sessions, adaptive)))
		}
	}
	listing := measureListing(t, 10_000)
	if listing != 100 {
		t.Errorf("listing 10,000 sessions took %d requests, want 100", listing)
	}
	if *costTable {
		table := fmt.Sprintf("Requests for listing 10,000 sessions: %d.\n\nRequests for waiting ten minutes:\n\n%s\n", listing, strings.Join(append([]string{
			"| plan | sessions | requests | refused | noticed after | the API page's loop, every 5 s | its adaptive loop |",
			"|---|---:|---:|---:|---:|---:|---:|",
		}, rows...), "\n"))
		fmt.Fprintf(os.Stdout, "\n%s", table)
		if *costsInto == "" {
			return
		}
		if err := measured.WriteTable("costs", table, strings.Split(*costsInto, ",")...); err != nil {
			t.Fatal(err)
		}
	}
}

func measureWait(t *testing.T, plan scriptixtest.Plan, sessions int) cost {
	t.Helper()
	w := newWorld(t, scriptixtest.WithPlan(plan))
	w.addSessions(sessions, time.Minute, costedWait-time.Minute-unseen)
	ctx, cancel := context.WithTimeout(t.Context(), 24*time.Hour)
	defer cancel()
	if _, err := w.listThenWait(ctx); err != nil {
		t.Errorf("%d sessions: %v", sessions, err)
	}
	return cost{
		requests: len(w.Requests()),
		refused:  w.refusals(),
		delay:    time.Since(w.began) - (costedWait - unseen),
	}
}

// checkCost holds a measurement against the costs that the design promises.
func checkCost(t *testing.T, plan string, sessions int, measured cost) {
	t.Helper()
	if measured.refused > 1 {
		t.Errorf("%s plan, %d sessions: %d requests refused, want at most 1", plan, sessions, measured.refused)
	}
	if plan != "none" {
		return
	}
	if sessions == 100 && measured.requests > 500 {
		t.Errorf("100 sessions: %d requests, want at most 500", measured.requests)
	}
	if measured.delay > 10*time.Second {
		t.Errorf("%d sessions: noticed %s after the end, want at most one interval", sessions, measured.delay)
	}
}

func measureListing(t *testing.T, sessions int) int {
	t.Helper()
	w := newWorld(t)
	w.addSessions(sessions, 0, 0)
	listing, err := w.client.ListSessions(t.Context(), scriptix.ListOptions{})
	if err != nil || len(listing.Sessions) != sessions {
		t.Fatalf("%d sessions, %v", len(listing.Sessions), err)
	}
	return len(w.Requests())
}

// naive is what one loop a session would send in those ten minutes, and how much of it the plan would refuse:
// the API page's loops do not look at the status of an answer, so that a refusal does not slow them down.
func naive(plan scriptixtest.Plan, sessions int, interval func(time.Duration) time.Duration) string {
	loops := 0
	for elapsed := time.Duration(0); elapsed <= costedWait; elapsed += interval(elapsed) {
		loops++
	}
	sent := loops * sessions
	if plan == scriptixtest.Unlimited {
		return fmt.Sprint(sent)
	}
	allowed := min(plan.PerMinute*int(costedWait/time.Minute), plan.PerHour, plan.PerDay)
	return fmt.Sprintf("%d (%d refused)", sent, max(0, sent-allowed))
}

// adaptive is getPollingInterval of the API's page.
func adaptive(elapsed time.Duration) time.Duration {
	switch {
	case elapsed < time.Minute:
		return 3 * time.Second
	case elapsed < 5*time.Minute:
		return 5 * time.Second
	}
	return 10 * time.Second
}
