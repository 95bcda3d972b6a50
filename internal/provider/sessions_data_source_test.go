package provider_test

import (
	"fmt"
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
					knownvalue.ObjectExact(contractSession(nil)),
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

// All cases are data sources of one configuration: a run of Terraform for each would take much longer. Those that list cost
// one request each. Those with ids cost one request at most for each id, and fewer if Terraform reads them together.
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
		"fewer_than_allowed": {[]string{`max_results = 2147483647`, `status = "queued"`}, []string{"queued"}, 1, 1},
		"by_id_in_order":     {[]string{`session_ids = ["queued", "failed", "completed-1"]`}, []string{"queued", "failed", "completed-1"}, 3, 1},
		"by_id_each_once":    {[]string{`session_ids = ["failed", "queued", "failed", "queued"]`}, []string{"failed", "queued"}, 2, 2},
		// A list that is empty picks nothing: a module that computes it must not suddenly get all sessions.
		"by_no_id":          {[]string{`session_ids = []`}, nil, 0, 0},
		"awaited_by_no_id":  {[]string{`session_ids = []`, `wait_for_completion = true`}, nil, 0, 0},
		"awaited_by_id":     {[]string{`session_ids = ["completed-2", "completed-1"]`, `wait_for_completion = true`}, []string{"completed-2", "completed-1"}, 2, 2},
		"awaited_by_status": {[]string{`status = "completed"`, `max_results = 1`, `wait_for_completion = true`}, []string{"completed-2"}, 2, 1},
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
		ConfigStateChecks: append(checks, sentBetween(server, requests-7, requests)),
	})
}

// Sessions are created a minute apart, the newest now, and every third of them failed.
func TestSessionsArePickedByTheirCreation(t *testing.T) {
	t.Parallel()
	server := scriptixtest.NewServer(t)
	newest := time.Date(2025, 1, 15, 12, 0, 0, 0, time.UTC)
	const total = 1_000
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
		ConfigStateChecks: append(checks, sentBetween(server, requests-7, requests)),
	})
}

func TestSessionsOfNoneIsNoError(t *testing.T) {
	t.Parallel()
	server := scriptixtest.NewServer(t)
	apply(t, resource.TestStep{
		Config: using(server, sessions(`status = "failed"`)+dataSource("scriptix_sessions", "awaited", []string{waits})),
		ConfigStateChecks: []statecheck.StateCheck{
			sent(server, 2),
			has(theSessions, "sessions", ids()),
			has(theSessions, "total_results", knownvalue.Int64Exact(0)),
			has("data.scriptix_sessions.awaited", "sessions", ids()),
		},
	})
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
	const all, some, fewer = "data.scriptix_sessions.all", "data.scriptix_sessions.some", "data.scriptix_sessions.fewer"
	apply(t, resource.TestStep{
		Config: using(server, dataSource("scriptix_sessions", "all", nil)+
			dataSource("scriptix_sessions", "some", []string{`status = "completed"`, `max_results = 201`})+
			dataSource("scriptix_sessions", "fewer", []string{`max_results = 200`})),
		ConfigStateChecks: []statecheck.StateCheck{
			sent(server, 3+3+2),
			has(all, "sessions", ids(want...)), has(all, "total_results", knownvalue.Int64Exact(250)),
			has(some, "sessions", ids(want[:201]...)), has(some, "total_results", knownvalue.Int64Exact(250)),
			has(fewer, "sessions", ids(want[:200]...)), has(fewer, "total_results", knownvalue.Int64Exact(250)),
		},
	})
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
