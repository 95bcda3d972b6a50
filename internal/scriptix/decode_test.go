package scriptix_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
)

// Each field with each JSON type that it must not have. The session is read all the same, and only that field is null.
func TestFieldOfAnotherTypeIsNull(t *testing.T) {
	t.Parallel()
	kinds := map[string]string{
		`"text"`: "a string", `""`: "an empty string", `{"a": 1}`: "an object", `[1]`: "an array", `true`: "a boolean",
		`false`: "a boolean", `12`: "a number", `1.5`: "a number", `9223372036854775808`: "a number", `1e400`: "a number",
	}
	repeated := map[string]string{
		`"text"`: "text", `12`: "12", `1.5`: "1.5", `9223372036854775808`: "9223372036854775808", `1e400`: "1e400",
	}
	const integer, number, text, timestamp = "an integer", "a number", "a string", "an RFC 3339 timestamp"
	allowed := map[string][]string{
		integer: {`12`}, number: {`12`, `1.5`, `9223372036854775808`}, text: {`"text"`, `""`}, timestamp: {},
		"an object": {`{"a": 1}`}, "a number or a string": {`12`, `1.5`, `9223372036854775808`, `1e400`, `"text"`, `""`},
	}
	for field, expected := range map[string]string{
		"id": integer, "custom_model_id": integer, "duration": number, "filename": text, "language": text,
		"media_type": text, "media_url": text, "error": text, "session_mode": text, "created_at": timestamp,
		"started_at": timestamp, "finished_at": timestamp, "document": "an object", "document.id": "a number or a string",
		"document.name": text, "document.type": text,
	} {
		for value, kind := range kinds {
			if slices.Contains(allowed[expected], value) {
				continue
			}
			member := fmt.Sprintf(`%q: %s`, field, value)
			want := scriptix.Session{SessionID: exampleID, Status: "queued", Filename: new("a.mp3")}
			if inner, nested := strings.CutPrefix(field, "document."); nested {
				member = fmt.Sprintf(`"document": {%q: %s}`, inner, value)
				want.Document = &scriptix.Document{}
			}
			if field == "filename" {
				want.Filename = nil
			}
			want.UnexpectedFields = []scriptix.UnexpectedField{{Field: field, Expected: expected, Kind: kind, Value: repeated[value]}}
			if field == "media_url" {
				want.UnexpectedFields[0].Value = ""
			}
			session := `{"session_id": "abc123def456", "filename": "a.mp3", ` + member + `, "status": "queued"}`
			t.Run(field+"="+value, func(t *testing.T) {
				t.Parallel()
				for _, body := range []string{session, `{"result":` + session + `}`} {
					got, err := newStubClient(t, http.StatusOK, nil, body).GetSession(t.Context(), exampleID)
					if err != nil {
						t.Fatal(err)
					}
					compare(t, body, *got, want)
				}
				page := `{"total_results": 2, "result": [` + session + `, {"session_id": "x", "status": "queued"}]}`
				got, err := newStubClient(t, http.StatusOK, nil, page).ListSessions(t.Context(), scriptix.ListOptions{})
				if err != nil {
					t.Fatal(err)
				}
				compare(t, "oddities in a list", got.Sessions[0].UnexpectedFields, want.UnexpectedFields)
				compare(t, "oddities of another item", got.Sessions[1].UnexpectedFields, []scriptix.UnexpectedField(nil))
			})
		}
	}
}

func TestTimestampThatIsNotRFC3339IsNull(t *testing.T) {
	t.Parallel()
	for _, value := range []string{
		"yesterday", "2025-01-15", "2025-01-15T10:00:00", "2025-01-15 10:00:00Z", "2025-01-15T10:00Z",
		"2025-02-30T10:00:00Z", "2025-01-15T10:00:00+0000", "1736935200", " 2025-01-15T10:00:00Z",
	} {
		want := scriptix.Session{SessionID: exampleID, Status: "done"}
		for _, field := range []string{"created_at", "started_at", "finished_at"} {
			want.UnexpectedFields = append(want.UnexpectedFields, scriptix.UnexpectedField{
				Field: field, Expected: "an RFC 3339 timestamp", Kind: "a string", Value: value,
			})
		}
		body := fmt.Sprintf(`{"session_id": "abc123def456", "status": "done", "created_at": %[1]q, "started_at": %[1]q, "finished_at": %[1]q}`, value)
		got, err := newStubClient(t, http.StatusOK, nil, body).GetSession(t.Context(), exampleID)
		if err != nil {
			t.Fatal(err)
		}
		compare(t, value, *got, want)
		compare(t, value+": outcome", got.Outcome(), scriptix.Running)
	}
}

func TestOddFieldsDecideNoOutcome(t *testing.T) {
	t.Parallel()
	for members, want := range map[string]scriptix.Outcome{
		`"status": "processing", "finished_at": 17`:                                         scriptix.Running,
		`"status": "processing", "finished_at": ""`:                                         scriptix.Running,
		`"status": "Queued", "finished_at": "2025-01-15T10:00:00Z"`:                         scriptix.Running,
		`"status": "done", "finished_at": 17`:                                               scriptix.Running,
		`"status": "done", "finished_at": "soon", "error": "Processing timeout"`:            scriptix.Running,
		`"status": "done", "finished_at": "2025-01-15T10:00:00Z", "error": {"code": 1}`:     scriptix.Failed, // a gate must not open on it
		`"status": "done", "finished_at": "2025-01-15T10:00:00Z", "error": "Bad", "id": ""`: scriptix.Failed,
		`"status": "completed", "finished_at": "", "document": "x", "error": ["x"]`:         scriptix.Completed,
		`"status": "failed", "error": {"code": 1}`:                                          scriptix.Failed,
	} {
		body := `{"session_id": "abc123def456", ` + members + `}`
		session, err := newStubClient(t, http.StatusOK, nil, body).GetSession(t.Context(), exampleID)
		if err != nil {
			t.Fatal(err)
		}
		compare(t, members, session.Outcome(), want)
	}
}

// Otherwise a wait would take "Completed" for a status nobody documented, and never end.
func TestStatusInAnotherCaseIsTheDocumentedOne(t *testing.T) {
	t.Parallel()
	for word, want := range map[string]scriptix.Status{
		"Completed": "completed", "COMPLETED": "completed", "cOmPlEtEd": "completed", "Failed": "failed", "QUEUED": "queued",
		"Processing": "processing",
		"completed":  "completed", "Done": "Done", "complete": "complete", "\tcompleted": "\tcompleted", "completed\n": "completed\n",
	} {
		text, err := json.Marshal(word)
		if err != nil {
			t.Fatal(err)
		}
		body := `{"session_id": "abc123def456", "status": ` + string(text) + `}`
		session, err := newStubClient(t, http.StatusOK, nil, body).GetSession(t.Context(), exampleID)
		if err != nil {
			t.Fatal(err)
		}
		compare(t, word, session.Status, want)
		var oddities []scriptix.UnexpectedField
		if string(want) != word {
			oddities = []scriptix.UnexpectedField{{Field: "status", Expected: fmt.Sprintf("%q", want), Kind: "a string", Value: word}}
		}
		compare(t, word+": oddities", session.UnexpectedFields, oddities)
	}
}

func TestKeysMatchExactly(t *testing.T) {
	t.Parallel()
	body := `{"Status": "completed", "session_id": "abc123def456", "status": "queued", "STATUS": "failed", "Session_ID": "other",
		"Error": "x", "Finished_At": "2025-01-15T10:00:00Z", "ID": 1, "document": {"ID": 2, "Name": "x"}, "Document": {"id": 3},
		"Filename": 17, "Result": {"session_id": "abc123def456", "status": "failed"}, "": "x"}`
	session, err := newStubClient(t, http.StatusOK, nil, body).GetSession(t.Context(), exampleID)
	if err != nil {
		t.Fatal(err)
	}
	compare(t, "session", *session, scriptix.Session{SessionID: exampleID, Status: "queued", Document: &scriptix.Document{}})

	page := `{"total_results": 1, "Total_Results": 900, "result": [` + body + `], "RESULT": []}`
	listing, err := newStubClient(t, http.StatusOK, nil, page).SessionPage(t.Context(), "", 0)
	if err != nil {
		t.Fatal(err)
	}
	compare(t, "statuses", []any{listing.TotalResults, len(listing.Sessions), listing.Sessions[0].Status}, []any{int64(1), 1, scriptix.StatusQueued})
}

// What encoding/json would have read is still read.
func TestUnusualJSONIsRead(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		body string
		want scriptix.Session
	}{
		"escaped keys":          {`{"sess\u0069on_id": "abc123def456", "st\u0061tus": "qu\u0065ued"}`, scriptix.Session{SessionID: exampleID, Status: "queued"}},
		"the last of two":       {`{"session_id": "x", "session_id": "abc123def456", "status": "failed", "status": "queued"}`, scriptix.Session{SessionID: exampleID, Status: "queued"}},
		"invalid UTF-8":         {"{\"session_id\": \"abc123def456\", \"status\": \"queued\", \"filename\": \"a\xffb\"}", scriptix.Session{SessionID: exampleID, Status: "queued", Filename: new("a\ufffdb")}},
		"half a surrogate":      {`{"session_id": "abc123def456", "status": "queued", "filename": "a\ud800b"}`, scriptix.Session{SessionID: exampleID, Status: "queued", Filename: new("a\ufffdb")}},
		"a document's uuid":     {`{"session_id": "abc123def456", "status": "queued", "document": {"id": "0b0cb8c4-6a3f"}}`, scriptix.Session{SessionID: exampleID, Status: "queued", Document: &scriptix.Document{ID: new("0b0cb8c4-6a3f")}}},
		"a document's text":     {`{"session_id": "abc123def456", "status": "queued", "document": {"id": "doc_x"}}`, scriptix.Session{SessionID: exampleID, Status: "queued", Document: &scriptix.Document{ID: new("doc_x")}}},
		"a document's exponent": {`{"session_id": "abc123def456", "status": "queued", "document": {"id": 1e3}}`, scriptix.Session{SessionID: exampleID, Status: "queued", Document: &scriptix.Document{ID: new("1e3")}}},
		"a document's fraction": {`{"session_id": "abc123def456", "status": "queued", "document": {"id": -1.50E+03}}`, scriptix.Session{SessionID: exampleID, Status: "queued", Document: &scriptix.Document{ID: new("-1.50E+03")}}},
		"a long document number": {
			`{"session_id": "abc123def456", "status": "queued", "document": {"id": 123456789012345678901234567890}}`,
			scriptix.Session{SessionID: exampleID, Status: "queued", Document: &scriptix.Document{ID: new("123456789012345678901234567890")}},
		},
	} {
		session, err := newStubClient(t, http.StatusOK, nil, test.body).GetSession(t.Context(), exampleID)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		compare(t, name, *session, test.want)
	}
}

// The normal case costs nothing: no session carries an empty list.
func TestNormalSessionHasNoOddities(t *testing.T) {
	t.Parallel()
	session, err := newStubClient(t, http.StatusOK, nil, scriptixtest.CompletedSessionJSON).GetSession(t.Context(), exampleID)
	if err != nil || session.UnexpectedFields != nil {
		t.Errorf("got %v, %v", session, err)
	}
}
