package wait

import (
	"context"
	"fmt"
	"maps"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
)

// progressEvery is the time between two reports while nothing changes.
const progressEvery = 30 * time.Second

// logGrace is the longest time that a stalled log delays the end of a wait.
const logGrace = time.Second

// Progress describes a wait at one moment.
type Progress struct {
	Pending     []scriptix.Session // not finished, as last read, in the order of the call
	Finished    int                // number of finished sessions
	Age         time.Duration      // since an answer last showed the pending session that was shown longest ago
	Waited      time.Duration
	Polls       int
	LastFailure error // of the latest request that failed; nil if none did
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

// follow reports the progress of a wait until the wait or ctx ends. It runs in the caller's goroutine and holds no lock, so
// that a slow reader of logs or progress delays this caller only.
func (w *Waiter) follow(ctx context.Context, call *wait) {
	progress := w.progress(call)
	w.report(ctx, call, "Waiting for sessions to finish", progress)
	counts, reported := progress.counts(), time.Now()
	ticker := time.NewTicker(progressEvery)
	defer ticker.Stop()
	for {
		select {
		case <-call.done:
		case <-ctx.Done():
		case <-ticker.C:
		case <-call.changed:
		}
		progress := w.progress(call)
		now := progress.counts()
		if ctx.Err() != nil || call.isDone() { // select takes any channel that is ready
			return
		}
		if time.Since(reported) < progressEvery && maps.Equal(counts, now) {
			continue
		}
		w.report(ctx, call, "Sessions are not finished yet", progress)
		counts, reported = now, time.Now()
	}
}

// report logs the progress of a wait and passes it to the caller.
func (w *Waiter) report(ctx context.Context, call *wait, message string, progress Progress) {
	w.log(ctx, call, message, &progress)
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
	w.log(ctx, call, "Waiting ended", &progress)
}

// log writes one line. A stalled reader delays the end of the wait, or of ctx, by logGrace at most.
func (w *Waiter) log(ctx context.Context, call *wait, message string, progress *Progress) {
	written := make(chan struct{})
	attributes := progress.attributes()
	go func() {
		defer close(written)
		w.logger.InfoContext(ctx, message, attributes...)
	}()
	select {
	case <-written:
		return
	case <-call.done:
	case <-ctx.Done():
	}
	grace := time.NewTimer(logGrace)
	defer grace.Stop()
	select {
	case <-written:
	case <-grace.C:
	}
}
