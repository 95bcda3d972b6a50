package scriptix_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
)

// request is one way of asking the API.
type request func(context.Context, *scriptix.Client) error

func getExample(ctx context.Context, client *scriptix.Client) error {
	_, err := client.GetSession(ctx, exampleID)
	return err
}

func getPage(ctx context.Context, client *scriptix.Client) error {
	_, err := client.SessionPage(ctx, "", 0)
	return err
}

func listAll(ctx context.Context, client *scriptix.Client) error {
	_, err := client.ListSessions(ctx, scriptix.ListOptions{})
	return err
}

// requests are all ways of asking.
func requests() map[string]request {
	return map[string]request{"session": getExample, "page": getPage, "list": listAll}
}

func TestAnswersThatAreNoObject(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 200)
	tests := map[string]struct {
		body string
		want scriptix.AnswerError
	}{
		"HTML": {scriptixtest.ProxyPage, scriptix.AnswerError{
			Problem: "is not JSON and begins with", Value: scriptixtest.ProxyPage[:100], NotJSON: true,
		}},
		"text":        {"OK", scriptix.AnswerError{Problem: "is not JSON and begins with", Value: "OK", NotJSON: true}},
		"long text":   {long, scriptix.AnswerError{Problem: "is not JSON and begins with", Value: long[:100], NotJSON: true}},
		"empty":       {"", scriptix.AnswerError{Problem: "is empty", NotJSON: true}},
		"white space": {" \r\n\t", scriptix.AnswerError{Problem: "is empty", NotJSON: true}},
		"array":       {"[]", scriptix.AnswerError{Problem: "has the wrong type, a JSON array"}},
		"array of sessions": {"[" + scriptixtest.CompletedSessionJSON + "]", scriptix.AnswerError{
			Problem: "has the wrong type, a JSON array",
		}},
		"string": {`"completed"`, scriptix.AnswerError{Problem: "has the wrong type, a JSON string"}},
		"number": {"42", scriptix.AnswerError{Problem: "has the wrong type, a JSON number"}},
		"bool":   {"true", scriptix.AnswerError{Problem: "has the wrong type, a JSON bool"}},
		"half an object": {`{"session_id": "abc123def456", "sta`, scriptix.AnswerError{
			Problem: "is not JSON and begins with", Value: `{"session_id": "abc123def456", "sta`, NotJSON: true,
		}},
		"two objects": {`{} {}`, scriptix.AnswerError{Problem: "is not JSON and begins with", Value: `{} {}`, NotJSON: true}},
	}
	for name, test := range tests {
		for which, ask := range requests() {
			t.Run(name+"/"+which, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					server := scriptixtest.NewPipeServer(t)
					server.Inject(scriptixtest.Fault{Status: http.StatusOK, Body: test.body})
					got := failure[*scriptix.AnswerError](t, ask(t.Context(), newClient(t, server)))
					compare(t, "error", *got, test.want)
					// An answer that makes no sense makes no more sense the next time.
					compare(t, "requests", len(server.Requests()), 1)
				})
			})
		}
	}
}

func TestAnswersThatLackSomethingNameTheField(t *testing.T) {
	t.Parallel()
	missing := func(field string) scriptix.AnswerError {
		return scriptix.AnswerError{Field: field, Problem: "is missing"}
	}
	sessions := map[string]struct {
		body string
		want scriptix.AnswerError
	}{
		"null":                     {`null`, missing("session_id")},
		"object of nothing":        {`{}`, missing("session_id")},
		"no session_id":            {`{"status": "queued"}`, missing("session_id")},
		"null session_id":          {`{"session_id": null, "status": "queued"}`, missing("session_id")},
		"empty session_id":         {`{"session_id": "", "status": "queued"}`, missing("session_id")},
		"no status":                {`{"session_id": "abc123def456"}`, missing("status")},
		"null status":              {`{"session_id": "abc123def456", "status": null}`, missing("status")},
		"empty status":             {`{"session_id": "abc123def456", "status": ""}`, missing("status")},
		"error of the API":         {scriptixtest.NotFoundJSON, missing("session_id")},
		"result of nothing":        {`{"result": {}}`, missing("session_id")},
		"null result":              {`{"result": null}`, missing("session_id")},
		"list of one":              {`{"result": [` + scriptixtest.FailedSessionJSON + `]}`, missing("session_id")},
		"wrapped twice":            {`{"result": {"result": ` + scriptixtest.FailedSessionJSON + `}}`, missing("session_id")},
		"wrapped, no status":       {`{"result": {"session_id": "abc123def456"}}`, missing("status")},
		"wrapped, status outside":  {`{"status": "queued", "result": {"session_id": "abc123def456"}}`, missing("status")},
		"wrapped, another session": {`{"result": {"session_id": "other", "status": "queued"}}`, scriptix.AnswerError{Field: "session_id", Problem: "is that of another session", Value: "other"}},
		"another session":          {`{"session_id": "other", "status": "queued"}`, scriptix.AnswerError{Field: "session_id", Problem: "is that of another session", Value: "other"}},
		"another case of the id":   {`{"session_id": "ABC123DEF456", "status": "queued"}`, scriptix.AnswerError{Field: "session_id", Problem: "is that of another session", Value: "ABC123DEF456"}},
	}
	for name, test := range sessions {
		t.Run("session/"+name, func(t *testing.T) {
			t.Parallel()
			err := getExample(t.Context(), newStubClient(t, http.StatusOK, nil, test.body))
			compare(t, "error", *failure[*scriptix.AnswerError](t, err), test.want)
		})
	}
	pages := map[string]struct {
		body string
		want scriptix.AnswerError
	}{
		"null":                  {`null`, missing("total_results")},
		"object of nothing":     {`{}`, missing("total_results")},
		"no total_results":      {`{"count": 0, "result": []}`, missing("total_results")},
		"null total_results":    {`{"total_results": null, "result": []}`, missing("total_results")},
		"no result":             {`{"count": 0, "total_results": 0}`, missing("result")},
		"null result":           {`{"total_results": 0, "result": null}`, missing("result")},
		"negative total":        {`{"total_results": -1, "result": []}`, scriptix.AnswerError{Field: "total_results", Problem: "is negative"}},
		"a single session":      {scriptixtest.CompletedSessionJSON, missing("total_results")},
		"null for a session":    {`{"total_results": 1, "result": [null]}`, missing("session_id")},
		"session without id":    {`{"total_results": 1, "result": [{"status": "queued"}]}`, missing("session_id")},
		"second without status": {`{"total_results": 2, "result": [` + scriptixtest.FailedSessionJSON + `, {"session_id": "x"}]}`, missing("status")},
	}
	for name, test := range pages {
		for _, which := range []string{"page", "list"} {
			t.Run(which+"/"+name, func(t *testing.T) {
				t.Parallel()
				err := requests()[which](t.Context(), newStubClient(t, http.StatusOK, nil, test.body))
				compare(t, "error", *failure[*scriptix.AnswerError](t, err), test.want)
			})
		}
	}
}

func TestFieldsOfTheWrongTypeAreNamed(t *testing.T) {
	t.Parallel()
	// What a field must not be, and what the error calls it.
	const (
		aString, anObject, anArray, aBool = `"text"`, `{"a": 1}`, `[1]`, `true`
		aNumber                           = `12`
	)
	called := map[string]string{
		aString: "string", anObject: "object", anArray: "array", aBool: "bool", aNumber: "number",
		`1.5`: "number 1.5", `9223372036854775808`: "number 9223372036854775808", `1e400`: "number 1e400",
	}
	notText := []string{aNumber, anObject, anArray, aBool}
	notInteger := []string{aString, anObject, anArray, aBool, `1.5`, `9223372036854775808`}
	fields := map[string][]string{
		"id": notInteger, "custom_model_id": notInteger, "document.id": notInteger,
		"duration":   {aString, anObject, anArray, aBool, `1e400`},
		"session_id": notText, "status": notText, "filename": notText, "language": notText, "media_type": notText,
		"media_url": notText, "error": notText, "created_at": notText, "started_at": notText, "finished_at": notText,
		"session_mode": notText, "document.name": notText, "document.type": notText,
		"document": {aString, anArray, aBool, aNumber},
	}
	for field, values := range fields {
		for _, value := range values {
			member := fmt.Sprintf(`%q: %s`, field, value)
			if inner, nested := strings.CutPrefix(field, "document."); nested {
				member = fmt.Sprintf(`"document": {%q: %s}`, inner, value)
			}
			session := `{"session_id": "abc123def456", "status": "queued", ` + member + `}`
			t.Run(field+"="+value, func(t *testing.T) {
				t.Parallel()
				kind, literal, _ := strings.Cut(called[value], " ")
				problem := "has the wrong type, a JSON " + kind
				for body, want := range map[string]string{
					session:                      field,
					`{"result":` + session + `}`: field,
				} {
					err := getExample(t.Context(), newStubClient(t, http.StatusOK, nil, body))
					compare(t, body, *failure[*scriptix.AnswerError](t, err), scriptix.AnswerError{Field: want, Problem: problem, Value: literal})
				}
				page := `{"count": 2, "total_results": 2, "result": [{"session_id": "x", "status": "queued"}, ` + session + `]}`
				err := getPage(t.Context(), newStubClient(t, http.StatusOK, nil, page))
				compare(t, page, *failure[*scriptix.AnswerError](t, err), scriptix.AnswerError{Field: "result." + field, Problem: problem, Value: literal})
			})
		}
	}
	for body, want := range map[string]scriptix.AnswerError{
		`{"total_results": "1", "result": []}`:  {Field: "total_results", Problem: "has the wrong type, a JSON string"},
		`{"total_results": 1.5, "result": []}`:  {Field: "total_results", Problem: "has the wrong type, a JSON number", Value: "1.5"},
		`{"total_results": 1e18, "result": []}`: {Field: "total_results", Problem: "has the wrong type, a JSON number", Value: "1e18"},
		`{"total_results": 1, "result": {}}`:    {Field: "result", Problem: "has the wrong type, a JSON object"},
		`{"total_results": 1, "result": "x"}`:   {Field: "result", Problem: "has the wrong type, a JSON string"},
		`{"total_results": 1, "result": ["x"]}`: {Field: "result", Problem: "has the wrong type, a JSON string"},
	} {
		t.Run(body, func(t *testing.T) {
			t.Parallel()
			err := listAll(t.Context(), newStubClient(t, http.StatusOK, nil, body))
			compare(t, "error", *failure[*scriptix.AnswerError](t, err), want)
		})
	}
}

func TestTimestampsMustBeRFC3339(t *testing.T) {
	t.Parallel()
	for _, field := range []string{"created_at", "started_at", "finished_at"} {
		for _, value := range []string{
			"", "yesterday", "2025-01-15", "2025-01-15T10:00:00", "2025-01-15 10:00:00Z", "2025-01-15T10:00Z",
			"2025-02-30T10:00:00Z", "2025-01-15T10:00:00+0000", "1736935200", " 2025-01-15T10:00:00Z",
		} {
			t.Run(field+"="+value, func(t *testing.T) {
				t.Parallel()
				session := fmt.Sprintf(`{"session_id": "abc123def456", "status": "done", %q: %q}`, field, value)
				want := scriptix.AnswerError{Field: field, Problem: "is not an RFC 3339 timestamp", Value: value}
				err := getExample(t.Context(), newStubClient(t, http.StatusOK, nil, session))
				compare(t, "error of the session", *failure[*scriptix.AnswerError](t, err), want)
				page := `{"total_results": 1, "result": [` + session + `]}`
				err = getPage(t.Context(), newStubClient(t, http.StatusOK, nil, page))
				compare(t, "error of the page", *failure[*scriptix.AnswerError](t, err), want)
			})
		}
	}
}

// countingBody is an endless answer, of zeros, that knows how much of it was read.
type countingBody struct {
	read   int64
	closed bool
}

func (b *countingBody) Read(buffer []byte) (int, error) {
	b.read += int64(len(buffer))
	return len(buffer), nil
}

func (b *countingBody) Close() error {
	b.closed = true
	return nil
}

func TestOversizedAnswersAreNotRead(t *testing.T) {
	t.Parallel()
	const limit, eighty = 10 << 20, 80 << 20
	for name, test := range map[string]struct {
		ask     request
		status  int
		length  int64 // as Content-Length tells; -1 is that it does not
		mayRead int64
	}{
		"80 MB for a session":         {getExample, http.StatusOK, eighty, 0},
		"80 MB for a page":            {getPage, http.StatusOK, eighty, 0},
		"80 MB for a list":            {listAll, http.StatusOK, eighty, 0},
		"80 MB for a refusal":         {getExample, http.StatusForbidden, eighty, 0},
		"80 MB for a passing refusal": {getExample, http.StatusServiceUnavailable, eighty, 0},
		"one byte too many":           {getExample, http.StatusOK, limit + 1, 0},
		"without a length":            {getExample, http.StatusOK, -1, limit + 64<<10}, // the last buffer may reach beyond
		"a page without a length":     {getPage, http.StatusOK, -1, limit + 64<<10},
		"a refusal without a length":  {getExample, http.StatusServiceUnavailable, -1, limit + 64<<10},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var attempts int
				body := &countingBody{}
				client := newTransportClient(t, func(*http.Request) (*http.Response, error) {
					attempts++
					return &http.Response{StatusCode: test.status, Header: http.Header{}, Body: body, ContentLength: test.length}, nil
				}, withRetries(4))
				err := test.ask(t.Context(), client)
				compare(t, "error", *failure[*scriptix.AnswerError](t, err), scriptix.AnswerError{Problem: "is larger than 10 MiB"})
				if body.read > test.mayRead {
					t.Errorf("read %d bytes, want at most %d", body.read, test.mayRead)
				}
				if !body.closed {
					t.Error("the body was left open")
				}
				compare(t, "attempts", attempts, 1)
			})
		})
	}
}

// A megabyte can hold a gigabyte. The bound is on what comes out.
func TestOversizedAnswersAreNotUnpacked(t *testing.T) {
	t.Parallel()
	var packed bytes.Buffer
	packer := gzip.NewWriter(&packed)
	_, err := packer.Write(bytes.Repeat([]byte(" "), 11<<20))
	if err := errors.Join(err, packer.Close()); err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		server := scriptixtest.NewPipeServer(t)
		server.Inject(scriptixtest.Fault{
			Header: http.Header{"Content-Encoding": {"gzip"}, "Content-Type": {"application/json"}}, Body: packed.String(),
		})
		got := failure[*scriptix.AnswerError](t, getExample(t.Context(), newClient(t, server)))
		compare(t, "error", *got, scriptix.AnswerError{Problem: "is larger than 10 MiB"})
	})
}

func TestAnswerOfTheGreatestSizeIsRead(t *testing.T) {
	t.Parallel()
	body := scriptixtest.FailedSessionJSON + strings.Repeat(" ", 10<<20-len(scriptixtest.FailedSessionJSON))
	session, err := newStubClient(t, http.StatusOK, nil, body).GetSession(t.Context(), exampleID)
	if err != nil {
		t.Fatal(err)
	}
	compare(t, "session", *session, failedExample())
}

func TestAnswerErrorInWords(t *testing.T) {
	t.Parallel()
	for want, err := range map[string]scriptix.AnswerError{
		`the answer is empty`:                                   {Problem: "is empty"},
		`document.id is missing`:                                {Field: "document.id", Problem: "is missing"},
		`session_id is that of another session: "a\nb"`:         {Field: "session_id", Problem: "is that of another session", Value: "a\nb"},
		`the answer begins: "` + strings.Repeat("x", 100) + `"`: {Problem: "begins", Value: strings.Repeat("x", 10_000)},
	} {
		compare(t, "text", err.Error(), want)
	}
}

// The token must not come back from whoever repeats the request in an answer with status 200.
func TestAnswerErrorHidesTheToken(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"not JSON":        "GET / Authorization: Bearer " + scriptixtest.Token,
		"another session": `{"session_id": "` + scriptixtest.Token + `", "status": "queued"}`,
		"no timestamp":    `{"session_id": "abc123def456", "status": "queued", "created_at": "` + scriptixtest.Token + `"}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := failure[*scriptix.AnswerError](t, getExample(t.Context(), newStubClient(t, http.StatusOK, nil, body)))
			if strings.Contains(got.Value, scriptixtest.Token) || !strings.Contains(got.Value, "(redacted)") {
				t.Errorf("the value is %q, want the token redacted", got.Value)
			}
		})
	}
}
