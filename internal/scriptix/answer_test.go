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
	page, err := client.SessionPage(ctx, "", 0)
	if err != nil {
		return err
	}
	return page.Malformed
}

func listAll(ctx context.Context, client *scriptix.Client) error {
	_, err := client.ListSessions(ctx, scriptix.ListOptions{})
	return err
}

// requests are all ways of asking.
func requests() map[string]request {
	return map[string]request{"session": getExample, "page": getPage, "list": listAll}
}

// broken is an answer that is no JSON.
func broken(problem, value string) scriptix.AnswerError {
	return scriptix.AnswerError{Problem: problem, Value: value, NotJSON: true, ContentType: "text/x-test"}
}

func TestAnswersThatAreNoObject(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 20_000)
	instead := func(came string) scriptix.AnswerError {
		return scriptix.AnswerError{Problem: "is " + came + " instead of an object"}
	}
	tests := map[string]struct {
		body string
		want scriptix.AnswerError
	}{
		"HTML": {scriptixtest.ProxyPage, broken(
			fmt.Sprintf("is not JSON (%d bytes) and begins with", len(scriptixtest.ProxyPage)), strings.TrimSpace(scriptixtest.ProxyPage))},
		"text":                             {"OK", broken("is not JSON (2 bytes) and begins with", "OK")},
		"long text":                        {long, broken("is not JSON (20000 bytes) and begins with", long[:2000])},
		"empty":                            {"", broken("is empty", "")},
		"white space":                      {" \r\n\t", broken("is empty", "")},
		"array":                            {"[]", instead("an array")},
		"array of sessions":                {"[" + scriptixtest.CompletedSessionJSON + "]", instead("an array")},
		"string":                           {`"completed"`, instead("a string")},
		"number":                           {"42", scriptix.AnswerError{Problem: "is a number instead of an object", Value: "42"}},
		"bool":                             {"true", instead("a boolean")},
		"null":                             {"null", instead("null")},
		"half an object":                   {`{"session_id": "abc123def456", "sta`, broken("is not valid JSON: it breaks off after 35 bytes", "")},
		"half a word":                      {`{"session_id": tru`, broken("is not valid JSON: it breaks off after 18 bytes", "")},
		"two objects":                      {`{} {}`, broken("is not valid JSON: there is an error at byte 2 of 5", "")},
		"no value":                         {`{"session_id": }`, broken("is not valid JSON: there is an error at byte 15 of 16", "")},
		"two objects, one of which is odd": {`[] {}`, broken("is not valid JSON: there is an error at byte 2 of 5", "")},
	}
	for name, test := range tests {
		for which, ask := range requests() {
			t.Run(name+"/"+which, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					server := scriptixtest.NewPipeServer(t)
					server.Inject(scriptixtest.Fault{
						Status: http.StatusOK, Header: http.Header{"Content-Type": {"text/x-test"}}, Body: test.body,
					})
					got := failure[*scriptix.AnswerError](t, ask(t.Context(), newClient(t, server)))
					compare(t, "error", *got, test.want)
					// An answer that makes no sense makes no more sense the next time.
					compare(t, "requests", len(server.Requests()), 1)
				})
			})
		}
	}
}

// A body that may be a session's holds the address of the recording. No error repeats it, however broken the body is.
func TestNoErrorQuotesMediaURL(t *testing.T) {
	t.Parallel()
	const address = "https://storage.example/recording.mp3?signature=0123456789"
	session := `{"media_url":"` + address + `","session_id":"abc123def456","status":"completed"}`
	for name, body := range map[string]string{
		"cut at the end":       session[:len(session)-3],
		"cut in the address":   session[:40],
		"cut at the beginning": session[14:],
		"after a mark":         "\ufeff\ufeff" + session,
		"after a guard":        ")]}',\n" + session,
		"in a callback":        "callback(" + session + ")",
		"as an event":          "data: " + session,
		"twice":                session + session,
		"in an array":          "[" + session + "]",
		"as a string":          `"` + address + `"`,
		"of another session":   strings.Replace(session, "abc123def456", "other", 1),
		"odd":                  strings.Replace(session, `"`+address+`"`, `["`+address+`"]`, 1),
		"as a number's text":   `{"media_url":1` + address + `}`,
	} {
		for which, ask := range requests() {
			t.Run(name+"/"+which, func(t *testing.T) {
				t.Parallel()
				err := ask(t.Context(), newStubClient(t, http.StatusOK, nil, body))
				if err == nil && name != "odd" {
					t.Fatal("no error")
				}
				if err != nil && strings.Contains(everything(err), "storage.example") {
					t.Errorf("the error repeats the address: %s", everything(err))
				}
			})
		}
	}
}

func TestAnswersThatLackSomethingNameTheField(t *testing.T) {
	t.Parallel()
	missing := func(field string) scriptix.AnswerError {
		return scriptix.AnswerError{Field: field, Problem: "is missing"}
	}
	instead := func(field, came, expected, value string) scriptix.AnswerError {
		return scriptix.AnswerError{Field: field, Problem: "is " + came + " instead of " + expected, Value: value}
	}
	another := func(value string) scriptix.AnswerError {
		return scriptix.AnswerError{Field: "session_id", Problem: "is that of another session", Value: value}
	}
	sessions := map[string]struct {
		body string
		want scriptix.AnswerError
	}{
		"object of nothing":        {`{}`, missing("session_id")},
		"no session_id":            {`{"status": "queued"}`, missing("session_id")},
		"null session_id":          {`{"session_id": null, "status": "queued"}`, missing("session_id")},
		"empty session_id":         {`{"session_id": "", "status": "queued"}`, missing("session_id")},
		"session_id of a number":   {`{"session_id": 12, "status": "queued"}`, instead("session_id", "a number", "a string", "")},
		"session_id of an object":  {`{"session_id": {"id": "abc123def456"}, "status": "queued"}`, instead("session_id", "an object", "a string", "")},
		"session_id in upper case": {`{"Session_ID": "abc123def456", "SESSION_ID": "abc123def456", "status": "queued"}`, missing("session_id")},
		"no status":                {`{"session_id": "abc123def456"}`, missing("status")},
		"null status":              {`{"session_id": "abc123def456", "status": null}`, missing("status")},
		"empty status":             {`{"session_id": "abc123def456", "status": ""}`, missing("status")},
		"status of a number":       {`{"session_id": "abc123def456", "status": 3}`, instead("status", "a number", "a string", "")},
		"status of a boolean":      {`{"session_id": "abc123def456", "status": true}`, instead("status", "a boolean", "a string", "")},
		"status of an array":       {`{"session_id": "abc123def456", "status": ["completed"]}`, instead("status", "an array", "a string", "")},
		"status in upper case":     {`{"session_id": "abc123def456", "Status": "completed", "STATUS": "completed"}`, missing("status")},
		"error alone":              {`{"error": "Unauthorized"}`, missing("session_id")},
		"message alone":            {`{"message": "API key is invalid"}`, missing("session_id")},
		"error of another type":    {`{"error": {"code": 1}, "message": "x"}`, missing("session_id")},
		"empty error and message":  {`{"error": " ", "message": "x", "error_code": ""}`, missing("session_id")},
		"error, id of a number":    {`{"session_id": 12, "error": "x", "message": "y"}`, instead("session_id", "a number", "a string", "")},
		"error, no status":         {`{"session_id": "abc123def456", "error": "x", "message": "y", "error_code": "z"}`, missing("status")},
		"error, another session":   {`{"session_id": "other", "status": "failed", "error": "x", "message": "y"}`, another("other")},
		"error, wrapped session":   {`{"result": {"session_id": "abc123def456"}, "error": "x", "message": "y"}`, missing("status")},
		"result of nothing":        {`{"result": {}}`, missing("session_id")},
		"result in upper case":     {`{"Result": ` + scriptixtest.FailedSessionJSON + `}`, missing("session_id")},
		"null result":              {`{"result": null}`, missing("session_id")},
		"list of one":              {`{"result": [` + scriptixtest.FailedSessionJSON + `]}`, missing("session_id")},
		"wrapped twice":            {`{"result": {"result": ` + scriptixtest.FailedSessionJSON + `}}`, missing("session_id")},
		"wrapped, no status":       {`{"result": {"session_id": "abc123def456"}}`, missing("status")},
		"wrapped, status outside":  {`{"status": "queued", "result": {"session_id": "abc123def456"}}`, missing("status")},
		"wrapped, another session": {`{"result": {"session_id": "other", "status": "queued"}}`, another("other")},
		"another session":          {`{"session_id": "other", "status": "queued"}`, another("other")},
		"another case of the id":   {`{"session_id": "ABC123DEF456", "status": "queued"}`, another("ABC123DEF456")},
	}
	for name, test := range sessions {
		t.Run("session/"+name, func(t *testing.T) {
			t.Parallel()
			err := getExample(t.Context(), newStubClient(t, http.StatusOK, nil, test.body))
			compare(t, "error", *failure[*scriptix.AnswerError](t, err), test.want)
		})
	}
	failed := scriptixtest.FailedSessionJSON
	pages := map[string]struct {
		body string
		want scriptix.AnswerError
	}{
		"object of nothing":        {`{}`, missing("total_results")},
		"no total_results":         {`{"count": 0, "result": []}`, missing("total_results")},
		"null total_results":       {`{"total_results": null, "result": []}`, missing("total_results")},
		"total_results of text":    {`{"total_results": "1", "result": []}`, instead("total_results", "a string", "an integer", "")},
		"fractional total_results": {`{"total_results": 1.5, "result": []}`, instead("total_results", "a number", "an integer", "1.5")},
		"vast total_results":       {`{"total_results": 1e18, "result": []}`, instead("total_results", "a number", "an integer", "1e18")},
		"negative total":           {`{"total_results": -1, "result": []}`, scriptix.AnswerError{Field: "total_results", Problem: "is negative"}},
		"no result":                {`{"count": 0, "total_results": 0}`, missing("result")},
		"null result":              {`{"total_results": 0, "result": null}`, missing("result")},
		"result of an object":      {`{"total_results": 1, "result": {}}`, instead("result", "an object", "an array", "")},
		"result of text":           {`{"total_results": 1, "result": "x"}`, instead("result", "a string", "an array", "")},
		"a single session":         {scriptixtest.CompletedSessionJSON, missing("total_results")},
		"a failed session":         {`{"session_id": "x", "status": "failed", "error": "x", "message": "y"}`, missing("total_results")},
		"error, sessions":          {`{"result": [], "error": "x", "message": "y"}`, missing("total_results")},
		"error, total":             {`{"total_results": 0, "error": "x", "message": "y"}`, missing("result")},
		"envelope in upper case":   {`{"Total_results": 1, "Result": []}`, missing("total_results")},
	}
	// page_test.go checks that a page is read without such items.
	items := map[string]struct {
		body string
		want scriptix.AnswerError
	}{
		"null for a session":    {`{"total_results": 1, "result": [null]}`, instead("result[0]", "null", "an object", "")},
		"text for a session":    {`{"total_results": 1, "result": ["x"]}`, instead("result[0]", "a string", "an object", "")},
		"session without id":    {`{"total_results": 1, "result": [{"status": "queued"}]}`, missing("result[0].session_id")},
		"second without status": {`{"total_results": 2, "result": [` + failed + `, {"session_id": "x"}]}`, missing("result[1].status")},
		"third of another type": {`{"total_results": 2, "result": [` + failed + `,` + failed + `, {"session_id": "x", "status": 1}, {}]}`, instead("result[2].status", "a number", "a string", "")},
		"keys in upper case":    {`{"total_results": 1, "result": [{"Session_id": "x", "Status": "queued"}]}`, missing("result[0].session_id")},
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
	for name, test := range items {
		t.Run("item/"+name, func(t *testing.T) {
			t.Parallel()
			err := listAll(t.Context(), newStubClient(t, http.StatusOK, nil, test.body))
			compare(t, "error", *failure[*scriptix.AnswerError](t, err), test.want)
		})
	}
}

// An answer with status 200 that is an error of the API says more than which field is missing.
func TestErrorInAnAnswerWithStatus200IsReported(t *testing.T) {
	t.Parallel()
	unauthorized := scriptix.APIError{Type: "Unauthorized", Message: "API key is invalid"}
	revoked := scriptix.APIError{Type: "Unauthorized", ErrorCode: "KEY_REVOKED", Message: "API key has been revoked"}
	for name, test := range map[string]struct {
		body string
		want scriptix.APIError
	}{
		"error and message":  {`{"error": "Unauthorized", "message": "API key is invalid"}`, unauthorized},
		"all of it":          {scriptixtest.KeyRevokedBody, revoked},
		"after a mark":       {"\ufeff" + scriptixtest.KeyRevokedBody, revoked},
		"error_code alone":   {`{"error_code": "INVALID_API_KEY"}`, scriptix.APIError{ErrorCode: "INVALID_API_KEY"}},
		"beside nulls":       {`{"session_id": null, "result": null, "total_results": null, "error": "Unauthorized", "message": "API key is invalid"}`, unauthorized},
		"beside an empty id": {`{"session_id": "", "error": "Unauthorized", "message": "API key is invalid"}`, unauthorized},
		"beside a status":    {`{"status": "error", "error": "Unauthorized", "message": "API key is invalid"}`, unauthorized},
		"that has a pause":   {scriptixtest.RateLimitedBody, scriptix.APIError{Type: "Rate Limit Exceeded", ErrorCode: "RATE_LIMIT_EXCEEDED", Message: "Too many requests"}},
		"about a session":    {scriptixtest.NotFoundJSON, scriptix.APIError{Type: "Not Found", ErrorCode: "SESSION_NOT_FOUND", Message: "Session not found"}},
		"that repeats a token": {
			`{"error": "Unauthorized", "message": "Bearer ` + scriptixtest.Token + `", "error_code": "` + escaped(scriptixtest.Token) + `"}`,
			scriptix.APIError{Type: "Unauthorized", ErrorCode: "(redacted)", Message: "Bearer (redacted)"},
		},
	} {
		for which, ask := range requests() {
			t.Run(name+"/"+which, func(t *testing.T) {
				t.Parallel()
				err := ask(t.Context(), newStubClient(t, http.StatusOK, nil, test.body))
				want := test.want
				want.StatusCode, want.Attempts, want.FromAPI = http.StatusOK, 1, true
				compare(t, "error", *failure[*scriptix.APIError](t, err), want)
				// Only an answer with the status 404 says that a session does not exist: a resource would leave the state.
				compare(t, "class", scriptix.Classify(err), scriptix.ClassPermanent)
			})
		}
	}
}

// The error of a session that failed is its own, whatever stands beside it.
func TestErrorOfASessionIsNoErrorOfTheAPI(t *testing.T) {
	t.Parallel()
	const members = `"session_id": "abc123def456", "status": "failed", "error": "x", "message": "y", "error_code": "z"`
	for name, body := range map[string]string{
		"flat":    `{` + members + `}`,
		"wrapped": `{"result": {` + members + `}, "error": "x", "message": "y", "error_code": "z"}`,
	} {
		session, err := newStubClient(t, http.StatusOK, nil, body).GetSession(t.Context(), exampleID)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		compare(t, name, *session, scriptix.Session{SessionID: exampleID, Status: "failed", Error: new("x")})
	}
	page := `{"total_results": 1, "result": [{` + members + `}], "error": "x", "message": "y"}`
	listing, err := newStubClient(t, http.StatusOK, nil, page).ListSessions(t.Context(), scriptix.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	compare(t, "listed", listing.Sessions, []scriptix.Session{{SessionID: exampleID, Status: "failed", Error: new("x")}})
}

func TestByteOrderMarkBeforeJSONIsSkipped(t *testing.T) {
	t.Parallel()
	const mark = "\ufeff"
	client := newStubClient(t, http.StatusOK, nil, mark+scriptixtest.FailedSessionJSON)
	session, err := client.GetSession(t.Context(), exampleID)
	if err != nil {
		t.Fatal(err)
	}
	compare(t, "session", *session, failedExample())

	page := mark + `{"total_results": 1, "result": [` + scriptixtest.FailedSessionJSON + `]}`
	listing, err := newStubClient(t, http.StatusOK, nil, page).ListSessions(t.Context(), scriptix.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	compare(t, "listed", listing.Sessions, []scriptix.Session{failedExample()})

	for body, want := range map[string]scriptix.AnswerError{
		mark:                {Problem: "is empty", NotJSON: true},
		mark + mark + `{}`:  {Problem: "is not valid JSON: there is an error at byte 0 of 5", NotJSON: true},
		`{}` + mark:         {Problem: "is not valid JSON: there is an error at byte 2 of 5", NotJSON: true},
		mark + `<html>`:     {Problem: "is not JSON (6 bytes) and begins with", Value: "<html>", NotJSON: true},
		mark + `{"status":`: {Problem: "is not valid JSON: it breaks off after 10 bytes", NotJSON: true},
	} {
		err := getExample(t.Context(), newStubClient(t, http.StatusOK, nil, body))
		compare(t, body, *failure[*scriptix.AnswerError](t, err), want)
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
		`the answer is empty (content type "a\nb")`:             {Problem: "is empty", ContentType: "a\nb"},
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
