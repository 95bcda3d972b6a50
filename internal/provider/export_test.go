package provider

import (
	"context"
	"log/slog"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
	"github.com/scriptix/terraform-provider-scriptix/internal/wait"
)

// NewHastyServer makes the provider's protocol server. Its waits poll every few milliseconds, whatever poll_interval says:
// tests in fake time prove the real schedule.
func NewHastyServer() tfprotov6.ProviderServer {
	return newServer(&scriptixProvider{
		interrupted: context.Background(),
		version:     "test",
		newWaiter: func(client wait.Client, logger *slog.Logger) waiter {
			return hastyWaiter{wait.NewWaiter(client, logger)}
		},
	})
}

type hastyWaiter struct{ *wait.Waiter }

// Wait waits with a short poll interval.
func (w hastyWaiter) Wait(ctx context.Context, sessions []scriptix.Session, options wait.Options) ([]scriptix.Session, error) {
	options.PollInterval = 20 * time.Millisecond
	return w.Waiter.Wait(ctx, sessions, options)
}
