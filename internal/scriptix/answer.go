package scriptix

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// AnswerError says that an answer with status 200 is not what the API's page promises.
type AnswerError struct {
	Field   string // the field at fault, such as "document.id"; empty when it is the answer as a whole
	Problem string // what is wrong with it, as the end of a sentence: "is missing"
	Value   string // what stood there instead; any text, of any length
	NotJSON bool   // the answer is not JSON at all: most likely something between here and the API answered
}

func (e *AnswerError) Error() string {
	subject := "the answer"
	if e.Field != "" {
		subject = e.Field
	}
	if e.Value == "" {
		return subject + " " + e.Problem
	}
	return fmt.Sprintf("%s %s: %.100q", subject, e.Problem, e.Value)
}

// decodeJSON is json.Unmarshal with errors that name the field.
func decodeJSON(body []byte, target any) error {
	err := json.Unmarshal(body, target)
	if err == nil {
		return nil
	}
	var wrongType *json.UnmarshalTypeError
	if errors.As(err, &wrongType) {
		// Of a number that does not fit the whole literal is told, which may be megabytes.
		kind, literal, _ := strings.Cut(wrongType.Value, " ")
		return &AnswerError{
			Field:   fieldName(wrongType.Field),
			Problem: "has the wrong type, a JSON " + kind,
			Value:   literal,
		}
	}
	if len(bytes.TrimSpace(body)) == 0 {
		return &AnswerError{Problem: "is empty", NotJSON: true}
	}
	return &AnswerError{Problem: "is not JSON and begins with", Value: string(body[:min(len(body), 100)]), NotJSON: true}
}

// fieldName removes the name of the embedded struct that encoding/json reports as a part of the path.
func fieldName(path string) string {
	return strings.TrimPrefix(path, "Session.")
}

// isObject reports whether the JSON value is an object. The decoder has already stripped white space.
func isObject(value json.RawMessage) bool {
	return len(value) > 0 && value[0] == '{'
}
