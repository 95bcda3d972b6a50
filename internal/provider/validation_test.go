package provider_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
)

// Arguments that both data sources have, with what Terraform says of them.
var refusedWaitArguments = map[string]refusal{
	"poll_interval without wait_for_completion": {
		[]string{`poll_interval = "10s"`},
		[]string{"Invalid Attribute Combination", `Attribute "wait_for_completion" must be specified when "poll_interval" is specified`},
	},
	"allow_failed without wait_for_completion": {
		[]string{`allow_failed = true`},
		[]string{"Invalid Attribute Combination", `Attribute "wait_for_completion" must be specified when "allow_failed" is specified`},
	},
	"allow_unfinished without wait_for_completion": {
		[]string{`allow_unfinished = true`},
		[]string{"Invalid Attribute Combination", `Attribute "wait_for_completion" must be specified when "allow_unfinished" is specified`},
	},
	"allow_unfinished that is no bool": {
		[]string{`wait_for_completion = true`, `allow_unfinished = "later"`}, []string{"allow_unfinished", "a bool is required"},
	},
	"poll_interval under 3 seconds": {
		[]string{`wait_for_completion = true`, `poll_interval = "2999ms"`},
		[]string{"Invalid Argument", `poll_interval must be at least "3s", because polling more often wastes requests and reaches the API's rate limits.`},
	},
	"poll_interval of zero": {
		[]string{`wait_for_completion = true`, `poll_interval = "0"`}, []string{"Invalid Argument", `poll_interval must be at least "3s"`},
	},
	"negative poll_interval": {
		[]string{`wait_for_completion = true`, `poll_interval = "-10s"`}, []string{"Invalid Argument", `poll_interval must be at least "3s"`},
	},
	"poll_interval that is no duration": {
		[]string{`wait_for_completion = true`, `poll_interval = "often"`}, []string{"Invalid Argument", `poll_interval must be a number with a unit, such as "30s", "30m", or "1h30m".`},
	},
	"poll_interval without a unit": {
		[]string{`wait_for_completion = true`, `poll_interval = 10`}, []string{"Invalid Argument", `poll_interval must be a number with a unit`},
	},
	"empty poll_interval": {
		[]string{`wait_for_completion = true`, `poll_interval = ""`}, []string{"Invalid Argument", `poll_interval must be a number with a unit`},
	},
	"poll_interval as long as the timeout": {
		[]string{`wait_for_completion = true`, `poll_interval = "30m"`, `timeouts = { read = "30m" }`},
		[]string{"Invalid Argument", `poll_interval must be shorter than timeouts.read, which is 30m: the wait would end before its first poll.`},
	},
	"poll_interval longer than the default timeout": {
		[]string{`wait_for_completion = true`, `poll_interval = "2h"`},
		[]string{"Invalid Argument", `poll_interval must be shorter than timeouts.read, which is 1h15m`},
	},
	"timeout of zero": {
		[]string{`timeouts = { read = "0s" }`}, []string{"Invalid Argument", `timeouts.read must be more than zero, such as "30s" or "75m".`},
	},
	"negative timeout": {
		[]string{`timeouts = { read = "-30m" }`}, []string{"Invalid Argument", `timeouts.read must be more than zero`},
	},
	"timeout that is no duration": {
		[]string{`timeouts = { read = "x" }`},
		[]string{"Invalid Argument", `timeouts.read must be a number with a unit, such as "30s", "30m", or "1h30m".`},
	},
	"wait_for_completion that is no bool": {
		[]string{`wait_for_completion = "soon"`}, []string{"wait_for_completion", "a bool is required"},
	},
}

// Session ids, as Terraform writes them, and why they are refused.
var refusedSessionIDs = map[string]struct{ id, words string }{
	"empty":               {``, `must not be empty.`},
	"blank":               {`   `, `must not contain white space.`},
	"with a space":        {`abc def`, `must not contain white space.`},
	"ends in a line":      {`abc\n`, `must not contain white space.`},
	"with a tab":          {`abc\tdef`, `must not contain white space.`},
	"no-break space":      {`abc\u00a0`, `must not contain white space.`},
	"control character":   {`abc\u0007`, `must not contain control characters.`},
	"reverses the text":   {`abc\u202edef`, `must not contain control characters.`},
	"with a slash":        {`abc/def`, `must not contain a slash.`},
	"with a backslash":    {`abc\\def`, `must not contain a slash.`},
	"the parent":          {`..`, `must not be "." or "..", which are parts of a path.`},
	"the directory":       {`.`, `must not be "." or "..", which are parts of a path.`},
	"path to the parent":  {`../session`, `must not contain a slash.`},
	"a URL with a scheme": {`https://api.scriptix.io/x`, `must not contain a slash.`},
}

// refusal is arguments and the words that refuse them.
type refusal struct{ arguments, words []string }

func TestSessionArgumentsAreRefusedBeforeAnythingIsSent(t *testing.T) {
	refuse(t, refusedSessions(refusedWaitArguments), session)
}

func TestSessionsArgumentsAreRefusedBeforeAnythingIsSent(t *testing.T) {
	tests := map[string]refusal{
		"status nobody documented": {
			[]string{`status = "done"`},
			[]string{"Invalid Attribute Value Match", `status value must be one of: ["queued" "processing" "completed" "failed"], got: "done"`},
		},
		"status in capitals": {[]string{`status = "Failed"`}, []string{`value must be one of: ["queued" "processing" "completed" "failed"], got: "Failed"`}},
		"empty status":       {[]string{`status = ""`}, []string{`value must be one of: ["queued" "processing" "completed" "failed"], got: ""`}},
		"status with session_ids": {
			[]string{`status = "failed"`, `session_ids = ["test"]`},
			[]string{"Invalid Attribute Combination", "[status,session_ids]"},
		},
		"status with session_ids of none": {
			[]string{`status = "failed"`, `session_ids = []`},
			[]string{"Invalid Attribute Combination", "[status,session_ids]"},
		},
		"max_results with session_ids": {
			[]string{`max_results = 1`, `session_ids = ["test"]`},
			[]string{"Invalid Attribute Combination", "[max_results,session_ids]"},
		},
		"created_after with session_ids": {
			[]string{`created_after = "2025-01-15T10:00:00Z"`, `session_ids = ["test"]`},
			[]string{"Invalid Attribute Combination", "[created_after,session_ids]"},
		},
		"created_before with session_ids": {
			[]string{`created_before = "2025-01-15T10:00:00Z"`, `session_ids = []`},
			[]string{"Invalid Attribute Combination", "[created_before,session_ids]"},
		},
		"created_after without a time zone": {
			[]string{`created_after = "2025-01-15T10:00:00"`},
			[]string{"Invalid Argument", `created_after must be an RFC 3339 timestamp, such as "2025-01-15T10:00:00Z".`},
		},
		"created_after that is a day":      {[]string{`created_after = "2025-01-15"`}, []string{"Invalid Argument", `created_after must be an RFC 3339 timestamp`}},
		"created_after that is a span":     {[]string{`created_after = "-24h"`}, []string{"Invalid Argument", `created_after must be an RFC 3339 timestamp`}},
		"empty created_after":              {[]string{`created_after = ""`}, []string{"Invalid Argument", `created_after must be an RFC 3339 timestamp`}},
		"created_before that is no moment": {[]string{`created_before = "soon"`}, []string{"Invalid Argument", `created_before must be an RFC 3339 timestamp`}},
		"created_before earlier than created_after": {
			[]string{`created_after = "2025-01-15T10:00:00Z"`, `created_before = "2025-01-15T10:59:59+01:00"`},
			[]string{"Invalid Argument", `created_before must not be earlier than created_after.`},
		},
		"max_results of zero":        {[]string{`max_results = 0`}, []string{"Invalid Argument", "max_results must be a whole number from 1 to 2147483647."}},
		"negative max_results":       {[]string{`max_results = -1`}, []string{"Invalid Argument", "max_results must be a whole number from 1 to 2147483647."}},
		"fraction of max_results":    {[]string{`max_results = 5 / 2`}, []string{"Invalid Argument", "max_results must be a whole number from 1 to 2147483647."}},
		"max_results beyond 32 bits": {[]string{`max_results = 4294967297`}, []string{"Invalid Argument", "max_results must be a whole number from 1 to 2147483647."}},
		"fractional max_results":     {[]string{`max_results = 1.5`}, []string{"max_results", "1.5"}},
		"null in session_ids": {
			[]string{`session_ids = ["test", null]`}, []string{"Null List Value", "session_ids"},
		},
	}
	maps.Copy(tests, refusedWaitArguments)
	for name, refused := range refusedSessionIDs {
		tests["session_ids, "+name] = refusal{
			[]string{`session_ids = ["test", "` + refused.id + `"]`}, []string{"Invalid Argument", "session_ids[1]", refused.words},
		}
	}
	refuse(t, tests, sessions)
}

// refuse validates the block with each of its refused arguments. Validation configures no provider, so that nothing is sent.
func refuse(t *testing.T, tests map[string]refusal, block func(...string) string) {
	t.Helper()
	t.Parallel()
	server := scriptixtest.NewServer(t)
	refuseIn(t, newCLI(t, server, ""), tests, func(name string, arguments []string) string {
		return strings.Replace(block(arguments...), `"test"`, `"`+name+`"`, 1)
	})
	nothingSent(t, server)
}

// refuseIn validates all cases in one run of Terraform, each in a file of its own. A run for each would take a hundred times
// as long.
func refuseIn(t *testing.T, terraform *cli, tests map[string]refusal, config func(name string, arguments []string) string) {
	t.Helper()
	files := map[string]string{}
	for i, name := range slices.Sorted(maps.Keys(tests)) {
		block := fmt.Sprintf("case_%03d", i)
		files[name] = block + ".tf"
		write(t, filepath.Join(terraform.directory, files[name]), config(block, tests[name].arguments))
	}
	said := terraform.diagnosticsByFile(terraform.run(false, "validate", "-json"))
	for name, test := range tests {
		if text := said[files[name]]; !says(test.words...).MatchString(text) {
			t.Errorf("%s: %q is missing in:\n%s", name, test.words, text)
		}
	}
}

// diagnosticsByFile returns the diagnostics of "validate -json" by the file that they are about, in the order in which Terraform
// shows them to people: summary, block, line and detail.
func (c *cli) diagnosticsByFile(output string) map[string]string {
	c.t.Helper()
	var result struct {
		Diagnostics []struct {
			Summary, Detail string
			Range           struct{ Filename string }
			Snippet         struct{ Context, Code string }
		}
	}
	if err := json.Unmarshal([]byte(output), &result); err != nil {
		c.t.Fatalf("%v in:\n%s", err, output)
	}
	said := map[string]string{}
	for _, d := range result.Diagnostics {
		said[d.Range.Filename] += strings.Join([]string{d.Summary, d.Snippet.Context, d.Snippet.Code, d.Detail}, "\n") + "\n"
	}
	return said
}

// The smallest values that are not refused, as the counterpart of the refusals.
func TestArgumentsAtTheirLimitsAreAccepted(t *testing.T) {
	t.Parallel()
	server := scriptixtest.NewServer(t)
	server.Add(scriptixtest.Session{SessionID: "...~!$'()*,;=:@"})
	apply(t, resource.TestStep{
		Config: using(server, session(`session_id = "...~!$'()*,;=:@"`, `wait_for_completion = true`, `poll_interval = "3s"`, `timeouts = {}`)+
			sessions(`max_results = 1`, `wait_for_completion = false`, `allow_failed = true`, `timeouts = { read = "1m" }`)+
			dataSource("scriptix_sessions", "moment", []string{`created_after = "2025-01-15T11:00:00+01:00"`, `created_before = "2025-01-15T10:00:00.000000Z"`})),
		ConfigStateChecks: []statecheck.StateCheck{
			sent(server, 3),
			has(theSession, "status", knownvalue.StringExact("completed")),
			has(theSessions, "sessions", knownvalue.ListSizeExact(1)),
			has("data.scriptix_sessions.moment", "sessions", ids()),
		},
	})
}

// What only the apply will tell cannot be judged before: the read is put off until then, and so is the refusal.
func TestArgumentsUnknownWhilePlanningAreJudgedWhenKnown(t *testing.T) {
	t.Parallel()
	needsUsualCLI(t, terraformData)
	server := scriptixtest.NewServer(t)
	server.Add(scriptixtest.Session{SessionID: "test"}, scriptixtest.Session{SessionID: "other"})
	later := func(name, input string) string {
		return "resource \"terraform_data\" \"" + name + "\" {\n  input = " + input + "\n}\n"
	}
	const waitArguments = `{ waits = true, failed = true, unfinished = true, interval = "1m", timeout = "2m" }`
	waits := []string{
		`wait_for_completion = terraform_data.wait.output.waits`,
		`allow_failed = terraform_data.wait.output.failed`,
		`allow_unfinished = terraform_data.wait.output.unfinished`,
		`poll_interval = terraform_data.wait.output.interval`,
		`timeouts = { read = terraform_data.wait.output.timeout }`,
	}
	apply(t,
		resource.TestStep{
			Config: using(server, later("wait", waitArguments)+later("one", `"test"`)+later("all", `["test", "other"]`)+later("max", `1`)+later("after", `"2025-01-15T10:00:00Z"`)+
				session(append(waits, `session_id = terraform_data.one.output`)...)+
				sessions(append(waits, `session_ids = terraform_data.all.output`)...)+
				dataSource("scriptix_sessions", "mixed", []string{`session_ids = ["other", terraform_data.one.output]`})+
				dataSource("scriptix_sessions", "listed", []string{`status = terraform_data.one.output == "test" ? "completed" : "failed"`, `max_results = terraform_data.max.output`, `created_after = terraform_data.after.output`})),
			ConfigStateChecks: []statecheck.StateCheck{
				sentBetween(server, 2, 6),
				has(theSession, "status", knownvalue.StringExact("completed")),
				has(theSession, "poll_interval", knownvalue.StringExact("1m")),
				has(theSessions, "sessions", ids("test", "other")),
				has("data.scriptix_sessions.mixed", "sessions", ids("other", "test")),
				has("data.scriptix_sessions.listed", "sessions", ids("other")),
			},
		},
		resource.TestStep{
			PreConfig:   server.ResetRequests,
			Config:      using(server, later("late", `"not an id"`)+session(`session_id = terraform_data.late.output`)),
			ExpectError: says(`session_id must not contain white space.`),
		},
		resource.TestStep{
			PreConfig:   func() { nothingSent(t, server) },
			Config:      using(server, later("late", `["test", null]`)+sessions(`session_ids = terraform_data.late.output`)),
			ExpectError: says("Null List Value"),
		},
	)
	nothingSent(t, server)
}

// refusedWaitsOf are the refusals of the data sources as another kind of block has them: under the name of its own
// timeout and, where waiting is all that it does, without the argument that asks for it.
func refusedWaitsOf(operation string, asked bool) map[string]refusal {
	tests := map[string]refusal{}
	for name, refused := range refusedWaitArguments {
		said := strings.Join(refused.words, " ")
		if !asked && (strings.Contains(said, "wait_for_completion") || strings.Contains(said, "allow_unfinished")) {
			continue
		}
		var own refusal
		for _, argument := range refused.arguments {
			if asked || argument != `wait_for_completion = true` {
				own.arguments = append(own.arguments, strings.ReplaceAll(argument, "{ read =", "{ "+operation+" ="))
			}
		}
		for _, word := range refused.words {
			own.words = append(own.words, strings.ReplaceAll(word, "timeouts.read", "timeouts."+operation))
		}
		tests[name] = own
	}
	return tests
}

// refusedSessions are what every block with one session_id refuses.
func refusedSessions(waits map[string]refusal) map[string]refusal {
	tests := map[string]refusal{
		"no session_id":      {nil, []string{"Missing required argument", `The argument "session_id" is required`}},
		"null session_id":    {[]string{`session_id = null`}, []string{"Missing Configuration for Required Attribute", "session_id"}},
		"computed attribute": {[]string{`session_id = "test"`, `language = "en"`}, []string{"Invalid Configuration for Read-Only Attribute", "language"}},
		"unknown argument":   {[]string{`session_id = "test"`, `status_filter = "failed"`}, []string{"Unsupported argument", "status_filter"}},
	}
	for name, refused := range waits {
		tests[name] = refusal{append([]string{`session_id = "test"`}, refused.arguments...), refused.words}
	}
	for name, refused := range refusedSessionIDs {
		tests["session_id, "+name] = refusal{
			[]string{`session_id = "` + refused.id + `"`}, []string{"Invalid Argument", "session_id", refused.words},
		}
	}
	return tests
}

func TestCompletionArgumentsAreRefusedBeforeAnythingIsSent(t *testing.T) {
	tests := refusedSessions(refusedWaitsOf("create", false))
	tests["wait_for_completion"] = refusal{
		[]string{`session_id = "test"`, `wait_for_completion = true`}, []string{"Unsupported argument", "wait_for_completion"},
	}
	tests["allow_unfinished"] = refusal{
		[]string{`session_id = "test"`, `allow_unfinished = true`}, []string{"Unsupported argument", "allow_unfinished"},
	}
	tests["triggers that are no texts"] = refusal{
		[]string{`session_id = "test"`, `triggers = { a = [1] }`}, []string{"triggers", "string required"},
	}
	refuse(t, tests, completion)
}

func TestEphemeralSessionArgumentsAreRefusedBeforeAnythingIsSent(t *testing.T) {
	needsUsualCLI(t, ephemeralResources)
	refuse(t, refusedSessions(refusedWaitsOf("open", true)), ephemeralSession)
}

// The same as a person meets it, with a CLI that has actions.
func TestActionArgumentsAreRefusedByTheCLI(t *testing.T) {
	t.Parallel()
	executable := cliWith(t, actionBlocks)
	server := scriptixtest.NewServer(t)
	tests := map[string]refusal{
		"no session_ids": {nil, []string{"Missing required argument", `The argument "session_ids" is required`}},
		"allow_unfinished": {
			[]string{`session_ids = ["test"]`, `allow_unfinished = true`}, []string{"Unsupported argument", "allow_unfinished"},
		},
	}
	for name, refused := range refusedWaitsOf("invoke", false) {
		tests[name] = refusal{append([]string{`session_ids = ["test"]`}, refused.arguments...), refused.words}
	}
	for name, refused := range refusedSessionIDs {
		tests["session_ids, "+name] = refusal{
			[]string{`session_ids = ["test", "` + refused.id + `"]`}, []string{"Invalid Argument", "session_ids[1]", refused.words},
		}
	}
	terraform := newCLI(t, server, "")
	terraform.executable = executable
	refuseIn(t, terraform, tests, func(name string, arguments []string) string {
		return strings.Replace(waitAction(arguments...), `"test"`, `"`+name+`"`, 1)
	})
	nothingSent(t, server)
}

// An action whose arguments Terraform knows only while it applies is invoked without another validation. A bad value
// must not open the gate then.
func TestActionArgumentsUnknownWhilePlanningAreJudgedWhenInvoked(t *testing.T) {
	t.Parallel()
	executable := cliWith(t, actionBlocks)
	tests := map[string]refusal{
		"null session_ids": {
			[]string{`session_ids = terraform_data.later.id == "" ? ["test"] : null`},
			[]string{"Missing Configuration for Required Attribute", "session_ids"},
		},
		"null among session_ids": {
			[]string{`session_ids = [terraform_data.later.id == "" ? "test" : null]`}, []string{"Null List Value"},
		},
		"poll_interval of 1ns": {
			[]string{`session_ids = ["test"]`, `poll_interval = terraform_data.later.id == "" ? "1m" : "1ns"`},
			[]string{"Invalid Argument", `poll_interval must be at least "3s"`},
		},
		"negative timeout": {
			[]string{`session_ids = ["test"]`, `timeouts = { invoke = terraform_data.later.id == "" ? "1m" : "-1s" }`},
			[]string{"Invalid Argument", `timeouts.invoke must be more than zero`},
		},
		"poll_interval beside timeouts that are unknown as a whole": {
			[]string{`session_ids = ["test"]`, `poll_interval = "2h"`, `timeouts = terraform_data.later.id == "" ? { invoke = "3h" } : { invoke = "1h" }`},
			[]string{"Invalid Argument", `poll_interval must be shorter than timeouts.invoke, which is 1h`},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := scriptixtest.NewServer(t)
			server.Add(scriptixtest.Session{SessionID: "test"})
			terraform := newCLI(t, server, waitAction(test.arguments...)+`
resource "terraform_data" "later" {}

resource "terraform_data" "publication" {
  input = terraform_data.later.id
  lifecycle {
    action_trigger {
      events  = [before_create]
      actions = [action.scriptix_wait_for_completion.test]
    }
  }
}
`)
			terraform.executable = executable
			terraform.run(true, "plan", "-no-color")
			output := terraform.run(false, "apply", "-no-color", "-auto-approve")
			if !says(test.words...).MatchString(output) {
				t.Errorf("%q is missing in:\n%s", test.words, output)
			}
			if state := terraform.run(true, "state", "list"); strings.Contains(state, "publication") {
				t.Errorf("the gate is open: the state holds %s", state)
			}
			nothingSent(t, server)
		})
	}
}
