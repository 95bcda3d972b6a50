package wait

import (
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
)

// recentFor is how long an answer serves reads that come later: Terraform asks for the next session as soon as one is answered.
const recentFor = 30 * time.Second

// recent holds what answers have shown a short while ago, also of sessions that nobody had asked for. It is only kept while
// reads come.
type recent struct {
	sightings map[string]sighting // by session ID
	until     time.Time           // when they are forgotten, unless another read comes
}

// sighting is a session as an answer showed it.
type sighting struct {
	session scriptix.Session
	place   int // in the list, or unknown
	at      time.Time
}

// begin notes a read. It forgets what is too old.
func (r *recent) begin(now time.Time) {
	if r.sightings == nil || now.After(r.until) {
		r.sightings = make(map[string]sighting)
	}
	r.until = now.Add(recentFor)
}

// add notes a session that an answer shows.
func (r *recent) add(session *scriptix.Session, place int, now time.Time) {
	if !now.Before(r.until) {
		return
	}
	r.sightings[session.SessionID] = sighting{*session, place, now}
}

// get returns what an answer showed of a session a short while ago.
func (r *recent) get(sessionID string, now time.Time) (seen sighting, ok bool) {
	seen, ok = r.sightings[sessionID]
	return seen, ok && now.Sub(seen.at) < recentFor
}
