package wait

import (
	"fmt"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
)

// TimeoutError reports that sessions had not finished at the caller's deadline.
type TimeoutError struct{ Progress }

func (e *TimeoutError) Error() string { return "timed out: " + e.String() }

// CancelledError reports that the caller canceled the wait, for example after an interrupt.
type CancelledError struct{ Progress }

func (e *CancelledError) Error() string { return "cancelled: " + e.String() }

// RateLimitError reports that polls are due but no request can be sent before the caller's deadline.
type RateLimitError struct {
	Progress
	Err *scriptix.RateLimitError
}

func (e *RateLimitError) Error() string { return e.Err.Error() + ": " + e.String() }

// Unwrap returns the error that says how long no request can be sent, and why.
func (e *RateLimitError) Unwrap() error { return e.Err }

// FailedError reports failed sessions that Options.AllowFailed does not allow.
type FailedError struct {
	Failed  []scriptix.Session // in the order of the call
	Pending int                // number of other sessions that had not finished when last read
}

func (e *FailedError) Error() string {
	return fmt.Sprintf("%d sessions failed, %d still running", len(e.Failed), e.Pending)
}
