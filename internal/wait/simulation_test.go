package wait_test

import (
	"context"
	"flag"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
	"github.com/scriptix/terraform-provider-scriptix/internal/wait"
)

var simulationSeeds = flag.Int("seeds", 20, "how many worlds TestSimulation runs, from seed 0 on")

// TestSimulation runs one random world for each seed. To run one again: -run 'TestSimulation/317$' -seeds 318.
func TestSimulation(t *testing.T) {
	t.Parallel()
	for seed := range uint64(*simulationSeeds) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { simulate(t, seed) })
		})
	}
}

// simulation is a scenario that runs.
type simulation struct {
	*scenario
	*world

	spans sync.Mutex // guards when waits joined and returned

	mu    sync.Mutex
	wrong []string
	reads []*simulatedRead
}

// span is a stretch of time, counted from the beginning of the simulation.
type span struct{ from, to time.Duration }

// simulate runs the world of a seed and judges what came of it.
func simulate(t *testing.T, seed uint64) {
	t.Helper()
	s := newSimulation(t, newScenario(seed))
	ctx, stop := context.WithCancel(t.Context())
	var events, waits sync.WaitGroup
	events.Go(func() { s.playEvents(ctx) })
	for _, w := range s.waits {
		waits.Go(func() { s.await(t, w) })
	}
	for _, r := range s.readers {
		waits.Go(func() { s.readEach(t.Context(), r) })
	}
	waits.Wait()
	stop()
	events.Wait()
	s.judge()
	s.expectSilence(t)
	s.report(t)
}

// now returns how long the simulation has run.
func (s *simulation) now() time.Duration { return time.Since(s.began) }

// blame notes something that is wrong.
func (s *simulation) blame(format string, arguments ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wrong = append(s.wrong, fmt.Sprintf(format, arguments...))
}

func (s *simulation) report(t *testing.T) {
	t.Helper()
	const most = 12
	if len(s.wrong) == 0 {
		return
	}
	shown := s.wrong[:min(most, len(s.wrong))]
	t.Errorf("seed %d: %d things are wrong:\n  %s\nin the world: %s", s.seed, len(s.wrong), strings.Join(shown, "\n  "), s.scenario)
}

// playEvents makes things happen to the API at their moments.
func (s *simulation) playEvents(ctx context.Context) {
	for _, event := range s.events {
		if !sleepUntil(ctx, s.began.Add(event.at)) {
			return
		}
		event.do(s.API)
	}
}

// sleepUntil reports false if the context ends before the moment.
func sleepUntil(ctx context.Context, moment time.Time) bool {
	timer := time.NewTimer(time.Until(moment))
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// await does what a wait is to do, and notes what it came to.
func (s *simulation) await(t *testing.T, w *simulatedWait) {
	t.Helper()
	ctx, leave := context.WithCancel(t.Context())
	defer leave()
	if !sleepUntil(ctx, s.began.Add(w.joins)) {
		return
	}
	if w.cancels > 0 {
		timer := time.AfterFunc(w.cancels-s.now(), leave)
		defer timer.Stop()
	}
	if w.deadline == 0 {
		// A wait that stays has a deadline, too, as every operation of Terraform has. No session may take so long.
		w.stays, w.deadline = true, w.joins+staying
	}
	ctx, stop := context.WithDeadline(ctx, s.began.Add(w.deadline))
	defer stop()
	known, ok := s.readFirst(ctx, w)
	if !ok {
		return
	}
	s.spans.Lock()
	w.lastPending, w.lastRank = make([]time.Duration, len(w.sessions)), make([]int, len(w.sessions))
	w.joined = s.now()
	s.spans.Unlock()
	w.options.Progress = func(progress wait.Progress) {
		s.noteProgress(w, s.now(), &progress)
		s.spans.Lock()
		due := s.due(w)
		s.spans.Unlock()
		if s.now() > due+patience {
			w.gaveUp = true
			leave()
		}
		if w.slow > 0 {
			sleepUntil(t.Context(), time.Now().Add(w.slow))
		}
	}
	w.got, w.err = s.waiter.Wait(ctx, known, w.options)
	s.spans.Lock()
	w.returned = s.now()
	s.spans.Unlock()
}

const (
	staying  = 48 * time.Hour
	patience = 30 * time.Minute // with a wait that is late, before the judge ends it
)

// leaves returns when the context of a wait ends.
func (w *simulatedWait) leaves() time.Duration {
	if w.cancels > 0 {
		return min(w.cancels, w.deadline)
	}
	return w.deadline
}

// readFirst returns the sessions of a wait as they are when it begins. The first read may meet trouble; people then run
// Terraform again. It reports false if the wait does not come about.
func (s *simulation) readFirst(ctx context.Context, w *simulatedWait) (known []scriptix.Session, ok bool) {
	if !w.reads {
		for _, session := range w.sessions {
			known = append(known, s.truth(session, s.now()))
		}
		return known, true
	}
	for {
		read := &simulatedRead{reader: &reader{}, sessions: w.sessions, leaves: w.leaves()}
		s.read(ctx, read)
		if read.err == nil {
			return read.got, true
		}
		class := scriptix.Classify(read.err)
		if ctx.Err() != nil || class == scriptix.ClassNotFound || class == scriptix.ClassTokenRefused || class == scriptix.ClassNotSent {
			return nil, false
		}
		if !sleepUntil(ctx, time.Now().Add(5*time.Second)) {
			return nil, false
		}
	}
}

// noteProgress notes which sessions are reported as running. A session that is not has to be over, and none moves backwards.
func (s *simulation) noteProgress(w *simulatedWait, now time.Duration, progress *wait.Progress) {
	statuses := make(map[string]scriptix.Status, len(progress.Pending))
	for i := range progress.Pending {
		statuses[progress.Pending[i].SessionID] = progress.Pending[i].Status
	}
	if len(statuses)+progress.Finished != len(w.sessions) {
		s.blame("%s: %d are running and %d have finished", w, len(statuses), progress.Finished)
	}
	for i, session := range w.sessions {
		status, isPending := statuses[session.SessionID]
		rank := rankOf(status)
		if rank < w.lastRank[i] {
			s.blame("%s: %s moved backwards to %q at %s", w, session.SessionID, status, now)
		}
		w.lastRank[i] = rank
		if isPending {
			w.lastPending[i] = now
		} else if now < session.over() {
			s.blame("%s: %s was reported as finished %s early", w, session.SessionID, session.over()-now)
		}
	}
}

// rankOf orders statuses as sessions pass through them. No status is that of a session that is not reported as running.
func rankOf(status scriptix.Status) int {
	switch status {
	case "":
		return 4
	case scriptix.StatusCompleted, scriptix.StatusFailed:
		return 3
	case scriptix.StatusProcessing:
		return 2
	case scriptix.StatusQueued:
		return 1
	}
	return 0
}
