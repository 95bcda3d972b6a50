package scriptix

import (
	"bytes"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// APIError is an answer in which the API refuses or fails: its status says so, or with status 200 its body. Texts in it
// come from outside: they may hold anything and be of any length.
type APIError struct {
	StatusCode int       // HTTP status
	Type       string    // the API's name for the kind of error, such as "Not Found"
	ErrorCode  string    // such as "SESSION_NOT_FOUND"
	Message    string    // what the API says, for people
	Details    string    // further details, as compact JSON or text
	RetryAt    time.Time // when the API takes requests again, by this machine's clock; zero when it did not say
	Attempts   int       // how often the request was sent
	FromAPI    bool      // the body has the shape of the API's page: error_code, or error and message
	NotJSON    bool      // the body was not JSON: most likely a proxy answered, not the API
}

func (e *APIError) Error() string {
	text := fmt.Sprintf("status %d %s", e.StatusCode, http.StatusText(e.StatusCode))
	if e.ErrorCode != "" {
		text += fmt.Sprintf(", %.100q", e.ErrorCode)
	}
	if e.Message != "" {
		text += fmt.Sprintf(": %.300q", e.Message)
	}
	return text
}

// RedirectError says that the API's address points elsewhere. Redirects are never followed, because the
// token would go along.
type RedirectError struct {
	StatusCode int
	Location   string
}

func (e *RedirectError) Error() string {
	return fmt.Sprintf("status %d redirects to %.200q", e.StatusCode, e.Location)
}

// RateLimitError says that no request can be sent for a while: longer than the caller's deadline leaves, or than an
// impatient caller wants to wait.
type RateLimitError struct {
	Until   time.Time // when the next request may be sent, by this machine's clock
	OwnCap  bool      // it is the user's own cap that is used up, not the API's
	Refused bool      // the API has refused a request and asked to come back at Until
}

func (e *RateLimitError) Error() string {
	return "no request can be sent before " + e.Until.UTC().Format(time.RFC3339)
}

// AttemptTimeoutError says that one attempt brought no complete answer in time.
type AttemptTimeoutError struct {
	Timeout time.Duration
}

func (e *AttemptTimeoutError) Error() string {
	return fmt.Sprintf("no complete answer within %s", e.Timeout)
}

// RequestError says that a request brought no answer: the network failed, an attempt timed out, or the
// caller's context ended (then Err is the context's cause).
type RequestError struct {
	Method, Path string
	Attempts     int   // how often the request was sent
	Err          error // what ended it
	Ended        bool  // the caller's context ended; errors of the network can pass for its deadline, too
	LastFailure  error // if Ended: the last failure before, if there was one
}

func (e *RequestError) Error() string {
	text := fmt.Sprintf("%s %s: %v", e.Method, e.Path, e.Err)
	if e.LastFailure != nil {
		text += fmt.Sprintf(" (last failure: %v)", e.LastFailure)
	}
	return text
}

// Unwrap returns what ended the request.
func (e *RequestError) Unwrap() error { return e.Err }

// withoutURL strips net/http's wrapping, which repeats method and URL.
func withoutURL(err error) error {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		return wrapped.Err
	}
	return err
}

// parseAPIError reads an error answer in any of the shapes that the API's generations have used:
//
//	{"error": "Type", "message": …, "error_code": …, "details": {…}}
//	{"error": {"code": 422, "message": …, "details": {…}}}
//	any of "error", "error_description", "message", "detail"
//
// What is not JSON is most likely a proxy's page; of that only the status is kept.
//
// The body is in memory and can be read again and again.
func parseAPIError(response *http.Response) *APIError {
	result := &APIError{StatusCode: response.StatusCode, RetryAt: reopening(response, time.Now())}
	body, err := peek(response)
	if err != nil || !jsontext.Value(body).IsValid(lenient) {
		result.NotJSON = len(bytes.TrimSpace(body)) > 0 || isHTML(response)
		return result
	}
	var outer errorBody
	if json.Unmarshal(body, &outer, lenient) != nil {
		result.Message = text(body) // JSON, but no object
		return result
	}
	outer.describe(result)
	return result
}

// errorBody takes every field as it comes, so that one of an unexpected type does not hide the others.
type errorBody struct {
	Error            jsontext.Value `json:"error"`
	ErrorCode        jsontext.Value `json:"error_code"`
	ErrorDescription jsontext.Value `json:"error_description"`
	Code             jsontext.Value `json:"code"`
	Message          jsontext.Value `json:"message"`
	Detail           jsontext.Value `json:"detail"`
	Details          jsontext.Value `json:"details"`
	RetryAfter       jsontext.Value `json:"retry_after"`

	// What an answer without an error has.
	SessionID    jsontext.Value `json:"session_id"`
	Result       jsontext.Value `json:"result"`
	TotalResults jsontext.Value `json:"total_results"`
}

// parseErrorWithin returns the API's error in the body of an answer with status 200, and nil if there is none. An answer
// with a session or a page in it is none: its "error" is the session's own field.
func parseErrorWithin(body []byte) *APIError {
	var outer errorBody
	err := json.Unmarshal(body, &outer, lenient)
	isError := err == nil && text(outer.SessionID)+text(outer.Result)+text(outer.TotalResults) == ""
	result := &APIError{StatusCode: http.StatusOK}
	outer.describe(result)
	if !isError || !result.FromAPI {
		return nil
	}
	return result
}

// describe sets what the body says of the error.
func (outer errorBody) describe(result *APIError) {
	inner := outer
	if outer.Error.Kind() == jsontext.KindBeginObject {
		inner = errorBody{}
		// Cannot fail: it is a part of what has just been decoded, and errorBody takes any value.
		_ = json.Unmarshal(outer.Error, &inner, lenient)
	} else {
		result.Type = text(outer.Error)
	}
	result.FromAPI = isText(outer.ErrorCode) || isText(outer.Error) && isText(outer.Message)
	result.ErrorCode = firstText(inner.ErrorCode, outer.ErrorCode, inner.Code)
	result.Message = firstText(inner.Message, inner.ErrorDescription, inner.Detail, outer.Message)
	result.Details = firstText(inner.Details, outer.Details)
}

func isHTML(response *http.Response) bool {
	mediaType, _, err := mime.ParseMediaType(response.Header.Get("Content-Type"))
	return err == nil && mediaType == "text/html"
}

// text returns a JSON string's text, and any other JSON value as compact JSON; null is nothing.
func text(value jsontext.Value) string {
	switch value.Kind() {
	case jsontext.KindInvalid, jsontext.KindNull:
		return ""
	case jsontext.KindString:
		plain, _ := jsontext.AppendUnquote(nil, value) // the error is about invalid UTF-8, which it replaces
		return string(plain)
	default:
		compact := value.Clone()
		_ = compact.Compact(lenient) // cannot fail: the value is a part of valid JSON
		return string(compact)
	}
}

// isText reports whether a JSON value is a string that says something.
func isText(value jsontext.Value) bool {
	return value.Kind() == jsontext.KindString && strings.TrimSpace(text(value)) != ""
}

func firstText(values ...jsontext.Value) string {
	for _, value := range values {
		if found := text(value); strings.TrimSpace(found) != "" {
			return found
		}
	}
	return ""
}
