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

// header returns the value of the Authorization header.
func (t Token) header() string { return "Bearer " + t.reveal() }

// minimumRedacted is the length of the shortest token that is redacted. Redacting a shorter one would garble any text, and
// it is no secret.
const minimumRedacted = 8

// maxNesting is how many layers of escapes redact looks through.
const maxNesting = 3

// redact replaces the token in a text that came from outside, such as an error that repeats the request. If the text holds
// the token in escaped form, redact returns the text without its escapes.
func (t Token) redact(text string) string {
	secret := t.reveal()
	if len(secret) < minimumRedacted {
		return text
	}
	text = strings.ReplaceAll(text, secret, redacted)
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

// maxSpellings is in how many ways one text may escape the token. If there are more, redact replaces the complete text.
const maxSpellings = 4

// formWith returns the text, or a form of it with fewer escapes, that holds the secret.
func formWith(secret, text string, nesting int) (string, bool) {
	if strings.Contains(text, secret) {
		return text, true
	}
	if nesting == 0 || !strings.ContainsAny(text, `\%&`) {
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

// redactSession replaces the token in every text of a session, except in its ID, which the caller compares. It keeps the
// four documented statuses, even if the token is one of these words.
func (t Token) redactSession(session *Session) {
	if !session.Status.documented() {
		session.Status = Status(t.redact(string(session.Status)))
	}
	document := session.Document
	if document == nil {
		document = &Document{}
	}
	for _, text := range [...]*string{
		session.Filename, session.Language, session.MediaType, session.MediaURL, session.Error, session.CreatedAt,
		session.StartedAt, session.FinishedAt, session.SessionMode, document.ID, document.Name, document.Type,
	} {
		if text != nil {
			*text = t.redact(*text)
		}
	}
	for i := range session.UnexpectedFields {
		session.UnexpectedFields[i].Value = cut(t.redact(session.UnexpectedFields[i].Value))
	}
}

// redactError replaces the token in every text of an error of the API.
func (t Token) redactError(apiError *APIError) {
	for _, text := range [...]*string{&apiError.Type, &apiError.ErrorCode, &apiError.Message, &apiError.Details} {
		*text = t.redact(*text)
	}
}
