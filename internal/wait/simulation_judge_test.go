package wait_test

import (
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
	"github.com/scriptix/terraform-provider-scriptix/internal/wait"
)

// judge holds everything that came of the simulation against what really happened.
func (s *simulation) judge() {
	for _, w := range s.waits {
		if w.lastPending == nil {
			continue // it never began
		}
		s.judgeOutcome(w)
		s.judgeLateness(w)
		s.judgeLastLook(w)
	}
	s.judgeRequests()
	s.judgeThrift()
	s.judgeDepth()
	s.judgeLastLooks()
	s.judgeFailedPages()
	s.judgeReads()
}

// truth returns the session as the API shows it at a moment, in a list item that tells no more than its status.
func (s *simulation) truth(session *simulatedSession, now time.Duration) scriptix.Session {
	age := now - session.created
	status := scriptix.StatusProcessing
	switch {
	case age < session.Initial:
		status = scriptix.Status(session.InitialStatus)
	case age < session.Initial+session.Queued:
		status = scriptix.StatusQueued
	case now >= session.ends:
		status = session.finalStatus()
	}
	return scriptix.Session{SessionID: session.SessionID, Status: status}
}

func (s *simulatedSession) finalStatus() scriptix.Status {
	switch {
	case s.FinalStatus != "":
		return scriptix.Status(s.FinalStatus)
	case s.Error != "":
		return scriptix.StatusFailed
	}
	return scriptix.StatusCompleted
}

// judgeOutcome holds the result of a wait against what was done to it.
func (s *simulation) judgeOutcome(w *simulatedWait) {
	wrong := func(format string, arguments ...any) {
		s.blame("%s: %s", w, fmt.Sprintf(format, arguments...))
	}
	var failed *wait.FailedError
	var timeout *wait.TimeoutError
	var cancelled *wait.CancelledError
	var limited *wait.RateLimitError
	var atFault *scriptix.SessionError
	switch {
	case w.err == nil:
		s.judgeResult(w, wrong)
	case errors.As(w.err, &failed):
		s.judgeFailed(w, failed, wrong)
	case errors.As(w.err, &timeout):
		s.noteProgress(w, w.returned, &timeout.Progress)
		if w.returned < w.deadline || w.returned > w.deadline+w.slow {
			wrong("timed out, with a deadline at %s", w.deadline)
		}
	case errors.As(w.err, &cancelled):
		s.noteProgress(w, w.returned, &cancelled.Progress)
		if w.gaveUp {
			wrong("never returned, though it was to return at %s; last: %s", s.due(w), s.describeLate(w))
		} else if at := max(w.cancels, w.joined); w.cancels == 0 || w.returned < at || w.returned > at+w.slow {
			wrong("cancelled, though it was to be at %s", w.cancels)
		}
	case errors.As(w.err, &limited):
		s.noteProgress(w, w.returned, &limited.Progress)
		if !limited.Err.Until.After(s.began.Add(w.deadline)) {
			wrong("%v, with a deadline at %s", w.err, w.deadline)
		}
	case errors.As(w.err, &atFault):
		s.judgeFault(w, wrong)
	case scriptix.Classify(w.err) == scriptix.ClassTokenRefused:
		if !slices.ContainsFunc(s.troubles, func(t trouble) bool { return t.refusesToken() && w.returned >= t.from }) {
			wrong("%v", w.err)
		}
	default:
		wrong("%v", w.err)
	}
}

func (s *simulation) judgeResult(w *simulatedWait, wrong func(string, ...any)) {
	if len(w.got) != len(w.sessions) {
		wrong("%d sessions", len(w.got))
		return
	}
	for i, session := range w.sessions {
		if w.returned < session.ends {
			wrong("returned %s before the end of %s", session.ends-w.returned, session.SessionID)
			continue
		}
		if session.Error != "" && !w.options.AllowFailed {
			wrong("no error, though %s failed", session.SessionID)
		}
		s.judgeSession(&w.got[i], session, wrong)
	}
}

// judgeSession holds a session that was returned against the truth.
func (s *simulation) judgeSession(got *scriptix.Session, session *simulatedSession, wrong func(string, ...any)) {
	if got.SessionID != session.SessionID {
		wrong("%s stands in the place of %s", got.SessionID, session.SessionID)
		return
	}
	type told struct{ id, status, filename, problem, document, hasEnd any }
	want := told{session.ID, session.finalStatus(), session.SessionID + ".mp3", "", "", true}
	have := told{value(got.ID), got.Status, value(got.Filename), value(got.Error), "", got.FinishedAt != nil}
	if session.Error != "" {
		want.problem = session.Error
	} else {
		want.document = strconv.FormatInt(session.DocumentID, 10)
	}
	if got.Document != nil {
		have.document = value(got.Document.ID)
	}
	if !reflect.DeepEqual(have, want) {
		wrong("%s was returned as %v, want %v", session.SessionID, have, want)
	}
}

// value returns what a pointer points at, and the zero value for nil.
func value[T any](pointer *T) T {
	if pointer == nil {
		var zero T
		return zero
	}
	return *pointer
}

// judgeFailed holds a FailedError against the truth: it names failed sessions in order, those that had to be known among
// them.
func (s *simulation) judgeFailed(w *simulatedWait, failed *wait.FailedError, wrong func(string, ...any)) {
	if w.options.AllowFailed {
		wrong("%v, which is allowed", failed)
	}
	next, running := 0, 0
	for _, session := range w.sessions {
		isNamed := next < len(failed.Failed) && failed.Failed[next].SessionID == session.SessionID
		if w.returned < session.over() {
			running++
		}
		switch {
		case isNamed && (w.returned < session.ends || session.Error == ""):
			wrong("names %s as failed", session.SessionID)
		case isNamed:
			s.judgeSession(&failed.Failed[next], session, wrong)
		}
		if isNamed {
			next++
		}
	}
	if next == 0 || next < len(failed.Failed) {
		wrong("names %d of the wait's sessions as failed, and %d in all", next, len(failed.Failed))
	}
	if next == len(failed.Failed) {
		s.judgeUnnamed(w, failed, wrong)
	}
	if failed.Pending < running || failed.Pending > len(w.sessions)-len(failed.Failed) {
		wrong("%v, while %d really are running", failed, running)
	}
}

// judgeUnnamed finds sessions that failed no later than those that an error names, and that the same page shows.
func (s *simulation) judgeUnnamed(w *simulatedWait, failed *wait.FailedError, wrong func(string, ...any)) {
	if !s.isGood() || s.isLimited() || s.rows > scriptix.PageSize {
		return
	}
	earliest := never
	var unnamed []*simulatedSession
	for _, session := range w.sessions {
		isNamed := slices.ContainsFunc(failed.Failed, func(named scriptix.Session) bool { return named.SessionID == session.SessionID })
		if isNamed {
			earliest = min(earliest, session.ends)
		} else if session.Error != "" && !session.isDeleted() {
			unnamed = append(unnamed, session)
		}
	}
	for _, session := range unnamed {
		if session.ends <= earliest {
			wrong("%v: does not name %s, which failed as well", failed, session.SessionID)
		}
	}
}

// judgeFault holds errors about sessions against the truth: each is about a session that has been deleted.
func (s *simulation) judgeFault(w *simulatedWait, wrong func(string, ...any)) {
	joined, ok := w.err.(interface{ Unwrap() []error })
	if !ok {
		wrong("%v", w.err)
		return
	}
	for _, err := range joined.Unwrap() {
		var atFault *scriptix.SessionError
		if !errors.As(err, &atFault) || !scriptix.IsNotFound(err) {
			wrong("%v", err)
			continue
		}
		at := slices.IndexFunc(w.sessions, func(session *simulatedSession) bool { return session.SessionID == atFault.SessionID })
		if at < 0 || w.sessions[at].removed == 0 || w.returned < w.sessions[at].removed {
			wrong("%v", err)
		}
	}
}

// judgeLateness holds when a wait returned, and until when it reported each session as running, against the bound.
func (s *simulation) judgeLateness(w *simulatedWait) {
	if due := s.due(w); w.returned > due && !w.gaveUp {
		s.blame("%s: returned %s late; last: %s", w, w.returned-due, s.describeLate(w))
	}
	for i, session := range w.sessions {
		if latest := s.latest(w, session); w.lastPending[i] > latest+w.slow && !w.gaveUp {
			s.blame("%s: %s was over at %s and still reported as running at %s, which is %s late",
				w, session.SessionID, session.over(), w.lastPending[i], w.lastPending[i]-latest)
		}
	}
}

// describeLate names a session that kept a wait.
func (s *simulation) describeLate(w *simulatedWait) string {
	latest := w.sessions[0]
	for i, session := range w.sessions {
		if w.lastPending[i] > w.lastPending[slices.Index(w.sessions, latest)] {
			latest = session
		}
	}
	return fmt.Sprintf("%s, over at %s, due at %s", latest.SessionID, latest.over(), s.latest(w, latest))
}

// judgeLastLook finds out whether a wait that timed out with few sessions had asked for them just before.
func (s *simulation) judgeLastLook(w *simulatedWait) {
	const margin, recent = 5 * time.Second, wait.MinimumInterval
	var timeout *wait.TimeoutError
	look := w.deadline - margin
	if !errors.As(w.err, &timeout) || len(w.sessions) > 10 || w.joined >= look || w.slow > 0 || s.isLimited() || s.mayBeBusy(look, w.deadline) {
		return
	}
	for i, session := range w.sessions {
		if w.lastPending[i] == w.returned && max(session.over(), w.joined) < look-recent-s.latency {
			s.blame("%s: %s was reported as running, and over at %s: there was no last look", w, session.SessionID, session.over())
		}
	}
}

// mayBeBusy reports whether last looks may not come through: because of trouble, of a first read, or of each other.
func (s *simulation) mayBeBusy(from, to time.Duration) bool {
	const most = 10 // GETs of a last look
	looks := s.connections
	for _, w := range s.waits {
		if w.deadline >= from && w.deadline <= to+to-from {
			looks += min(most, len(w.sessions))
		}
	}
	if time.Duration(looks)*s.latency/time.Duration(s.connections) >= to-from-time.Second {
		return true
	}
	overlaps := func(other span) bool { return other.from <= to && other.to >= from }
	return s.countReads(from, to) > 0 ||
		slices.ContainsFunc(s.troubles, func(t trouble) bool { return overlaps(span{t.from, t.to + t.carry}) })
}

// received is a request in the log of the fake.
type received struct {
	scriptixtest.Request
	at time.Duration
}

func (s *simulation) received() []received {
	var all []received
	for _, request := range s.Requests() {
		all = append(all, received{request, request.Time.Sub(s.began)})
	}
	return all
}

// judgeRequests holds the requests of polls against rule 7: whatever the API does, no more than one GET for each session
// and poll, and what verifies lists.
func (s *simulation) judgeRequests() {
	gets, askedAt := make(map[string]int), make(map[string]time.Duration)
	total, failedPages, unanswered, limited := 0, 0, 0, 0 // limited: refused by the plan
	reads := make(map[string]int)                         // of each session, and its GETs that failed, which a read sends again
	for _, r := range s.reads {
		for _, session := range r.sessions {
			reads[session.SessionID]++
		}
	}
	for _, request := range s.received() {
		if request.Answered == http.StatusTooManyRequests && !s.isTroubled(request.at) {
			limited++
		}
		if request.Answered == http.StatusTooManyRequests {
			continue // sent again as soon as that is allowed
		}
		total++
		if request.Answered == 0 {
			unanswered++ // net/http repeats it by itself, if the connection was reset
		}
		if request.SessionID == "" {
			if s.isTroubled(request.at) {
				failedPages++
			}
			continue
		}
		if before, ok := askedAt[request.SessionID]; ok && before == request.at && !s.isTroubled(request.at) && !s.beginsRead(request.at) { // net/http may repeat
			s.blame("%s was asked for twice at %s", request.SessionID, request.at)
		}
		askedAt[request.SessionID] = request.at
		gets[request.SessionID]++
		if reads[request.SessionID] > 0 && request.Answered >= http.StatusBadRequest {
			reads[request.SessionID]++
		}
		if !s.isAwaited(request.SessionID, request.at) {
			s.blame("%s was asked for at %s, when nobody waited for it", request.SessionID, request.at)
		}
	}
	minutes := int(s.lastReturn() / time.Minute)
	allowed := 0
	for _, session := range s.sessions {
		polls, lastLooks := s.polls(session)+reads[session.SessionID], s.waitsFor(session)
		allowed += polls
		if most := polls + lastLooks + minutes + unanswered + failedPages + 3; gets[session.SessionID] > most {
			s.blame("%d GETs of %s, at most %d are allowed", gets[session.SessionID], session.SessionID, most)
		}
	}
	lastLooks := 0
	for _, w := range s.waits {
		lastLooks += min(10, len(w.sessions))
	}
	most := allowed + lastLooks + minutes + unanswered + failedPages + 3*len(s.waits)
	if s.headers && limited > 1 {
		s.blame("%d requests were refused by the plan, whose headers say what it leaves", limited)
	}
	if total > most {
		s.blame("%d requests, at most %d are allowed", total, most)
	}
}

// judgeThrift holds the requests of polls against what they may cost while lists can be used.
func (s *simulation) judgeThrift() {
	calm := s.calm()
	if calm == nil {
		return
	}
	total := 0
	for _, request := range s.received() {
		if request.at >= calm.from && request.at < calm.to {
			total++
		}
	}
	if total > calm.allowed {
		s.blame("%d requests from %s to %s, when lists could be used; at most %d are allowed, and own GETs would have been %d",
			total, calm.from, calm.to, calm.allowed, calm.replaced)
	}
}

// judgeLastLooks finds out whether the last look of a large wait asks for more than a few of its sessions.
func (s *simulation) judgeLastLooks() {
	const margin, most, few = 5 * time.Second, 10, 3
	if !s.isGood() || s.isLimited() {
		return
	}
	for _, w := range s.waits {
		var timeout *wait.TimeoutError
		look := w.deadline - margin
		if !errors.As(w.err, &timeout) || w.joined > look-time.Minute || s.mayBeBusy(look, w.deadline) {
			continue
		}
		gets := 0
		for _, request := range s.received() {
			if request.SessionID != "" && request.at >= look && request.at <= w.deadline {
				gets++
			}
		}
		if allowed := most + few + s.endingAround(look, time.Minute); gets > allowed {
			s.blame("%s: %d GETs at its last look, at most %d are allowed", w, gets, allowed)
		}
	}
}

// judgeDepth finds out whether pages below the top are asked for again and again though the offset is ignored.
func (s *simulation) judgeDepth() {
	const quirk, several = 15 * time.Minute, 5
	if !s.ignoresOffset || s.churn > 0 || len(s.troubles) > 0 {
		return
	}
	deep := 0
	for _, request := range s.received() {
		if request.SessionID == "" && request.Query.Get("offset") != "0" {
			deep++
		}
	}
	if most := int(s.lastReturn()/quirk+1) * (s.rows/scriptix.PageSize + several); deep > most {
		s.blame("%d pages below the top, at most %d are allowed, because the offset is ignored", deep, most)
	}
}

// judgeFailedPages finds out whether own GETs replace a page that fails for the first time. Its sessions have to wait for
// the next poll.
func (s *simulation) judgeFailedPages() {
	const soon, few = time.Second, 3
	if !s.hasGoodLists() || s.thaw > 0 || len(s.troubles) != 1 || s.troubles[0].reach != hitsLists || s.troubles[0].carry > time.Second {
		return
	}
	var failedAt time.Duration
	gets := 0
	for _, request := range s.received() {
		switch {
		case request.SessionID == "" && failedAt == 0 && request.Answered >= http.StatusInternalServerError:
			failedAt = request.at
		case request.SessionID != "" && failedAt > 0 && request.at < failedAt+soon:
			gets++
		}
	}
	if most := few + s.endingAround(failedAt, time.Minute) + s.countReads(failedAt, failedAt+soon); gets > most {
		s.blame("%d GETs within %s of a page that failed at %s, at most %d are allowed", gets, soon, failedAt, most)
	}
}

// waitsFor returns how many waits there are for a session, each of which may look for the last time.
func (s *simulation) waitsFor(session *simulatedSession) int {
	count := 0
	for _, w := range s.waits {
		if slices.Contains(w.sessions, session) {
			count++
		}
	}
	return count
}

func (s *simulation) isTroubled(at time.Duration) bool {
	return slices.ContainsFunc(s.troubles, func(t trouble) bool { return at >= t.from && at < t.to })
}

// isAwaited reports whether a request for a session may arrive at a moment. It may stand behind those of a first read.
func (s *simulation) isAwaited(sessionID string, at time.Duration) bool {
	isRead := slices.ContainsFunc(s.reads, func(r *simulatedRead) bool {
		return at >= r.from && at <= r.to+s.latency && slices.Contains(idsOf(r.sessions), sessionID)
	})
	return isRead || slices.ContainsFunc(s.waits, func(w *simulatedWait) bool {
		if at < w.joined || at > w.returned+s.latency {
			return false
		}
		return slices.ContainsFunc(w.sessions, func(session *simulatedSession) bool { return session.SessionID == sessionID })
	})
}

// beginsRead reports whether a read begins at a moment. It needs a request of its own.
func (s *simulation) beginsRead(at time.Duration) bool {
	return slices.ContainsFunc(s.reads, func(r *simulatedRead) bool { return r.from == at })
}

func (s *simulation) lastReturn() time.Duration {
	last := time.Duration(0)
	for _, w := range s.waits {
		last = max(last, w.returned)
	}
	for _, r := range s.reads {
		last = max(last, r.to)
	}
	return last
}
