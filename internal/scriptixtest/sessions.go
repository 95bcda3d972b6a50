package scriptixtest

import (
	"cmp"
	"encoding/json"
	"slices"
	"sync"
	"time"
)

// sessionStore holds the sessions of the API. Its order, oldest first, makes the usual Add an append.
type sessionStore struct {
	mutex       sync.Mutex
	oldestFirst []*storedSession
	byID        map[string]*storedSession
	added       int64
	freeze      freeze
}

// storedSession is a session of the API. It never changes, so that reading it needs no lock.
type storedSession struct {
	Session
	number      int64     // 1 for the session added first
	exactStatus string    // the status in Session.JSON
	removedAt   time.Time // zero: never; lists that lag still show the session until then
}

// row is a session as a list shows it.
type row struct {
	session *storedSession
	moment  time.Time // at which the list shows it
}

func newStoredSession(session Session, number int64, now time.Time) *storedSession {
	stored := &storedSession{Session: session, number: number, exactStatus: statusIn(session.JSON)}
	stored.setDefaults(number)
	if stored.CreatedAt.IsZero() {
		stored.CreatedAt = now
	}
	return stored
}

// compareAge orders sessions by creation, and those created at the same moment in the order of Add.
func compareAge(a, b *storedSession) int {
	return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), cmp.Compare(a.number, b.number))
}

func (s *storedSession) existsAt(moment time.Time) bool {
	if moment.Before(s.CreatedAt) {
		return false
	}
	return s.removedAt.IsZero() || moment.Before(s.removedAt)
}

// rowMoment returns the moment at which a list shows the session. It differs from that of the list if the row is stuck.
func (s *storedSession) rowMoment(moment time.Time) time.Time {
	if s.Stuck <= 0 {
		return moment // without arithmetic, because every list calls this for every session
	}
	return s.CreatedAt.Add(min(moment.Sub(s.CreatedAt), s.Stuck))
}

// isIn reports whether a list with a status filter shows the session at a moment. An empty filter matches every status.
func (s *storedSession) isIn(status string, moment time.Time) bool {
	if s.Unlisted || !s.existsAt(moment) {
		return false
	}
	if status == "" {
		return true
	}
	if s.JSON != "" {
		return s.exactStatus == status
	}
	return s.statusAt(moment) == status
}

// statusIn returns the status in a session's exact text; "" if the text has none or is no JSON.
func statusIn(text string) string {
	var object struct {
		Status string `json:"status"`
	}
	if json.Unmarshal([]byte(text), &object) != nil {
		return ""
	}
	return object.Status
}

// add stores a session. It replaces one with the same ID, which then has never existed.
func (s *sessionStore) add(session Session, now time.Time) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.freeze.keep(s.oldestFirst, now)
	s.forget(session.SessionID)
	s.added++
	stored := newStoredSession(session, s.added, now)
	s.oldestFirst = slices.Insert(s.oldestFirst, s.place(stored), stored)
	if stored.SessionID != "" {
		s.byID[stored.SessionID] = stored
	}
}

// place returns the index of a session, or the index at which to insert it.
func (s *sessionStore) place(session *storedSession) int {
	place, _ := slices.BinarySearchFunc(s.oldestFirst, session, compareAge)
	return place
}

func (s *sessionStore) forget(sessionID string) {
	replaced, known := s.byID[sessionID]
	if !known {
		return
	}
	place := s.place(replaced)
	s.oldestFirst = slices.Delete(s.oldestFirst, place, place+1)
}

func (s *sessionStore) remove(sessionID string, now time.Time) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.freeze.keep(s.oldestFirst, now)
	stored, known := s.byID[sessionID]
	if !known || !stored.existsAt(now) {
		return
	}
	removed := *stored
	removed.removedAt = now
	s.oldestFirst[s.place(stored)] = &removed
	s.byID[sessionID] = &removed
}

func (s *sessionStore) get(sessionID string, moment time.Time) (*storedSession, bool) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	stored, known := s.byID[sessionID]
	if !known || !stored.existsAt(moment) {
		return nil, false
	}
	return stored, true
}

// page returns the rows of one page, and the number of rows on all pages.
func (s *sessionStore) page(now time.Time, request pageRequest) (page []row, total int) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	oldestFirst, moment := s.freeze.world(s.oldestFirst, now)
	moment = moment.Add(-request.lag)
	inOrder := slices.Backward(oldestFirst)
	if request.oldestFirst {
		inOrder = slices.All(oldestFirst)
	}
	for _, stored := range inOrder {
		shownAt := stored.rowMoment(moment)
		if stored.Token != request.token || !stored.isIn(request.status, shownAt) {
			continue
		}
		if total >= request.offset && len(page) < request.limit {
			page = append(page, row{stored, shownAt})
		}
		total++
	}
	return page, total
}

func (s *sessionStore) freezeLists(now time.Time) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if !s.freeze.isOn(now) {
		s.freeze = freeze{from: now}
	}
}

func (s *sessionStore) thawLists() {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.freeze = freeze{}
}
