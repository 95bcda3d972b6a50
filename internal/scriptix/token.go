package scriptix

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
)

// redacted stands wherever somebody prints a secret.
const redacted = "(redacted)"

// Token is the API's secret. It hides its text in a function, so that no way of printing a value that holds
// one (%v, %+v, %#v, a panic, a structured log, JSON) can show it.
type Token struct {
	reveal func() string
}

// NewToken refuses what cannot be a bearer token: an empty or blank text, and one with white space,
// control characters or anything outside ASCII. The error does not repeat the text.
func NewToken(text string) (Token, error) {
	if strings.TrimSpace(text) == "" {
		return Token{}, errors.New("must not be empty")
	}
	for _, r := range text {
		if r <= ' ' || r > '~' {
			return Token{}, errors.New("must not contain white space, line breaks, control characters or characters outside ASCII")
		}
	}
	return Token{reveal: func() string { return text }}, nil
}

// String never returns the token.
func (t Token) String() string { return redacted }

// GoString never returns the token.
func (t Token) GoString() string { return redacted }

// LogValue never returns the token.
func (t Token) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText never returns the token.
func (t Token) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// header is the value of the Authorization header.
func (t Token) header() string { return "Bearer " + t.reveal() }

// redact takes the token out of a text that came from elsewhere, such as an error that repeats the request.
// Very short tokens are left: taking them out would garble any text, and they are no secret.
func (t Token) redact(text string) string {
	if len(t.reveal()) < 8 {
		return text
	}
	return strings.ReplaceAll(text, t.reveal(), redacted)
}

// redactBody does the same to an answer before anything is made of it, so that the token can come back in no
// value and in no error.
func (t Token) redactBody(body []byte) []byte {
	if !bytes.Contains(body, []byte(t.reveal())) {
		return body
	}
	return []byte(t.redact(string(body)))
}
