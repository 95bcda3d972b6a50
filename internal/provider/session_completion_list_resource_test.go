package provider

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
)

// queries is the provider as terraform query sees it.
type queries struct{ *protocolServer }

func newQueries(t *testing.T, api *scriptixtest.Server) queries {
	t.Helper()
	return queries{newProtocolServer(t.Context(), t, api)}
}

// request asks for a list with these arguments.
func (q queries) request(arguments values, limit int64, includeResource bool) *tfprotov6.ListResourceRequest {
	q.t.Helper()
	return &tfprotov6.ListResourceRequest{
		TypeName: completionResource, Limit: limit, IncludeResource: includeResource,
		Config: q.dynamic(q.schema.ListResourceSchemas[completionResource], arguments),
	}
}

// stream begins a list.
func (q queries) stream(ctx context.Context, request *tfprotov6.ListResourceRequest) *tfprotov6.ListResourceServerStream {
	q.t.Helper()
	stream, err := q.ProviderServer.(tfprotov6.ListResourceServer).ListResource(ctx, request)
	if err != nil {
		q.t.Fatal(err)
	}
	return stream
}

// list returns the sessions found, as "id: display name", their resources, and all diagnostics.
func (q queries) list(request *tfprotov6.ListResourceRequest) (found []string, resources []values, diagnostics []*tfprotov6.Diagnostic) {
	q.t.Helper()
	completionType := q.schema.ResourceSchemas[completionResource].ValueType()
	for result := range q.stream(q.t.Context(), request).Results {
		diagnostics = append(diagnostics, result.Diagnostics...)
		if result.Identity == nil {
			continue
		}
		identity, err := result.Identity.IdentityData.Unmarshal(identityType)
		if err != nil {
			q.t.Fatal(err)
		}
		found = append(found, textOf(q.t, objectValues(identity)["session_id"])+": "+result.DisplayName)
		if result.Resource == nil {
			continue
		}
		resource, err := result.Resource.Unmarshal(completionType)
		if err != nil {
			q.t.Fatal(err)
		}
		resources = append(resources, objectValues(resource))
	}
	return found, resources, diagnostics
}

func textOf(t testing.TB, value tftypes.Value) string {
	t.Helper()
	var text string
	if err := value.As(&text); err != nil {
		t.Fatal(err)
	}
	return text
}

func same[T any](t *testing.T, what string, got, want T) {
	t.Helper()
	if difference := cmp.Diff(want, got); difference != "" {
		t.Errorf("%s (-want +got):\n%s", what, difference)
	}
}

func TestQueryFindsSessions(t *testing.T) {
	t.Parallel()
	api := scriptixtest.NewServer(t)
	noon := time.Date(2025, 1, 15, 12, 0, 0, 0, time.UTC)
	api.Add(
		scriptixtest.Session{SessionID: "a", CreatedAt: noon},
		scriptixtest.Session{SessionID: "b", CreatedAt: noon.Add(time.Minute), Error: "Processing timeout"},
		scriptixtest.Session{SessionID: "c", CreatedAt: noon.Add(2 * time.Minute), Filename: "two words.wav", Error: "Audio file is too short"},
		scriptixtest.Session{SessionID: "d", CreatedAt: noon.Add(3 * time.Minute), Filename: "red \x1b[31m\u202e.mp3", Processing: 100 * 365 * 24 * time.Hour},
		scriptixtest.Session{SessionID: "e", JSON: inStatus("e", "new"), CreatedAt: noon.Add(4 * time.Minute)},
	)
	const (
		a = "a: a.mp3 (completed)"
		b = "b: b.mp3 (failed)"
		c = "c: two words.wav (failed)"
		d = "d: red  [31m .mp3 (processing)"
	)
	queries := newQueries(t, api)
	for name, test := range map[string]struct {
		arguments values
		limit     int64
		want      []string
		requests  int
	}{
		"finished":         {nil, 100, []string{c, b, a}, 1},
		"without a limit":  {nil, 0, []string{c, b, a}, 1},
		"a limit":          {nil, 2, []string{c, b}, 1},
		"running":          {values{"status": stringValue("processing")}, 100, []string{d}, 1},
		"of a status":      {values{"status": stringValue("failed")}, 100, []string{c, b}, 1},
		"one of a status":  {values{"status": stringValue("failed")}, 1, []string{c}, 1},
		"created after":    {values{"status": stringValue("failed"), "created_after": stringValue("2025-01-15T13:02:00+01:00")}, 100, []string{c}, 1},
		"created before":   {values{"status": stringValue("failed"), "created_before": stringValue("2025-01-15T12:01:00Z")}, 100, []string{b}, 1},
		"created between":  {values{"status": stringValue("completed"), "created_after": stringValue("2025-01-15T12:00:00Z"), "created_before": stringValue("2025-01-15T12:00:00Z")}, 100, []string{a}, 1},
		"none of a status": {values{"status": stringValue("queued")}, 100, nil, 1},
	} {
		api.ResetRequests()
		found, resources, diagnostics := queries.list(queries.request(test.arguments, test.limit, false))
		same(t, name, found, test.want)
		same(t, name+": diagnostics", texts(diagnostics), "")
		same(t, name+": resources", len(resources), 0)
		same(t, name+": requests", len(api.Requests()), test.requests)
	}
}

func inStatus(sessionID, status string) string {
	return fmt.Sprintf(`{"session_id": %q, "status": %q}`, sessionID, status)
}

func TestQueryReadsNoMorePagesThanItsLimitAndDatesNeed(t *testing.T) {
	t.Parallel()
	api := scriptixtest.NewServer(t)
	noon := time.Date(2025, 1, 15, 12, 0, 0, 0, time.UTC)
	const total = 20_000
	for age := total - 1; age >= 0; age-- {
		api.Add(scriptixtest.Session{SessionID: fmt.Sprint(age), CreatedAt: noon.Add(-time.Duration(age) * time.Minute)})
	}
	queries := newQueries(t, api)
	for name, test := range map[string]struct {
		arguments values
		limit     int64
		found     int
		requests  int
	}{
		"Terraform's default":            {nil, 100, 100, 1},
		"more than a page":               {nil, 101, 101, 2},
		"many":                           {nil, 1000, 1000, 10},
		"few of a long span":             {values{"created_after": stringValue("2025-01-10T00:00:00Z")}, 10, 10, 1},
		"a short span":                   {values{"created_after": stringValue("2025-01-15T09:00:00Z")}, 1000, 181, 2},
		"the end of a span":              {values{"created_after": stringValue("2025-01-15T09:00:00Z"), "created_before": stringValue("2025-01-15T09:10:00Z")}, 1000, 11, 2},
		"few of the older ones":          {values{"created_before": stringValue("2025-01-15T09:00:00Z")}, 10, 10, 2},
		"nothing as new as is asked for": {values{"created_after": stringValue("2025-01-15T12:00:01Z")}, 100, 0, 1},
	} {
		api.ResetRequests()
		found, _, diagnostics := queries.list(queries.request(test.arguments, test.limit, false))
		same(t, name, len(found), test.found)
		same(t, name+": diagnostics", texts(diagnostics), "")
		same(t, name+": requests", len(api.Requests()), test.requests)
	}
}

// The resource is what an import of the session would bring.
func TestQueryIncludesTheResource(t *testing.T) {
	t.Parallel()
	api := scriptixtest.NewServer(t)
	api.Add(scriptixtest.Session{SessionID: "failed", Error: "Processing timeout"}, scriptixtest.Session{SessionID: "done"})
	queries := newQueries(t, api)
	_, resources, diagnostics := queries.list(queries.request(nil, 100, true))
	same(t, "diagnostics", texts(diagnostics), "")
	same(t, "requests", len(api.Requests()), 1)
	if len(resources) != 2 {
		t.Fatalf("got %d resources", len(resources))
	}
	for i, id := range []string{"done", "failed"} {
		imported, err := queries.ImportResourceState(t.Context(), &tfprotov6.ImportResourceStateRequest{TypeName: completionResource, Identity: identityOf(t, id)})
		refuseNothing(t, "import", err, imported.Diagnostics)
		read, err := queries.ReadResource(t.Context(), &tfprotov6.ReadResourceRequest{
			TypeName: completionResource, CurrentState: imported.ImportedResources[0].State, CurrentIdentity: imported.ImportedResources[0].Identity,
		})
		refuseNothing(t, "read", err, read.Diagnostics)
		state, err := read.NewState.Unmarshal(queries.schema.ResourceSchemas[completionResource].ValueType())
		if err != nil {
			t.Fatal(err)
		}
		want := objectValues(state)
		same(t, "attributes", slices.Sorted(maps.Keys(resources[i])), slices.Sorted(maps.Keys(want)))
		for name, value := range resources[i] {
			if name == "allow_failed" {
				want[name] = map[string]tftypes.Value{"done": noBool, "failed": boolValue(true)}[id]
			}
			if !value.Equal(want[name]) {
				t.Errorf("%s of %s is %s, want %s", name, id, value, want[name])
			}
		}
	}
}

// The list may abbreviate its items. What is final is read by its own GET, and what still runs is not.
func TestQueryReadsAbbreviatedResourcesInFull(t *testing.T) {
	t.Parallel()
	api := scriptixtest.NewServer(t, scriptixtest.WithAbbreviatedItems())
	api.Add(
		scriptixtest.Session{SessionID: "failed", Error: "Processing timeout"},
		scriptixtest.Session{SessionID: "deleted"},
		scriptixtest.Session{SessionID: "running", Processing: 1000 * time.Hour},
		scriptixtest.Session{SessionID: "done"},
	)
	api.Inject(scriptixtest.Fault{Match: scriptixtest.ForSession("deleted"), Status: http.StatusNotFound, Body: scriptixtest.NotFoundJSON})
	queries := newQueries(t, api)
	found, resources, diagnostics := queries.list(queries.request(nil, 100, true))
	same(t, "diagnostics", texts(diagnostics), "")
	same(t, "found", found, []string{"done: done.mp3 (completed)", "failed: failed.mp3 (failed)"})
	same(t, "requests", len(api.Requests()), 1+3)
	if document := resources[0]["document"]; document.IsNull() {
		t.Error("the completed session has no document")
	}
	same(t, "error", textOf(t, resources[1]["error"]), "Processing timeout")

	api.ResetRequests()
	found, _, _ = queries.list(queries.request(nil, 100, false))
	same(t, "found without the resource", len(found), 3)
	same(t, "requests without the resource", len(api.Requests()), 1)

	api.ResetRequests()
	_, resources, _ = queries.list(queries.request(values{"status": stringValue("processing")}, 100, true))
	if language := resources[0]["language"]; !language.IsNull() {
		t.Errorf("the running session has the language %s, which the list omits", language)
	}
	same(t, "requests for running ones", len(api.Requests()), 1)
}

// An error is a result of its own. Were the stream to end without it, Terraform would take what came before for all there is.
func TestQueryThatFailsSaysSo(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault    scriptixtest.Fault
		resource bool
		words    []string
	}{
		"the first page":  {scriptixtest.Fault{Match: scriptixtest.ForList(), Status: 401}, false, []string{"ERROR: Invalid API Token", "Reading the list of completed sessions failed: HTTP 401"}},
		"the second page": {scriptixtest.Fault{Match: scriptixtest.ForOffset(100), Status: 403}, false, []string{"ERROR: Access Denied", "the list of completed sessions"}},
		"a malformed item": {
			scriptixtest.Fault{Match: scriptixtest.ForList(), Body: `{"count": 1, "total_results": 1, "result": [{"session_id": "x"}]}`},
			false,
			[]string{"ERROR: Unexpected API Answer", `"result[0].status" of the answer is missing`},
		},
		"a rate limit": {
			scriptixtest.Fault{Match: scriptixtest.ForList(), Status: 429, Header: http.Header{"Retry-After": {"3600"}}},
			false,
			[]string{"ERROR: Rate Limit Reached", "Scriptix accepts requests again", "Run Terraform again then. If this happens often"},
		},
		"a resource": {scriptixtest.Fault{Match: scriptixtest.ForSession("s7"), Status: 403}, true, []string{"ERROR: Access Denied", `session "s7"`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := scriptixtest.NewServer(t, scriptixtest.WithAbbreviatedItems())
			for i := range 150 {
				api.Add(scriptixtest.Session{SessionID: fmt.Sprint("s", i)})
			}
			api.Inject(test.fault)
			queries := newQueries(t, api)
			_, _, diagnostics := queries.list(queries.request(values{"status": stringValue("completed")}, 1000, test.resource))
			contains(t, texts(diagnostics), test.words...)
		})
	}
}

// Warnings come without a session, once, and before the sessions.
func TestQueryWarns(t *testing.T) {
	t.Parallel()
	api := scriptixtest.NewServer(t, scriptixtest.WithTotalResults(func(actual int) int { return actual + 1 }))
	for _, id := range []string{"a", "b"} {
		api.Add(scriptixtest.Session{SessionID: id, JSON: `{"session_id": "` + id + `", "status": "completed", "duration": "1 h"}`})
	}
	queries := newQueries(t, api)
	found, _, diagnostics := queries.list(queries.request(nil, 100, false))
	same(t, "found", found, []string{"b: b (completed)", "a: a (completed)"})
	same(t, "number of warnings", len(diagnostics), 2)
	contains(t, texts(diagnostics), "WARNING: Unexpected Field in API Answer", `"duration" of 2 sessions`,
		"WARNING: Session List Kept Changing", "The list of sessions changed while the provider read it")
}

// Terraform may stop to listen at any result.
func TestQueryEndsWhenNobodyListens(t *testing.T) {
	t.Parallel()
	api := scriptixtest.NewServer(t)
	for _, id := range []string{"a", "b", "c"} {
		api.Add(scriptixtest.Session{SessionID: id})
	}
	queries := newQueries(t, api)
	for range queries.stream(t.Context(), queries.request(nil, 100, true)).Results {
		break
	}
	if _, err := queries.StopProvider(t.Context(), &tfprotov6.StopProviderRequest{}); err != nil { // would wait for the stream
		t.Error(err)
	}
}
