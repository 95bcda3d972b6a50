package provider

import (
	"slices"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
	"github.com/scriptix/terraform-provider-scriptix/internal/wait"
)

// waitArguments are the values of a block's arguments for reading and waiting.
type waitArguments struct {
	waits           bool
	options         wait.Options
	allowUnfinished bool
	timeout         time.Duration
	timeoutArgument string // the argument that sets timeout, as diagnostics name it
}

// accept reports whether the operation may return sessions although these have not finished. A failed session without its
// details is still a failure.
func (a waitArguments) accept(unfinished []scriptix.Session) bool {
	hasFailed := func(session scriptix.Session) bool { return session.Outcome() == scriptix.Failed }
	return a.allowUnfinished && (a.options.AllowFailed || !slices.ContainsFunc(unfinished, hasFailed))
}
