package provider_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
)

func TestSessionsHaveEveryFieldOfTheContractButTheRecording(t *testing.T) {
	t.Parallel()
	failed := strings.Replace(scriptixtest.FailedSessionJSON, contractID, "failed", 1)
	server := scriptixtest.NewServer(t)
	server.Add(
		scriptixtest.Session{SessionID: "failed", JSON: failed},
		scriptixtest.Session{SessionID: contractID, JSON: scriptixtest.CompletedSessionJSON},
	)
	apply(t, resource.TestStep{
		Config: using(server, sessions()),
		ConfigStateChecks: []statecheck.StateCheck{
			sent(server, 1),
			hasExactly(theSessions, map[string]knownvalue.Check{
				"status":              knownvalue.Null(),
				"created_after":       knownvalue.Null(),
				"created_before":      knownvalue.Null(),
				"session_ids":         knownvalue.Null(),
				"max_results":         knownvalue.Null(),
				"wait_for_completion": knownvalue.Null(),
				"allow_failed":        knownvalue.Null(),
				"allow_unfinished":    knownvalue.Null(),
				"poll_interval":       knownvalue.Null(),
				"timeouts":            knownvalue.Null(),
				"total_results":       knownvalue.Int64Exact(2),
				"sessions": knownvalue.ListExact([]knownvalue.Check{
					knownvalue.ObjectExact(map[string]knownvalue.Check{
						"id":           knownvalue.Int64Exact(12345),
						"session_id":   knownvalue.StringExact(contractID),
						"status":       knownvalue.StringExact("completed"),
						"filename":     knownvalue.StringExact("meeting.mp3"),
						"duration":     knownvalue.Float64Exact(3600.5),
						"language":     knownvalue.StringExact("en"),
						"media_type":   knownvalue.StringExact("audio/mpeg"),
						"error":        knownvalue.Null(),
						"created_at":   knownvalue.StringExact("2025-01-15T10:00:00Z"),
						"started_at":   knownvalue.StringExact("2025-01-15T10:01:30Z"),
						"finished_at":  knownvalue.StringExact("2025-01-15T10:15:45Z"),
						"session_mode": knownvalue.StringExact("decode"),
						"document": knownvalue.ObjectExact(map[string]knownvalue.Check{
							"id":   knownvalue.StringExact("67890"),
							"name": knownvalue.StringExact("meeting.mp3 Transcript"),
							"type": knownvalue.StringExact("transcript"),
						}),
						"custom_model_id": knownvalue.Null(),
					}),
					knownvalue.ObjectExact(map[string]knownvalue.Check{
						"id":              knownvalue.Int64Exact(12345),
						"session_id":      knownvalue.StringExact("failed"),
						"status":          knownvalue.StringExact("failed"),
						"error":           knownvalue.StringExact("Audio format could not be decoded. Please check file integrity."),
						"filename":        knownvalue.StringExact("corrupted.mp3"),
						"duration":        knownvalue.Null(),
						"language":        knownvalue.Null(),
						"media_type":      knownvalue.Null(),
						"created_at":      knownvalue.Null(),
						"started_at":      knownvalue.Null(),
						"finished_at":     knownvalue.Null(),
						"document":        knownvalue.Null(),
						"session_mode":    knownvalue.Null(),
						"custom_model_id": knownvalue.Null(),
					}),
				}),
			}),
		},
	})
}

// All cases are data sources of one configuration: a run of Terraform for each would take much longer. Waits share
// what they ask for, so that only one of them picks from a list. Three ids cost one request, because the list has
// them all; two are asked for one by one.
func TestSessionsArePickedByTheArguments(t *testing.T) {
	t.Parallel()
	server := scriptixtest.NewServer(t)
	server.Add(
		scriptixtest.Session{SessionID: "queued", Queued: forever},
		scriptixtest.Session{SessionID: "completed-1"},
		scriptixtest.Session{SessionID: "processing", Processing: forever},
		scriptixtest.Session{SessionID: "completed-2"},
		scriptixtest.Session{SessionID: "failed", Error: "Processing timeout"},
	)
	tests := map[string]struct {
		arguments []string
		want      []string
		total     int64
		requests  int
	}{
		"all_newest_first":   {nil, []string{"failed", "completed-2", "processing", "completed-1", "queued"}, 5, 1},
		"queued":             {[]string{`status = "queued"`}, []string{"queued"}, 1, 1},
		"processing":         {[]string{`status = "processing"`}, []string{"processing"}, 1, 1},
		"completed":          {[]string{`status = "completed"`}, []string{"completed-2", "completed-1"}, 2, 1},
		"failed":             {[]string{`status = "failed"`}, []string{"failed"}, 1, 1},
		"some":               {[]string{`max_results = 2`}, []string{"failed", "completed-2"}, 5, 1},
		"some_of_a_status":   {[]string{`max_results = 1`, `status = "completed"`}, []string{"completed-2"}, 2, 1},
		"fewer_than_allowed": {[]string{`max_results = 9223372036854775807`, `status = "queued"`}, []string{"queued"}, 1, 1},
		"by_id_in_order":     {[]string{`session_ids = ["queued", "failed", "completed-1"]`}, []string{"queued", "failed", "completed-1"}, 3, 1},
		"by_id_each_once":    {[]string{`session_ids = ["failed", "queued", "failed", "queued"]`}, []string{"failed", "queued"}, 2, 2},
		"awaited_by_id":      {[]string{`session_ids = ["completed-2", "completed-1"]`, `wait_for_completion = true`}, []string{"completed-2", "completed-1"}, 2, 2},
		"awaited_by_status":  {[]string{`status = "completed"`, `max_results = 1`, `wait_for_completion = true`}, []string{"completed-2"}, 2, 1},
		"awaited_with_failed": {
			[]string{`session_ids = ["failed", "completed-1"]`, `wait_for_completion = true`, `allow_failed = true`, `poll_interval = "1m"`, `timeouts = { read = "2m" }`},
			[]string{"failed", "completed-1"},
			2, 2,
		},
	}
	var configs []string
	var checks []statecheck.StateCheck
	requests := 0
	for name, test := range tests {
		configs = append(configs, dataSource("scriptix_sessions", name, test.arguments))
		checks = append(checks,
			has("data.scriptix_sessions."+name, "sessions", ids(test.want...)),
			has("data.scriptix_sessions."+name, "total_results", knownvalue.Int64Exact(test.total)),
		)
		requests += test.requests
	}
	apply(t, resource.TestStep{
		Config:            using(server, strings.Join(configs, "")),
		ConfigStateChecks: append(checks, sent(server, requests)),
	})
}

// Sessions are created a minute apart, the newest now, and every third of them failed.
func TestSessionsArePickedByTheirCreation(t *testing.T) {
	t.Parallel()
	server := scriptixtest.NewServer(t)
	newest := time.Date(2025, 1, 15, 12, 0, 0, 0, time.UTC)
	const total = 20_000
	var names, failed []string
	for age := total - 1; age >= 0; age-- {
		session := scriptixtest.Session{SessionID: fmt.Sprint(age), CreatedAt: newest.Add(-time.Duration(age) * time.Minute)}
		if age%3 == 0 {
			session.Error = "Processing timeout"
		}
		server.Add(session)
	}
	for age := range total {
		names = append(names, fmt.Sprint(age))
		if age%3 == 0 {
			failed = append(failed, fmt.Sprint(age))
		}
	}
	const failedTotal = (total + 2) / 3
	tests := map[string]struct {
		arguments []string
		want      []string
		total     int64
		requests  int
	}{
		"after":              {[]string{`created_after = "2025-01-15T11:30:00Z"`}, names[:31], total, 1},
		"after_of_two_pages": {[]string{`created_after = "2025-01-15T10:20:00+00:00"`}, names[:101], total, 2},
		"another_zone":       {[]string{`created_after = "2025-01-15T12:30:00.000000+01:00"`}, names[:31], total, 1},
		"a_microsecond_late": {[]string{`created_after = "2025-01-15T11:30:00.000001Z"`}, names[:30], total, 1},
		"a_span":             {[]string{`created_after = "2025-01-15T07:00:00Z"`, `created_before = "2025-01-15T08:00:00Z"`}, names[240:301], total, 4},
		"of_a_status":        {[]string{`created_after = "2025-01-15T11:30:00Z"`, `status = "failed"`}, failed[:11], failedTotal, 1},
		"some_of_a_span":     {[]string{`created_after = "2025-01-15T07:00:00Z"`, `created_before = "2025-01-15T08:00:00Z"`, `max_results = 5`}, names[240:245], total, 3},
		"after_all":          {[]string{`created_after = "2025-01-16T00:00:00Z"`}, nil, total, 1},
		"awaited":            {[]string{`created_after = "2025-01-15T11:59:00Z"`, `wait_for_completion = true`, `allow_failed = true`}, names[:2], total, 1},
	}
	var configs []string
	var checks []statecheck.StateCheck
	requests := 0
	for name, test := range tests {
		configs = append(configs, dataSource("scriptix_sessions", name, test.arguments))
		checks = append(checks,
			has("data.scriptix_sessions."+name, "sessions", ids(test.want...)),
			has("data.scriptix_sessions."+name, "total_results", knownvalue.Int64Exact(test.total)),
		)
		requests += test.requests
	}
	apply(t, resource.TestStep{
		Config:            using(server, strings.Join(configs, "")),
		ConfigStateChecks: append(checks, sent(server, requests)),
	})
}

// A session that is older than asked for may take as long as it likes.
func TestSessionsAwaitedAreThoseOfTheDatesAlone(t *testing.T) {
	t.Parallel()
	server := scriptixtest.NewServer(t)
	now := time.Now()
	server.Add(
		scriptixtest.Session{SessionID: "old", Processing: forever, CreatedAt: now.Add(-48 * time.Hour)},
		scriptixtest.Session{SessionID: "recent", Processing: time.Hour + 2*time.Second, CreatedAt: now.Add(-time.Hour)},
	)
	apply(t, resource.TestStep{
		Config: using(server, sessions(fmt.Sprintf(`created_after = %q`, now.Add(-24*time.Hour).Format(time.RFC3339)), `wait_for_completion = true`, soon)),
		ConfigStateChecks: []statecheck.StateCheck{
			has(theSessions, "sessions", knownvalue.ListExact([]knownvalue.Check{knownvalue.ObjectPartial(map[string]knownvalue.Check{
				"session_id": knownvalue.StringExact("recent"),
				"status":     knownvalue.StringExact("completed"),
			})})),
			has(theSessions, "total_results", knownvalue.Int64Exact(2)),
		},
	})
}

// A list that is empty picks nothing: a module that computes it must not suddenly get all sessions.
func TestSessionsByNoIDAtAllAreNoneWithoutARequest(t *testing.T) {
	t.Parallel()
	server := scriptixtest.NewServer(t)
	server.Add(scriptixtest.Session{SessionID: "test"})
	apply(t, resource.TestStep{
		Config: using(server, sessions(`session_ids = []`)+
			dataSource("scriptix_sessions", "awaited", []string{`session_ids = []`, `wait_for_completion = true`})),
		ConfigStateChecks: []statecheck.StateCheck{
			has(theSessions, "sessions", ids()),
			has(theSessions, "total_results", knownvalue.Int64Exact(0)),
			has("data.scriptix_sessions.awaited", "sessions", ids()),
			has("data.scriptix_sessions.awaited", "total_results", knownvalue.Int64Exact(0)),
		},
	})
	nothingSent(t, server)
}

func TestSessionsOfNoneIsNoError(t *testing.T) {
	t.Parallel()
	server := scriptixtest.NewServer(t)
	apply(t,
		resource.TestStep{
			Config: using(server, sessions(`status = "failed"`)),
			ConfigStateChecks: []statecheck.StateCheck{
				sent(server, 1),
				has(theSessions, "sessions", ids()),
				has(theSessions, "total_results", knownvalue.Int64Exact(0)),
			},
		},
		resource.TestStep{
			PreConfig: server.ResetRequests,
			Config:    using(server, sessions(`wait_for_completion = true`)),
			ConfigStateChecks: []statecheck.StateCheck{
				sent(server, 1),
				has(theSessions, "sessions", ids()),
			},
		},
	)
}

func TestSessionsCostOneRequestForEachHundred(t *testing.T) {
	t.Parallel()
	server := scriptixtest.NewServer(t)
	var want []string
	for i := range 250 {
		name := fmt.Sprintf("session-%03d", i)
		server.Add(scriptixtest.Session{SessionID: name})
		want = append(want, name)
	}
	slices.Reverse(want) // lists begin with the newest
	listed := func(arguments []string, number, requests int) resource.TestStep {
		return resource.TestStep{
			PreConfig: server.ResetRequests,
			Config:    using(server, sessions(arguments...)),
			ConfigStateChecks: []statecheck.StateCheck{
				sent(server, requests),
				has(theSessions, "sessions", ids(want[:number]...)),
				has(theSessions, "total_results", knownvalue.Int64Exact(250)),
			},
		}
	}
	apply(t,
		listed(nil, 250, 3),
		listed([]string{`status = "completed"`, `max_results = 201`}, 201, 3),
		listed([]string{`max_results = 200`}, 200, 2),
	)
}

func TestSessionsNameEveryOneThatIsMissing(t *testing.T) {
	t.Parallel()
	server := scriptixtest.NewServer(t)
	server.Add(scriptixtest.Session{SessionID: "there"})
	expectError(t, using(server, sessions(`session_ids = ["gone-1", "there", "gone-2", "gone-3"]`)),
		"Session Not Found", `session_ids = ["gone-1", "there", "gone-2", "gone-3"]`, `Reading session "gone-1" failed: HTTP 404`,
		"Session Not Found", `Reading session "gone-2" failed: HTTP 404`,
		"Session Not Found", `Reading session "gone-3" failed: HTTP 404`)
	if got := len(server.Requests()); got != 4 {
		t.Errorf("%d requests were sent, want 4", got)
	}
}

// The sessions stay picked, in their places, when they have moved on from the status they were picked by.
func TestSessionsAwaitedKeepTheirPlaces(t *testing.T) {
	t.Parallel()
	server := scriptixtest.NewServer(t)
	for _, name := range []string{"a", "b", "c"} {
		server.Add(scriptixtest.Session{SessionID: name, Filename: name + ".wav"})
	}
	server.Inject(scriptixtest.Fault{
		Match: scriptixtest.ForListStatus("processing"), Times: 1,
		Body: `{"count":3,"total_results":3,"result":[` + inStatus("b", "processing") + `,` + inStatus("a", "processing") + `,` + inStatus("c", "processing") + `]}`,
	})
	completed := func(name string) knownvalue.Check {
		return knownvalue.ObjectPartial(map[string]knownvalue.Check{
			"session_id": knownvalue.StringExact(name),
			"status":     knownvalue.StringExact("completed"),
			"filename":   knownvalue.StringExact(name + ".wav"),
			"document":   knownvalue.NotNull(),
		})
	}
	apply(t, resource.TestStep{
		Config: using(server, sessions(`status = "processing"`, `wait_for_completion = true`)),
		ConfigStateChecks: []statecheck.StateCheck{
			sent(server, 2), // the list that picks them, and the page that shows them finished
			has(theSessions, "sessions", knownvalue.ListExact([]knownvalue.Check{completed("b"), completed("a"), completed("c")})),
			has(theSessions, "total_results", knownvalue.Int64Exact(3)),
		},
	})
}

func TestSessionsAwaitedStopWhenOneFails(t *testing.T) {
	t.Parallel()
	server := scriptixtest.NewServer(t)
	server.Add(
		scriptixtest.Session{SessionID: "slow", Processing: forever},
		scriptixtest.Session{SessionID: "bad", Filename: "noise.mp3", Error: "Language detection failed for this file"},
		scriptixtest.Session{SessionID: "good"},
	)
	words := []string{
		"Session Failed", `Session "bad" ("noise.mp3") failed: "Language detection failed for this file"`,
		"Set the language when you upload, or improve the audio", "When the wait ended, 1 other session had not finished.",
		"set allow_failed = true",
	}
	apply(t,
		resource.TestStep{
			Config:      using(server, sessions(`session_ids = ["slow", "bad", "good"]`, `wait_for_completion = true`, soon)),
			ExpectError: says(words...),
		},
		// A list may lag behind, so that the failed session's own GET has the last word.
		resource.TestStep{
			PreConfig:   server.ResetRequests,
			Config:      using(server, sessions(`wait_for_completion = true`, soon)),
			ExpectError: says(words...),
		},
	)
	if got := paths(server); len(got) > 3 {
		t.Errorf("want one list and the GETs of at most those that have finished, got %q", got)
	}
}

func TestSessionsThatOutlastTheTimeoutAreNamed(t *testing.T) {
	t.Parallel()
	server := scriptixtest.NewServer(t)
	names := []string{"done"}
	server.Add(scriptixtest.Session{SessionID: "done"})
	for i := range 12 {
		name := fmt.Sprintf("slow-%02d", i)
		names = append(names, name)
		server.Add(scriptixtest.Session{SessionID: name, Queued: forever})
	}
	expectError(t, using(server, sessions(`session_ids = `+quotedList(names...), `wait_for_completion = true`, `timeouts = { read = "1500ms" }`)),
		"Session Still Processing", `12 of 13 sessions have not finished: "slow-00" (queued), "slow-01" (queued),`, `"slow-09" (queued), and 2 more. The wait reached its timeout of`,
		"timeouts.read")
}

func TestSessionsErrorsSayWhatToDo(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		fault     scriptixtest.Fault
		arguments []string
		words     []string
	}{
		"401": {
			scriptixtest.Fault{Status: 401, Body: scriptixtest.KeyRevokedBody},
			nil,
			[]string{"Invalid API Token", "Reading the list of sessions failed: HTTP 401", `"KEY_REVOKED"`},
		},
		"401, by id": {
			scriptixtest.Fault{Status: 401, Body: scriptixtest.KeyRevokedBody},
			[]string{`session_ids = ["test"]`},
			[]string{"Invalid API Token", `Reading session "test" failed: HTTP 401`, `"KEY_REVOKED"`},
		},
		"404 is the address, not a session": {
			scriptixtest.Fault{Status: 404, Body: `{"error":"Not Found"}`},
			nil,
			[]string{"Unable to List Sessions", "There seems to be no Scriptix API at this address. Check base_url"},
		},
		"500": {
			scriptixtest.Fault{Status: 500},
			[]string{`status = "failed"`},
			[]string{"Unable to List Sessions", "Reading the list of failed sessions failed: HTTP 500", "This may be temporary."},
		},
		"500, by id": {
			scriptixtest.Fault{Status: 500},
			[]string{`session_ids = ["test"]`},
			[]string{"Unable to Read Session", `Reading session "test" failed: HTTP 500`, "This may be temporary."},
		},
		"no total": {
			scriptixtest.Fault{Body: `{"count":0,"result":[]}`},
			nil,
			[]string{"Unexpected API Answer", `Reading the list of sessions failed: the field "total_results" of the answer is missing.`},
		},
		"error in a 200": {
			scriptixtest.Fault{Body: scriptixtest.KeyRevokedBody},
			nil,
			[]string{
				"Unable to List Sessions", "Reading the list of sessions failed: HTTP 200, but the answer reports an error,",
				`error code "KEY_REVOKED", "API key has been revoked".`,
			},
		},
		"a total that cannot be": {
			scriptixtest.Fault{Body: `{"count":1,"total_results":4000000000000000000,"result":[` + inStatus("test", "queued") + `]}`},
			nil,
			[]string{"Unexpected API Answer", `the field "total_results" of the answer would take more than 10000 requests to list: "4000000000000000000".`},
		},
		"no result": {
			scriptixtest.Fault{Body: `{"count":0,"total_results":0}`},
			nil,
			[]string{"Unexpected API Answer", `the field "result" of the answer is missing.`},
		},
		"no object": {
			scriptixtest.Fault{Body: `{"count":1,"total_results":1,"result":[null]}`},
			nil,
			[]string{"Unexpected API Answer", `the field "result[0]" of the answer is null instead of an object.`},
		},
		"session without a status": {
			scriptixtest.Fault{Body: `{"count":2,"total_results":2,"result":[` + inStatus("test", "queued") + `,{"session_id":"x"}]}`},
			nil,
			[]string{"Unexpected API Answer", `the field "result[1].status" of the answer is missing.`},
		},
		"HTML": {
			scriptixtest.Fault{Body: scriptixtest.ProxyPage},
			nil,
			[]string{"Unexpected API Answer", "the answer is not JSON", "Check base_url"},
		},
		"redirect": {
			scriptixtest.Fault{Status: 307, Header: http.Header{"Location": {"/elsewhere"}}},
			nil,
			[]string{"Redirect Refused", `Reading the list of sessions failed: HTTP 307 redirects to "/elsewhere".`},
		},
		"timeout": {
			scriptixtest.Fault{Hang: true},
			[]string{`timeouts = { read = "200ms" }`},
			[]string{"Reading Timed Out", "Reading the list of sessions did not end within the timeout of 200ms."},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := scriptixtest.NewServer(t)
			server.Inject(test.fault)
			expectError(t, using(server, sessions(test.arguments...), "max_retries = 0"), test.words...)
			if got := len(server.Requests()); got != 1 {
				t.Errorf("%d requests were sent, want 1", got)
			}
		})
	}
}

// A page that fails ends the listing, though the pages before it were fine.
func TestSessionsNeedEveryPage(t *testing.T) {
	t.Parallel()
	server := scriptixtest.NewServer(t)
	for i := range 101 {
		server.Add(scriptixtest.Session{SessionID: fmt.Sprintf("session-%d", i), CreatedAt: time.Now()})
	}
	server.Inject(scriptixtest.Fault{Match: scriptixtest.ForOffset(100), Status: http.StatusForbidden})
	expectError(t, using(server, sessions(), "max_retries = 0"), "Access Denied", "the list of sessions",
		"Use a batch token of the account that may list sessions, or name the sessions in session_ids of the data source scriptix_sessions.")
}

// A token may be allowed to read sessions and not to list them.
func TestSessionsByIDDoWithoutAListThatIsRefused(t *testing.T) {
	t.Parallel()
	server := scriptixtest.NewServer(t)
	for _, name := range []string{"a", "b", "c"} {
		server.Add(scriptixtest.Session{SessionID: name})
	}
	server.Inject(scriptixtest.Fault{Match: scriptixtest.ForList(), Status: http.StatusForbidden})
	apply(t, resource.TestStep{
		Config: using(server, sessions(`session_ids = ["c", "a", "b"]`)),
		ConfigStateChecks: []statecheck.StateCheck{
			has(theSessions, "sessions", ids("c", "a", "b")),
			has(theSessions, "total_results", knownvalue.Int64Exact(3)),
		},
	})
}
