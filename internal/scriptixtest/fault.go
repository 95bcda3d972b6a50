package scriptixtest

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"sync"
	"time"
)

// Fault is something that goes wrong on the way to the API or back.
//
// A fault that answers by itself (Status, Body, Reset, Hang) stands in front of the API as a proxy does: the
// request it hits is recorded but never reaches the API, so that it costs nothing of the plan, needs no token
// and has no rate-limit headers other than the fault's own. Latency and Truncate alone leave the answer to
// the API.
//
// Of several faults the one injected first goes first; the next sees only requests that the ones before it
// let pass. So faults with Times follow one another.
type Fault struct {
	Match   func(*http.Request) bool // nil: every request
	After   int                      // let this many matching requests pass first
	Times   int                      // then hit this many; 0: all that follow
	Latency time.Duration            // wait first; ends early when the client goes away or the server closes

	Status int         // answer with this instead; 0 with a Body means 200
	Header http.Header // goes with Status or Body, and replaces even Date; Content-Type defaults to what Body looks like
	Body   string

	// Reset closes the connection abruptly, over TCP with an RST, and answers nothing. Mind that net/http's
	// own Transport repeats a GET by itself when this happens to a connection it had used before.
	Reset bool
	// Truncate sends the headers of the answer, full Content-Length included, but half of its body only, and
	// closes the connection. It goes with Status or Body too.
	Truncate bool
	// Hang answers nothing until the client goes away or the server closes.
	Hang bool
}

// standsInFront tells whether the fault keeps requests from the API.
func (f Fault) standsInFront() bool {
	return f.Status != 0 || f.Body != "" || f.Reset || f.Hang
}

// answer is what the fault has to say for itself: nil when it answers nothing.
func (f Fault) answer(ctx context.Context) *answer {
	if f.Hang {
		<-ctx.Done()
		return nil
	}
	if f.Reset {
		return nil
	}
	header := f.Header.Clone()
	if header == nil {
		header = http.Header{}
	}
	if header.Get("Content-Type") == "" && json.Valid([]byte(f.Body)) {
		header.Set("Content-Type", "application/json")
	}
	status := f.Status
	if status == 0 {
		status = http.StatusOK
	}
	return &answer{status: status, header: header, body: f.Body}
}

// faultList holds the faults injected, in order.
type faultList struct {
	mutex  sync.Mutex
	faults []*injectedFault
}

type injectedFault struct {
	Fault
	seen int // matching requests so far
}

func (l *faultList) inject(faults []Fault) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	for _, fault := range faults {
		l.faults = append(l.faults, &injectedFault{Fault: fault})
	}
}

func (l *faultList) clear() {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.faults = nil
}

// strike returns the fault that hits a request, and the zero Fault, which does nothing, when none does.
func (l *faultList) strike(r *http.Request) Fault {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	hit := slices.IndexFunc(l.faults, func(fault *injectedFault) bool { return fault.hits(r) })
	if hit < 0 {
		return Fault{}
	}
	return l.faults[hit].Fault
}

func (f *injectedFault) hits(r *http.Request) bool {
	if f.Match != nil && !f.Match(r) {
		return false
	}
	f.seen++
	hit := f.seen - f.After
	return hit > 0 && (f.Times == 0 || hit <= f.Times)
}

// wait lets time pass, and tells whether the exchange was still wanted at the end of it.
func wait(ctx context.Context, length time.Duration) bool {
	if length <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(length)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
