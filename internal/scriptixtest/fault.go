package scriptixtest

import (
	"context"
	"encoding/json"
	"net/http"
	"sync"
	"time"
)

// Fault is something that goes wrong on the way to the API or back.
//
// A fault that answers itself (Status, Body, Reset, Hang) is like a proxy in front of the API. The request is recorded but
// never reaches the API: it costs nothing of the plan, needs no token, and gets only the fault's headers. With Latency or
// Truncate alone, the API answers.
//
// Faults apply in the order in which they were injected. A fault sees only requests that the faults before it let pass, so
// faults with Times follow one another.
type Fault struct {
	Match   func(*http.Request) bool // nil: every request
	After   int                      // let this many matching requests pass first
	Times   int                      // then hit this many; 0: all that follow
	Latency time.Duration            // wait first; ends early if the client leaves or the server closes

	Status int         // answer with this instead; 0 with a Body means 200
	Header http.Header // goes with Status or Body, and replaces even Date; Content-Type depends on Body by default
	Body   string

	// Reset closes the connection without an answer, over TCP with an RST. The Transport of net/http then repeats a GET
	// by itself if it has used the connection before.
	Reset bool
	// Truncate sends the headers of the answer, including the full Content-Length, and only half of its body. Then it
	// closes the connection. It also goes with Status or Body.
	Truncate bool
	// Hang sends no answer until the client leaves or the server closes.
	Hang bool
}

// answersItself reports whether the fault keeps requests from the API.
func (f Fault) answersItself() bool {
	return f.Status != 0 || f.Body != "" || f.Reset || f.Hang
}

// answer returns the fault's own answer; nil if it sends none.
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
	matched int // requests so far
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

// next counts a request and returns the fault that hits it. It returns the zero Fault, which does nothing, if none does.
func (l *faultList) next(r *http.Request) Fault {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	for _, fault := range l.faults {
		if fault.Match != nil && !fault.Match(r) {
			continue
		}
		fault.matched++
		if fault.isActive() {
			return fault.Fault
		}
	}
	return Fault{}
}

// isActive reports whether the fault hits the latest request that it matched.
func (f *injectedFault) isActive() bool {
	hit := f.matched - f.After
	return hit > 0 && (f.Times == 0 || hit <= f.Times)
}

// wait returns after some time. It returns false at once if ctx ends.
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
