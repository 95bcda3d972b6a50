package wait

import (
	"fmt"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
)

// TimeoutError says that the caller's deadline came before the sessions had finished.
type TimeoutError struct{ Progress }

func (e *TimeoutError) Error() string { return "timed out: " + e.String() }

// CancelledError says that the caller gave up, by an interrupt for example.
type CancelledError struct{ Progress }

func (e *CancelledError) Error() string { return "cancelled: " + e.String() }

// RateLimitError says that no request can be sent before the caller's deadline, though polls were still due.
type RateLimitError struct {
	Progress
	Err *scriptix.RateLimitError
}

func (e *RateLimitError) Error() string { return e.Err.Error() + ": " + e.String() }

// Unwrap returns until when no request can be sent, and why.
func (e *RateLimitError) Unwrap() error { return e.Err }

// FailedError says that sessions ended as failed, and that the caller has not allowed it.
type FailedError struct {
	Failed  []scriptix.Session // in the order asked for
	Pending int                // how many others were still running, as last seen; nobody waited for them
}

func (e *FailedError) Error() string {
	return fmt.Sprintf("%d sessions failed, %d still running", len(e.Failed), e.Pending)
}
