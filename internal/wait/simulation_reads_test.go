package wait_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
)

// reader reads sessions one by one while waits run, as Terraform does, and waits for none.
type reader struct {
	sessions    []*simulatedSession
	begins      time.Duration
	parallelism int
	pause       time.Duration // after each read
	patience    time.Duration // with each read; 0: endless
	mayBeNew    bool
}

// simulatedRead is one read, and what it came to.
type simulatedRead struct {
	*reader
	span // to is never while it is under way

	session *simulatedSession
	got     *scriptix.Session
	err     error
}

func (r *simulatedRead) String() string {
	text := fmt.Sprintf("read of %s at %s, returned %s", r.session.SessionID, r.from, r.to)
	if r.patience > 0 {
		text += fmt.Sprintf(", leaves after %s", r.patience)
	}
	return text
}

// addReaders adds readers, some of whose reads hang, and lists that begin with the oldest session.
func (s *scenario) addReaders(d dice) {
	if d.oneIn(4) {
		s.oldestFirst = true
		s.options = append(s.options, scriptixtest.WithOldestFirst())
	}
	if !d.oneIn(2) {
		return
	}
	most := 60
	if s.isLimited() {
		most = 5
	}
	for range d.between(1, 5) {
		among := s.sessions
		begins := d.within(time.Second, s.horizon/2)
		if d.oneIn(4) {
			w := pick(d, s.waits...)
			among, begins = w.sessions, w.joins+d.within(time.Second, s.horizon)
			s.troubles = append(s.troubles, trouble{
				fmt.Sprintf("sessions of wait %d:hang", w.number), begins, begins + d.within(0, 20*time.Second), hitsSessions, attemptTimeout,
			})
		}
		from := d.IntN(len(among))
		s.readers = append(s.readers, &reader{
			sessions:    among[from:min(len(among), from+d.between(1, most))],
			begins:      begins,
			parallelism: pick(d, 1, 3, 10, 10),
			pause:       pick(d, 0, 0, d.within(0, 3*time.Second)),
			patience:    pick(d, 0, 0, d.within(time.Millisecond, 5*time.Second)),
			mayBeNew:    d.oneIn(2),
		})
	}
}

// readEach does what a reader is to do.
func (s *simulation) readEach(ctx context.Context, r *reader) {
	if !sleepUntil(ctx, s.began.Add(r.begins)) {
		return
	}
	turns := make(chan struct{}, r.parallelism)
	var reads sync.WaitGroup
	for _, session := range r.sessions {
		turns <- struct{}{}
		reads.Go(func() {
			defer func() { <-turns }()
			s.readOne(ctx, &simulatedRead{reader: r, session: session})
			sleepUntil(ctx, time.Now().Add(r.pause))
		})
	}
	reads.Wait()
}

func (s *simulation) readOne(ctx context.Context, r *simulatedRead) {
	if r.patience > 0 {
		var leave context.CancelFunc
		ctx, leave = context.WithTimeout(ctx, r.patience)
		defer leave()
	}
	s.mu.Lock()
	r.span = span{s.now(), never}
	s.singleReads = append(s.singleReads, r)
	s.mu.Unlock()
	got, err := s.waiter.Read(ctx, r.session.SessionID, r.mayBeNew)
	s.mu.Lock()
	defer s.mu.Unlock()
	r.to, r.got, r.err = s.now(), got, err
}

// countReads returns how many reads were under way between two moments.
func (s *simulation) countReads(from, to time.Duration) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	count := 0
	for _, r := range s.singleReads {
		if r.from <= to && r.to >= from {
			count++
		}
	}
	return count
}

// afterSingleReads returns the bound after reads, whose requests come before those of polls.
func (s *simulation) afterSingleReads(known, latest time.Duration) time.Duration {
	for without := latest; ; {
		next := without + time.Duration(s.countReads(known, latest))*s.latency*2/time.Duration(s.connections)
		if next <= latest {
			return latest
		}
		latest = next
	}
}

// judgeReads holds every read against the truth.
func (s *simulation) judgeReads() {
	requests := s.received()
	for _, r := range s.singleReads {
		wrong := func(format string, arguments ...any) { s.blame("%s: %s", r, fmt.Sprintf(format, arguments...)) }
		if r.patience > 0 && r.to > r.from+r.patience {
			wrong("returned too late")
		}
		switch {
		case r.err != nil:
			s.judgeReadError(r, wrong)
		case r.got.Outcome() == scriptix.Running:
			s.judgeRunning(r, requests, wrong)
		case r.to < r.session.ends:
			wrong("returned %q %s before the end", r.got.Status, r.session.ends-r.to)
		default:
			s.judgeSession(r.got, r.session, wrong)
		}
		s.judgeReadTime(r, wrong)
	}
}

// judgeRunning finds out whether a request that was sent before a read began has answered it, though the session was not
// finished.
func (s *simulation) judgeRunning(r *simulatedRead, requests []received, wrong func(string, ...any)) {
	if r.got.SessionID != r.session.SessionID || !r.got.HasDetails() {
		wrong("got %+v", r.got)
	}
	hasAsked := slices.ContainsFunc(requests, func(request received) bool {
		return request.at >= r.from && request.at <= r.to && request.Answered == http.StatusOK &&
			(request.SessionID == "" || request.SessionID == r.session.SessionID)
	})
	if !hasAsked {
		wrong("no request was sent after it began")
	}
	if s.thaw > 0 || r.session.Stuck > 0 {
		return // lists show the past
	}
	if least := s.truth(r.session, max(r.from-s.lag, r.session.created)); rankOf(r.got.Status) < rankOf(least.Status) {
		wrong("got %q, though it was %q when it began", r.got.Status, least.Status)
	}
}

// judgeReadError finds out whether anything explains the error of a read.
func (s *simulation) judgeReadError(r *simulatedRead, wrong func(string, ...any)) {
	ended, isRequest := errors.AsType[*scriptix.RequestError](r.err)
	switch {
	case r.patience > 0 && isRequest && ended.Ended && r.to == r.from+r.patience:
	case scriptix.IsNotFound(r.err) && (r.session.created+s.latency > r.from || r.session.removed > 0 && r.to >= r.session.removed):
	case s.isLimited(), s.isTroubledWithin(r.span):
	default:
		wrong("%v", r.err)
	}
}

func (s *simulation) isTroubledWithin(during span) bool {
	return slices.ContainsFunc(s.troubles, func(t trouble) bool { return t.from <= during.to && t.to+t.carry >= during.from })
}

// judgeReadTime finds out whether a read had to wait longer than for the requests ahead of it.
func (s *simulation) judgeReadTime(r *simulatedRead, wrong func(string, ...any)) {
	const appearing = 20 * time.Second // of a session that the API does not find yet, or no longer
	if s.isLimited() || s.isTroubledWithin(r.span) || s.isReading(r.from) || s.isReading(r.to) {
		return
	}
	most := s.queue(r.from) + time.Duration(s.countReads(r.from, r.to))*s.latency*2/time.Duration(s.connections)
	isDeleted := r.session.removed > 0 && r.to >= r.session.removed
	if r.mayBeNew && (r.session.created > r.from || isDeleted) {
		most += appearing
	}
	if took := r.to - r.from; took > most {
		wrong("took %s, at most %s is allowed", took, most)
	}
}
