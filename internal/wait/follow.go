package wait

import (
	"context"
	"maps"
	"time"
)

// progressEvery is the time between two reports while nothing changes.
const progressEvery = 30 * time.Second

// logGrace is the longest time that a stalled log delays the end of a wait.
const logGrace = time.Second

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
