package wait

import (
	"slices"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
)

// board holds all waits and the sessions that they wait for.
type board struct {
	waits   []*wait           // in the order in which they joined
	entries map[string]*entry // by session id; without those that had finished before their wait began
}

// join adds a wait for sessions that its caller has just read.
func (b *board) join(w *wait, sessions []scriptix.Session) {
	w.entries = make([]*entry, len(sessions))
	w.pending = len(sessions)
	for i := range sessions {
		e := b.entry(sessions[i], w.started)
		w.entries[i] = e
		isKnown := len(e.waits) > 0
		e.waits = append(e.waits, w)
		switch {
		case e.isOver():
			w.finish(e, w.started)
		case !isKnown || sessions[i].Settled():
			b.take(e, sessions[i], w.started)
		case e.due.After(w.started.Add(w.interval(w.started))):
			setDue(e, w.started) // the caller may have read long ago, so that only a settled session is news
		}
	}
	b.waits = append(b.waits, w)
}

// entry returns the entry of a session. It adds one for a session that is new and not settled.
func (b *board) entry(session scriptix.Session, now time.Time) *entry {
	e, known := b.entries[session.SessionID]
	if known {
		return e
	}
	e = &entry{session: session, place: notLooked, getAt: now}
	if !e.isOver() {
		b.entries[session.SessionID] = e
	}
	return e
}

// leave removes a wait, and each session that no other wait needs. Later answers about such a session are ignored.
func (b *board) leave(w *wait) {
	at := slices.Index(b.waits, w)
	if at < 0 {
		return
	}
	b.waits = slices.Delete(b.waits, at, at+1)
	for _, e := range w.entries {
		e.waits = slices.DeleteFunc(e.waits, func(other *wait) bool { return other == w })
		if len(e.waits) > 0 {
			continue
		}
		if b.entries[e.session.SessionID] == e {
			delete(b.entries, e.session.SessionID)
		}
		e.poll, e.asked = nil, nil
	}
}

// take merges a session from an answer into its entry, and sets when to ask next.
func (b *board) take(e *entry, shown scriptix.Session, now time.Time) {
	if e.isOver() {
		return
	}
	e.session = e.session.Update(shown)
	switch {
	case e.session.Settled():
		e.poll, e.needsGet = nil, false
		for _, w := range e.waits {
			w.finish(e, now)
		}
	case e.session.Outcome() == scriptix.Running:
		e.poll, e.needsGet = nil, false
		setDue(e, now)
	default: // finished, but abbreviated: the poll continues with its own GET
		e.needsGet = true
		e.due = now
	}
}

// setDue sets when to ask next, by the shortest interval of its waits.
func setDue(e *entry, now time.Time) {
	e.interval = e.waits[0].interval(now)
	for _, w := range e.waits[1:] {
		e.interval = min(e.interval, w.interval(now))
	}
	e.due = now.Add(e.interval)
}

// takeGet takes in the answer to a session's own GET.
func (b *board) takeGet(e *entry, session *scriptix.Session, now time.Time) {
	e.getAt = now
	b.take(e, *session, now)
}

// takePage updates the awaited sessions on a page that was requested at sentAt, and returns those that were not over. It
// ignores a session whose own GET was answered after sentAt, because that answer is newer.
func (b *board) takePage(page *scriptix.Page, isWindow bool, sentAt, now time.Time) []*entry {
	var found []*entry
	for i := range page.Sessions {
		e, awaited := b.entries[page.Sessions[i].SessionID]
		if !awaited || e.isOver() {
			continue
		}
		if isWindow {
			e.place, e.misses = page.Place(i), 0
		}
		if sentAt.Before(e.getAt) {
			continue
		}
		found = append(found, e)
		b.take(e, page.Sessions[i], now)
	}
	return found
}

// postpone leaves a session to the next poll after a failed request.
func (b *board) postpone(e *entry, failure error, now time.Time) {
	e.poll = nil
	setDue(e, now)
	for _, w := range e.waits {
		w.lastFailure = failure
	}
}

// blame ends a session with an error that no later request can change.
func (b *board) blame(e *entry, err error, now time.Time) {
	e.poll = nil
	e.fault = &scriptix.SessionError{SessionID: e.session.SessionID, Err: err}
	for _, w := range e.waits {
		w.finish(e, now)
	}
}

// longestUnread returns the one running session whose own GET is longest ago, at least age, or none.
func (b *board) longestUnread(age time.Duration, now time.Time) []*entry {
	var oldest *entry
	for _, w := range b.waits {
		for _, e := range w.entries {
			if e.isOver() || e.needsGet || e.asked != nil || now.Sub(e.getAt) < age || now.Sub(e.triedAt) < age {
				continue
			}
			if oldest == nil || e.getAt.Before(oldest.getAt) {
				oldest = e
			}
		}
	}
	if oldest == nil {
		return nil
	}
	return []*entry{oldest}
}
