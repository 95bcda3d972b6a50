package wait

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
)

// BenchmarkWaitOn10000Sessions waits ten minutes on 10,000 sessions. The ten minutes take no time, so that what it reports
// is processor time. Its client has all pages ready: only waiting is measured.
func BenchmarkWaitOn10000Sessions(b *testing.B) {
	b.ReportAllocs()
	var requests int64
	for b.Loop() {
		synctest.Test(&testing.T{}, func(*testing.T) {
			client := newReadyClient(10_000, 10*time.Minute)
			_, err := NewWaiter(client, slog.New(slog.DiscardHandler)).Wait(context.Background(), client.running, Options{})
			if err != nil {
				b.Error(err)
			}
			requests += client.requests.Load()
		})
	}
	b.ReportMetric(float64(requests)/float64(b.N), "requests/op")
}

// readyClient knows sessions that all end at the same moment.
type readyClient struct {
	ends              time.Time
	running, finished []scriptix.Session
	requests          atomic.Int64
}

func newReadyClient(sessions int, length time.Duration) *readyClient {
	c := &readyClient{ends: time.Now().Add(length)}
	ended := c.ends.Format(time.RFC3339)
	for i := range sessions {
		session := scriptix.Session{SessionID: fmt.Sprintf("session-%05d", i), Status: scriptix.StatusProcessing}
		c.running = append(c.running, session)
		session.Status, session.FinishedAt, session.Filename, session.Duration = scriptix.StatusCompleted, &ended, new("a.mp3"), new(1.5)
		session.Document = &scriptix.Document{ID: new("1"), Name: new("a"), Type: new("transcript")}
		c.finished = append(c.finished, session)
	}
	return c
}

func (c *readyClient) now() []scriptix.Session {
	c.requests.Add(1)
	time.Sleep(80 * time.Millisecond)
	if time.Now().Before(c.ends) {
		return c.running
	}
	return c.finished
}

func (c *readyClient) GetSession(_ context.Context, sessionID string) (*scriptix.Session, error) {
	var place int
	if _, err := fmt.Sscanf(sessionID, "session-%d", &place); err != nil {
		return nil, err
	}
	session := c.now()[place]
	return &session, nil
}

func (c *readyClient) SessionPage(_ context.Context, _ scriptix.Status, offset int) (*scriptix.Page, error) {
	sessions := c.now()
	to := min(offset+scriptix.PageSize, len(sessions))
	return &scriptix.Page{Offset: offset, Sessions: sessions[offset:to], Items: to - offset, TotalResults: int64(len(sessions))}, nil
}

func (c *readyClient) NextPoll(last time.Time) time.Time { return last }

func (c *readyClient) RateLimited() *scriptix.RateLimitError { return nil }

func (c *readyClient) MaxConcurrentRequests() int { return 2 }

func (c *readyClient) MaxRetries() int { return 0 }
