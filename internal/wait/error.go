package wait

import (
	"errors"
	"fmt"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
)

// Progress is how far a wait has come.
type Progress struct {
	Pending     []scriptix.Session // not finished, as last seen, in the order asked for
	Finished    int                // how many had finished
	Waited      time.Duration
	Polls       int
	LastFailure error // why the latest poll that failed did; nil when none failed
}

func (p *Progress) String() string {
	return fmt.Sprintf("%d of %d sessions still running after %s and %d polls",
		len(p.Pending), len(p.Pending)+p.Finished, p.Waited, p.Polls)
}

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

// endsWait judges why a poll failed, after a first read that succeeded. What may pass is left to the next poll:
// failures of the network, of the API's own machines and of whatever stands before them, and rate limits. What
// cannot is the API's no to this token or session, and an answer that breaks the contract.
func endsWait(err error) bool {
	var refusal *scriptix.APIError
	if errors.As(err, &refusal) {
		return !refusal.Transient()
	}
	var answer *scriptix.AnswerError
	if errors.As(err, &answer) {
		return !answer.NotJSON
	}
	var redirect *scriptix.RedirectError
	return errors.As(err, &redirect)
}

// refusesToken reports whether the API refuses the token as such: what one request was told holds for all.
func refusesToken(err error) bool {
	var refusal *scriptix.APIError
	return errors.As(err, &refusal) && refusal.RefusesToken()
}

// tellsWhen reports whether an error is the API's asking to come back later.
func tellsWhen(err error) bool {
	var refusal *scriptix.APIError
	return errors.As(err, &refusal) && !refusal.RetryAt.IsZero()
}

// isClosed reports whether a request was not sent at all, because the gate was closed.
func isClosed(err error) bool {
	var closed *scriptix.RateLimitError
	return errors.As(err, &closed)
}
