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

// minimumRedacted is the length from which a token is taken out of texts. Taking out a shorter one would garble any
// text, and it is no secret.
const minimumRedacted = 8

// maxNesting is how many times over a text may be escaped for the token to be found in it.
const maxNesting = 3

// redact takes the token out of a text that came from elsewhere, such as an error that repeats the request. A text that
// holds the token in escaped form comes back without its escapes.
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

// maxSpellings is in how many ways the token may be escaped within one text before the text is dropped as a whole.
const maxSpellings = 4

// formWith returns the text, or a form of it with fewer escapes, that holds the secret.
func formWith(secret, text string, nesting int) (string, bool) {
	if strings.Contains(text, secret) {
		return text, true
	}
	if nesting == 0 || !strings.ContainsAny(text, `\%&`) {
		return "", false
	}
	// Each on its own: what is an escape to one may be a part of the token to another.
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

// unescapeJSON replaces the escapes of JSON, in JSON or in a piece of it.
func unescapeJSON(text string) string {
	return jsonEscape.ReplaceAllStringFunc(text, func(escape string) string {
		plain, _ := jsontext.AppendUnquote(nil, `"`+escape+`"`) // the error is about half a surrogate pair
		return string(plain)
	})
}

// unescapePercent replaces the escapes of URLs, and leaves a percent sign that begins none.
func unescapePercent(text string) string {
	return percentEscapes.ReplaceAllStringFunc(text, func(escapes string) string {
		plain, _ := url.PathUnescape(escapes) // cannot fail: the expression admits valid escapes only
		return plain
	})
}

// redactSession takes the token out of every text of a session, except its ID, which the caller compares, and the four
// documented statuses, which are words even if the token is one of them.
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
	for i := range session.Oddities {
		session.Oddities[i].Value = cut(t.redact(session.Oddities[i].Value))
	}
}

// redactRefusal takes the token out of every text of an error of the API.
func (t Token) redactRefusal(refusal *APIError) {
	for _, text := range [...]*string{&refusal.Type, &refusal.ErrorCode, &refusal.Message, &refusal.Details} {
		*text = t.redact(*text)
	}
}
