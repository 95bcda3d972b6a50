package contract

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
	"github.com/scriptix/terraform-provider-scriptix/internal/wait"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// What the client sends in all that it offers, a wait included, and what the fake answers meanwhile.
func TestClientAsksAsDescribed(t *testing.T) {
	t.Parallel()
	unusual := []string{"a.b_c-d~e", "ü%+&?#", "…=;:@,$!*'()"}
	tests := map[string]struct {
		more     int // completed sessions
		ask      func(ctx context.Context, client *scriptix.Client) error
		statuses []int
	}{
		"session": {0, func(ctx context.Context, client *scriptix.Client) error {
			for _, sessionID := range slices.Concat(unusual, []string{"queued", "processing", "completed", "failed"}) {
				if _, err := client.GetSession(ctx, sessionID); err != nil {
					return err
				}
			}
			return nil
		}, []int{200}},
		"unknown session": {0, func(ctx context.Context, client *scriptix.Client) error {
			if _, err := client.GetSession(ctx, "nobody-knows"); !scriptix.IsNotFound(err) {
				return fmt.Errorf("want a 404, got %w", err)
			}
			return nil
		}, []int{404}},
		"lists": {250, func(ctx context.Context, client *scriptix.Client) error {
			for _, status := range append(scriptix.Statuses(), "") {
				if _, err := client.ListSessions(ctx, scriptix.ListOptions{Status: status}); err != nil {
					return err
				}
			}
			_, err := client.ListSessions(ctx, scriptix.ListOptions{MaxResults: 120})
			return err
		}, []int{200}},
		"sessions by ID": {250, func(ctx context.Context, client *scriptix.Client) error {
			_, err := newWaiter(client).Read(ctx, slices.Concat(unusual, []string{"queued", "session-1", "session-200"}), wait.ReadOptions{})
			return err
		}, []int{200}},
		"wait": {0, func(ctx context.Context, client *scriptix.Client) error {
			waiter := newWaiter(client)
			sessions, err := waiter.Read(ctx, slices.Concat(unusual, []string{"queued", "processing", "completed"}), wait.ReadOptions{})
			if err != nil {
				return err
			}
			_, err = waiter.Wait(ctx, sessions, wait.Options{})
			return err
		}, []int{200}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := scriptixtest.NewPipeServer(t)
				addAccount(server, test.more)
				for _, sessionID := range unusual {
					server.Add(scriptixtest.Session{SessionID: sessionID, Queued: time.Minute, Processing: time.Minute})
				}
				judge := newJudge(t, server.Transport())
				if err := test.ask(t.Context(), newClient(t, server.URL, judge)); err != nil {
					t.Error(err)
				}
				judge.acquit(t, test.statuses...)
			})
		})
	}
}

func newClient(t *testing.T, address string, transport http.RoundTripper) *scriptix.Client {
	t.Helper()
	base, err := scriptix.ParseBaseURL(address)
	if err != nil {
		t.Fatal(err)
	}
	token, err := scriptix.NewToken(scriptixtest.Token)
	if err != nil {
		t.Fatal(err)
	}
	return scriptix.NewClient(scriptix.Config{
		BaseURL:               base,
		Token:                 token,
		UserAgent:             "contract-test",
		MaxConcurrentRequests: scriptix.DefaultMaxConcurrentRequests,
		RequestTimeout:        scriptix.DefaultRequestTimeout,
		Transport:             transport,
	})
}

func newWaiter(client *scriptix.Client) *wait.Waiter {
	return wait.NewWaiter(client.ForPolling(), slog.New(slog.DiscardHandler))
}
