package scriptix_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"log/slog"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
)

func TestNewToken(t *testing.T) {
	t.Parallel()
	const (
		empty   = "must not be empty"
		invalid = "must not contain white space, line breaks, control characters, or characters outside ASCII"
	)
	tests := map[string]struct {
		text, want string
	}{
		"plain":                     {scriptixtest.Token, ""},
		"one character":             {"x", ""},
		"every visible character":   {"!\"#$%&'()*+,-./09:;<=>?@AZ[\\]^_`az{|}~", ""},
		"JSON web token":            {"eyJhbGciOiJIUzI1NiJ9.e30.ZRrHA1JJJW8opsbCGfG_HACGpVUMN_a9IV7pAx_Zmeo", ""},
		"empty":                     {"", empty},
		"spaces":                    {"   ", empty},
		"line breaks and tabs":      {"\r\n\t", empty},
		"no-break space":            {"\u00a0", empty},
		"space before":              {" token", invalid},
		"line break after":          {"token\n", invalid},
		"carriage return within":    {"to\rken", invalid},
		"another header":            {"token\r\nX-Admin: 1", invalid},
		"tab":                       {"to\tken", invalid},
		"NUL":                       {"to\x00ken", invalid},
		"DEL":                       {"to\x7fken", invalid},
		"outside ASCII":             {"tokén", invalid},
		"no UTF-8":                  {"to\xffken", invalid},
		"zero width space":          {"token\u200b", invalid},
		"copied with its scheme":    {"Bearer token", invalid},
		"line separator of Unicode": {"to\u2028ken", invalid},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := scriptix.NewToken(test.text)
			compareWords(t, err, test.want)
		})
	}
}

// compareWords checks the whole text of an error, or that there is none.
func compareWords(t testing.TB, err error, want string) {
	t.Helper()
	got := ""
	if err != nil {
		got = err.Error()
	}
	compare(t, "error", got, want)
}

func TestTokenIsPrintedNowhere(t *testing.T) {
	t.Parallel()
	config := newConfig(t, "https://api.scriptix.io", nil)
	client := scriptix.NewClient(config)
	holder := struct {
		Token  scriptix.Token
		hidden scriptix.Token // fmt calls no method on this one
	}{config.Token, config.Token}
	values := map[string]any{
		"token": config.Token, "pointer to token": &config.Token, "config": config, "pointer to config": &config,
		"client": client, "struct": holder, "list": []scriptix.Token{config.Token},
		"map": map[string]any{"token": config.Token}, "error": fmt.Errorf("with %v", config.Token),
	}
	for name, value := range values {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%p"} {
				hidesToken(t, verb, fmt.Sprintf(verb, value))
			}
			// Some of these have functions in them, which is an error to JSON; that must hide the token too.
			text, err := json.Marshal(value)
			hidesToken(t, "JSON", fmt.Sprint(string(text), err))
			for handler, newHandler := range map[string]func(*bytes.Buffer) slog.Handler{
				"text": func(b *bytes.Buffer) slog.Handler { return slog.NewTextHandler(b, nil) },
				"JSON": func(b *bytes.Buffer) slog.Handler { return slog.NewJSONHandler(b, nil) },
			} {
				var written bytes.Buffer
				slog.New(newHandler(&written)).Info("message", "value", value, slog.Group("group", "value", value))
				if written.Len() == 0 {
					t.Errorf("%s handler: wrote nothing", handler)
				}
				hidesToken(t, handler+" handler", written.String())
			}
		})
	}
}

// hidesToken checks that a text holds no token, be it plain, in hexadecimal or as a list of bytes.
func hidesToken(t testing.TB, what, text string) {
	t.Helper()
	secret := scriptixtest.Token
	bytesOfSecret := strings.Trim(fmt.Sprintf("%d", []byte(secret)), "[]")
	for _, form := range []string{secret, fmt.Sprintf("%x", secret), fmt.Sprintf("%X", secret), bytesOfSecret} {
		if strings.Contains(text, form) {
			t.Errorf("%s shows the token: %s", what, text)
		}
	}
}

func TestTokenSaysThatItIsHidden(t *testing.T) {
	t.Parallel()
	token := newConfig(t, "https://api.scriptix.io", nil).Token
	for verb, want := range map[string]string{
		"%v": "(redacted)", "%+v": "(redacted)", "%#v": "(redacted)", "%s": "(redacted)", "%q": `"(redacted)"`,
		"%x": fmt.Sprintf("%x", "(redacted)"),
	} {
		compare(t, verb, fmt.Sprintf(verb, token), want)
	}
	text, err := json.Marshal(map[string]any{"token": token})
	if err != nil {
		t.Fatal(err)
	}
	compare(t, "JSON", string(text), `{"token":"(redacted)"}`)
	compare(t, "slog", slog.AnyValue(token).Resolve().String(), "(redacted)")
}

func TestZeroTokenCanBePrinted(t *testing.T) {
	t.Parallel()
	compare(t, "text", fmt.Sprintf("%v %#v", scriptix.Token{}, scriptix.Token{}), "(redacted) (redacted)")
}

// A server or proxy may repeat the request in its answer, and net/http puts parts of a broken answer into its
// own errors. All of it ends up in diagnostics and logs.
func TestTokenIsTakenOutOfEverythingThatComesBack(t *testing.T) {
	t.Parallel()
	echo := "Authorization: Bearer " + scriptixtest.Token
	tests := map[string]struct {
		fault scriptixtest.Fault
		shown string // what an error must say for the redaction to be seen; empty when it may as well say nothing
	}{
		"in every field of an error": {scriptixtest.Fault{Status: 400, Body: fmt.Sprintf(
			`{"error": %[1]q, "message": %[1]q, "error_code": %[1]q, "details": {"header": %[1]q, %[1]q: 1}}`, echo)}, "Bearer (redacted)"},
		"in an error that is an object": {scriptixtest.Fault{Status: 422, Body: fmt.Sprintf(
			`{"error": {"code": %[1]q, "message": %[1]q, "details": [%[1]q]}}`, echo)}, "Bearer (redacted)"},
		"as description":     {scriptixtest.Fault{Status: 400, Body: fmt.Sprintf(`{"error_description": %q}`, echo)}, "Bearer (redacted)"},
		"as detail":          {scriptixtest.Fault{Status: 400, Body: fmt.Sprintf(`{"detail": %q}`, echo)}, "Bearer (redacted)"},
		"escaped in a field": {scriptixtest.Fault{Status: 400, Body: `{"message": "Bearer ` + escaped(scriptixtest.Token) + `"}`}, "Bearer (redacted)"},
		"on a page":          {scriptixtest.Fault{Status: 502, Body: "<html>" + echo + "</html>"}, ""},
		"in a redirect": {scriptixtest.Fault{Status: 302, Header: http.Header{
			"Location": {"https://elsewhere.example/?token=" + scriptixtest.Token},
		}}, "token=(redacted)"},
		"in a redirect to nowhere": {scriptixtest.Fault{Status: 302, Header: http.Header{
			"Location": {"https://elsewhere.example/%zz?token=" + scriptixtest.Token},
		}}, "token=(redacted)"},
		"in an answer that makes no sense": {scriptixtest.Fault{Status: 200, Body: echo}, "Bearer (redacted)"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := scriptixtest.NewPipeServer(t)
				server.Inject(test.fault)
				var logs bytes.Buffer
				client := newClient(t, server, withoutRetries, loggingTo(&logs, slog.LevelDebug))
				err := getExample(t.Context(), client)
				if err == nil {
					t.Fatal("no error")
				}
				all := everything(err)
				hidesToken(t, "error", all)
				hidesToken(t, "log", logs.String())
				if !strings.Contains(all, test.shown) {
					t.Errorf("the error says %s, want %q in it", all, test.shown)
				}
			})
		})
	}
}

func TestTokenIsTakenOutOfBrokenAnswers(t *testing.T) {
	t.Parallel()
	// What net/http says of a header line without a colon repeats that line.
	broken := errors.New(`malformed MIME header: missing colon: "Bearer ` + scriptixtest.Token + `"`)
	for name, retries := range map[string]int{"at once": 0, "after retries": 2} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var logs bytes.Buffer
				client := newTransportClient(t, func(*http.Request) (*http.Response, error) { return nil, broken },
					loggingTo(&logs, slog.LevelDebug), func(config *scriptix.Config) { config.MaxRetries = retries })
				got := failure[*scriptix.RequestError](t, getExample(t.Context(), client))
				hidesToken(t, "error", everything(got))
				hidesToken(t, "log", logs.String())
				if want := `missing colon: "Bearer (redacted)"`; !strings.Contains(got.Error(), want) {
					t.Errorf("the error says %s, want %q in it", got, want)
				}
			})
		})
	}
}

// everything is an error with all that can be got out of it.
func everything(err error) string {
	text := fmt.Sprintf("%v\n%#v\n", err, err)
	for err = errors.Unwrap(err); err != nil; err = errors.Unwrap(err) {
		text += fmt.Sprintf("%v\n%#v\n", err, err)
	}
	return text
}

// escaped writes a text as JSON may: other servers than Go's escape more than they have to.
func escaped(text string) string {
	var result strings.Builder
	for _, r := range text {
		fmt.Fprintf(&result, `\u%04x`, r)
	}
	return result.String()
}

// A token this short is none. Taking its text out of what the API says would leave nothing to read.
func TestVeryShortTokensGarbleNothing(t *testing.T) {
	t.Parallel()
	token, err := scriptix.NewToken("found")
	if err != nil {
		t.Fatal(err)
	}
	client := newTransportClient(t, func(*http.Request) (*http.Response, error) {
		return newResponse(http.StatusNotFound, nil, scriptixtest.NotFoundJSON), nil
	}, func(config *scriptix.Config) { config.Token = token })
	err = getExample(t.Context(), client)
	compare(t, "message", failure[*scriptix.APIError](t, err).Message, "Session not found")
}

// spellings are the ways in which an answer may write a token.
var spellings = map[string]func(string) string{
	"as it is":            func(token string) string { return token },
	"every character":     escaped,
	"escaped slashes":     func(token string) string { return strings.ReplaceAll(token, "/", `\/`) },
	"percent":             url.QueryEscape,
	"percent everywhere":  percent,
	"percent, twice":      func(token string) string { return percent(percent(token)) },
	"percent and escapes": func(token string) string { return escaped(percent(token)) },
	"JSON in JSON":        func(token string) string { return inJSON(inJSON(token)) },
	"entities":            html.EscapeString,
}

// percent escapes every character as URLs do, in lower case.
func percent(text string) string {
	var result strings.Builder
	for i := range len(text) {
		fmt.Fprintf(&result, "%%%02x", text[i])
	}
	return result.String()
}

// inJSON is the text as it stands between the quotes of a JSON string.
func inJSON(text string) string {
	quoted, err := json.Marshal(text)
	if err != nil {
		panic(err)
	}
	return string(quoted[1 : len(quoted)-1])
}

// Tokens with characters that JSON, URLs or HTML write otherwise.
var awkwardTokens = []string{scriptixtest.Token, "abc/def/ghi", `abc"def\ghi`, "abc&def<ghi", "abc%41def%2Fghi", "a+b=cdefgh", `abc/%2f"\u0041&amp;`}

func TestTokenIsTakenOutHoweverItIsSpelled(t *testing.T) {
	t.Parallel()
	for _, token := range awkwardTokens {
		for spelling, spell := range spellings {
			t.Run(token+"/"+spelling, func(t *testing.T) {
				t.Parallel()
				text := spell(token)
				if spelling != "every character" && spelling != "escaped slashes" && spelling != "percent and escapes" {
					text = inJSON(text) // the others are JSON already
				}
				if spelling == "escaped slashes" {
					text = strings.ReplaceAll(inJSON(token), "/", `\/`)
				}
				withToken := func(config *scriptix.Config) {
					var err error
					if config.Token, err = scriptix.NewToken(token); err != nil {
						t.Fatal(err)
					}
				}
				ask := func(status int, header http.Header, body string) (*scriptix.Session, *scriptix.Page, error) {
					client := newTransportClient(t, func(*http.Request) (*http.Response, error) {
						return newResponse(status, header, body), nil
					}, withToken)
					session, err := client.GetSession(t.Context(), exampleID)
					page, pageErr := client.SessionPage(t.Context(), "", 0)
					return session, page, errors.Join(err, pageErr)
				}
				every := `"session_mode": "%[1]s", "filename": "%[1]s", "language": "%[1]s", "media_type": "%[1]s", "media_url": "%[1]s",
					"error": "%[1]s", "created_at": "%[1]s", "started_at": "%[1]s", "finished_at": "%[1]s", "duration": "%[1]s",
					"id": "%[1]s", "custom_model_id": "%[1]s", "document": {"id": "%[1]s", "name": "%[1]s", "type": "%[1]s"}}`
				session, _, err := ask(http.StatusOK, nil, fmt.Sprintf(`{"session_id": "abc123def456", "status": "%[1]s", `+every, text))
				if session == nil {
					t.Fatal(err)
				}
				lacksToken(t, token, "session", session)
				_, page, err := ask(http.StatusOK, nil, `{"total_results": 1, "result": [`+fmt.Sprintf(`{"session_id": "%[1]s", "status": "%[1]s", `+every, text)+`]}`)
				if page == nil {
					t.Fatal(err)
				}
				lacksToken(t, token, "page", page)
				for what, body := range map[string]string{
					"another session": `{"session_id": "` + text + `", "status": "queued"}`,
					"no JSON":         "Authorization: Bearer " + text,
				} {
					_, _, err := ask(http.StatusOK, http.Header{"Content-Type": {"text/" + text}}, body)
					lacksToken(t, token, what, err)
				}
				_, _, err = ask(http.StatusBadRequest, nil, fmt.Sprintf(
					`{"error": "%[1]s", "message": "%[1]s", "error_code": "%[1]s", "details": {"%[1]s": ["%[1]s"]}}`, text))
				lacksToken(t, token, "refusal", err)
				_, _, err = ask(http.StatusFound, http.Header{"Location": {"https://elsewhere.example/?token=" + text}}, "")
				lacksToken(t, token, "redirect", err)
			})
		}
	}
}

// Texts are cut after the token has been taken out: half a token is not found.
func TestNoHalfOfTheTokenIsLeft(t *testing.T) {
	t.Parallel()
	for length := 1900; length < 2100; length += 7 {
		text := strings.Repeat("x", length) + scriptixtest.Token
		half := scriptixtest.Token[:4]
		err := getExample(t.Context(), newStubClient(t, http.StatusOK, http.Header{"Content-Type": {text}}, text))
		if strings.Contains(everything(err), half) {
			t.Fatalf("%d: the error shows a part of the token", length)
		}
		body := `{"session_id": "abc123def456", "status": "queued", "duration": "` + text + `"}`
		session, err := newStubClient(t, http.StatusOK, nil, body).GetSession(t.Context(), exampleID)
		if err != nil || strings.Contains(session.UnexpectedFields[0].Value, half) {
			t.Fatalf("%d: got %v, %v", length, session, err)
		}
	}
}

// lacksToken checks that nothing of a value is the token, nor would be after escapes are taken off once.
func lacksToken(t *testing.T, token, what string, value any) {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	var plain any
	if err := json.Unmarshal(text, &plain); err != nil {
		t.Fatal(err)
	}
	all := fmt.Sprint(plain)
	if failed, isError := value.(error); isError {
		all = everything(failed) + deep(failed)
	}
	unescaped, err := url.PathUnescape(strings.ReplaceAll(all, "%!", ""))
	if err != nil {
		unescaped = all
	}
	for _, form := range []string{all, unescaped, html.UnescapeString(all), strings.ReplaceAll(all, `\/`, "/")} {
		if strings.Contains(form, token) {
			t.Errorf("%s shows the token: %s", what, all)
		}
	}
	if !strings.Contains(all, "(redacted)") {
		t.Errorf("%s says nothing of the token: %s", what, all)
	}
}

// deep is every error of a tree, with its fields.
func deep(err error) string {
	switch wrapped := err.(type) { //nolint:errorlint // it walks the tree itself
	case interface{ Unwrap() []error }:
		text := ""
		for _, one := range wrapped.Unwrap() {
			text += deep(one)
		}
		return text
	case interface{ Unwrap() error }:
		return fmt.Sprintf("%+v", err) + deep(wrapped.Unwrap())
	}
	return fmt.Sprintf("%+v", reflect.Indirect(reflect.ValueOf(err)))
}

// A token may be a word of the API's own. It must not decide a gate.
func TestTokenThatIsAWordLeavesStatusesAlone(t *testing.T) {
	t.Parallel()
	for _, word := range []string{"completed", "processing", "session_id", "total_results"} {
		token, err := scriptix.NewToken(word)
		if err != nil {
			t.Fatal(err)
		}
		withToken := func(config *scriptix.Config) { config.Token = token }
		client := newTransportClient(t, func(request *http.Request) (*http.Response, error) {
			if strings.HasSuffix(request.URL.Path, exampleID) {
				return newResponse(http.StatusOK, nil, scriptixtest.CompletedSessionJSON), nil
			}
			return newResponse(http.StatusOK, nil, `{"total_results": 2, "result": [{"session_id": "a", "status": "processing"},
				{"session_id": "b", "status": "Completed", "filename": "completed.mp3"}]}`), nil
		}, withToken)
		session, err := client.GetSession(t.Context(), exampleID)
		if err != nil {
			t.Fatal(err)
		}
		compare(t, word, []any{session.SessionID, session.Status}, []any{exampleID, scriptix.StatusCompleted})
		listing, err := client.ListSessions(t.Context(), scriptix.ListOptions{Status: "completed"})
		if err != nil {
			t.Fatal(err)
		}
		compare(t, word+": listed", idsOf(listing.Sessions), []string{"b"})
		compare(t, word+": status", listing.Sessions[0].Status, scriptix.StatusCompleted)
	}
}

func loggingTo(written *bytes.Buffer, level slog.Level) func(*scriptix.Config) {
	return func(config *scriptix.Config) {
		config.Logger = slog.New(slog.NewJSONHandler(written, &slog.HandlerOptions{Level: level}))
	}
}
