package scriptix

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// AnswerError says that an answer with status 200 is not what the API's page promises. Texts in it come from outside:
// they may hold anything and be of any length.
type AnswerError struct {
	Field       string // the field at fault, such as "result[17].status"; empty when it is the answer as a whole
	Problem     string // what is wrong with it, as the end of a sentence: "is missing"
	Value       string // what stood there instead
	NotJSON     bool   // the answer is not JSON at all: most likely something between here and the API answered
	ContentType string // what the header says the answer is; set if NotJSON
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

// answer is an answer with status 200. It hands out what the body holds, but never the token.
type answer struct {
	body        []byte
	contentType string
	token       Token
	attempts    int // how often the request was sent
}

// session returns the session that was asked for by its ID. An error is an *AnswerError, or an *APIError if the API put
// one into the answer.
func (a *answer) session(sessionID string) (*Session, error) {
	session, err := decodeSession(a.body, sessionID)
	if err != nil {
		return nil, a.explain(err)
	}
	a.token.redactSession(session)
	return session, nil
}

// page returns a page of a list. Its errors are those of session.
func (a *answer) page() (decodedPage, error) {
	page, err := decodePage(a.body)
	if err != nil {
		return page, a.explain(err)
	}
	for i := range page.items {
		a.token.redactSession(&page.items[i])
		page.items[i].SessionID = a.token.redact(page.items[i].SessionID)
	}
	page.malformed = a.explain(page.malformed)
	return page, nil
}

// explain completes an error of the decoder. If the answer reports an error of the API, it returns that instead: it says
// more than which field is missing.
func (a *answer) explain(err error) error {
	problem, ok := errors.AsType[*AnswerError](err)
	if !ok {
		return err
	}
	if refusal := parseErrorWithin(a.body); refusal != nil {
		refusal.Attempts = a.attempts
		a.token.redactRefusal(refusal)
		return refusal
	}
	problem.Value = cut(a.token.redact(problem.Value))
	if problem.NotJSON {
		problem.ContentType = cut(a.token.redact(a.contentType))
	}
	return problem
}

// maxQuoted is how many bytes of a text from outside an error keeps. It is more than any diagnostic shows.
const maxQuoted = 2000

// cut bounds a text that has no token in it any more: half a token is no longer found.
func cut(text string) string {
	if len(text) <= maxQuoted {
		return text
	}
	return strings.Clone(strings.ToValidUTF8(text[:maxQuoted], ""))
}

// wrongType says that an essential value has another JSON type, and repeats it if it is a number.
func wrongType(field, expected string, kind jsontext.Kind, text []byte) *AnswerError {
	problem := &AnswerError{Field: field, Problem: "is " + kindName(kind) + " instead of " + expected}
	if kind == jsontext.KindNumber {
		problem.Value = string(text)
	}
	return problem
}

// kindName is a JSON type with its article.
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

// notJSON says what is wrong with an answer and where. It repeats no text that may be a part of a session.
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
