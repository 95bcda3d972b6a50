package scriptix

import (
	"bytes"
	"io"
	"mime"
	"net/http"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// errorBody is the body of an error answer in any of the shapes that the API's generations have used:
//
//	{"error": "Type", "message": …, "error_code": …, "details": {…}}
//	{"error": {"code": 422, "message": …, "details": {…}}}
//	any of "error", "error_description", "message", "detail"
//
// It accepts any type in every field, so that an unexpected type does not hide the other fields.
type errorBody struct {
	Error            jsontext.Value `json:"error"`
	ErrorCode        jsontext.Value `json:"error_code"`
	ErrorDescription jsontext.Value `json:"error_description"`
	Code             jsontext.Value `json:"code"`
	Message          jsontext.Value `json:"message"`
	Detail           jsontext.Value `json:"detail"`
	Details          jsontext.Value `json:"details"`
	RetryAfter       jsontext.Value `json:"retry_after"`

	// The fields of an answer that is no error.
	SessionID    jsontext.Value `json:"session_id"`
	Result       jsontext.Value `json:"result"`
	TotalResults jsontext.Value `json:"total_results"`
}

// parseAPIError reads an answer whose status is not 200. If the body is not JSON, it is most likely a proxy's page, and
// only the status is kept.
func parseAPIError(response *http.Response) *APIError {
	result := &APIError{StatusCode: response.StatusCode}
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

// parseErrorWithin returns the API's error in the body of an answer with status 200; nil if there is none. In an answer
// with a session or a page, "error" is a field of the session.
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

// describe sets what the body says about the error.
func (outer errorBody) describe(result *APIError) {
	inner := outer
	if outer.Error.Kind() == jsontext.KindBeginObject {
		inner = errorBody{}
		// Cannot fail: it is part of what has just been decoded, and errorBody takes any value.
		_ = json.Unmarshal(outer.Error, &inner, lenient)
	} else {
		result.Type = text(outer.Error)
	}
	result.FromAPI = isText(outer.ErrorCode) || isText(outer.Error) && isText(outer.Message)
	result.ErrorCode = firstText(inner.ErrorCode, outer.ErrorCode, inner.Code)
	result.Message = firstText(inner.Message, inner.ErrorDescription, inner.Detail, outer.Message)
	result.Details = firstText(inner.Details, outer.Details)
}

// peek reads a body that is in memory, and puts it back.
func peek(response *http.Response) ([]byte, error) {
	body, err := io.ReadAll(response.Body)
	response.Body = io.NopCloser(bytes.NewReader(body))
	return body, err
}

func isHTML(response *http.Response) bool {
	mediaType, _, err := mime.ParseMediaType(response.Header.Get("Content-Type"))
	return err == nil && mediaType == "text/html"
}

// text returns a JSON string's text, any other JSON value as compact JSON, and "" for null.
func text(value jsontext.Value) string {
	switch value.Kind() {
	case jsontext.KindInvalid, jsontext.KindNull:
		return ""
	case jsontext.KindString:
		plain, _ := jsontext.AppendUnquote(nil, value) // the error is about invalid UTF-8, which it replaces
		return string(plain)
	default:
		compact := value.Clone()
		_ = compact.Compact(lenient) // cannot fail: the value is part of valid JSON
		return string(compact)
	}
}

// isText reports whether a JSON value is a string that is not blank.
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
