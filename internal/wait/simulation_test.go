package wait_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
	"github.com/scriptix/terraform-provider-scriptix/internal/wait"
)

// TestSimulation runs the simulation with many seeds; go test -fuzz=FuzzSimulation looks for more.
func TestSimulation(t *testing.T) {
	t.Parallel()
	seeds := uint64(10)
	if testing.Short() {
		seeds = 5
	}
	for seed := range seeds {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { simulate(t, seed) })
		})
	}
}

func FuzzSimulation(f *testing.F) {
	f.Add(uint64(1000))
	f.Fuzz(func(t *testing.T, seed uint64) {
		synctest.Test(t, func(t *testing.T) { simulate(t, seed) })
	})
}

// What can go wrong for how long in a simulation: these bound how late a session may be noticed.
const (
	simulatedLatency    = 80 * time.Millisecond
	simulatedRetryAfter = 20 * time.Second
	simulatedQueue      = time.Second      // the pages of the lists and the GETs ahead of a session: a dozen requests
	simulatedHorizon    = 65 * time.Minute // every session has finished by then
	simulatedForever    = 48 * time.Hour   // also under the smallest plan, every wait has ended by then
)

// simulation is 500 sessions, some waits that are interested in them, and an API that has bad moments.
type simulation struct {
	*world
	random    *rand.Rand
	unlimited bool          // the plan holds nothing back, so that lateness can be told to the second
	listLag   time.Duration // lists show the world as it was so long ago
	sessions  map[string]scriptixtest.Session
	outages   []outage

	mu    sync.Mutex
	began map[string]time.Time // when the first wait for a session that stays began
}

// share is the sessions of one wait.
type share struct {
	sessionIDs []string
	leaves     time.Duration // so long after it began, though its sessions may go on; 0: it stays to the end
}

// outage is a stretch of time in which many requests fail.
type outage struct{ from, to time.Duration }

// simulate finds out whether any session is reported early, late or never.
func simulate(t *testing.T, seed uint64) {
	t.Helper()
	s := newSimulation(t, seed)
	var group sync.WaitGroup
	for i, share := range s.shareOut() {
		group.Go(func() { s.await(t, i, share) })
	}
	group.Wait()
	s.checkDetection(t)
	s.expectSilence(t)
}

func newSimulation(t *testing.T, seed uint64) *simulation {
	t.Helper()
	random := rand.New(rand.NewPCG(seed, 1))
	plans := []scriptixtest.Plan{
		scriptixtest.Unlimited, scriptixtest.Unlimited, scriptixtest.Unlimited,
		scriptixtest.Free, scriptixtest.Bronze, scriptixtest.Silver, scriptixtest.Gold,
	}
	plan := plans[random.IntN(len(plans))]
	options := []scriptixtest.Option{
		scriptixtest.WithPlan(plan),
		scriptixtest.WithRetryAfter(scriptixtest.RetryAfterForm(random.IntN(3))),
		scriptixtest.WithClockSkew(time.Duration(random.IntN(7200)-3600) * time.Second),
	}
	lag := time.Duration(0)
	if random.IntN(3) == 0 {
		lag = time.Duration(random.IntN(40)) * time.Second
		options = append(options, scriptixtest.WithListLag(lag))
	}
	if random.IntN(5) == 0 {
		options = append(options, scriptixtest.WithIgnoredStatusFilter())
	}
	if random.IntN(5) == 0 {
		options = append(options, scriptixtest.WithoutRateLimitHeaders())
	}
	s := &simulation{
		world:     newWorld(t, options...),
		random:    random,
		unlimited: plan == scriptixtest.Unlimited,
		listLag:   lag,
		sessions:  make(map[string]scriptixtest.Session),
		began:     make(map[string]time.Time),
	}
	s.addSessions(500)
	s.addOutages(random.IntN(4))
	s.Inject(scriptixtest.Fault{Latency: simulatedLatency})
	return s
}

func (s *simulation) addSessions(count int) {
	for i := range count {
		session := scriptixtest.Session{
			SessionID:  fmt.Sprintf("session-%03d", i),
			Queued:     time.Duration(s.random.IntN(180)) * time.Second,
			Processing: time.Duration(s.random.ExpFloat64() * float64(8*time.Minute)),
			Unlisted:   s.random.IntN(100) == 0,
		}
		session.Processing = min(session.Processing, simulatedHorizon-5*time.Minute)
		if i == 0 {
			session.Processing = simulatedHorizon - 5*time.Minute
		}
		if s.random.IntN(10) == 0 {
			session.Error = "Audio format could not be decoded"
		}
		s.sessions[session.SessionID] = session
		s.Add(session)
	}
}

// addOutages makes six in ten requests of some stretches of time fail, each in another way.
func (s *simulation) addOutages(count int) {
	faults := []scriptixtest.Fault{
		{Status: http.StatusServiceUnavailable, Body: scriptixtest.ProxyPage},
		{Status: http.StatusInternalServerError},
		{Status: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {fmt.Sprint(simulatedRetryAfter.Seconds())}}},
		{Reset: true},
		{Truncate: true},
		{Hang: true},
		{Body: "<html>sign in</html>"},
	}
	for range count {
		from := 2*time.Minute + time.Duration(s.random.IntN(1200))*time.Second
		this := outage{from, from + time.Duration(s.random.IntN(120))*time.Second}
		s.outages = append(s.outages, this)
		kind := s.random.IntN(len(faults))
		for i := range faults {
			fault, requests := faults[(kind+i)%len(faults)], 0
			fault.Match = func(*http.Request) bool {
				elapsed := time.Since(s.world.began)
				requests++ // guarded by the fake, which asks one fault at a time
				return elapsed >= this.from && elapsed < this.to && requests%10 == i
			}
			s.Inject(fault)
		}
	}
	slices.SortFunc(s.outages, func(a, b outage) int { return cmp.Compare(a.from, b.from) })
}

// shareOut deals the sessions to waits: some large batches, some small, some single. Some go to a second wait as well,
// which may leave early.
func (s *simulation) shareOut() []share {
	var all []string
	for sessionID := range s.sessions {
		all = append(all, sessionID)
	}
	slices.Sort(all)
	s.random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	var shares []share
	for len(all) > 0 {
		size := min(len(all), []int{1, 1, 2, 5, 30, 150}[s.random.IntN(6)])
		shares = append(shares, share{sessionIDs: all[:size]})
		switch s.random.IntN(6) {
		case 0:
			shares = append(shares, share{sessionIDs: all[:size]})
		case 1:
			shares = append(shares, share{all[:size], time.Duration(s.random.IntN(900)+1) * time.Second})
		}
		all = all[size:]
	}
	return shares
}

// await is one wait. It may join late.
func (s *simulation) await(t *testing.T, number int, share share) {
	t.Helper()
	random := rand.New(rand.NewPCG(uint64(number), uint64(len(share.sessionIDs))))
	time.Sleep(time.Duration(random.IntN(90_000)) * time.Millisecond)
	ctx, cancel := context.WithTimeout(t.Context(), simulatedForever)
	defer cancel()
	if share.leaves > 0 {
		ctx, cancel = context.WithTimeout(t.Context(), share.leaves)
		defer cancel()
	} else {
		s.begin(share.sessionIDs)
	}
	began := time.Now()

	// The first read may meet an outage; people then run Terraform again.
	sessions, err := s.client.GetSessions(ctx, share.sessionIDs)
	for err != nil && ctx.Err() == nil && !s.gaveUp(err) {
		sessions, err = s.client.GetSessions(ctx, share.sessionIDs)
	}
	if err == nil {
		sessions, err = s.waiter.Wait(ctx, sessions, wait.Options{AllowFailed: true})
	}
	switch {
	case err != nil && share.leaves == 0:
		t.Errorf("wait %d for %d sessions: %v", number, len(share.sessionIDs), err)
	case err == nil:
		s.checkResult(t, share, began, sessions)
	}
}

// gaveUp reports whether there is no more hope before the deadline.
func (s *simulation) gaveUp(err error) bool {
	var closed *scriptix.RateLimitError
	return errors.As(err, &closed)
}

func (s *simulation) begin(sessionIDs []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, sessionID := range sessionIDs {
		if _, ok := s.began[sessionID]; !ok {
			s.began[sessionID] = time.Now()
		}
	}
}

// checkResult holds what a wait returned, and when, against what really happened.
func (s *simulation) checkResult(t *testing.T, share share, began time.Time, sessions []scriptix.Session) {
	t.Helper()
	var latest time.Time
	for i, session := range sessions {
		truth := s.sessions[share.sessionIDs[i]]
		if session.SessionID != truth.SessionID {
			t.Errorf("%s stands in the place of %s", session.SessionID, truth.SessionID)
		}
		if ends := s.end(truth); time.Now().Before(ends) {
			t.Errorf("%s was reported %s early", session.SessionID, time.Until(ends))
		}
		want := scriptix.Completed
		if truth.Error != "" {
			want = scriptix.Failed
		}
		if got := session.Outcome(); got != want {
			t.Errorf("%s was reported with outcome %v, want %v", session.SessionID, got, want)
		}
		if due := s.latest(truth, began); due.After(latest) {
			latest = due
		}
	}
	if s.unlimited && share.leaves == 0 && time.Now().After(latest) {
		t.Errorf("a wait for %d sessions returned %s late", len(sessions), time.Since(latest))
	}
}

func (s *simulation) end(session scriptixtest.Session) time.Time {
	return s.world.began.Add(session.Queued + session.Processing)
}

// checkDetection holds the requests that the API received against the moments at which sessions finished.
func (s *simulation) checkDetection(t *testing.T) {
	t.Helper()
	noticed := make(map[string]time.Time)
	for _, request := range s.Requests() {
		session, known := s.sessions[request.SessionID]
		answered := request.Time.Add(simulatedLatency)
		if !known || request.Answered != http.StatusOK || answered.Before(s.end(session)) {
			continue
		}
		if _, ok := noticed[request.SessionID]; !ok {
			noticed[request.SessionID] = request.Time
		}
	}
	for sessionID, session := range s.sessions {
		at, ok := noticed[sessionID]
		if !ok {
			t.Errorf("%s was never asked for after its end", sessionID)
			continue
		}
		if !s.unlimited {
			continue // how late depends on what the plan leaves
		}
		if latest := s.latest(session, s.began[sessionID]); at.After(latest) {
			t.Errorf("%s was noticed %s after its end and %s late", sessionID, at.Sub(s.end(session)), at.Sub(latest))
		}
	}
}

// latest is when the end of a session must have been noticed: one interval, and the requests ahead of its own, after it
// happened, was listed and could be asked for by a wait that began then.
func (s *simulation) latest(session scriptixtest.Session, began time.Time) time.Time {
	known := s.end(session)
	if began.After(known) {
		known = began
	}
	latest := known.Add(s.listLag + 10*time.Second + simulatedQueue)
	for _, outage := range s.outages {
		from, to := s.world.began.Add(outage.from), s.world.began.Add(outage.to)
		if latest.Before(from) || known.After(to.Add(scriptix.DefaultRequestTimeout+simulatedRetryAfter)) {
			continue
		}
		delayed := to.Add(scriptix.DefaultRequestTimeout + simulatedRetryAfter + 2*10*time.Second + simulatedQueue + s.listLag)
		if delayed.After(latest) {
			latest = delayed
		}
	}
	return latest
}

// A wait that leaves early must not take with it what another still needs.
func TestSimulationOfLeaving(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSimulation(t, 7)
		var all []string
		for sessionID := range s.sessions {
			all = append(all, sessionID)
		}
		var group sync.WaitGroup
		for i := range 20 {
			group.Go(func() {
				ctx, cancel := context.WithTimeout(t.Context(), time.Duration(i+3)*20*time.Second)
				defer cancel()
				_, err := s.readAndWait(ctx, wait.Options{AllowFailed: true}, all[i*20:i*20+40]...)
				var timeout *wait.TimeoutError
				var closed *scriptix.RateLimitError
				var request *scriptix.RequestError
				if err != nil && !errors.As(err, &timeout) && !errors.As(err, &closed) && !errors.As(err, &request) {
					t.Errorf("wait %d: %v", i, err)
				}
			})
		}
		group.Go(func() { s.await(t, 0, share{sessionIDs: all}) })
		group.Wait()
		s.expectSilence(t)
	})
}
