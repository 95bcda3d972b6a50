package scriptix_test

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
)

func TestAPIErrorsKeepWhatTheAPISaid(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		status int
		body   string
		want   scriptix.APIError
	}{
		"contract's 404": {404, scriptixtest.NotFoundJSON, scriptix.APIError{
			Type: "Not Found", ErrorCode: "SESSION_NOT_FOUND", Message: "Session not found", FromAPI: true,
		}},
		"revoked key": {401, scriptixtest.KeyRevokedBody, scriptix.APIError{
			Type: "Unauthorized", ErrorCode: "KEY_REVOKED", Message: "API key has been revoked", FromAPI: true,
		}},
		"rate limit": {429, scriptixtest.RateLimitedBody, scriptix.APIError{
			Type: "Rate Limit Exceeded", ErrorCode: "RATE_LIMIT_EXCEEDED", Message: "Too many requests", FromAPI: true,
			RetryAt: time.Date(2000, 1, 1, 0, 1, 0, 0, time.UTC),
		}},
		"with details": {400, scriptixtest.DetailedErrorBody, scriptix.APIError{
			Type: "Bad Request", ErrorCode: "INVALID_REQUEST", Message: "Invalid request", Details: `{"field":"limit"}`, FromAPI: true,
		}},
		"an object for an error": {422, scriptixtest.NestedErrorBody, scriptix.APIError{
			ErrorCode: "422", Message: "Validation failed", Details: `{"field":"limit","issue":"must be at most 100"}`,
		}},
		"with a description":    {400, scriptixtest.DescriptionErrorBody, scriptix.APIError{Type: "invalid_request", Message: "The request is not valid"}},
		"nothing but a detail":  {403, scriptixtest.DetailErrorBody, scriptix.APIError{Message: "The request is not valid"}},
		"nothing but an error":  {402, `{"error": "Payment Required"}`, scriptix.APIError{Type: "Payment Required"}},
		"nothing but a message": {409, `{"message": "Already there"}`, scriptix.APIError{Message: "Already there"}},
		"every text there is": {400, `{"error": "T", "message": "M", "error_description": "D", "detail": "E"}`, scriptix.APIError{
			Type: "T", Message: "M", FromAPI: true,
		}},
		"details that are text":    {400, `{"message": "M", "details": "more"}`, scriptix.APIError{Message: "M", Details: "more"}},
		"details with white space": {400, "{\"details\": {\n  \"a\": [1, 2]\n}}", scriptix.APIError{Details: `{"a":[1,2]}`}},
		"details are no message":   {400, `{"details": {"a": 1}}`, scriptix.APIError{Details: `{"a":1}`}},
		"a code beside the object": {422, `{"error": {"message": "M"}, "error_code": "CODE", "details": [1]}`, scriptix.APIError{
			ErrorCode: "CODE", Message: "M", Details: "[1]", FromAPI: true,
		}},
		"a message beside the object": {422, `{"error": {"code": "C"}, "message": "M"}`, scriptix.APIError{ErrorCode: "C", Message: "M"}},
		"error_code before code":      {422, `{"error": {"code": 422, "error_code": "CODE"}}`, scriptix.APIError{ErrorCode: "CODE"}},
		"message of a blank":          {400, `{"message": " ", "detail": "D"}`, scriptix.APIError{Message: "D"}},
		"types nobody expects": {400, `{"error": 1, "message": ["a", "b"], "error_code": 17, "details": true}`, scriptix.APIError{
			Type: "1", ErrorCode: "17", Message: `["a","b"]`, Details: "true",
		}},
		"nulls":         {500, `{"error": null, "message": null, "error_code": null, "details": null}`, scriptix.APIError{}},
		"nothing known": {500, `{"fault": "yes"}`, scriptix.APIError{}},
		"null":          {500, `null`, scriptix.APIError{}},
		"empty":         {500, ``, scriptix.APIError{}},
		"white space":   {500, " \n", scriptix.APIError{}},
		"after a mark": {429, "\ufeff" + scriptixtest.RateLimitedBody, scriptix.APIError{
			Type: "Rate Limit Exceeded", ErrorCode: "RATE_LIMIT_EXCEEDED", Message: "Too many requests", FromAPI: true,
			RetryAt: time.Date(2000, 1, 1, 0, 1, 0, 0, time.UTC),
		}},
		"nothing but a mark": {500, "\ufeff", scriptix.APIError{}},
		"HTML":               {503, scriptixtest.ProxyPage, scriptix.APIError{NotJSON: true}},
		"text":               {502, `upstream connect error`, scriptix.APIError{NotJSON: true}},
		"half an object":     {500, `{"error": "Inter`, scriptix.APIError{NotJSON: true}},
		"any 2xx but 200":    {202, scriptixtest.CompletedSessionJSON, scriptix.APIError{}},
		"no content at all":  {204, ``, scriptix.APIError{}},
	}
	for name, test := range tests {
		for which, ask := range requests() {
			t.Run(name+"/"+which, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					server := scriptixtest.NewPipeServer(t)
					server.Inject(scriptixtest.Fault{Status: test.status, Body: test.body})
					err := ask(t.Context(), newClient(t, server, withoutRetries))
					want := test.want
					want.StatusCode, want.Attempts = test.status, 1
					compare(t, "error", *failure[*scriptix.APIError](t, err), want)
				})
			})
		}
	}
}

// A page without a body can still say that it is a page.
func TestAPIErrorIsNotJSONWhenItsHeaderSaysHTML(t *testing.T) {
	t.Parallel()
	for contentType, want := range map[string]bool{
		"text/html": true, "Text/HTML; charset=utf-8": true, "application/json": false, "": false, "///": false,
	} {
		err := getExample(t.Context(), newStubClient(t, http.StatusBadGateway, http.Header{"Content-Type": {contentType}}, ""))
		compare(t, contentType, failure[*scriptix.APIError](t, err).NotJSON, want)
	}
}

// What the client makes of a status does not depend on the body, except for 404.
func TestEveryStatusIsKept(t *testing.T) {
	t.Parallel()
	transient := map[int]bool{408: true, 429: true, 500: true, 501: true, 502: true, 503: true, 504: true, 507: true, 599: true}
	for _, status := range []int{400, 401, 402, 403, 404, 405, 408, 409, 410, 418, 422, 429, 451, 500, 501, 502, 503, 504, 507, 599} {
		for _, body := range []string{scriptixtest.DetailedErrorBody, scriptixtest.NestedErrorBody, scriptixtest.ProxyPage, ""} {
			err := getExample(t.Context(), newStubClient(t, status, nil, body))
			got := failure[*scriptix.APIError](t, err)
			compare(t, "status", got.StatusCode, status)
			class := scriptix.Classify(err)
			passes := class == scriptix.ClassRetryable || class == scriptix.ClassPassing
			compare(t, strconv.Itoa(status)+" may pass", passes, transient[status])
			compare(t, strconv.Itoa(status)+" refuses the token", class == scriptix.ClassTokenRefused, status == 401 || status == 402)
			if !strings.Contains(err.Error(), strconv.Itoa(status)) {
				t.Errorf("the error %q does not say %d", err, status)
			}
		}
	}
}

func TestTheFakesRefusalsOfTokens(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := scriptixtest.NewPipeServer(t, scriptixtest.WithToken("another-token"))
		got := failure[*scriptix.APIError](t, getExample(t.Context(), newClient(t, server)))
		compare(t, "error", *got, scriptix.APIError{
			StatusCode: http.StatusUnauthorized, Type: "Unauthorized", ErrorCode: "INVALID_API_KEY",
			Message: "API key is invalid", Attempts: 1, FromAPI: true,
		})
		compare(t, "requests", len(server.Requests()), 1)
	})
}

func TestErrorsInWords(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 10_000)
	tests := []struct {
		err  error
		want string
	}{
		{
			&scriptix.APIError{StatusCode: 404, ErrorCode: "SESSION_NOT_FOUND", Message: "Session not found"},
			`status 404 Not Found, "SESSION_NOT_FOUND": "Session not found"`,
		},
		{&scriptix.APIError{StatusCode: 503}, `status 503 Service Unavailable`},
		{&scriptix.APIError{StatusCode: 400, Message: "two\nlines"}, `status 400 Bad Request: "two\nlines"`},
		{
			&scriptix.APIError{StatusCode: 400, ErrorCode: long, Message: long},
			`status 400 Bad Request, "` + long[:100] + `": "` + long[:300] + `"`,
		},
		{&scriptix.RedirectError{StatusCode: 302, Location: "https://elsewhere.example"}, `status 302 redirects to "https://elsewhere.example"`},
		{&scriptix.RedirectError{StatusCode: 302, Location: long}, `status 302 redirects to "` + long[:200] + `"`},
		{
			&scriptix.RateLimitError{Until: time.Date(2025, 1, 15, 11, 0, 0, 0, time.FixedZone("CET", 3600))},
			`no request can be sent before 2025-01-15T10:00:00Z`,
		},
		{&scriptix.AttemptTimeoutError{Timeout: 30 * time.Second}, `no complete answer within 30s`},
		{&scriptix.RequestError{Method: "GET", Path: "/x", Err: errors.New("reset")}, `GET /x: reset`},
		{
			&scriptix.RequestError{Method: "GET", Path: "/x", Err: errors.New("cancelled"), LastFailure: errors.New("reset")},
			`GET /x: cancelled (last failure: reset)`,
		},
	}
	for _, test := range tests {
		compareWords(t, test.err, test.want)
	}
}

// Whatever refuses a request, the error is an *APIError with its status, and without the token.
func FuzzErrorBodies(f *testing.F) {
	for _, body := range []string{
		scriptixtest.NotFoundJSON, scriptixtest.KeyRevokedBody, scriptixtest.RateLimitedBody, scriptixtest.DetailedErrorBody,
		scriptixtest.NestedErrorBody, scriptixtest.DescriptionErrorBody, scriptixtest.DetailErrorBody, scriptixtest.ProxyPage,
		"", "null", "[]", `"text"`, `{"error":{}}`, `{"error":{"code":{}}}`, `{"error":[{"message":"M"}]}`, `{"message":"\ud800"}`,
		`{"message":"` + scriptixtest.Token + `"}`, `{"message":"` + escaped(scriptixtest.Token) + `"}`, scriptixtest.Token,
		"\ufeff" + scriptixtest.NotFoundJSON, `{"session_id":"x","error":"x","message":"y"}`,
		`{"details":{"a":"` + scriptixtest.Token + `"}}`, `{"message":"100 %41\u0041&amp;"}`, "\xff{", `{"retry_after":-1}`, `{"retry_after":1e300}`, `{"retry_after":"soon"}`,
	} {
		f.Add(401, "text/plain", []byte(body))
		f.Add(404, "", []byte(body))
		f.Add(429, "application/json", []byte(body))
		f.Add(502, "text/html; charset=utf-8", []byte(body))
		f.Add(599, "\xff", []byte(body))
	}
	f.Fuzz(func(t *testing.T, status int, contentType string, body []byte) {
		if status < 400 || status > 999 {
			return // not a refusal
		}
		client := newStubClient(t, status, http.Header{"Content-Type": {contentType}}, string(body))
		before := time.Now()
		got := failure[*scriptix.APIError](t, getExample(t.Context(), client))
		if got.StatusCode != status || got.Attempts != 1 {
			t.Errorf("status %d is told as %+v", status, got)
		}
		if got.NotJSON && got.Type+got.ErrorCode+got.Message+got.Details != "" {
			t.Errorf("is not JSON and still says something: %+v", got)
		}
		checkRetryAt(t, got, before)
		hidesToken(t, "error", everything(got))
	})
}

// checkRetryAt checks that the API can keep nobody away for longer than a day, nor until a moment that has passed.
func checkRetryAt(t *testing.T, refusal *scriptix.APIError, before time.Time) {
	t.Helper()
	if refusal.RetryAt.IsZero() {
		return
	}
	if !refusal.RetryAt.After(before) || refusal.RetryAt.After(time.Now().Add(24*time.Hour)) {
		t.Errorf("a pause until %s, asked for at %s", refusal.RetryAt, before)
	}
	if refusal.StatusCode != http.StatusTooManyRequests && refusal.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("a pause after status %d", refusal.StatusCode)
	}
}
