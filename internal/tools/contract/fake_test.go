package contract

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
)

const sessionsPath = "/api/v3/speech-to-text/session"

// addAccount gives the fake sessions of every status, and some more that are completed.
func addAccount(server *scriptixtest.Server, more int) {
	model := int64(7)
	server.Add(
		scriptixtest.Session{SessionID: "queued", Queued: time.Hour},
		scriptixtest.Session{SessionID: "processing", Processing: time.Hour},
		scriptixtest.Session{SessionID: "completed", CustomModelID: &model, SessionMode: "align"},
		scriptixtest.Session{SessionID: "failed", Error: "Audio file is too short"},
		scriptixtest.Session{SessionID: "as-documented", JSON: scriptixtest.CompletedSessionJSON},
		scriptixtest.Session{SessionID: "failed-as-documented", JSON: scriptixtest.FailedSessionJSON},
	)
	for i := range more {
		server.Add(scriptixtest.Session{SessionID: fmt.Sprintf("session-%d", i)})
	}
}

// fault answers every request.
func fault(status int, body string) *scriptixtest.Fault {
	return &scriptixtest.Fault{Status: status, Body: body}
}

// exchange is one request to the fake, and how the fake is set up for it.
type exchange struct {
	options []scriptixtest.Option
	session scriptixtest.Session // added if it has an ID
	fault   *scriptixtest.Fault
	target  string // below the path of the sessions
	token   string // with its scheme; "none" sends no header
	times   int    // requests, at least 1
}

// run sends the request and returns the judge, who has seen it.
func (e exchange) run(t *testing.T) *judge {
	t.Helper()
	server := scriptixtest.NewServer(t, e.options...)
	addAccount(server, 40)
	if e.session.SessionID != "" {
		server.Add(e.session)
	}
	if e.fault != nil {
		server.Inject(*e.fault)
	}
	transport := server.Transport()
	t.Cleanup(transport.CloseIdleConnections)
	judge := newJudge(t, transport)
	for range max(1, e.times) {
		e.send(t, server.URL, judge)
	}
	return judge
}

func (e exchange) send(t *testing.T, base string, transport http.RoundTripper) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, base+sessionsPath+e.target, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	switch e.token {
	case "":
		request.Header.Set("Authorization", "Bearer "+scriptixtest.Token)
	case "none":
	default:
		request.Header.Set("Authorization", e.token)
	}
	response, err := transport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		t.Fatal(err)
	}
}

// Every kind of answer that the fake gives by itself, and every error body that it offers for faults.
func TestFakeAnswersAsDescribed(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		exchange
		statuses []int
	}{
		"queued":               {exchange{target: "/queued"}, []int{200}},
		"processing":           {exchange{target: "/processing"}, []int{200}},
		"completed":            {exchange{target: "/completed"}, []int{200}},
		"failed":               {exchange{target: "/failed"}, []int{200}},
		"example":              {exchange{target: "/as-documented"}, []int{200}},
		"failed example":       {exchange{target: "/failed-as-documented"}, []int{200}},
		"unknown session":      {exchange{target: "/nobody-knows"}, []int{404}},
		"default page":         {exchange{}, []int{200}},
		"first page":           {exchange{target: "?offset=0&limit=100"}, []int{200}},
		"last page":            {exchange{target: "?offset=25&limit=25"}, []int{200}},
		"page beyond the end":  {exchange{target: "?offset=1000&limit=100"}, []int{200}},
		"queued only":          {exchange{target: "?status=queued"}, []int{200}},
		"processing only":      {exchange{target: "?status=processing"}, []int{200}},
		"completed only":       {exchange{target: "?status=completed&offset=10&limit=20"}, []int{200}},
		"failed only":          {exchange{target: "?status=failed"}, []int{200}},
		"abbreviated items":    {exchange{options: []scriptixtest.Option{scriptixtest.WithAbbreviatedItems()}}, []int{200}},
		"rate-limit headers":   {exchange{options: []scriptixtest.Option{scriptixtest.WithPlan(scriptixtest.Gold)}, target: "/queued"}, []int{200}},
		"429 of a session":     {exchange{options: []scriptixtest.Option{scriptixtest.WithPlan(scriptixtest.Free)}, target: "/queued", times: 11}, []int{200, 429}},
		"429 of a list":        {exchange{options: []scriptixtest.Option{scriptixtest.WithPlan(scriptixtest.Free)}, times: 11}, []int{200, 429}},
		"other token":          {exchange{target: "/queued", token: "Bearer other"}, []int{401}},
		"other token for list": {exchange{token: "Bearer other"}, []int{401}},
		"revoked token":        {exchange{fault: fault(401, scriptixtest.KeyRevokedBody)}, []int{401}},
		"detailed error":       {exchange{fault: fault(400, scriptixtest.DetailedErrorBody)}, []int{400}},
		"nested error":         {exchange{fault: fault(422, scriptixtest.NestedErrorBody)}, []int{422}},
		"described error":      {exchange{fault: fault(400, scriptixtest.DescriptionErrorBody)}, []int{400}},
		"detail alone":         {exchange{fault: fault(403, scriptixtest.DetailErrorBody)}, []int{403}},
		"page of a proxy":      {exchange{fault: &scriptixtest.Fault{Status: 503, Header: http.Header{"Content-Type": {"text/html"}}, Body: scriptixtest.ProxyPage}}, []int{503}},
		"documented 429": {exchange{fault: &scriptixtest.Fault{
			Status: 429, Header: http.Header{"Retry-After": {"60"}}, Body: scriptixtest.RateLimitedBody,
		}}, []int{429}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test.run(t).acquit(t, test.statuses...)
		})
	}
}

// An answer to a request that itself breaks the contract: only the answer has to be as described.
func TestFakeRefusesAsDescribed(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		exchange
		status int
	}{
		"missing token":      {exchange{target: "/queued", token: "none"}, 401},
		"limit of 0":         {exchange{target: "?limit=0"}, 400},
		"limit is no number": {exchange{target: "?limit=many"}, 400},
		"negative offset":    {exchange{target: "?offset=-1"}, 400},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			judge := test.run(t)
			if judge.judged[test.status] != 1 {
				t.Errorf("the answer had the status %v, want %d", judge.judged, test.status)
			}
			if len(judge.breaches) == 0 {
				t.Error("the judge accepts the request")
			}
			for _, breach := range judge.breaches {
				if strings.HasPrefix(breach, "answer") {
					t.Error(breach)
				}
			}
		})
	}
}

// The judge must find what the description does not allow. Otherwise the other tests prove nothing.
func TestJudgeFindsBreaches(t *testing.T) {
	t.Parallel()
	with := func(options ...scriptixtest.Option) []scriptixtest.Option { return options }
	odd := func(text string) exchange {
		return exchange{session: scriptixtest.Session{SessionID: "odd", JSON: text}, target: "/odd"}
	}
	answer := func(status int, body string) exchange { return exchange{fault: fault(status, body), target: "/queued"} }
	tests := map[string]exchange{
		"undocumented parameter": {target: "?sort=created_at"},
		"undocumented status":    {target: "?status=done"},
		"limit of 101":           {target: "?limit=101"},
		"other path":             {target: "/queued/document"},
		"wrapped session":        {options: with(scriptixtest.WithEnvelope(scriptixtest.Wrapped)), target: "/queued"},
		"status of other pages":  {session: scriptixtest.Session{SessionID: "done", FinalStatus: "done"}, target: "/done"},
		"retry as a date": {
			options: with(scriptixtest.WithPlan(scriptixtest.Free), scriptixtest.WithRetryAfter(scriptixtest.RetryAfterDate)), times: 11,
		},
		"no Retry-After": {
			options: with(scriptixtest.WithPlan(scriptixtest.Free), scriptixtest.WithRetryAfter(scriptixtest.RetryAfterBodyOnly)), times: 11,
		},
		"renamed field":              odd(strings.Replace(scriptixtest.CompletedSessionJSON, `"filename"`, `"file_name"`, 1)),
		"number as text":             odd(strings.Replace(scriptixtest.CompletedSessionJSON, "3600.5", `"3600.5"`, 1)),
		"document ID as text":        odd(strings.Replace(scriptixtest.CompletedSessionJSON, "67890", `"67890"`, 1)),
		"timestamp without zone":     odd(strings.Replace(scriptixtest.CompletedSessionJSON, "00:00Z", "00:00", 1)),
		"completed without document": odd(strings.Replace(scriptixtest.FailedSessionJSON, `"failed"`, `"completed"`, 1)),
		"failed without error":       odd(`{"session_id":"odd","status":"failed"}`),
		"renamed field of the list":  answer(200, `{"count":0,"total":0,"result":[]}`),
		"404 without its code":       answer(404, `{"error":"Not Found","message":"Session not found"}`),
		"undocumented HTTP status":   answer(418, `{"error":"Teapot"}`),
		"page of a proxy as success": answer(200, scriptixtest.ProxyPage),
		"undocumented header": {
			fault: &scriptixtest.Fault{Status: 200, Header: http.Header{"X-Other": {"1"}}, Body: scriptixtest.CompletedSessionJSON}, target: "/queued",
		},
	}
	for i, item := range scriptixtest.MalformedItems() {
		tests[fmt.Sprintf("malformed item %d", i)] = exchange{
			fault: fault(200, `{"count":1,"total_results":1,"result":[`+item+`]}`),
		}
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if judge := test.run(t); len(judge.breaches) == 0 {
				t.Error("the judge finds no breach")
			}
		})
	}
}
