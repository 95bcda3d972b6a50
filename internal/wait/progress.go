package wait

import (
	"fmt"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
)

// Progress describes a wait at one moment.
type Progress struct {
	Pending     []scriptix.Session // not finished, as last read, in the order of the call
	Finished    int                // number of finished sessions
	Age         time.Duration      // since an answer last showed the pending session that was shown longest ago
	Waited      time.Duration
	Polls       int
	LastFailure error // of the latest request that failed; nil if none did
}

func (p *Progress) String() string {
	return fmt.Sprintf("%d of %d sessions still running after %s and %d polls",
		len(p.Pending), len(p.Pending)+p.Finished, p.Waited, p.Polls)
}

// counts returns the number of pending sessions in each status.
func (p *Progress) counts() map[scriptix.Status]int {
	counts := make(map[scriptix.Status]int)
	for i := range p.Pending {
		counts[p.Pending[i].Status]++
	}
	return counts
}

// attributes describe the progress in a log.
func (p *Progress) attributes() []any {
	attributes := []any{
		"sessions", len(p.Pending) + p.Finished,
		"running", len(p.Pending),
		"poll", p.Polls,
		"elapsed", p.Waited.Round(time.Millisecond).String(),
	}
	if len(p.Pending)+p.Finished == 1 && len(p.Pending) == 1 {
		attributes = append(attributes, "session_id", p.Pending[0].SessionID, "status", string(p.Pending[0].Status))
	}
	if p.LastFailure != nil {
		attributes = append(attributes, "last_failure", p.LastFailure.Error())
	}
	return attributes
}
