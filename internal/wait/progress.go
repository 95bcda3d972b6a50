package wait

import (
	"context"
	"fmt"
	"maps"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
)

// progressEvery is how often progress is reported while nothing changes.
const progressEvery = 30 * time.Second

// logGrace is how long the end of a wait is held up at most by a log that nobody reads.
const logGrace = time.Second

// Progress is how far a wait has come.
type Progress struct {
	Pending     []scriptix.Session // not finished, as last seen, in the order asked for
	Finished    int                // how many had finished
	Waited      time.Duration
	Polls       int
	LastFailure error // why the latest request that failed did; nil when none failed
}

func (p *Progress) String() string {
	return fmt.Sprintf("%d of %d sessions still running after %s and %d polls",
		len(p.Pending), len(p.Pending)+p.Finished, p.Waited, p.Polls)
}

// counts returns the number of pending sessions in each status.
func (p *Progress) counts() map[scriptix.Status]int {
	counts := make(map[scriptix.Status]int)
	for i := range p.Pending {
		counts[p.Pending[i].Status]++
	}
	return counts
}

// attributes describe the progress in a log.
func (p *Progress) attributes() []any {
	attributes := []any{
		"sessions", len(p.Pending) + p.Finished,
		"running", len(p.Pending),
		"poll", p.Polls,
		"elapsed", p.Waited.Round(time.Millisecond).String(),
	}
	if len(p.Pending)+p.Finished == 1 && len(p.Pending) == 1 {
		attributes = append(attributes, "session_id", p.Pending[0].SessionID, "status", string(p.Pending[0].Status))
	}
	if p.LastFailure != nil {
		attributes = append(attributes, "last_failure", p.LastFailure.Error())
	}
	return attributes
}

// follow reports the progress of a wait, and returns when the wait has its result or ctx has ended. It runs in the
// caller's goroutine, so that whoever reads logs or progress slowly holds up nobody but this caller, and no lock.
func (w *Waiter) follow(ctx context.Context, call *wait) {
	progress := w.progress(call)
	w.report(ctx, call, "Waiting for sessions to finish", progress)
	counts, reported := progress.counts(), time.Now()
	ticker := time.NewTicker(progressEvery)
	defer ticker.Stop()
	for {
		select {
		case <-call.done:
			return
		case <-ctx.Done():
			return
		case <-ticker.C:
		case <-call.changed:
		}
		if ctx.Err() != nil {
			return // of several channels that are ready, select takes any
		}
		progress := w.progress(call)
		now := progress.counts()
		if len(now) == 0 || time.Since(reported) < progressEvery && maps.Equal(counts, now) {
			continue
		}
		w.report(ctx, call, "Sessions are not finished yet", progress)
		counts, reported = now, time.Now()
	}
}

// report logs the progress of a wait, and hands it to the caller.
func (w *Waiter) report(ctx context.Context, call *wait, message string, progress Progress) {
	w.log(ctx, message, &progress)
	if call.options.Progress != nil {
		call.options.Progress(progress)
	}
}

func (w *Waiter) progress(call *wait) Progress {
	w.mu.Lock()
	defer w.mu.Unlock()
	return call.progress()
}

func (w *Waiter) logEnd(ctx context.Context, call *wait) {
	progress := w.progress(call)
	w.log(ctx, "Waiting ended", &progress)
}

// log writes one line. A reader that has stalled does not hold up the end of ctx.
func (w *Waiter) log(ctx context.Context, message string, progress *Progress) {
	written := make(chan struct{})
	attributes := progress.attributes()
	go func() {
		defer close(written)
		w.logger.InfoContext(ctx, message, attributes...)
	}()
	select {
	case <-written:
		return
	case <-ctx.Done():
	}
	grace := time.NewTimer(logGrace)
	defer grace.Stop()
	select {
	case <-written:
	case <-grace.C:
	}
}
