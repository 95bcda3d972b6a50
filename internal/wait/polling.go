package wait

import (
	"slices"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
)

const (
	// verifyEvery is how often a session that lists show as running is asked for by its own GET.
	verifyEvery = time.Minute
	// verifyShare is how many requests of a limited plan there are for each such GET, at least.
	verifyShare = 10
	// retryEvery is how many polls the dearer way of asking is left aside.
	retryEvery = 10
	// lastLookGets is how many sessions the last look before a deadline asks for by their own GETs.
	lastLookGets = 10
	// failureGrace is how long a wait that has failed waits for others that may have failed as well.
	failureGrace = MinimumInterval
)

// limits say when requests can be sent. See scriptix.Client.
type limits interface {
	NextPoll(last time.Time) time.Time
	Closed() *scriptix.RateLimitError
}

// polling decides what is asked when, and takes in the answers. It sends nothing, knows no goroutine and reads no clock:
// the Waiter does, and guards it.
type polling struct {
	limits limits
	board  board
	trust  trust
	polls  []*poll // that have begun and are not over, the oldest first

	turn         int       // requests sent
	lastSent     time.Time // when the latest request that owes a pause was sent; zero: none does
	verifyAt     time.Time // when the next verification is due
	verifiedTurn int       // the turn of the latest one
	credit       int       // GETs that pages have saved, and may be spent on looking whether they save more
	surplus      int       // pages that the filtered lists took last beyond those that the awaited sessions fill
	finishing    float64   // share of the sessions that finish between two polls, on average
}

func newPolling(limits limits) *polling {
	return &polling{limits: limits, board: board{entries: make(map[string]*entry)}}
}

// join adds a wait. The first one owes a pause to the request that has just read its sessions.
func (p *polling) join(w *wait, sessions []scriptix.Session) {
	if len(p.board.waits) == 0 {
		p.lastSent = w.started
		p.verifyAt = w.started.Add(verifyEvery)
	}
	p.board.join(w, sessions)
}

// leave removes a wait, and forgets all requests with the last one.
func (p *polling) leave(w *wait) {
	p.board.leave(w)
	if len(p.board.waits) == 0 {
		p.polls = nil
	}
}

// next returns the requests to send now, at most as many as are free, and when to call it again even if nothing happens;
// zero: never.
func (p *polling) next(free int, now time.Time) (asks []*ask, wake time.Time) {
	p.endWaits(now)
	for _, poll := range slices.Clone(p.polls) {
		p.advance(poll, now) // an answer that another poll asked for may have left it nothing to ask
	}
	p.beginLastLooks(now)
	for len(asks) < free {
		closed := p.limits.Closed()
		if closed != nil {
			wake = closed.Until
			break
		}
		request := p.nextOf(func(poll *poll) bool { return poll.urgent }, now)
		if request == nil {
			if paceEnds := p.limits.NextPoll(p.lastSent); paceEnds.After(now) {
				wake = paceEnds
				break
			}
			due := p.beginPolls(now)
			if request = p.nextOf(func(*poll) bool { return true }, now); request == nil {
				wake = due
				break
			}
		}
		asks = append(asks, request)
	}
	return asks, earliest(wake, p.nextEvent())
}

// nextEvent returns when a wait may have to end, or looks for the last time.
func (p *polling) nextEvent() time.Time {
	var next time.Time
	for _, w := range p.board.waits {
		next = earliest(next, w.lastLook)
		if w.isFailing() {
			next = earliest(next, w.failingFrom.Add(failureGrace))
		}
	}
	return next
}

// nextOf takes the next request out of one of the polls that are meant. The polls take turns: every other turn goes to
// the one that was served longest ago, so that a large one holds up no small one, and the others to the oldest, so that
// many small ones hold up no large one.
func (p *polling) nextOf(isMeant func(*poll) bool, now time.Time) *ask {
	var chosen *poll
	for _, poll := range p.polls {
		if !isMeant(poll) || !poll.hasUnsent() {
			continue
		}
		if chosen == nil || p.turn%2 == 0 && servedAt(poll) < servedAt(chosen) {
			chosen = poll
		}
	}
	if chosen == nil {
		return nil
	}
	request := chosen.next(now)
	p.sent(request, now)
	p.advance(chosen, now)
	return request
}

// servedAt returns the turn in which the wait that was served longest ago was served.
func servedAt(poll *poll) int {
	least := poll.waits[0].servedAt
	for _, w := range poll.waits[1:] {
		least = min(least, w.servedAt)
	}
	return least
}

func (p *polling) sent(request *ask, now time.Time) {
	p.turn++
	p.credit--
	p.lastSent = now
	for _, w := range request.poll.waits {
		w.servedAt = p.turn
	}
}

// beginLastLooks begins a poll for each wait whose deadline is near.
func (p *polling) beginLastLooks(now time.Time) {
	for _, w := range p.board.waits {
		if w.ended || w.lastLook.IsZero() || w.lastLook.After(now) {
			continue
		}
		w.lastLook = time.Time{}
		var entries []*entry
		for _, e := range w.entries {
			answeredAt := e.due.Add(-e.interval)
			if !e.isOver() && e.asked == nil && (e.needsGet || now.Sub(answeredAt) >= MinimumInterval) {
				entries = append(entries, e)
			}
		}
		if len(entries) == 0 {
			continue
		}
		slices.SortStableFunc(entries, func(a, b *entry) int { return a.getAt.Compare(b.getAt) })
		poll := p.begin(entries, now)
		poll.urgent = true
		poll.checks = slices.Clone(entries[:min(len(entries), lastLookGets)])
	}
}

// beginPolls begins polls for the sessions that are due or nearly due, and returns when the next of the others will be.
// Sessions of small waits come together, up to a page of them; a large wait has a poll of its own, which holds up no
// other. A wait whose requests have not all been sent begins no other poll.
func (p *polling) beginPolls(now time.Time) (next time.Time) {
	busy := make(map[*wait]bool)
	for _, poll := range p.polls {
		for _, w := range poll.waits {
			busy[w] = busy[w] || poll.hasUnsent()
		}
	}
	var together []*entry
	isDue := false
	begin := func() {
		if isDue {
			p.begin(together, now)
		}
		together, isDue = nil, false
	}
	for _, w := range p.board.waits {
		if busy[w] || w.ended {
			continue
		}
		entries, due := w.nearlyDue(now)
		if len(together)+len(entries) > scriptix.PageSize {
			begin()
		}
		for _, e := range entries {
			if !slices.Contains(together, e) || len(entries) > scriptix.PageSize {
				together = append(together, e)
			}
		}
		isDue = isDue || !due.IsZero() && !due.After(now)
		if due.After(now) {
			next = earliest(next, due)
		}
	}
	begin()
	return next
}

// nearlyDue returns the sessions that can become part of a poll now, and when the first of its sessions is due.
func (w *wait) nearlyDue(now time.Time) (entries []*entry, due time.Time) {
	for _, e := range w.entries {
		if !e.isFree() {
			continue
		}
		due = earliest(due, e.due)
		if e.isNearlyDue(now) {
			entries = append(entries, e)
		}
	}
	return entries, due
}

// begin begins a poll for sessions, in the cheapest way.
func (p *polling) begin(entries []*entry, now time.Time) *poll {
	poll := newPoll(entries)
	p.polls = append(p.polls, poll)
	p.credit += len(entries)
	view := p.view(poll, now)
	plan := view.choose()
	for _, w := range poll.waits {
		w.sinceRetry++
		if view.retry {
			w.sinceRetry = 0
		}
	}
	p.verify(poll, plan.way, now)
	switch plan.way {
	case byWindow:
		poll.read(&reading{from: plan.from, to: plan.to})
	case byFilter:
		poll.read(p.filtered(poll.missing())...)
	case byGet:
		poll.getRest()
	}
	return poll
}

// view returns what the planner has to know of a poll.
func (p *polling) view(poll *poll, now time.Time) view {
	v := view{
		lists:   p.trust.lists(now),
		offsets: p.trust.offsets(now),
		filter:  p.trust.filter(now),
		surplus: p.surplus,
		retry:   poll.waits[0].sinceRetry >= retryEvery && p.credit > 0,
		deep:    poll.waits[0].polls%2 == 1,
	}
	for _, e := range poll.entries {
		if e.needsGet {
			continue
		}
		v.sessions++
		if e.session.Status == scriptix.StatusProcessing {
			v.processing++
		} else {
			v.queued++
		}
		if e.unlisted {
			v.unlisted++
		}
		switch place := e.place; {
		case place == notLooked:
			v.notLooked++
		case place == lost || !v.offsets && place >= scriptix.PageSize:
			v.lost++
		default:
			if v.sessions == 1+v.notLooked+v.lost {
				v.shallowest = place
			}
			v.shallowest, v.deepest = min(v.shallowest, place), max(v.deepest, place)
			v.widen = v.widen || e.misses > 0
		}
	}
	v.finishes = int(p.finishing*float64(v.sessions) + 0.5)
	return v
}

// filtered returns how to look for sessions in the filtered lists: first for those that may be queued, then, with what
// the first list does not show, for those that are being processed.
func (p *polling) filtered(missing []*entry) []*reading {
	queued := 0
	for _, e := range missing {
		if e.session.Status != scriptix.StatusProcessing {
			queued++
		}
	}
	var readings []*reading
	if queued > 0 {
		readings = append(readings, newFiltered(scriptix.StatusQueued, queued, 0))
	}
	return append(readings, newFiltered(scriptix.StatusProcessing, len(missing)-queued, p.surplus))
}

func newFiltered(status scriptix.Status, sessions, surplus int) *reading {
	pages := max(1, pagesOf(sessions)+surplus)
	return &reading{status: status, to: pages * scriptix.PageSize, limit: pages + sessions/worthwhile, sessions: sessions}
}

// verify adds the own GET of the session that was read longest ago, once a minute while lists are believed. On a limited
// plan it is one in ten requests at most.
func (p *polling) verify(poll *poll, way way, now time.Time) {
	isLimited := p.limits.NextPoll(now).After(now)
	if now.Before(p.verifyAt) || isLimited && p.turn-p.verifiedTurn < verifyShare-1 {
		return
	}
	p.verifyAt, p.verifiedTurn = now.Add(verifyEvery), p.turn
	p.credit++
	if way == byGet {
		return // every session is verified
	}
	if e := p.board.longestUnread(verifyEvery, now); e != nil {
		poll.checks = append(poll.checks, e)
	}
}

// takePage takes in the answer to a request for a page.
func (p *polling) takePage(request *ask, page *scriptix.Page, err error, now time.Time) {
	poll := request.poll
	poll.pagesUnderWay--
	switch {
	case err == nil:
		p.trust.pageSucceeded()
		p.showPage(request, page, now)
	case isPutOff(err):
		poll.putBack(request)
		return
	case refusesToken(err):
		p.endAll(err)
		return
	case endsWait(err):
		// The API answers, but has no lists: own GETs replace them at once.
		p.trust.pageFailed(err, p.turnOfGets(now), now)
		poll.drop()
	default:
		poll.failure = err
		if p.trust.pageFailed(err, p.turnOfGets(now), now) && len(poll.checks) == 0 {
			if e := p.board.longestUnread(0, now); e != nil {
				poll.checks = append(poll.checks, e)
			}
		}
		poll.drop()
	}
	p.advance(poll, now)
	p.endWaits(now)
}

// showPage shows a page to everybody who awaits a session on it.
func (p *polling) showPage(request *ask, page *scriptix.Page, now time.Time) {
	p.trust.examine(page, request.status, request.sentAt, now)
	if !p.trust.offsets(now) {
		page.Offset = 0
	}
	running := 0
	found := p.board.takePage(page, request.status == "", request.sentAt, now)
	for _, e := range found {
		switch {
		case e.session.Settled():
			request.poll.finished++
		case request.status != "" && e.session.Outcome() == scriptix.Running:
			e.unlisted = false
			running++
		default:
			running++
		}
	}
	if len(found) > 0 && running == 0 {
		p.lastSent = time.Time{} // nobody asks for these again, so that no pause is owed
	}
	if len(request.poll.readings) > 0 {
		request.poll.showed(page, len(found))
	}
}

// takeGet takes in the answer to the own GET of a session. The session may have left meanwhile, and come back.
func (p *polling) takeGet(request *ask, session *scriptix.Session, err error, now time.Time) {
	poll, e := request.poll, request.entry
	poll.getsUnderWay--
	isAwaited := e.asked == request
	if isAwaited {
		e.asked = nil
	}
	switch {
	case err == nil:
		p.trust.getShowed(session, now)
		if !isAwaited {
			break
		}
		e.unlisted = poll.filters && session.Outcome() == scriptix.Running && e.poll == poll
		p.board.takeGet(e, session, now)
		if e.isOver() {
			poll.finished++
			p.lastSent = time.Time{}
		}
	case refusesToken(err):
		p.endAll(err)
		return
	case !isAwaited || e.isOver():
	case isPutOff(err):
		poll.putBack(request)
		return
	case endsWait(err):
		p.board.blame(e, err, now)
	default:
		p.board.postpone(e, err, now)
	}
	p.advance(poll, now)
	p.endWaits(now)
}

// turnOfGets returns how long it takes to ask for all sessions by their own GETs.
func (p *polling) turnOfGets(now time.Time) time.Duration {
	pace := p.limits.NextPoll(now).Sub(now)
	return time.Duration(len(p.board.entries)) * max(0, pace)
}

// advance takes a poll to its next part when one is through, and ends it after the last.
func (p *polling) advance(poll *poll, now time.Time) {
	poll.prune()
	for !poll.hasPages() && len(poll.readings) > 0 {
		p.advanceReading(poll, now)
	}
	if poll.failure != nil {
		for _, e := range poll.missing() {
			p.board.postpone(e, poll.failure, now)
		}
		poll.failure = nil
	}
	if !poll.hasUnsent() && !poll.hasPages() {
		poll.getRest()
		poll.prune()
	}
	if poll.isOver() {
		p.end(poll, now)
	}
}

// advanceReading goes on after the pages of a reading: with further pages of the same list, with the next list, or with a
// list that may show what is missing.
func (p *polling) advanceReading(poll *poll, now time.Time) {
	missing := poll.missing()
	if r := poll.readings[0]; r.status == scriptix.StatusProcessing {
		p.surplus = max(0, r.pages-max(1, pagesOf(r.sessions)))
	}
	if len(missing) == 0 || !p.trust.lists(now) {
		poll.drop()
		return
	}
	if p.trust.offsets(now) && poll.extend(len(missing)) {
		return
	}
	through := poll.readings[0]
	poll.readings = poll.readings[1:]
	if through.status == "" {
		noteMisses(missing, through)
	}
	if len(poll.readings) > 0 {
		poll.askPages()
		return
	}
	view := p.view(poll, now)
	switch {
	case poll.filters:
		// What no list shows as running has finished.
		if !poll.topped && len(missing) >= worthwhile {
			poll.read(&reading{to: scriptix.PageSize})
		}
	case view.filter && view.filterCost() < len(missing):
		poll.read(p.filtered(missing)...)
	}
}

// noteMisses notes which sessions a window did not show. Those that nobody had looked for are not at the top; the others
// may have moved by a few places, and are looked for in a wider window once.
func noteMisses(missing []*entry, window *reading) {
	for _, e := range missing {
		if e.place == notLooked && window.last != nil {
			e.place = lost
		}
		if e.place >= 0 {
			e.misses++
		}
		if e.misses > 1 {
			e.place = lost
		}
	}
}

// end ends a poll.
func (p *polling) end(poll *poll, now time.Time) {
	at := slices.Index(p.polls, poll)
	if at < 0 {
		return
	}
	p.polls = slices.Delete(p.polls, at, at+1)
	const weight = 0.2 // of the latest poll in the average
	share := float64(poll.finished) / float64(len(poll.entries))
	p.finishing += weight * (share - p.finishing)
	for _, w := range poll.waits {
		w.polls++
		w.signal(now)
	}
}

// endWaits ends the waits that have come to their end, and those that a rate limit leaves no further request.
func (p *polling) endWaits(now time.Time) {
	closed := p.limits.Closed()
	for _, w := range slices.Clone(p.board.waits) {
		switch {
		case w.pending == 0, w.isFailing() && p.isThrough(w, now):
			w.end(nil)
		case closed != nil && !p.isUnderWay(w) && w.isCutOff(closed.Until):
			w.end(&RateLimitError{Progress: w.progress(), Err: closed})
		default:
			if now.Sub(w.signaledAt) >= MinimumInterval {
				w.signal(now)
			}
			continue
		}
		p.leave(w)
	}
}

// endAll ends all waits with an error that holds for all of them.
func (p *polling) endAll(err error) {
	for _, w := range slices.Clone(p.board.waits) {
		w.end(err)
		p.leave(w)
	}
}

// isThrough reports whether a failing wait can end: no page and no GET is still to come that may show another failure. It
// does not wait long for them.
func (p *polling) isThrough(w *wait, now time.Time) bool {
	if now.Sub(w.failingFrom) >= failureGrace {
		return true
	}
	for _, e := range w.entries {
		mayFail := e.needsGet && e.session.Status != scriptix.StatusCompleted
		if e.asked != nil || e.poll != nil && (e.poll.hasPages() || mayFail) {
			return false
		}
	}
	return true
}

// isUnderWay reports whether an answer for the wait is under way.
func (p *polling) isUnderWay(w *wait) bool {
	return slices.ContainsFunc(p.polls, func(poll *poll) bool {
		return poll.isUnderWay() && slices.Contains(poll.waits, w)
	})
}

// isCutOff reports whether the wait would still ask before its deadline, but cannot before a moment behind it.
func (w *wait) isCutOff(until time.Time) bool {
	deadline, ok := w.ctx.Deadline()
	if !ok || !until.After(deadline) {
		return false
	}
	if !w.lastLook.IsZero() {
		return true
	}
	return slices.ContainsFunc(w.entries, func(e *entry) bool { return !e.isOver() && e.due.Before(deadline) })
}

// earliest returns the earlier of two moments; a zero one does not count.
func earliest(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}
