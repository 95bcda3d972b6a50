package wait_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/measured"
	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
	"github.com/scriptix/terraform-provider-scriptix/internal/wait"
)

var (
	allLengths = flag.Bool("all-lengths", false, "measure with sessions of up to an hour, and not of ten minutes only")

	costTable = flag.Bool("cost-table", false, "print what waiting and listing cost in requests")
	costsInto = flag.String("cost-table-into", "", "write it into this file as well, between its two marks")
)

// The fake answers after costLatency. Sessions that are measured in requests end just after a poll, so that they are seen
// as late as can be.
const (
	costLatency = 80 * time.Millisecond
	shortest    = 10*time.Minute - 9*time.Second

	uploadedBefore = time.Minute // the wait begins
)

// lengths are how long sessions last of which the lateness is measured.
var lengths = []time.Duration{
	shortest, 12 * time.Minute, 30 * time.Minute, 48 * time.Minute, 56 * time.Minute, time.Hour,
}

// finished are the lengths of sessions that have finished when the wait begins.
var finished = []time.Duration{0}

// costCase is one row of the table of costs.
type costCase struct {
	plan     string
	sessions string // as the table names them
	count    int
	requests int           // in ten minutes, at most; 0: not held
	perHour  int           // in any hour, at most; 0: not held
	late     time.Duration // at most

	spread  bool                                          // the sessions end one after the other
	options []scriptixtest.Option                         // of the fake
	prepare func(w *world)                                // before the awaited sessions are uploaded
	during  func(ctx context.Context, w *world)           // while they are awaited
	add     func(w *world, length time.Duration) []string // the sessions, if they are not uploaded together
	await   func(ctx context.Context, w *world, sessionIDs []string) error
	lengths []time.Duration // nil: all
}

var costPlans = map[string]scriptixtest.Plan{
	"none": scriptixtest.Unlimited, "Gold": scriptixtest.Gold, "Silver": scriptixtest.Silver,
	"Bronze": scriptixtest.Bronze, "Free": scriptixtest.Free,
}

const interval = 10*time.Second + 2*costLatency // the longest of the schedule, and the requests that show the end

var costCases = []costCase{
	{plan: "none", sessions: "1", count: 1, requests: 99, late: interval},
	{plan: "none", sessions: "10", count: 10, requests: 109, late: interval},
	{plan: "none", sessions: "10, finishing one after the other", count: 10, requests: 109, late: interval, spread: true},
	{plan: "none", sessions: "100", count: 100, requests: 109, late: interval},
	{plan: "none", sessions: "100, finishing one after the other", count: 100, requests: 109, late: interval, spread: true},
	{plan: "none", sessions: "500", count: 500, requests: 500, late: interval + time.Second},
	{plan: "none", sessions: "500, finishing one after the other", count: 500, requests: 360, late: interval + time.Second, spread: true},
	{
		plan: "none", sessions: "100, with abbreviated list items", count: 100, requests: 210, late: interval + 100*costLatency/2,
		options: []scriptixtest.Option{scriptixtest.WithAbbreviatedItems()},
	},
	{plan: "none", sessions: "30, each with a gate of its own, one after the other", count: 30, requests: 140, late: interval, await: awaitEach},
	{plan: "none", sessions: "100, each with a gate of its own, all at once", count: 100, requests: 130, late: interval, await: awaitAtOnce},
	{plan: "none", sessions: "100 that have finished, each with a gate of its own, ten by ten", count: 100, requests: 10, late: time.Second, await: awaitInSlots, lengths: finished},
	{
		plan: "none", sessions: "100, with lists 45 seconds late", count: 100, requests: 130, late: 45*time.Second + interval,
		options: []scriptixtest.Option{scriptixtest.WithListLag(45 * time.Second)},
	},
	{plan: "none", sessions: "100, with an upload and a deletion every second", count: 100, requests: 160, late: interval, during: uploadAndDelete},
	{
		plan: "none", sessions: "the newest 5 of 3,005, listed without `status`", count: 5, requests: 140, late: interval,
		prepare: addFinished(3000), await: awaitListed,
	},
	{
		plan: "none", sessions: "the oldest 5 of 3,005, listed without `status`", count: 5, requests: 145, late: interval,
		add: addOldest(3000), await: awaitListed,
	},
	{
		plan: "none", sessions: "5 scattered over 3,005, listed without `status`", count: 5, requests: 150, late: interval,
		add: addScattered(5, 600), await: awaitListed,
	},
	{plan: "none", sessions: "30 scattered over 3,630, after the first read", count: 30, requests: 150, late: interval + 30*costLatency/2, add: addScattered(30, 120), await: awaitKnown},
	{plan: "none", sessions: "20, each twentieth of 400, after the first read", count: 20, requests: 150, late: interval + 20*costLatency/2, add: addScattered(20, 19), await: awaitKnown},
	{
		plan: "none", sessions: "100, newer than 3,000 others, in lists that begin with the oldest, after the first read", count: 100, requests: 125, late: interval + 100*costLatency/2,
		options: []scriptixtest.Option{scriptixtest.WithOldestFirst()}, prepare: addFinished(3000), await: awaitKnown,
	},
	{plan: "none", sessions: "100, older than 20,000 others, after the first read", count: 100, requests: 120, late: interval + 100*costLatency/2, add: addOldest(20_000), await: awaitKnown, lengths: lengths[:2]},
	{
		plan: "none", sessions: "100, with frozen lists", count: 100, requests: 230, late: 4*time.Minute + interval + 100*costLatency/2,
		options: []scriptixtest.Option{scriptixtest.WithFrozenLists(uploadedBefore)},
	},
	{plan: "Gold", sessions: "1", count: 1, requests: 99, late: interval},
	{plan: "Gold", sessions: "10", count: 10, requests: 109, late: interval},
	{plan: "Gold", sessions: "100", count: 100, requests: 109, late: interval},
	{plan: "Gold", sessions: "500", count: 500, requests: 500, late: interval + time.Second},
	{plan: "Silver", sessions: "1", count: 1, requests: 99, late: interval},
	{plan: "Silver", sessions: "10", count: 10, requests: 109, late: interval},
	{plan: "Silver", sessions: "100", count: 100, requests: 109, late: interval},
	{plan: "Silver", sessions: "500", count: 500, requests: 500, late: interval + time.Second},
	{plan: "Bronze", sessions: "1", count: 1, perHour: 500, late: 10 * time.Second},
	{plan: "Bronze", sessions: "10", count: 10, perHour: 500, late: 10 * time.Second},
	{plan: "Bronze", sessions: "100", count: 100, perHour: 500, late: 10 * time.Second},
	{plan: "Bronze", sessions: "500", count: 500, perHour: 500, late: 45 * time.Second},
	{plan: "Bronze", sessions: "60 that have finished, each with a gate of its own, ten by ten", count: 60, requests: 10, perHour: 500, late: 10 * time.Second, await: awaitInSlots, lengths: finished},
	{plan: "Free", sessions: "1", count: 1, perHour: 100, late: time.Minute},
	{plan: "Free", sessions: "10", count: 10, perHour: 100, late: time.Minute},
	{plan: "Free", sessions: "100", count: 100, perHour: 100, late: time.Minute},
	{plan: "Free", sessions: "500", count: 500, perHour: 100, late: 4 * time.Minute},
	{plan: "Free", sessions: "100 that have finished, each with a gate of its own, ten by ten", count: 100, requests: 10, perHour: 100, late: 90 * time.Second, await: awaitInSlots, lengths: finished},
}

// cost is what it took to wait.
type cost struct {
	requests int           // in ten minutes
	perHour  int           // in the hour that had most
	refused  int           // answers with status 429
	late     time.Duration // between the end of a session and its return, at most
}

// TestCost measures what waiting costs, holds it against the figures that the guide promises, and prints it with
// -cost-table.
func TestCost(t *testing.T) {
	t.Parallel()
	measured := make([]cost, len(costCases))
	t.Run("cases", func(t *testing.T) {
		t.Parallel()
		for i, test := range costCases {
			t.Run(test.plan+"/"+test.sessions, func(t *testing.T) {
				t.Parallel()
				measured[i] = test.measure(t)
				test.check(t, measured[i])
			})
		}
	})
	if *costTable {
		t.Cleanup(func() { writeCosts(t, measured) })
	}
}

// measure waits for sessions of all lengths, each in a world of its own.
func (c *costCase) measure(t *testing.T) cost {
	t.Helper()
	all := c.lengths
	if all == nil {
		all = lengths
	}
	if !*allLengths && !*costTable {
		all = all[:1]
	}
	var worst cost
	for _, length := range all {
		var one cost
		synctest.Test(t, func(t *testing.T) { one = c.wait(t, length) })
		if length == all[0] {
			worst.requests = one.requests
		}
		worst.perHour = max(worst.perHour, one.perHour)
		worst.refused = max(worst.refused, one.refused)
		worst.late = max(worst.late, one.late)
	}
	return worst
}

func (c *costCase) wait(t *testing.T, length time.Duration) cost {
	t.Helper()
	w := newWorld(t, append(c.options, scriptixtest.WithPlan(costPlans[c.plan]))...)
	w.Inject(scriptixtest.Fault{Latency: costLatency})
	if c.prepare != nil {
		c.prepare(w)
	}
	add := c.add
	if add == nil {
		add = func(w *world, length time.Duration) []string { return w.addEnding(c.count, length, c.spread) }
	}
	sessionIDs := add(w, length)
	time.Sleep(uploadedBefore)
	w.began = time.Now()
	ctx, cancel := context.WithTimeout(t.Context(), 24*time.Hour)
	defer cancel()
	var group sync.WaitGroup
	if c.during != nil {
		group.Go(func() { c.during(ctx, w) })
	}
	await := c.await
	if await == nil {
		await = awaitTogether
	}
	if err := await(ctx, w, sessionIDs); err != nil {
		t.Errorf("%s: %v", length, err)
	}
	late := time.Since(w.began) - length
	cancel()
	group.Wait()
	return cost{
		requests: len(w.Requests()),
		perHour:  w.mostInAnHour(),
		refused:  w.refusals(),
		late:     late,
	}
}

// check holds a measurement against what is promised.
func (c *costCase) check(t *testing.T, measured cost) {
	t.Helper()
	if measured.refused > 0 {
		t.Errorf("%d requests were refused", measured.refused)
	}
	if c.requests > 0 && measured.requests > c.requests {
		t.Errorf("%d requests, want at most %d", measured.requests, c.requests)
	}
	if c.perHour > 0 && measured.perHour > c.perHour {
		t.Errorf("%d requests in an hour, want at most %d", measured.perHour, c.perHour)
	}
	if measured.late > c.late {
		t.Errorf("noticed %s after the end, want at most %s", measured.late, c.late)
	}
	if measured.late < 0 {
		t.Errorf("reported %s early", -measured.late)
	}
	t.Logf("%+v", measured)
}

// addEnding uploads sessions together. They end together, or spread evenly until then.
func (w *world) addEnding(count int, length time.Duration, spread bool) []string {
	sessionIDs := make([]string, count)
	for i := range sessionIDs {
		sessionIDs[i] = fmt.Sprintf("session-%03d", i)
		ends := uploadedBefore + length
		if spread {
			ends = uploadedBefore + length*time.Duration(i+1)/time.Duration(count)
		}
		w.Add(scriptixtest.Session{SessionID: sessionIDs[i], Queued: min(ends, 2*time.Minute), Processing: max(0, ends-2*time.Minute)})
	}
	return sessionIDs
}

func addFinished(count int) func(w *world) {
	return func(w *world) {
		for i := range count {
			w.Add(scriptixtest.Session{SessionID: fmt.Sprintf("finished-%05d", i)})
		}
	}
}

// addOldest adds the sessions before many that have finished.
func addOldest(newer int) func(w *world, length time.Duration) []string {
	return func(w *world, length time.Duration) []string {
		count := 5
		if newer > 10_000 {
			count = 100
		}
		sessionIDs := w.addEnding(count, length, false)
		addFinished(newer)(w)
		return sessionIDs
	}
}

// addScattered adds sessions that run, each with many that have finished after it.
func addScattered(count, apart int) func(w *world, length time.Duration) []string {
	return func(w *world, length time.Duration) []string {
		var sessionIDs []string
		for i := range count {
			sessionID := fmt.Sprintf("scattered-%02d", i)
			w.Add(scriptixtest.Session{SessionID: sessionID, Processing: uploadedBefore + length})
			sessionIDs = append(sessionIDs, sessionID)
			for j := range apart {
				w.Add(scriptixtest.Session{SessionID: fmt.Sprintf("finished-%02d-%04d", i, j)})
			}
		}
		return sessionIDs
	}
}

// uploadAndDelete uploads a session each second, and deletes one of those it uploaded before.
func uploadAndDelete(ctx context.Context, w *world) {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for i := 0; ; i++ {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		w.Add(scriptixtest.Session{SessionID: fmt.Sprint("upload-", i), Processing: 5 * time.Minute})
		w.Remove(fmt.Sprint("upload-", i-150))
	}
}

// awaitTogether does what the data source scriptix_sessions does with session_ids.
func awaitTogether(ctx context.Context, w *world, sessionIDs []string) error {
	_, err := w.readAndWait(ctx, wait.Options{}, sessionIDs...)
	return err
}

// awaitKnown waits for sessions that were read when they were in the queue.
func awaitKnown(ctx context.Context, w *world, sessionIDs []string) error {
	sessions := processing(sessionIDs)
	for i := range sessions {
		sessions[i].Status = scriptix.StatusQueued
	}
	_, err := w.waiter.Wait(ctx, sessions, wait.Options{})
	return err
}

// awaitListed does what it does without.
func awaitListed(ctx context.Context, w *world, _ []string) error {
	_, err := w.listThenWait(ctx)
	return err
}

// awaitInSlots does what many completions do with Terraform's default parallelism.
func awaitInSlots(ctx context.Context, w *world, sessionIDs []string) error {
	return w.readEach(ctx, sessionIDs, 10, w.awaitOne(ctx))
}

// awaitAtOnce does what many completions do with a parallelism that lets all of them begin at once.
func awaitAtOnce(ctx context.Context, w *world, sessionIDs []string) error {
	return w.readEach(ctx, sessionIDs, len(sessionIDs), w.awaitOne(ctx))
}

// awaitOne waits for one session that has been read.
func (w *world) awaitOne(ctx context.Context) func(*scriptix.Session) error {
	return func(session *scriptix.Session) error {
		_, err := w.waiter.Wait(ctx, []scriptix.Session{*session}, wait.Options{})
		return err
	}
}

// awaitEach does what many completions do that begin one after the other.
func awaitEach(ctx context.Context, w *world, sessionIDs []string) error {
	errs := make(chan error, len(sessionIDs))
	for i, sessionID := range sessionIDs {
		go func() {
			time.Sleep(time.Duration(i) * costLatency / 2)
			errs <- w.readEach(ctx, []string{sessionID}, 1, w.awaitOne(ctx))
		}()
	}
	var first error
	for range sessionIDs {
		if err := <-errs; err != nil && first == nil {
			first = err
		}
	}
	return first
}

// mostInAnHour returns how many requests came in the hour that had most.
func (w *world) mostInAnHour() int {
	requests := w.Requests()
	most, from := 0, 0
	for i := range requests {
		for requests[i].Time.Sub(requests[from].Time) >= time.Hour {
			from++
		}
		most = max(most, i-from+1)
	}
	return most
}

func writeCosts(t *testing.T, costs []cost) {
	t.Helper()
	table := tableOf(costs)
	fmt.Fprint(os.Stdout, "\n"+table)
	if *costsInto == "" {
		return
	}
	if err := measured.WriteTable("costs", table, *costsInto); err != nil {
		t.Fatal(err)
	}
}

// tableOf returns a row for each case. The hour is that of the plan.
func tableOf(costs []cost) string {
	var table strings.Builder
	table.WriteString("| plan | sessions | requests | in an hour | delay |\n|---|---|---:|---:|---:|\n")
	for i, c := range costCases {
		perHour := ""
		if c.plan != "none" {
			perHour = strconv.Itoa(costs[i].perHour)
		}
		fmt.Fprintf(&table, "| %s | %s | %d | %s | %s |\n", c.plan, c.sessions, costs[i].requests, perHour, costs[i].late.Round(time.Second))
	}
	return table.String()
}

func TestListing10000SessionsTakes100Requests(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.addSessions(10_000, 0, 0)
		listing, err := w.client.ListSessions(t.Context(), scriptix.ListOptions{})
		if err != nil || len(listing.Sessions) != 10_000 {
			t.Fatalf("%d sessions, %v", len(listing.Sessions), err)
		}
		if requests := len(w.Requests()); requests != 100 {
			t.Errorf("%d requests", requests)
		}
	})
}
