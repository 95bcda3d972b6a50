package scriptix

// Settled reports whether the session cannot change any more and is known in full, so that nobody has to ask for it
// again. A finished session is settled if its own GET shows it, whatever that lacks. In a list, it is settled if it holds
// what matters of its kind: a failed one its error, any other one its document with all fields, FinishedAt, Duration, and
// Filename. Statuses only move forward: a list can be late, but a session that it shows as finished has finished.
func (s *Session) Settled() bool {
	switch s.Outcome() {
	case Running:
		return false
	case Failed:
		return s.ownGet || s.Error != nil && *s.Error != ""
	case Completed, Unrecognized:
	}
	return s.ownGet || s.Document.isInFull() && s.FinishedAt != nil && s.Duration != nil && s.Filename != nil
}

// HasDetails reports whether a read can return the session: its own GET shows it, or a list shows every field that the API's
// page has for a session of this status. An item without media_url, for example, is enough for a wait, and not for a read.
func (s *Session) HasDetails() bool {
	if s.ownGet {
		return true
	}
	always := s.ID != nil && s.Filename != nil && s.Language != nil && s.MediaType != nil && s.MediaURL != nil &&
		s.CreatedAt != nil && s.SessionMode != nil
	return always && (s.Outcome() == Running || s.Settled() && s.StartedAt != nil && s.FinishedAt != nil)
}

func (d *Document) isInFull() bool {
	return d != nil && d.ID != nil && d.Name != nil && d.Type != nil
}

// Update returns what is known about the session after the API has shown it again, in a list or by its own GET. A settled
// session does not change. An answer that would move the session backwards is older than what is known: Update ignores a list,
// and takes from an own GET the fields without the status, because the list may have omitted them. An own GET overrules a list
// that shows the session as finished, but not in full. A list item may be abbreviated: what it omits does not change, except
// what only the end of a session sets.
func (s *Session) Update(shown Session) Session {
	isOlder := shown.rank() < s.rank()
	switch {
	case s.Settled(), isOlder && !shown.ownGet:
		return *s
	case isOlder && s.Outcome() == Running:
		shown.Status = s.Status
		keep(&shown.StartedAt, s.StartedAt)
		return shown
	case shown.ownGet:
		return shown
	}
	keep(&shown.ID, s.ID)
	keep(&shown.Filename, s.Filename)
	keep(&shown.Language, s.Language)
	keep(&shown.MediaType, s.MediaType)
	keep(&shown.MediaURL, s.MediaURL)
	keep(&shown.CreatedAt, s.CreatedAt)
	keep(&shown.StartedAt, s.StartedAt)
	keep(&shown.SessionMode, s.SessionMode)
	keep(&shown.CustomModelID, s.CustomModelID)
	return shown
}

// rank returns the place of the session's status in the order of statuses. An undocumented status comes before the
// queue.
func (s *Session) rank() int {
	switch {
	case s.Outcome() != Running:
		return 3
	case s.Status == StatusProcessing:
		return 2
	case s.Status == StatusQueued:
		return 1
	}
	return 0
}

// keep sets a field that the answer omits to its known value.
func keep[T any](field **T, known *T) {
	if *field == nil {
		*field = known
	}
}
