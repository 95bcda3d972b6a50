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
	"github.com/scriptix/terraform-provider-scriptix/internal/wait"
)

// reader reads sessions while waits run, one by one as Terraform does, or several in each call. It waits for none.
type reader struct {
	sessions    []*simulatedSession
	begins      time.Duration
	together    int // sessions of one read
	parallelism int
	pause       time.Duration // after each read
	patience    time.Duration // with each read; 0: endless
	mayBeNew    bool
}

// simulatedRead is one read, and what it came to.
type simulatedRead struct {
	*reader
	span // to is never while it is under way

	sessions []*simulatedSession
	options  wait.ReadOptions
	leaves   time.Duration // when its context ends
	got      []scriptix.Session
	err      error
}

func (r *simulatedRead) String() string {
	text := fmt.Sprintf("read of %d sessions from %s on at %s, returned %s", len(r.sessions), r.sessions[0].SessionID, r.from, r.to)
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
			together:    pick(d, 1, 1, d.between(2, 2*most)),
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
	for sessions := range slices.Chunk(r.sessions, r.together) {
		turns <- struct{}{}
		reads.Go(func() {
			defer func() { <-turns }()
			options := wait.ReadOptions{EveryField: len(sessions) == 1, MayBeNew: r.mayBeNew}
			s.read(ctx, &simulatedRead{reader: r, sessions: sessions, options: options, leaves: never})
			sleepUntil(ctx, time.Now().Add(r.pause))
		})
	}
	reads.Wait()
}

func (s *simulation) read(ctx context.Context, r *simulatedRead) {
	if r.patience > 0 {
		var leave context.CancelFunc
		ctx, leave = context.WithTimeout(ctx, r.patience)
		defer leave()
		r.leaves = s.now() + r.patience
	}
	s.mu.Lock()
	r.span = span{s.now(), never}
	s.reads = append(s.reads, r)
	s.mu.Unlock()
	got, err := s.waiter.Read(ctx, idsOf(r.sessions), r.options)
	s.mu.Lock()
	defer s.mu.Unlock()
	r.to, r.got, r.err = s.now(), got, err
}

func idsOf(sessions []*simulatedSession) []string {
	sessionIDs := make([]string, len(sessions))
	for i, session := range sessions {
		sessionIDs[i] = session.SessionID
	}
	return sessionIDs
}

// countReads returns how many sessions were read between two moments.
func (s *simulation) countReads(from, to time.Duration) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	count := 0
	for _, r := range s.reads {
		if r.from <= to && r.to >= from {
			count += len(r.sessions)
		}
	}
	return count
}

// afterReads returns the bound after reads, whose requests come before those of polls.
func (s *simulation) afterReads(known, latest time.Duration) time.Duration {
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
	for _, r := range s.reads {
		wrong := func(format string, arguments ...any) { s.blame("%s: %s", r, fmt.Sprintf(format, arguments...)) }
		if r.to > r.leaves {
			wrong("returned too late")
		}
		if r.err != nil {
			s.judgeReadError(r, wrong)
		}
		for i := range r.got {
			s.judgeSessionOfRead(r, &r.got[i], r.sessions[i], requests, wrong)
		}
		s.judgeReadTime(r, wrong)
	}
}

func (s *simulation) judgeSessionOfRead(
	r *simulatedRead, got *scriptix.Session, session *simulatedSession, requests []received, wrong func(string, ...any),
) {
	switch {
	case got.Outcome() == scriptix.Running:
		s.judgeRunning(r, got, session, requests, wrong)
	case r.to < session.ends:
		wrong("returned %q %s before the end", got.Status, session.ends-r.to)
	default:
		s.judgeSession(got, session, wrong)
	}
}

// judgeRunning finds out whether a request that was sent before a read began has answered it, though the session was not
// finished.
func (s *simulation) judgeRunning(
	r *simulatedRead, got *scriptix.Session, session *simulatedSession, requests []received, wrong func(string, ...any),
) {
	if got.SessionID != session.SessionID || r.options.EveryField && !got.HasDetails() {
		wrong("got %+v", got)
	}
	hasAsked := slices.ContainsFunc(requests, func(request received) bool {
		return request.at >= r.from && request.at <= r.to && request.Answered == http.StatusOK &&
			(request.SessionID == "" || request.SessionID == session.SessionID)
	})
	if !hasAsked {
		wrong("no request was sent after it began")
	}
	if s.thaw > 0 || session.Stuck > 0 {
		return // lists show the past
	}
	if least := s.truth(session, max(r.from-s.lag, session.created)); rankOf(got.Status) < rankOf(least.Status) {
		wrong("got %q, though it was %q when it began", got.Status, least.Status)
	}
}

// judgeReadError finds out whether anything explains the error of a read.
func (s *simulation) judgeReadError(r *simulatedRead, wrong func(string, ...any)) {
	ended, isRequest := errors.AsType[*scriptix.RequestError](r.err)
	switch {
	case isRequest && ended.Ended && r.to == r.leaves:
	case scriptix.IsNotFound(r.err) && slices.ContainsFunc(r.sessions, func(session *simulatedSession) bool {
		return session.created+s.latency > r.from || session.removed > 0 && r.to >= session.removed
	}):
	case s.isLimited(), s.isTroubledWithin(r.span):
	default:
		wrong("%v (%s)", r.err, r.leaves)
	}
}

func (s *simulation) isTroubledWithin(during span) bool {
	return slices.ContainsFunc(s.troubles, func(t trouble) bool { return t.from <= during.to && t.to+t.carry >= during.from })
}

// judgeReadTime finds out whether a read had to wait longer than for the requests ahead of it.
func (s *simulation) judgeReadTime(r *simulatedRead, wrong func(string, ...any)) {
	const appearing = 20 * time.Second // of a session that the API does not find yet, or no longer
	if s.isLimited() || s.isTroubledWithin(r.span) {
		return
	}
	most := s.queue(r.from) + time.Duration(s.countReads(r.from, r.to))*s.latency*2/time.Duration(s.connections)
	mayBeMissing := func(session *simulatedSession) bool {
		return session.created > r.from || session.removed > 0 && r.to >= session.removed
	}
	if r.options.MayBeNew && slices.ContainsFunc(r.sessions, mayBeMissing) {
		most += appearing
	}
	if took := r.to - r.from; took > most {
		wrong("took %s, at most %s is allowed", took, most)
	}
}
