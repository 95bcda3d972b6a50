package scriptix

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// AnswerError says that an answer with status 200 is not what the API's page promises. Its texts come from outside: they
// may hold anything and be of any length.
type AnswerError struct {
	Field       string // the field at fault, such as "result[17].status"; empty if it is the complete answer
	Problem     string // what is wrong with it, as the end of a sentence: "is missing"
	Value       string // what the field holds instead
	NotJSON     bool   // the answer is not JSON: most likely something other than the API answered
	ContentType string // the Content-Type header; set if NotJSON
}

func (e *AnswerError) Error() string {
	subject := "the answer"
	if e.Field != "" {
		subject = e.Field
	}
	text := subject + " " + e.Problem
	if e.Value != "" {
		text += fmt.Sprintf(": %.100q", e.Value)
	}
	if e.ContentType != "" {
		text += fmt.Sprintf(" (content type %.100q)", e.ContentType)
	}
	return text
}

// wrongType returns the error for an essential value of another JSON type. It repeats the value only if it is a number.
func wrongType(field, expected string, kind jsontext.Kind, text []byte) *AnswerError {
	problem := &AnswerError{Field: field, Problem: "is " + kindName(kind) + " instead of " + expected}
	if kind == jsontext.KindNumber {
		problem.Value = string(text)
	}
	return problem
}

// kindName returns the name of a JSON type with its article.
func kindName(kind jsontext.Kind) string {
	switch kind {
	case jsontext.KindBeginObject:
		return "an object"
	case jsontext.KindBeginArray:
		return "an array"
	case jsontext.KindString:
		return "a string"
	case jsontext.KindNumber:
		return "a number"
	case jsontext.KindTrue, jsontext.KindFalse:
		return "a boolean"
	default:
		return "null"
	}
}

// notJSON returns the error for an answer that is not JSON, with the place of the first mistake. It repeats no text that
// may be part of a session.
func notJSON(body []byte, err error, offset int64) *AnswerError {
	problem := &AnswerError{NotJSON: true}
	if syntax, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		offset = syntax.ByteOffset
	}
	trimmed := bytes.TrimSpace(body)
	switch {
	case len(trimmed) == 0:
		problem.Problem = "is empty"
	case !mayBeJSON(trimmed):
		problem.Problem = fmt.Sprintf("is not JSON (%d bytes) and begins with", len(body))
		problem.Value = string(trimmed)
	case errors.Is(err, io.ErrUnexpectedEOF):
		problem.Problem = fmt.Sprintf("is not valid JSON: it breaks off after %d bytes", len(body))
	default:
		problem.Problem = fmt.Sprintf("is not valid JSON: there is an error at byte %d of %d", offset, len(body))
	}
	return problem
}

// mayBeJSON reports whether a text may be JSON, with something before it, or cut at either end.
func mayBeJSON(text []byte) bool {
	return text[0] != '<' && bytes.ContainsAny(text, `"{[`)
}

// maxQuoted is how many bytes of a text from outside an error keeps. It is more than any diagnostic shows.
const maxQuoted = 2000

// cut bounds a text. The token must be redacted before, because half a token is no longer found.
func cut(text string) string {
	if len(text) <= maxQuoted {
		return text
	}
	return strings.Clone(strings.ToValidUTF8(text[:maxQuoted], ""))
}
