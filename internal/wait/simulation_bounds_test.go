package wait_test

import (
	"math"
	"slices"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
	"github.com/scriptix/terraform-provider-scriptix/internal/wait"
)

// What the bounds know of the rules of waiting.
const (
	boundedGrace      = wait.MinimumInterval // of a wait that has failed
	verificationEvery = time.Minute
	lagAllowance      = 3 * time.Minute
	never             = time.Duration(math.MaxInt64)
)

// due returns when a wait has to have returned: when all its sessions are known to be over, or one that ends it is.
func (s *simulation) due(w *simulatedWait) time.Duration {
	all, failure := time.Duration(0), never
	for _, session := range w.sessions {
		latest := s.latest(w, session)
		all = max(all, latest)
		if session.isDeleted() || session.Error != "" && !w.options.AllowFailed {
			failure = min(failure, latest+boundedGrace)
		}
	}
	return min(all, failure, s.refused(w)) + w.slow
}

// refused returns when a wait has to know that the token is refused.
func (s *simulation) refused(w *simulatedWait) time.Duration {
	for _, t := range s.troubles {
		if known := max(t.from, w.joined); t.refusesToken() && known < t.to {
			return s.afterTroubles(w, known, known+w.longestInterval()+s.queue(known)+s.pacing())
		}
	}
	return never - w.slow
}

// latest returns when a wait has to know that a session is over: one interval and the requests ahead after it can be seen.
func (s *simulation) latest(w *simulatedWait, session *simulatedSession) time.Duration {
	known := max(session.over(), w.joined)
	latest := known + s.lag + w.interval(known) + s.queue(known) + s.pacing()
	if shown := s.shownAgain(session); shown > known {
		latest = s.latestHidden(w, known, shown)
	}
	return s.afterTroubles(w, known, s.afterReads(known, latest))
}

// interval returns how long before a moment a session was last answered at most, if nothing goes wrong.
func (w *simulatedWait) interval(now time.Duration) time.Duration {
	switch age := now - w.joined; {
	case w.options.PollInterval > 0:
		return w.options.PollInterval
	case age < time.Minute:
		return 3 * time.Second
	case age < 5*time.Minute:
		return 5 * time.Second
	}
	return 10 * time.Second
}

// longestInterval is the interval in the end.
func (w *simulatedWait) longestInterval() time.Duration { return w.interval(never/2 + w.joined) }

// shownAgain returns from when on lists show the truth about a session that they show as running after its end; 0: they do
// at any time.
func (s *simulation) shownAgain(session *simulatedSession) time.Duration {
	switch {
	case session.Unlisted:
		return 0
	case session.Stuck > 0 && session.created+session.Stuck < session.over():
		return never
	case s.abbreviates && session.FinalStatus != "":
		return never // an unknown word that no other field shows as final
	case s.thaw > 0 && session.created <= s.freezes-s.lag && session.over() > s.freezes-s.lag && session.over() < s.thaw:
		return s.thaw + s.lag
	}
	return 0
}

// latestHidden returns when a wait has to know that a session is over that lists show as running. Either lists show the
// truth again; or verification comes to it; or it comes to others, and finds out that lists lie.
func (s *simulation) latestHidden(w *simulatedWait, known, shown time.Duration) time.Duration {
	const longest = 100 * time.Hour
	rest := w.longestInterval() + s.queue(known) + s.pacing()
	running, hidden := s.countAwaited(known)
	latest := min(min(shown, longest)+rest, known+time.Duration(running+hidden+1)*s.verification(w)+rest)
	isWholeList := shown == s.thaw+s.lag && s.rows <= scriptix.PageSize && s.pageSize == scriptix.PageSize
	if isWholeList && !s.isLimited() {
		latest = min(latest, known+time.Duration(running+1)*s.verification(w)+lagAllowance+2*rest)
	}
	return latest
}

// verification returns how far apart the GETs are that verify lists.
func (s *simulation) verification(w *simulatedWait) time.Duration {
	const share = 10 // of the requests of a limited plan
	return max(verificationEvery, share*s.pace()) + w.longestInterval() + s.pacing() + s.queue(0)
}

// countAwaited returns how many awaited sessions are running at a moment, or may not have been noticed yet, and of how many
// others lists do not show the end.
func (s *simulation) countAwaited(now time.Duration) (running, hidden int) {
	const noticing = time.Minute
	for _, session := range s.sessions {
		isAwaited := slices.ContainsFunc(s.waits, func(w *simulatedWait) bool {
			return w.isUnderWay(now) && slices.Contains(w.sessions, session)
		})
		switch {
		case !isAwaited:
		case session.over() <= now && s.shownAgain(session) > now:
			hidden++
		case session.over() > now-noticing:
			running++
		}
	}
	return running, hidden
}

// isUnderWay reports whether the wait has joined at a moment and not returned.
func (w *simulatedWait) isUnderWay(now time.Duration) bool {
	return w.lastPending != nil && w.joined <= now && (w.returned == 0 || w.returned >= now)
}

// hasGoodLists reports whether lists show all that is to be known, so that hardly any GETs are needed, unless there is
// trouble.
func (s *simulation) hasGoodLists() bool {
	hasOdd := slices.ContainsFunc(s.sessions, func(session *simulatedSession) bool {
		return session.Unlisted || session.Initial > 0 || s.shownAgain(session) == never
	})
	return !hasOdd && !s.abbreviates && !s.ignoresOffset && !s.ignoresStatus && !s.wrongTotals && s.lag < lagAllowance &&
		s.pageSize == scriptix.PageSize
}

// isGood reports whether hardly any GETs are needed at any time.
func (s *simulation) isGood() bool { return s.hasGoodLists() && len(s.troubles) == 0 && s.thaw == 0 }

// requestsOfPoll returns how many requests it may take to ask for everything once.
func (s *simulation) requestsOfPoll(now time.Duration) int {
	const few = 10
	pages := s.rows/scriptix.PageSize + 1
	if !s.isGood() {
		return few + 3*pages + len(s.sessions)
	}
	return few + 3*pages + s.endingAround(now, time.Minute)
}

// endingAround returns how many sessions are over for so long, or will be so soon.
func (s *simulation) endingAround(now, distance time.Duration) int {
	count := 0
	for _, session := range s.sessions {
		if (session.over() - now).Abs() < distance {
			count++
		}
	}
	return count
}

// queue returns how long the requests ahead of one may take. Half of the connections may be taken by those of others.
func (s *simulation) queue(now time.Duration) time.Duration {
	return time.Duration(s.requestsOfPoll(now)) * s.latency * 2 / time.Duration(s.connections)
}

// pace returns the time for each request that the plan leaves.
func (s *simulation) pace() time.Duration {
	const usable = 0.9
	switch {
	case s.cap > 0:
		return time.Minute / time.Duration(s.cap)
	case s.plan.PerHour > 0:
		return time.Duration(float64(time.Hour) / usable / float64(s.plan.PerHour))
	}
	return 0
}

// pacing returns how long a plan may hold back the requests of a poll: each has its pace, also those of first reads, and
// a window that is used up has to end.
func (s *simulation) pacing() time.Duration {
	if !s.isLimited() {
		return 0
	}
	requests := 10
	if !s.isGood() {
		requests += 2 * len(s.sessions)
	}
	reads := 0
	for _, w := range s.waits {
		requests += 2 * (s.rows/scriptix.PageSize + 1)
		if w.reads {
			reads += len(w.sessions) + s.rows/scriptix.PageSize
		}
	}
	for _, r := range s.readers {
		reads += 2 * len(r.sessions)
	}
	blind := time.Minute
	if !s.headers || s.plan.PerHour > 0 && reads > s.plan.PerHour/3 {
		blind = time.Hour
	}
	return time.Duration(requests+reads)*s.pace() + blind
}

// afterTroubles returns the bound after the troubles that may have kept requests from being answered. Own GETs replace lists
// that fail: after two failures, each of which leaves the sessions to the next poll.
func (s *simulation) afterTroubles(w *simulatedWait, known, latest time.Duration) time.Duration {
	untroubled := latest - known
	for _, t := range s.troubles {
		if latest < t.from || known > t.to+t.carry || t.refusesToken() {
			continue
		}
		until := t.to + t.carry
		if t.reach == hitsLists {
			until = min(until, max(known, t.from)+2*t.carry+3*w.longestInterval())
		}
		latest = max(latest, until+w.longestInterval()+untroubled)
	}
	return latest
}

// polls returns how many polls of a session the schedules of its waits allow.
func (s *simulation) polls(session *simulatedSession) int {
	type stretch struct {
		span

		interval time.Duration
	}
	var stretches []stretch
	var moments []time.Duration
	polls := 1.0
	for _, w := range s.waits {
		if w.lastPending == nil || !slices.Contains(w.sessions, session) {
			continue
		}
		polls++
		end := min(w.returned, s.latest(w, session))
		for from := w.joined; from < end; {
			to := min(end, w.nextInterval(from))
			stretches = append(stretches, stretch{span{from, to}, w.interval(from)})
			moments = append(moments, from, to)
			from = to
		}
	}
	slices.Sort(moments)
	for i := 1; i < len(moments); i++ {
		shortest := never
		for _, one := range stretches {
			if one.from <= moments[i-1] && one.to >= moments[i] {
				shortest = min(shortest, one.interval)
			}
		}
		if shortest < never {
			polls += float64(moments[i]-moments[i-1]) / float64(s.merged(shortest, moments[i-1]))
		}
	}
	return int(polls) + 1
}

// merged returns how far apart the polls of a session with some interval may be, because a poll that others begin covers
// all that are nearly due.
func (s *simulation) merged(interval, now time.Duration) time.Duration {
	shortest := interval
	for _, w := range s.waits {
		if w.isUnderWay(now) {
			shortest = min(shortest, w.interval(now))
		}
	}
	return min(interval, (interval/2 + shortest - 1).Truncate(shortest))
}

// nextInterval returns when the schedule has another interval.
func (w *simulatedWait) nextInterval(now time.Duration) time.Duration {
	switch age := now - w.joined; {
	case w.options.PollInterval > 0:
	case age < time.Minute:
		return w.joined + time.Minute
	case age < 5*time.Minute:
		return w.joined + 5*time.Minute
	}
	return never
}

// thrift is how few requests polls take while lists can be used.
type thrift struct {
	span

	allowed  int // requests
	replaced int // requests that own GETs would take
}

// calm returns the stretch at the end of the simulation in which lists can be used, and what it may cost; nil if they
// cannot. What went wrong before has been forgiven by then: lists are never given up for good.
func (s *simulation) calm() *thrift {
	const forgiven, step = 17 * time.Minute, time.Second
	calm := thrift{span: span{time.Minute, s.lastReturn()}}
	for _, t := range s.troubles {
		calm.from = max(calm.from, t.to+t.carry+forgiven)
	}
	if s.thaw > 0 {
		calm.from = max(calm.from, s.thaw+s.lag+forgiven)
	}
	if !s.hasGoodLists() || s.isLimited() || calm.from >= calm.to {
		return nil
	}
	allowed, replaced := 0.0, 0.0
	for now := calm.from; now < calm.to; now += step {
		sessions, polls, interval := s.awaitedAt(now)
		if sessions == 0 {
			continue
		}
		perPoll := min(sessions, polls*(s.rows/scriptix.PageSize+1))
		allowed += float64(perPoll) * float64(step) / float64(interval)
		replaced += float64(sessions) * float64(step) / float64(interval)
	}
	ended := 0
	for _, session := range s.sessions {
		if session.over() > calm.from-time.Minute {
			ended++
		}
	}
	for _, w := range s.waits {
		if w.returned > calm.from {
			allowed += float64(min(10, len(w.sessions))) + 3
		}
	}
	calm.allowed = int(allowed) + ended + s.countReads(calm.from, calm.to) + int((calm.to-calm.from)/verificationEvery)
	calm.replaced = int(replaced)
	return &calm
}

// awaitedAt returns how many sessions are awaited and running at a moment, in how many polls they are asked for, and the
// shortest interval.
func (s *simulation) awaitedAt(now time.Duration) (sessions, polls int, interval time.Duration) {
	seen := make(map[*simulatedSession]bool)
	small := 0
	interval = never
	for _, w := range s.waits {
		if !w.isUnderWay(now) {
			continue
		}
		running := 0
		for _, session := range w.sessions {
			if session.over() > now-10*time.Second {
				seen[session] = true
				running++
			}
		}
		if running > scriptix.PageSize/2 {
			polls++
		} else {
			small += running
		}
		interval = min(interval, w.interval(now))
	}
	if small > 0 {
		polls += small/(scriptix.PageSize/2) + 1
	}
	return len(seen), polls, interval
}
