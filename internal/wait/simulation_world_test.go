package wait_test

import (
	"cmp"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
	"github.com/scriptix/terraform-provider-scriptix/internal/wait"
)

// scenario is what one seed decides before anything runs: the API and its defects, the sessions, what goes wrong when, and
// the waits. All moments are counted from its beginning.
type scenario struct {
	seed        uint64
	latency     time.Duration // of an answer
	connections int           // that the client uses

	planName string
	plan     scriptixtest.Plan
	cap      int // requests per minute, the user's own; 0: none
	headers  bool

	lag           time.Duration // of lists
	abbreviates   bool
	ignoresOffset bool
	ignoresStatus bool
	oldestFirst   bool
	pageSize      int
	wrongTotals   bool
	freezes, thaw time.Duration // lists stand still in between; both zero: never

	horizon  time.Duration // about when the last session ends
	sessions []*simulatedSession
	rows     int // that lists hold at most, those of strangers included
	churn    int // strangers that come or go while waits run
	troubles []trouble
	waits    []*simulatedWait
	readers  []*reader
	events   []event

	options []scriptixtest.Option
	others  []stranger
}

// stranger is a session that nobody awaits, or a malformed row.
type stranger struct {
	scriptixtest.Session
	created time.Duration
}

// simulatedSession is an awaited session and its fate.
type simulatedSession struct {
	scriptixtest.Session
	created time.Duration
	ends    time.Duration
	removed time.Duration // 0: never
}

// over is when the session changes for the last time: it ends, or is deleted.
func (s *simulatedSession) over() time.Duration {
	if s.removed > 0 {
		return min(s.removed, s.ends)
	}
	return s.ends
}

// isDeleted reports whether the session is deleted before it ends.
func (s *simulatedSession) isDeleted() bool { return s.removed > 0 && s.removed < s.ends }

// simulatedWait is one wait: what it is to do, and what it came to.
type simulatedWait struct {
	number   int
	sessions []*simulatedSession
	options  wait.Options
	joins    time.Duration
	deadline time.Duration // 0: it stays, until far beyond the end of all sessions
	cancels  time.Duration // 0: never
	slow     time.Duration // whoever reads its progress takes so long each time
	reads    bool          // its sessions first, as a data source does; otherwise it knows them

	joined      time.Duration // when Wait was called; 0: never, because the first read failed
	returned    time.Duration
	got         []scriptix.Session
	err         error
	lastPending []time.Duration // when each session was last reported as running; 0: never
	lastRank    []int           // how far each session had come by then
	stays       bool            // its deadline is far beyond the end of all sessions
	gaveUp      bool            // the judge ended it because it was hopelessly late
}

// String describes the wait in a few words.
func (w *simulatedWait) String() string {
	text := fmt.Sprintf("wait %d (%d sessions, joined %s, returned %s", w.number, len(w.sessions), w.joined, w.returned)
	if w.options.PollInterval > 0 {
		text += fmt.Sprintf(", polls every %s", w.options.PollInterval)
	}
	if w.slow > 0 {
		text += fmt.Sprintf(", progress is read within %s", w.slow)
	}
	if !w.stays {
		text += fmt.Sprintf(", deadline %s, cancelled %s", w.deadline, w.cancels)
	}
	return text + ")"
}

// trouble is a stretch of time in which requests fail.
type trouble struct {
	name     string
	from, to time.Duration
	reach    reach
	carry    time.Duration // a request sent at its end may last so long, or keep others back
}

// refusesToken reports whether the API says that the token has been revoked, which ends all waits.
func (t *trouble) refusesToken() bool { return t.name == "total:401" }

// reach says which requests a trouble hits.
type reach int

const (
	hitsMany     reach = iota // requests of all kinds
	hitsLists                 // pages of lists, while own GETs succeed
	hitsSessions              // the GETs of some sessions, which hang, and others stand behind them
)

// event is something that happens to the API at a moment.
type event struct {
	at   time.Duration
	name string
	do   func(*scriptixtest.API)
}

const (
	troubleRetryAfter = 20 * time.Second
	attemptTimeout    = scriptix.DefaultRequestTimeout
)

// dice are random decisions.
type dice struct{ *rand.Rand }

func (d dice) oneIn(n int) bool { return d.IntN(n) == 0 }

func (d dice) within(from, to time.Duration) time.Duration {
	if to <= from {
		return from
	}
	return from + time.Duration(d.Int64N(int64(to-from))).Truncate(time.Millisecond)
}

func (d dice) between(from, to int) int { return from + d.IntN(to-from+1) }

func pick[T any](d dice, choices ...T) T { return choices[d.IntN(len(choices))] }

func newScenario(seed uint64) *scenario {
	d := dice{rand.New(rand.NewPCG(seed, 2))}
	s := &scenario{
		seed:        seed,
		headers:     true,
		latency:     time.Duration(pick(d, 20, 80, 80, 80, 300, 1000)) * time.Millisecond,
		connections: pick(d, 1, 2, 2, 2, 2, 2, 4, 10),
	}
	if d.oneIn(6) {
		s.beginBadly(d)
	} else {
		s.chooseAll(d)
		s.addLastingTroubles(dice{rand.New(rand.NewPCG(seed, 3))})
		s.addReaders(dice{rand.New(rand.NewPCG(seed, 4))})
		s.addOutage(dice{rand.New(rand.NewPCG(seed, 5))})
	}
	slices.SortStableFunc(s.events, func(a, b event) int { return cmp.Compare(a.at, b.at) })
	slices.SortFunc(s.troubles, func(a, b trouble) int { return cmp.Compare(a.from, b.from) })
	return s
}

func (s *scenario) chooseAll(d dice) {
	s.choosePlan(d)
	s.chooseLists(d)
	count := s.chooseSize(d)
	s.addWaits(d, count)
	s.addFates(d)
	s.addStrangers(d)
	s.addTroubles(d)
	if d.oneIn(6) {
		s.freezeLists(d, s.horizon)
	}
}

// beginBadly makes a long world of many sessions in which lists are bad at the beginning and good from then on: they are
// given up in time, and used again in time.
func (s *scenario) beginBadly(d dice) {
	const bad = 8 * time.Minute
	s.planName, s.pageSize = "none", scriptix.PageSize
	s.horizon = d.within(35*time.Minute, time.Hour)
	waits := pick(d, 1, 2, 3, 12, 25)
	for range waits {
		s.addWait(d, s.addSessions(d.between(30, 90)/waits), time.Minute)
	}
	for _, w := range s.waits {
		w.options = wait.Options{AllowFailed: true}
	}
	for i, session := range s.sessions {
		session.created, session.ends = -time.Minute, d.within(bad, s.horizon)
		if d.oneIn(3) {
			session.ends = d.within(bad/2, bad)
		}
		session.complete(d, int64(i+1))
	}
	s.rows = len(s.sessions)
	if d.oneIn(2) {
		s.freezeLists(d, bad/2)
		return
	}
	for from := d.within(time.Minute, bad/2); from < bad; from += d.within(2*time.Minute, 6*time.Minute) {
		s.addTroubleOfLists(d, from, d.within(time.Minute, 4*time.Minute))
	}
}

func (s *scenario) choosePlan(d dice) {
	s.planName = pick(d, "none", "none", "none", "none", "none", "none", "Free", "Bronze", "Silver", "Gold")
	s.plan = costPlans[s.planName]
	if s.plan.Concurrent > 0 {
		s.connections = min(s.connections, s.plan.Concurrent)
	}
	if s.isLimited() && d.oneIn(4) {
		s.headers = false
		s.options = append(s.options, scriptixtest.WithoutRateLimitHeaders())
	}
	if !s.isLimited() && d.oneIn(20) {
		s.cap = pick(d, 10, 30, 100)
	}
	s.options = append(s.options,
		scriptixtest.WithPlan(s.plan),
		scriptixtest.WithRetryAfter(scriptixtest.RetryAfterForm(d.IntN(3))),
		scriptixtest.WithClockSkew(d.within(-time.Hour, time.Hour).Truncate(time.Second)),
		scriptixtest.WithEnvelope(scriptixtest.Envelope(d.IntN(3))),
	)
}

// isLimited reports whether anything limits requests.
func (s *scenario) isLimited() bool { return s.plan != scriptixtest.Unlimited || s.cap > 0 }

// chooseLists chooses how lists differ from the contract, or from the sessions there are.
func (s *scenario) chooseLists(d dice) {
	switch {
	case d.oneIn(3):
		s.lag = d.within(time.Second, 40*time.Second)
	case d.oneIn(15):
		s.lag = d.within(time.Minute, 170*time.Second)
	case d.oneIn(20):
		s.lag = d.within(200*time.Second, 6*time.Minute)
	}
	s.options = append(s.options, scriptixtest.WithListLag(s.lag))
	if s.abbreviates = d.oneIn(6); s.abbreviates {
		s.options = append(s.options, scriptixtest.WithAbbreviatedItems())
	}
	if s.ignoresOffset = d.oneIn(8); s.ignoresOffset {
		s.options = append(s.options, scriptixtest.WithIgnoredOffset())
	}
	if s.ignoresStatus = d.oneIn(6); s.ignoresStatus {
		s.options = append(s.options, scriptixtest.WithIgnoredStatusFilter())
	}
	s.pageSize = scriptix.PageSize
	if d.oneIn(20) {
		s.pageSize = pick(d, 30, 50, 99)
		s.options = append(s.options, scriptixtest.WithMaxPageSize(s.pageSize))
	}
	if s.wrongTotals = d.oneIn(20); s.wrongTotals {
		claim := pick(d, 0, 1, 100, 5000)
		s.options = append(s.options, scriptixtest.WithTotalResults(func(int) int { return claim }))
	}
}

// chooseSize chooses how long the world lasts, and returns how many sessions are awaited in it. Large worlds are short, and
// those of small plans are small: so no seed takes long.
func (s *scenario) chooseSize(d dice) int {
	s.horizon = pick(d,
		d.within(time.Minute, 5*time.Minute), d.within(2*time.Minute, 8*time.Minute), d.within(5*time.Minute, 12*time.Minute),
		d.within(8*time.Minute, 15*time.Minute), d.within(15*time.Minute, 40*time.Minute))
	if d.oneIn(15) {
		s.horizon = d.within(55*time.Minute, time.Hour)
	}
	count := pick(d, d.between(1, 10), d.between(5, 30), d.between(10, 60), d.between(30, 110), d.between(60, 150), d.between(100, 300))
	if d.oneIn(20) {
		count = 500
	}
	if count > 150 {
		s.horizon = min(s.horizon, 12*time.Minute)
	}
	if s.planName == "Free" && count > 60 {
		count = 60
	}
	return count
}

// addWaits deals the sessions to waits: some large batches, some small, some single. Some sessions are awaited by a second
// wait as well. Waits stay, end by their deadline, or are cancelled; only some of those that leave have a twin that stays.
func (s *scenario) addWaits(d dice, count int) {
	sizes := pick(d, []int{1, 1, 2, 5, 30, 150}, []int{1, 1, 1, 2, 3}, []int{10, 30, 100}, []int{500})
	joining := pick(d, time.Second, 10*time.Second, 90*time.Second)
	for len(s.sessions) < count {
		size := min(count-len(s.sessions), sizes[d.IntN(len(sizes))])
		if len(s.waits) > 40 {
			size = count - len(s.sessions)
		}
		dealt := s.addSessions(size)
		w := s.addWait(d, dealt, joining)
		switch d.IntN(8) {
		case 0:
			s.addWait(d, dealt, joining)
		case 1:
			s.leave(d, s.addWait(d, dealt, joining))
		case 2, 3:
			s.leave(d, w)
		}
	}
	for range d.IntN(4) {
		shuffled := slices.Clone(s.sessions)
		d.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		w := s.addWait(d, shuffled[:d.between(1, len(shuffled))], s.horizon)
		if d.oneIn(2) {
			s.leave(d, w)
		}
	}
}

func (s *scenario) addSessions(count int) []*simulatedSession {
	sessions := make([]*simulatedSession, count)
	for i := range sessions {
		sessions[i] = &simulatedSession{}
		sessions[i].SessionID = fmt.Sprintf("session-%03d", len(s.sessions))
		s.sessions = append(s.sessions, sessions[i])
	}
	return sessions
}

func (s *scenario) addWait(d dice, sessions []*simulatedSession, joining time.Duration) *simulatedWait {
	w := &simulatedWait{
		number:   len(s.waits),
		sessions: sessions,
		joins:    d.within(0, joining),
		reads:    !s.isLimited() || d.oneIn(3),
		options:  wait.Options{AllowFailed: d.IntN(3) > 0},
	}
	if d.oneIn(4) {
		w.options.PollInterval = pick(d, 3*time.Second, 4*time.Second, 10*time.Second, 30*time.Second, time.Minute, 2*time.Minute)
	}
	if d.oneIn(15) {
		w.slow = d.within(time.Second, 40*time.Second)
	}
	s.waits = append(s.waits, w)
	return w
}

// leave makes a wait end before its sessions do: by its deadline, or by a cancellation.
func (s *scenario) leave(d dice, w *simulatedWait) {
	at := w.joins + d.within(2*time.Second, s.horizon)
	if d.oneIn(3) {
		w.cancels = at
		return
	}
	w.deadline = at
	if d.oneIn(3) {
		w.options.PollInterval = pick(d, 30*time.Second, time.Minute, 5*time.Minute)
	}
}

// addFates decides when each session is uploaded, ends and is deleted, and how lists show it.
func (s *scenario) addFates(d dice) {
	uploadedTogether, uploadedLate := d.oneIn(2), d.oneIn(4)
	ends := s.endings(d)
	failures, unlisted, odd := pick(d, 0, 0, 10), pick(d, 0, 0, 50), pick(d, 0, 0, 0, 10)
	for i, session := range s.sessions {
		session.created = -time.Minute
		if !uploadedTogether {
			session.created = -d.within(time.Second, time.Hour)
		}
		session.ends = ends(i)
		session.Unlisted = unlisted > 0 && d.oneIn(unlisted)
		if failures > 0 && d.oneIn(failures) {
			session.Error = "Audio format could not be decoded"
		}
		if odd > 0 && d.oneIn(odd) {
			session.FinalStatus = "done"
			session.InitialStatus, session.Initial = "uploaded", 10*time.Second
		}
	}
	if uploadedLate {
		s.uploadDuringTheRun(d)
	}
	if d.oneIn(6) {
		s.deleteSome(d)
	}
	if d.oneIn(6) {
		for range d.between(1, 3) {
			session := pick(d, s.sessions...)
			session.Stuck = max(1, d.within(0, session.ends-session.created))
		}
	}
	for i, session := range s.sessions {
		session.complete(d, int64(i+1))
	}
}

// endings returns when the i-th session ends: all at about the same time, spread evenly, or most of them early.
func (s *scenario) endings(d dice) func(i int) time.Duration {
	count := time.Duration(len(s.sessions))
	together := d.within(s.horizon/2, s.horizon)
	switch d.IntN(4) {
	case 0:
		return func(int) time.Duration { return together + d.within(0, 2*time.Second) }
	case 1:
		return func(i int) time.Duration { return s.horizon * time.Duration(i+1) / count }
	case 2:
		return func(int) time.Duration { return d.within(-5*time.Minute, s.horizon) }
	}
	return func(int) time.Duration {
		return min(s.horizon, time.Duration(d.ExpFloat64()*float64(s.horizon)/4)).Truncate(time.Millisecond)
	}
}

// uploadDuringTheRun makes the sessions of some waits ones that have just been uploaded when their wait begins.
func (s *scenario) uploadDuringTheRun(d dice) {
	for _, w := range s.waits {
		if !d.oneIn(3) || s.hasEarlierTwin(w) {
			continue
		}
		for _, session := range w.sessions {
			session.created = w.joins - d.within(time.Millisecond, 20*time.Second)
			session.ends = max(session.ends, session.created+d.within(time.Second, time.Minute))
		}
	}
}

func (s *scenario) hasEarlierTwin(w *simulatedWait) bool {
	return slices.ContainsFunc(s.waits, func(other *simulatedWait) bool {
		return other.joins < w.joins && slices.ContainsFunc(other.sessions, func(session *simulatedSession) bool {
			return slices.Contains(w.sessions, session)
		})
	})
}

func (s *scenario) deleteSome(d dice) {
	for range d.between(1, 4) {
		session := pick(d, s.sessions...)
		session.removed = max(time.Second, d.within(0, s.horizon))
		session.removed = max(session.removed, session.created+time.Second)
	}
}

// complete derives the fake's session from the fate.
func (s *simulatedSession) complete(d dice, number int64) {
	s.ends = max(s.ends, s.created)
	whole := s.ends - s.created
	s.Initial = min(s.Initial, whole)
	if s.Initial == 0 {
		s.InitialStatus = ""
	}
	s.Queued = min(d.within(0, 3*time.Minute), whole-s.Initial)
	s.Processing = whole - s.Initial - s.Queued
	s.ID, s.DocumentID = number, 700_000+number
}

// addStrangers adds sessions that nobody awaits: older ones, newer ones on top, malformed ones, and some that come and go.
func (s *scenario) addStrangers(d dice) {
	s.rows = len(s.sessions)
	older, newer := pick(d, 0, 0, d.IntN(50), d.IntN(600)), pick(d, 0, 0, d.IntN(50), d.IntN(300), d.between(300, 1500))
	coming, going := pick(d, 0, 0, d.IntN(30), d.IntN(300)), pick(d, 0, 0, d.IntN(30), d.IntN(200))
	for range older {
		s.addStranger(d, -d.within(0, 2*time.Hour))
	}
	for range newer {
		s.addStranger(d, -d.within(0, time.Minute))
	}
	for range coming {
		s.addStranger(d, d.within(0, s.horizon))
	}
	for range min(going, len(s.others)) {
		sessionID := pick(d, s.others...).SessionID
		s.events = append(s.events, event{d.within(0, s.horizon), "remove " + sessionID, func(api *scriptixtest.API) { api.Remove(sessionID) }})
	}
	if d.oneIn(3) {
		for range d.between(1, 25) {
			s.addRow(scriptixtest.Session{JSON: pick(d, scriptixtest.MalformedItems()...)}, d.within(-time.Hour, s.horizon))
		}
	}
	s.churn = coming + going
}

func (s *scenario) addStranger(d dice, created time.Duration) {
	s.addRow(scriptixtest.Session{
		SessionID:  fmt.Sprintf("stranger-%04d", len(s.others)),
		Queued:     d.within(0, 3*time.Minute),
		Processing: pick(d, 0, d.within(0, 20*time.Minute), 3*time.Hour),
	}, created)
}

func (s *scenario) addRow(session scriptixtest.Session, created time.Duration) {
	s.others = append(s.others, stranger{session, created})
	s.rows++
}

// freezeLists makes lists stand still from some moment on, for a while or until the end.
func (s *scenario) freezeLists(d dice, before time.Duration) {
	s.freezes = d.within(time.Second, before)
	s.thaw = s.freezes + d.within(10*time.Second, 30*time.Minute)
	if d.oneIn(3) {
		s.thaw = s.freezes + 100*time.Hour
	}
	s.events = append(s.events, event{s.freezes, "freeze", (*scriptixtest.API).FreezeLists})
	if s.thaw < 24*time.Hour {
		s.events = append(s.events, event{s.thaw, "thaw", (*scriptixtest.API).ThawLists})
	}
}

func (s *scenario) addTroubles(d dice) {
	for range pick(d, 0, 0, 1, 2, 4) {
		from := d.within(time.Second, s.horizon)
		length := d.within(time.Second, 2*time.Minute)
		switch d.IntN(5) {
		case 0, 1:
			s.troubles = append(s.troubles, trouble{"partial", from, from + length, hitsMany, attemptTimeout + troubleRetryAfter})
		case 2:
			name := pick(d, "503", "500", "429", "reset", "truncate", "hang", "html", "slow")
			s.troubles = append(s.troubles, trouble{"total:" + name, from, from + length, hitsMany, carryOf(name)})
		default:
			s.addTroubleOfLists(d, from, 3*length)
		}
	}
	if d.oneIn(30) {
		from := d.within(time.Second, s.horizon)
		s.troubles = append(s.troubles, trouble{"total:401", from, from + 20*time.Minute, hitsMany, time.Second})
	}
	for range pick(d, 0, 0, 1, 2) {
		s.cancelWhileHanging(d)
	}
}

// addLastingTroubles adds something in front of the API that answers for a while, and pages that fail for as long as anybody waits.
func (s *scenario) addLastingTroubles(d dice) {
	from := d.within(time.Second, s.horizon)
	if d.oneIn(6) {
		name := pick(d, "gateway 401", "gateway 403", "gateway 404", "login")
		s.troubles = append(s.troubles, trouble{"total:" + name, from, from + d.within(time.Second, time.Minute), hitsMany, time.Second})
	}
	if d.oneIn(6) {
		name := pick(d, "500", "503", "truncate", "hang", "malformed")
		where := pick(d, "filtered lists", "deep pages", "deep pages")
		s.troubles = append(s.troubles, trouble{where + ":" + name, from, 2 * staying, hitsLists, carryOf(name)})
	}
}

// addOutage makes all requests fail for so long that they would spend the budget of a small plan.
func (s *scenario) addOutage(d dice) {
	if !d.oneIn(6) {
		return
	}
	from, name := d.within(time.Second, s.horizon), pick(d, "503", "500", "reset", "html")
	s.troubles = append(s.troubles, trouble{"total:" + name, from, from + d.within(2*time.Minute, 20*time.Minute), hitsMany, carryOf(name)})
}

func (s *scenario) addTroubleOfLists(d dice, from, length time.Duration) {
	name := pick(d, "503", "500", "reset", "truncate", "hang", "html", "slow", "403", "400", "malformed", "501", "empty")
	where := pick(d, "lists", "lists", "filtered lists", "deep pages")
	s.troubles = append(s.troubles, trouble{where + ":" + name, from, from + length, hitsLists, carryOf(name)})
}

// carryOf returns for how long a request that a fault of this name has hit is held up, or holds others up.
func carryOf(name string) time.Duration {
	switch name {
	case "429":
		return troubleRetryAfter
	case "hang", "slow":
		return attemptTimeout
	}
	return time.Second
}

// cancelWhileHanging ends a wait, without a twin more often than not, while requests for its sessions hang, or those for
// lists.
func (s *scenario) cancelWhileHanging(d dice) {
	w := pick(d, s.waits...)
	at := w.joins + d.within(5*time.Second, s.horizon)
	w.cancels, w.deadline = at, 0
	if d.oneIn(3) {
		w.cancels, w.deadline = 0, at
	}
	this := trouble{from: at - d.within(0, 50*time.Second), to: at + d.within(0, 20*time.Second), carry: attemptTimeout}
	if d.oneIn(3) {
		this.name, this.reach = "lists:hang", hitsLists
	} else {
		this.name, this.reach = fmt.Sprintf("sessions of wait %d:hang", w.number), hitsSessions
	}
	s.troubles = append(s.troubles, this)
}

// String describes the world in one line.
func (s *scenario) String() string {
	var text strings.Builder
	write := func(isSo bool, format string, arguments ...any) {
		if isSo {
			fmt.Fprintf(&text, " "+format, arguments...)
		}
	}
	fmt.Fprintf(&text, "%d waits for %d sessions in %d rows, %s, latency %s", len(s.waits), len(s.sessions), s.rows, s.horizon.Round(time.Second), s.latency)
	write(s.connections != scriptix.DefaultMaxConcurrentRequests, "%d connections", s.connections)
	write(s.isLimited(), "plan=%s", s.planName)
	write(s.cap > 0, "cap=%d", s.cap)
	write(!s.headers, "no headers")
	write(s.lag > 0, "lag=%s", s.lag)
	write(s.abbreviates, "abbreviates")
	write(s.ignoresOffset, "ignores offset")
	write(s.ignoresStatus, "ignores status")
	write(s.oldestFirst, "oldest first")
	write(s.pageSize != scriptix.PageSize, "pages of %d", s.pageSize)
	write(s.wrongTotals, "wrong totals")
	write(s.thaw > 0, "frozen %s-%s", s.freezes, s.thaw)
	write(s.churn > 0, "churn %d", s.churn)
	for _, t := range s.troubles {
		write(true, "[%s %s-%s]", t.name, t.from, t.to)
	}
	for _, r := range s.readers {
		write(true, "[%d reads from %s, %d at the same time]", len(r.sessions), r.begins, r.parallelism)
	}
	for _, session := range s.sessions {
		write(session.Stuck > 0, "%s stuck", session.SessionID)
		write(session.removed > 0, "%s deleted %s", session.SessionID, session.removed)
	}
	return text.String()
}

// newSimulation builds the world of a scenario. Call it inside a synctest bubble.
func newSimulation(t *testing.T, s *scenario) *simulation {
	t.Helper()
	server := scriptixtest.NewPipeServer(t, s.options...)
	base, err := scriptix.ParseBaseURL(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	token, err := scriptix.NewToken(scriptixtest.Token)
	if err != nil {
		t.Fatal(err)
	}
	client := scriptix.NewClient(scriptix.Config{
		BaseURL:               base,
		Token:                 token,
		MaxConcurrentRequests: s.connections,
		RequestsPerMinute:     s.cap,
		MaxRetries:            scriptix.DefaultMaxRetries,
		RequestTimeout:        scriptix.DefaultRequestTimeout,
		Transport:             server.Transport(),
	})
	built := &simulation{scenario: s, world: &world{
		Server: server,
		client: client,
		waiter: wait.NewWaiter(client.ForPolling(), slog.New(slog.DiscardHandler)),
		began:  time.Now(),
	}}
	built.populate()
	built.makeTrouble()
	return built
}

// populate uploads all sessions, those of later moments as well: they do not exist before.
func (s *simulation) populate() {
	for _, session := range s.sessions {
		session.CreatedAt = s.began.Add(session.created)
		s.Add(session.Session)
		if session.removed > 0 {
			s.events = append(s.events, event{session.removed, "delete", func(api *scriptixtest.API) { api.Remove(session.SessionID) }})
		}
	}
	for _, session := range s.others {
		session.CreatedAt = s.began.Add(session.created)
		s.Add(session.Session)
	}
	slices.SortStableFunc(s.events, func(a, b event) int { return cmp.Compare(a.at, b.at) })
}

// makeTrouble injects the faults of the troubles, and the latency of all other requests.
func (s *simulation) makeTrouble() {
	for _, this := range s.troubles {
		isOn := func() bool { return s.now() >= this.from && s.now() < this.to }
		where, kind, _ := strings.Cut(this.name, ":")
		switch where {
		case "partial":
			s.makePartialTrouble(isOn)
			continue
		case "total":
			where = ""
		}
		fault := faults[kind]
		fault.Match = func(r *http.Request) bool { return isOn() && s.isHit(where, r) }
		s.Inject(fault)
	}
	s.Inject(scriptixtest.Fault{Latency: s.latency})
}

// isHit reports whether a trouble of lists, of the sessions of a wait, or of everything hits a request.
func (s *simulation) isHit(where string, r *http.Request) bool {
	switch where {
	case "":
		return true
	case "lists":
		return scriptixtest.ForList()(r)
	case "filtered lists":
		return scriptixtest.ForList()(r) && !scriptixtest.ForListStatus("")(r)
	case "deep pages":
		return scriptixtest.ForList()(r) && !scriptixtest.ForOffset(0)(r)
	}
	var number int
	if _, err := fmt.Sscanf(where, "sessions of wait %d", &number); err != nil {
		panic(err)
	}
	return slices.ContainsFunc(s.waits[number].sessions, func(session *simulatedSession) bool {
		return scriptixtest.ForSession(session.SessionID)(r)
	})
}

// makePartialTrouble makes seven in ten requests fail, each in another way.
func (s *simulation) makePartialTrouble(isOn func() bool) {
	requests := 0
	for i, name := range []string{"503", "500", "429", "reset", "truncate", "hang", "html"} {
		fault := faults[name]
		fault.Match = func(*http.Request) bool {
			if !isOn() {
				return false
			}
			if i == 0 {
				requests++ // guarded by the fake, which asks one fault at a time
			}
			return requests%10 == i
		}
		s.Inject(fault)
	}
}

var faults = map[string]scriptixtest.Fault{
	"503":         {Status: http.StatusServiceUnavailable, Body: scriptixtest.ProxyPage},
	"500":         {Status: http.StatusInternalServerError},
	"501":         {Status: http.StatusNotImplemented},
	"429":         {Status: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {fmt.Sprint(troubleRetryAfter.Seconds())}}},
	"reset":       {Reset: true},
	"truncate":    {Truncate: true},
	"hang":        {Hang: true},
	"html":        {Body: "<html>sign in</html>"},
	"slow":        {Latency: 12 * time.Second},
	"403":         {Status: http.StatusForbidden},
	"400":         {Status: http.StatusBadRequest, Body: scriptixtest.DetailedErrorBody},
	"401":         {Status: http.StatusUnauthorized, Body: scriptixtest.KeyRevokedBody},
	"gateway 401": {Status: http.StatusUnauthorized, Body: scriptixtest.ProxyPage},
	"gateway 403": {Status: http.StatusForbidden},
	"gateway 404": {Status: http.StatusNotFound, Body: `{"message": "no Route matched with those values"}`},
	"login":       {Status: http.StatusFound, Header: http.Header{"Location": {"https://elsewhere.example/login"}}},
	"empty":       {Body: `{"count":0,"total_results":0,"result":[]}`},
	"malformed":   {Body: `{"count":1,"total_results":1,"result":7}`},
}
