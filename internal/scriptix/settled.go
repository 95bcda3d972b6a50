package scriptix

// Settled reports whether the session cannot change any more and is known in full, so that nobody has to ask for it
// again. A session that has finished is settled when its own GET said so, or when a list shows it as completed with
// Document and FinishedAt, or as failed with FinishedAt or a text in Error. Statuses only move forward: a list can be
// late, but a session that it shows in full as finished has finished.
func (s *Session) Settled() bool {
	switch s.Outcome() {
	case Running:
		return false
	case Failed:
		return s.ownGet || s.Error != nil && *s.Error != "" || s.FinishedAt != nil
	case Completed, Unrecognised:
	}
	return s.ownGet || s.Document != nil && s.FinishedAt != nil
}

// Update returns what is known of a session, now that the API has shown it again: in a list or in the answer to its own
// GET. A settled session stays as it is, and a list moves no session backwards. A list item may be abbreviated, so that
// what it omits is taken from what was known, except what only the end of a session sets.
func (s *Session) Update(shown Session) Session {
	if s.Settled() || !shown.ownGet && shown.progress() < s.progress() {
		return *s
	}
	if shown.ownGet {
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

// progress orders the statuses. A status that the API's page does not name comes before the queue.
func (s *Session) progress() int {
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

// keep sets a field that an answer omits to its known value.
func keep[T any](field **T, known *T) {
	if *field == nil {
		*field = known
	}
}
