package provider

import (
	"context"
	"errors"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
	"github.com/scriptix/terraform-provider-scriptix/internal/wait"
)

const (
	// overslept is how long after its deadline a wait ends that could not look: its process was stopped, and woke too late.
	overslept = 3 * time.Second
	// wakingTimeout bounds the look after waking.
	wakingTimeout = 30 * time.Second
)

// awaitAll waits until the deadline of limited, which is a context within ctx. If the process was stopped until after the deadline,
// such as by SIGSTOP or a paused container, it looks at the sessions once more: they went on meanwhile.
func (c *connection) awaitAll(
	ctx, limited context.Context, sessions []scriptix.Session, options wait.Options,
) ([]scriptix.Session, error) {
	awaited, err := c.waiter.Wait(limited, sessions, options)
	deadline, _ := limited.Deadline()
	timeout, isTimeout := errors.AsType[*wait.TimeoutError](err)
	if !isTimeout || time.Since(deadline) < overslept {
		return awaited, err
	}
	ctx, end := c.begin(ctx, wakingTimeout)
	defer end()
	latest, readErr := c.waiter.Read(ctx, idsOf(awaited), wait.ReadOptions{})
	if readErr != nil {
		return awaited, err
	}
	// Its deadline is over, so it only decides.
	awaited, err = c.waiter.Wait(limited, latest, options)
	if again, ok := errors.AsType[*wait.TimeoutError](err); ok {
		again.Waited, again.Polls = timeout.Waited, timeout.Polls
	}
	return awaited, err
}

func idsOf(sessions []scriptix.Session) []string {
	sessionIDs := make([]string, len(sessions))
	for i := range sessions {
		sessionIDs[i] = sessions[i].SessionID
	}
	return sessionIDs
}
