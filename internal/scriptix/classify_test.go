package scriptix_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"testing"
	"testing/synctest"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
)

func TestClassify(t *testing.T) {
	t.Parallel()
	classes := map[int]scriptix.Class{}
	for status := 100; status < 500; status++ {
		classes[status] = scriptix.ClassPermanent
	}
	for status := 500; status < 1000; status++ {
		classes[status] = scriptix.ClassPassing
	}
	for _, status := range []int{408, 429, 500, 502, 503, 504} {
		classes[status] = scriptix.ClassRetryable
	}
	classes[401], classes[402] = scriptix.ClassTokenRefused, scriptix.ClassTokenRefused
	classes[404] = scriptix.ClassWrongAddress
	for status, want := range classes {
		for _, refusal := range []*scriptix.APIError{{StatusCode: status}, {StatusCode: status, NotJSON: true}} {
			compare(t, fmt.Sprint(status), scriptix.Classify(refusal), want)
		}
	}

	dialTimeout := &net.OpError{Op: "dial", Err: os.ErrDeadlineExceeded}
	for name, test := range map[string]struct {
		err  error
		want scriptix.Class
	}{
		"404 of the API":        {&scriptix.APIError{StatusCode: 404, FromAPI: true, ErrorCode: "SESSION_NOT_FOUND"}, scriptix.ClassNotFound},
		"404 without a code":    {&scriptix.APIError{StatusCode: 404, FromAPI: true, Message: "Session not found"}, scriptix.ClassNotFound},
		"404 of a route":        {&scriptix.APIError{StatusCode: 404, FromAPI: true, ErrorCode: "ROUTE_NOT_FOUND", Message: "Session not found"}, scriptix.ClassWrongAddress},
		"404 of a path":         {&scriptix.APIError{StatusCode: 404, FromAPI: true, Message: "Cannot GET /api/v3/speech-to-text/session/x"}, scriptix.ClassWrongAddress},
		"404 of a gateway":      {&scriptix.APIError{StatusCode: 404, FromAPI: true, Message: "no Route matched with those values"}, scriptix.ClassWrongAddress},
		"404 in a 200":          {&scriptix.APIError{StatusCode: 200, FromAPI: true, ErrorCode: "SESSION_NOT_FOUND"}, scriptix.ClassPermanent},
		"not JSON":              {&scriptix.AnswerError{NotJSON: true}, scriptix.ClassPassing},
		"breaks the contract":   {&scriptix.AnswerError{Field: "status"}, scriptix.ClassPermanent},
		"redirect":              {&scriptix.RedirectError{StatusCode: 302}, scriptix.ClassPermanent},
		"not sent":              {&scriptix.RateLimitError{}, scriptix.ClassNotSent},
		"network":               {&scriptix.RequestError{Err: errors.New("reset")}, scriptix.ClassRetryable},
		"dial timeout":          {&scriptix.RequestError{Err: dialTimeout}, scriptix.ClassRetryable},
		"looks like a deadline": {&scriptix.RequestError{Err: context.DeadlineExceeded}, scriptix.ClassRetryable},
		"broke off":             {&scriptix.RequestError{Err: io.ErrUnexpectedEOF}, scriptix.ClassRetryable},
		"attempt timeout":       {&scriptix.RequestError{Err: &scriptix.AttemptTimeoutError{}}, scriptix.ClassRetryable},
		"certificate": {
			&scriptix.RequestError{Err: &tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}}, scriptix.ClassPassing,
		},
		"deadline": {
			&scriptix.RequestError{Err: context.DeadlineExceeded, Ended: true, LastFailure: &scriptix.APIError{StatusCode: 503}},
			scriptix.ClassContextEnded,
		},
		"own cause":           {&scriptix.RequestError{Err: errors.New("stopped"), Ended: true}, scriptix.ClassContextEnded},
		"cancelled, bare":     {context.Canceled, scriptix.ClassContextEnded},
		"deadline, bare":      {context.DeadlineExceeded, scriptix.ClassContextEnded},
		"no request was made": {errors.New("session id must not be empty"), scriptix.ClassPermanent},
	} {
		compare(t, name, scriptix.Classify(test.err), test.want)
		compare(t, name+" of a session", scriptix.Classify(&scriptix.SessionError{SessionID: "x", Err: test.err}), test.want)
		compare(t, name+" is not found", scriptix.IsNotFound(test.err), test.want == scriptix.ClassNotFound)
	}
}

// A session is deleted only if the API says so, and in its own shape: dependents are replaced then.
func TestOnlyTheAPIReportsThatASessionDoesNotExist(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		body string
		want bool
	}{
		"contract":                 {scriptixtest.NotFoundJSON, true},
		"error_code":               {`{"error_code": "SESSION_NOT_FOUND"}`, true},
		"error_code and message":   {`{"error_code": "SESSION_NOT_FOUND", "message": "Session not found"}`, true},
		"error and message":        {`{"error": "Not Found", "message": "Session not found"}`, true},
		"empty":                    {``, false},
		"white space":              {" \n", false},
		"HTML":                     {scriptixtest.ProxyPage, false},
		"text":                     {"404 page not found", false},
		"a gateway's message":      {`{"message": "no Route matched with those values"}`, false},
		"error alone":              {`{"error": "Not Found"}`, false},
		"detail alone":             {`{"detail": "Not Found"}`, false},
		"error with a description": {`{"error": "not_found", "error_description": "no such page"}`, false},
		"error with a detail":      {`{"error": "Not Found", "detail": "no such page"}`, false},
		"an object for an error":   {`{"error": {"code": 404, "message": "no such page"}, "message": "no such page"}`, false},
		"a number for an error":    {`{"error": 404, "message": "no such page"}`, false},
		"a number for a code":      {`{"error_code": 404}`, false},
		"blanks":                   {`{"error_code": " ", "error": "", "message": "no such page"}`, false},
		"nulls":                    {`{"error_code": null, "error": null, "message": null}`, false},
		"other case":               {`{"Error_Code": "SESSION_NOT_FOUND", "Error": "Not Found", "Message": "Session not found"}`, false},
		"array":                    {`[{"error_code": "SESSION_NOT_FOUND"}]`, false},
		"half an object":           {`{"error_code": "SESSION_NOT_FOUND"`, false},
		"empty object":             {`{}`, false},
		"a session":                {scriptixtest.FailedSessionJSON, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := getExample(t.Context(), newStubClient(t, http.StatusNotFound, nil, test.body))
			compare(t, "not found", scriptix.IsNotFound(err), test.want)
			if !test.want {
				compare(t, "class", scriptix.Classify(err), scriptix.ClassWrongAddress)
			}
		})
	}
	err := getExample(t.Context(), newStubClient(t, http.StatusGone, nil, scriptixtest.NotFoundJSON))
	compare(t, "410 is not found", scriptix.IsNotFound(err), false)
}

func TestTheClientRetriesWhatIsRetryable(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for status := 201; status < 600; status++ {
			attempts := 0
			client := newTransportClient(t, func(*http.Request) (*http.Response, error) {
				attempts++
				return newResponse(status, nil, ""), nil
			}, withRetries(1))
			class := scriptix.Classify(getExample(t.Context(), client))
			compare(t, fmt.Sprintf("status %d is sent again", status), attempts == 2, class == scriptix.ClassRetryable)
		}
	})
}
