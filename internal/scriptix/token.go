package scriptix

import (
	"errors"
	"html"
	"log/slog"
	"net/url"
	"regexp"
	"strings"
	"unicode"

	"github.com/go-json-experiment/json/jsontext"
)

// redacted replaces a secret wherever it would be printed.
const redacted = "(redacted)"

// Token is the API's secret. It hides its text in a function, so that nothing that prints it can show the text: %v, %+v,
// %#v, a panic, a structured log, or JSON.
type Token struct {
	reveal func() string
}

// NewToken returns a token, or an error if the text cannot be a bearer token: it is empty or blank, or it has white space,
// control characters, or characters outside ASCII. The error does not repeat the text.
func NewToken(text string) (Token, error) {
	if strings.TrimSpace(text) == "" {
		return Token{}, errors.New("must not be empty")
	}
	for _, r := range text {
		if r <= ' ' || r > '~' {
			return Token{}, errors.New("must not contain white space, line breaks, control characters, or characters outside ASCII")
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

// header returns the value of the Authorization header.
func (t Token) header() string { return "Bearer " + t.reveal() }

// minimumRedacted is the length of the shortest token that is redacted. Redacting a shorter one would garble any text, and
// it is no secret.
const minimumRedacted = 8

// maxNesting is how many layers of escapes redact looks through.
const maxNesting = 3

// maxUnescaped is how many bytes of texts with escapes a redactor looks through. A page of 100 sessions with signed URLs
// has less. A hostile answer would otherwise take seconds of processor time.
const maxUnescaped = 512 << 10

// redact replaces the token in one text that came from outside, such as an error that repeats the request. See redactor.
func (t Token) redact(text string) string { return t.redactor()(text) }

// redactor returns a function that replaces the token in the texts of one answer. If a text holds the token in escaped form,
// the function returns the text without its escapes. If the answer has too many escapes to look through, the function
// replaces each further text with escapes completely.
func (t Token) redactor() func(text string) string {
	secret, left := t.reveal(), maxUnescaped
	return func(text string) string {
		if len(secret) < minimumRedacted {
			return text
		}
		text = strings.ReplaceAll(text, secret, redacted)
		if !mayHoldEscapes(text) {
			return text
		}
		left -= len(text)
		if left < 0 {
			return redacted
		}
		return withoutEscaped(secret, text)
	}
}

// withoutEscaped replaces the secret in a text that holds it in escaped form.
func withoutEscaped(secret, text string) string {
	for range maxSpellings {
		form, found := formWith(secret, text, maxNesting)
		if !found {
			return text
		}
		form = strings.ReplaceAll(form, secret, redacted)
		text = strings.ToValidUTF8(form, string(unicode.ReplacementChar))
	}
	return redacted
}

func mayHoldEscapes(text string) bool { return strings.ContainsAny(text, `\%&`) }

// maxSpellings is in how many ways one text may escape the token. If there are more, redact replaces the complete text.
const maxSpellings = 4

// formWith returns the text, or a form of it with fewer escapes, that holds the secret.
func formWith(secret, text string, nesting int) (string, bool) {
	if strings.Contains(text, secret) {
		return text, true
	}
	if nesting == 0 || !mayHoldEscapes(text) {
		return "", false
	}
	// Try each unescape alone: what is an escape to one may be part of the token to another.
	for _, unescape := range []func(string) string{unescapeJSON, unescapePercent, html.UnescapeString} {
		plain := unescape(text)
		if plain == text {
			continue
		}
		if form, found := formWith(secret, plain, nesting-1); found {
			return form, true
		}
	}
	return "", false
}

var (
	jsonEscape     = regexp.MustCompile(`\\(?:u[0-9a-fA-F]{4}|["\\/bfnrt])`)
	percentEscapes = regexp.MustCompile(`(?:%[0-9a-fA-F]{2})+`)
)

// unescapeJSON replaces the escapes of JSON, in JSON or in a part of it.
func unescapeJSON(text string) string {
	return jsonEscape.ReplaceAllStringFunc(text, func(escape string) string {
		plain, _ := jsontext.AppendUnquote(nil, `"`+escape+`"`) // the error is about half a surrogate pair
		return string(plain)
	})
}

// unescapePercent replaces the escapes of URLs. It keeps a percent sign that begins no escape.
func unescapePercent(text string) string {
	return percentEscapes.ReplaceAllStringFunc(text, func(escapes string) string {
		plain, _ := url.PathUnescape(escapes) // cannot fail: the expression admits valid escapes only
		return plain
	})
}

// redactError replaces the token in every text of an error of the API.
func (t Token) redactError(apiError *APIError) {
	for _, text := range [...]*string{&apiError.Type, &apiError.ErrorCode, &apiError.Message, &apiError.Details} {
		*text = t.redact(*text)
	}
}
