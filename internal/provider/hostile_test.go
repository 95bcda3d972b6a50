package provider

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"unicode"
	"unicode/utf8"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
)

// longestDiagnostic is as much as a person may be made to scroll through, with ten sessions in it.
const longestDiagnostic = 16 << 10

// hostileTexts are what a name, an error text or a header may be made of to harm whoever reads it on a terminal.
func hostileTexts() map[string]string {
	return map[string]string{
		"control characters": "a\x00\a\b\r\n\x7f\u0085b",
		"terminal escapes":   "\x1b[2J\x1b]0;owned\x07\x1b[31m\u009b31m",
		"templates":          "${path.module} %{ for x in y } $${a} {{.}} %s%n",
		"bidi overrides":     "\u202e\u2066gpj.exe\u2069\u200b\ufeff",
		"invalid UTF-8":      "\xff\xfe\xc0\xaf\xed\xa0\x80",
		// A hundred times as long as what may be left of it. TestHugeNumbersReachDiagnosticsBounded has megabytes.
		"a long text":       strings.Repeat("0123456789\x1b", 1<<12),
		"a long, wide text": strings.Repeat("\U0001F600\u202e", 10_000),
		"quotes":            `"'` + "`" + `\"\\`,
	}
}

// inJSON is the text as a JSON string; bytes that are no UTF-8 go in as they are.
func inJSON(text string) string {
	if !utf8.ValidString(text) {
		return `"` + text + `"`
	}
	quoted, err := json.Marshal(text)
	if err != nil {
		panic(err)
	}
	return string(quoted)
}

// Every way in which a text of the API's gets into a diagnostic, with every text.
func TestHostileAnswersReachDiagnosticsQuotedPrintableAndBounded(t *testing.T) {
	for name, hostile := range hostileTexts() {
		quoted := inJSON(hostile)
		header := strings.Map(func(r rune) rune { return map[bool]rune{true: r, false: ' '}[r >= ' ' && r != 0x7f] }, hostile)
		bodies := map[string]scriptixtest.Fault{
			"session of that id":      {Body: `{"session_id":` + quoted + `,"status":"queued"}`},
			"status":                  {Body: `{"session_id":"abc","status":` + quoted + `,"finished_at":"2026-01-02T03:04:05Z"}`},
			"status with error":       {Body: `{"session_id":"abc","status":` + quoted + `,"finished_at":"2026-01-02T03:04:05Z","error":` + quoted + `}`},
			"failure":                 {Body: `{"session_id":"abc","status":"failed","error":` + quoted + `,"filename":` + quoted + `}`},
			"timestamp":               {Body: `{"session_id":"abc","status":"completed","created_at":` + quoted + `}`},
			"field of the wrong type": {Body: `{"session_id":"abc","status":"completed","duration":` + quoted + `,"id":` + quoted + `,"document":` + quoted + `}`},
			"field of a page":         {Body: `{"total_results":1,"result":[{"session_id":"abc","status":"completed","id":` + quoted + `}]}`},
			"item of a page":          {Body: `{"total_results":1,"result":[` + quoted + `]}`},
			"cut off":                 {Body: `{"session_id":"abc","status":"completed","error":` + quoted},
			"content type":            {Header: http.Header{"Content-Type": {header[:min(len(header), 1000)]}}, Body: "OK"},
			"total":                   {Body: `{"total_results":` + quoted + `,"result":[]}`},
			"no JSON":                 {Body: hostile},
			"message in a 200":        {Body: `{"error":` + quoted + `,"message":` + quoted + `,"error_code":` + quoted + `,"details":` + quoted + `}`},
			"message":                 {Status: 400, Body: `{"error":` + quoted + `,"message":` + quoted + `,"error_code":` + quoted + `,"details":` + quoted + `}`},
			"details":                 {Status: 422, Body: `{"error":{"code":422,"message":` + quoted + `,"details":{` + quoted + `:` + quoted + `}}}`},
			"wrong token":             {Status: 401, Body: `{"message":` + quoted + `}`},
			"quota":                   {Status: 402, Body: `{"detail":` + quoted + `}`},
			"forbidden":               {Status: 403, Body: `{"error_description":` + quoted + `}`},
			"not found":               {Status: 404, Body: `{"message":` + quoted + `}`},
			"too many":                {Status: 429, Body: `{"message":` + quoted + `,"retry_after":` + quoted + `}`},
			"failing":                 {Status: 500, Body: `{"error":` + quoted + `}`},
			"strange status":          {Status: 799, Body: quoted},
			"redirect":                {Status: 302, Header: http.Header{"Location": {header[:min(len(header), 1000)]}}, Body: " "},
		}
		for place, fault := range bodies {
			t.Run(name+" in "+place, func(t *testing.T) { harmless(t, fault) })
		}
	}
}

// A number can be as long as an answer.
func TestHugeNumbersReachDiagnosticsBounded(t *testing.T) {
	for _, field := range []string{"id", "custom_model_id", "duration", "filename", "session_id", "status", "document", "created_at"} {
		t.Run(field, func(t *testing.T) {
			number := "1" + strings.Repeat("9", 1<<20)
			harmless(t, scriptixtest.Fault{Body: `{"session_id":"abc","status":"completed","` + field + `":` + number + `}`})
		})
	}
	t.Run("total_results", func(t *testing.T) {
		harmless(t, scriptixtest.Fault{Body: `{"total_results":` + strings.Repeat("9", 1<<20) + `,"result":[]}`})
	})
}

// harmless reads a session, waiting for it, and a list from an API that answers nothing but the fault.
func harmless(t *testing.T, fault scriptixtest.Fault) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		api := newPipeAPI(t)
		api.Inject(fault)
		server := newProtocolServer(context.Background(), t, api)
		var all []*tfprotov6.Diagnostic
		for _, request := range []*tfprotov6.ReadDataSourceRequest{
			server.request("scriptix_session", values{"session_id": stringValue("abc"), "wait_for_completion": boolValue(true)}),
			server.request("scriptix_sessions", values{}),
			server.request("scriptix_sessions", values{"session_ids": stringList("abc", "def")}),
		} {
			_, diagnostics := server.read(t.Context(), request)
			all = append(all, diagnostics...)
		}
		if len(all) == 0 {
			t.Error("nothing is said")
		}
		for _, diagnostic := range all {
			printableAndBounded(t, diagnostic)
		}
	})
}

func printableAndBounded(t *testing.T, diagnostic *tfprotov6.Diagnostic) {
	t.Helper()
	text := diagnostic.Summary + diagnostic.Detail
	if len(text) > longestDiagnostic {
		t.Errorf("%d bytes: %.500q…", len(text), text)
	}
	if !utf8.ValidString(text) {
		t.Errorf("is no UTF-8: %.500q", text)
	}
	for at, r := range text {
		if r != '\n' && !unicode.IsPrint(r) {
			t.Fatalf("%q at %d of %.500q", r, at, text)
		}
	}
}
