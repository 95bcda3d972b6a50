package scriptixtest

import (
	"slices"
	"sync"
	"time"
)

// sessionStore holds the sessions the API knows, newest first.
type sessionStore struct {
	mutex       sync.Mutex
	newestFirst []*storedSession
	byID        map[string]*storedSession
	added       int64
}

// storedSession remembers when a session was removed, so that a list that lags can still show it.
type storedSession struct {
	Session
	removedAt time.Time // zero: never
}

func (s *storedSession) existsAt(moment time.Time) bool {
	if moment.Before(s.CreatedAt) {
		return false
	}
	return s.removedAt.IsZero() || moment.Before(s.removedAt)
}

// add stores a session. One with the same id is replaced as if it had never been.
func (s *sessionStore) add(session Session, now time.Time) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if session.CreatedAt.IsZero() {
		session.CreatedAt = now
	}
	s.forget(session.SessionID)
	s.added++
	stored := &storedSession{Session: session.withDefaults(s.added)}
	place, _ := slices.BinarySearchFunc(s.newestFirst, stored, func(other, stored *storedSession) int {
		return stored.CreatedAt.Compare(other.CreatedAt)
	})
	s.newestFirst = slices.Insert(s.newestFirst, place, stored)
	s.byID[session.SessionID] = stored
}

func (s *sessionStore) forget(sessionID string) {
	replaced, known := s.byID[sessionID]
	if !known {
		return
	}
	place := slices.Index(s.newestFirst, replaced)
	s.newestFirst = slices.Delete(s.newestFirst, place, place+1)
}

func (s *sessionStore) remove(sessionID string, now time.Time) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	stored, known := s.byID[sessionID]
	if known && stored.existsAt(now) {
		stored.removedAt = now
	}
}

func (s *sessionStore) get(sessionID string, moment time.Time) (Session, bool) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	stored, known := s.byID[sessionID]
	if !known || !stored.existsAt(moment) {
		return Session{}, false
	}
	return stored.Session, true
}

// page returns one page of the sessions that had a status at a moment, any when status is empty, and how
// many there were on all pages.
func (s *sessionStore) page(moment time.Time, status string, offset, limit int) (page []Session, total int) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	for _, stored := range s.newestFirst {
		if stored.Unlisted || !stored.existsAt(moment) {
			continue
		}
		if status != "" && stored.statusAt(moment) != status {
			continue
		}
		if total >= offset && len(page) < limit {
			page = append(page, stored.Session)
		}
		total++
	}
	return page, total
}
