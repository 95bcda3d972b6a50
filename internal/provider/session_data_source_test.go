package provider_test

import (
	"fmt"
	"math"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
)

// contractID is the session of the examples on the API's page.
const contractID = "abc123def456"

// forever outlasts any test.
const forever = 1000 * time.Hour

// soon ends a wait that should have ended by itself, so that its test fails instead of hanging.
const soon = `timeouts = { read = "30s" }`

func TestPostconditionSeesTheErrorOfASession(t *testing.T) {
	t.Parallel()
	needsUsualCLI(t, postconditions)
	server := scriptixtest.NewServer(t)
	server.Add(scriptixtest.Session{SessionID: contractID, JSON: scriptixtest.FailedSessionJSON})
	apply(t,
		resource.TestStep{
			Config: using(server, session(`session_id = "`+contractID+`"`, `lifecycle {
				postcondition {
					condition     = self.status != "failed"
					error_message = "${self.filename} is of no use: ${self.error}"
				}
			}`)),
			ExpectError: says("Resource postcondition failed",
				"corrupted.mp3 is of no use: Audio format could not be decoded. Please check file integrity."),
		},
	)
}

func TestMediaURLIsSensitive(t *testing.T) {
	t.Parallel()
	needsUsualCLI(t, sensitiveStates)
	server := scriptixtest.NewServer(t)
	server.Add(scriptixtest.Session{SessionID: "test"})
	apply(t, resource.TestStep{
		Config: using(server, session(`session_id = "test"`)),
		ConfigStateChecks: []statecheck.StateCheck{
			statecheck.ExpectSensitiveValue(theSession, tfjsonpath.New("media_url")),
		},
	})
}

func TestSessionHasEveryFieldOfTheContract(t *testing.T) {
	t.Parallel()
	server := scriptixtest.NewServer(t)
	config := using(server, session(`session_id = "`+contractID+`"`))
	show := func(text string) func() {
		return func() {
			server.ResetRequests()
			server.Add(scriptixtest.Session{SessionID: contractID, JSON: text})
		}
	}
	apply(t,
		resource.TestStep{
			PreConfig: show(scriptixtest.CompletedSessionJSON),
			Config:    config,
			ConfigStateChecks: []statecheck.StateCheck{
				sent(server, 1),
				hasExactly(theSession, map[string]knownvalue.Check{
					"id":           knownvalue.Int64Exact(12345),
					"session_id":   knownvalue.StringExact(contractID),
					"status":       knownvalue.StringExact("completed"),
					"filename":     knownvalue.StringExact("meeting.mp3"),
					"duration":     knownvalue.Float64Exact(3600.5),
					"language":     knownvalue.StringExact("en"),
					"media_type":   knownvalue.StringExact("audio/mpeg"),
					"media_url":    knownvalue.StringExact("https://storage.scriptix.io/media/abc123def456/meeting.mp3"),
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
					"custom_model_id":     knownvalue.Null(),
					"wait_for_completion": knownvalue.Null(),
					"allow_failed":        knownvalue.Null(),
					"allow_unfinished":    knownvalue.Null(),
					"poll_interval":       knownvalue.Null(),
					"timeouts":            knownvalue.Null(),
				}),
			},
		},
		// A session that failed is read like any other: without waiting, that is no error.
		resource.TestStep{
			PreConfig: show(scriptixtest.FailedSessionJSON),
			Config:    config,
			ConfigStateChecks: []statecheck.StateCheck{
				sent(server, 1),
				hasExactly(theSession, map[string]knownvalue.Check{
					"id":                  knownvalue.Int64Exact(12345),
					"session_id":          knownvalue.StringExact(contractID),
					"status":              knownvalue.StringExact("failed"),
					"error":               knownvalue.StringExact("Audio format could not be decoded. Please check file integrity."),
					"filename":            knownvalue.StringExact("corrupted.mp3"),
					"duration":            knownvalue.Null(),
					"language":            knownvalue.Null(),
					"media_type":          knownvalue.Null(),
					"media_url":           knownvalue.Null(),
					"created_at":          knownvalue.Null(),
					"started_at":          knownvalue.Null(),
					"finished_at":         knownvalue.Null(),
					"document":            knownvalue.Null(),
					"session_mode":        knownvalue.Null(),
					"custom_model_id":     knownvalue.Null(),
					"wait_for_completion": knownvalue.Null(),
					"allow_failed":        knownvalue.Null(),
					"allow_unfinished":    knownvalue.Null(),
					"poll_interval":       knownvalue.Null(),
					"timeouts":            knownvalue.Null(),
				}),
			},
		},
	)
}

func TestSessionKeepsWhatTheAPISays(t *testing.T) {
	t.Parallel()
	model := int64(math.MaxInt64 - 1)
	server := scriptixtest.NewServer(t, scriptixtest.WithEnvelope(scriptixtest.WrappedWithCount))
	server.Add(
		scriptixtest.Session{
			SessionID: "test", ID: math.MaxInt64, CustomModelID: &model, DocumentID: 1<<53 + 1, Duration: 0.1,
			Filename: "Besprechung „Größe“ ${x} %{y} \"z\".wav", SessionMode: "align",
		},
		scriptixtest.Session{SessionID: "odd", JSON: `{"session_id":"odd","status":"uploaded","created_at":"2025-01-15T10:00:00.123456+00:00",
			"duration":0,"session_mode":"upload","unheard_of":{"a":[1]}}`},
		scriptixtest.Session{SessionID: "a%b?c=d&é", JSON: `{"session_id":"a%b?c=d&é","status":"archived","finished_at":"2025-01-15T10:00:00Z"}`},
	)
	config := using(server, session(`session_id = "test"`)+
		dataSource("scriptix_session", "odd", []string{`session_id = "odd"`})+
		dataSource("scriptix_session", "escaped", []string{`session_id = "a%b?c=d&é"`}))
	apply(t, resource.TestStep{Config: config, ConfigStateChecks: []statecheck.StateCheck{
		sent(server, 3),
		has(theSession, "id", knownvalue.Int64Exact(math.MaxInt64)),
		has(theSession, "custom_model_id", knownvalue.Int64Exact(math.MaxInt64-1)),
		has(theSession, "document", knownvalue.ObjectPartial(map[string]knownvalue.Check{"id": knownvalue.StringExact("9007199254740993")})),
		has(theSession, "duration", knownvalue.Float64Exact(0.1)),
		has(theSession, "filename", knownvalue.StringExact("Besprechung „Größe“ ${x} %{y} \"z\".wav")),
		has(theSession, "session_mode", knownvalue.StringExact("align")),
		has("data.scriptix_session.odd", "status", knownvalue.StringExact("uploaded")),
		has("data.scriptix_session.odd", "created_at", knownvalue.StringExact("2025-01-15T10:00:00.123456+00:00")),
		has("data.scriptix_session.odd", "duration", knownvalue.Float64Exact(0)),
		has("data.scriptix_session.odd", "document", knownvalue.Null()),
		has("data.scriptix_session.escaped", "status", knownvalue.StringExact("archived")),
	}})
}

func TestSessionAwaitedThoughFinishedCostsOneRequest(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		session   scriptixtest.Session
		arguments []string
		status    string
	}{
		"completed": {scriptixtest.Session{}, nil, "completed"},
		"completed, with every argument": {
			scriptixtest.Session{},
			[]string{`allow_failed = true`, `allow_unfinished = true`, `poll_interval = "1m"`, `timeouts = { read = "1h" }`},
			"completed",
		},
		"failed, which is allowed": {
			scriptixtest.Session{Error: "Processing timeout"}, []string{`allow_failed = true`}, "failed",
		},
		"finished under a status nobody documented": {
			scriptixtest.Session{FinalStatus: "done"}, nil, "done",
		},
		"failed under a status nobody documented, which is allowed": {
			scriptixtest.Session{FinalStatus: "broken", Error: "Processing timeout"}, []string{`allow_failed = true`}, "broken",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := scriptixtest.NewServer(t)
			test.session.SessionID = "test"
			server.Add(test.session)
			apply(t, resource.TestStep{
				Config: using(server, session(append(test.arguments, `session_id = "test"`, `wait_for_completion = true`)...)),
				ConfigStateChecks: []statecheck.StateCheck{
					sent(server, 1),
					has(theSession, "status", knownvalue.StringExact(test.status)),
					has(theSession, "finished_at", knownvalue.NotNull()),
				},
			})
		})
	}
}

// then has the server answer the next requests for a session with these texts, and after that from what it knows.
// So a session moves on by request, whatever the clock says.
func then(server *scriptixtest.Server, sessionID string, texts ...string) {
	for _, text := range texts {
		server.Inject(scriptixtest.Fault{Match: scriptixtest.ForSession(sessionID), Times: 1, Body: text})
	}
}

func inStatus(sessionID, status string) string {
	return fmt.Sprintf(`{"session_id":%q,"status":%q}`, sessionID, status)
}

func TestSessionAwaitedUntilItCompletes(t *testing.T) {
	t.Parallel()
	server := scriptixtest.NewServer(t)
	server.Add(scriptixtest.Session{SessionID: "test"})
	then(server, "test", inStatus("test", "queued"), inStatus("test", "processing"))
	apply(t, resource.TestStep{
		Config: using(server, session(`session_id = "test"`, `wait_for_completion = true`)),
		ConfigStateChecks: []statecheck.StateCheck{
			sent(server, 3),
			has(theSession, "status", knownvalue.StringExact("completed")),
			has(theSession, "document", knownvalue.NotNull()),
			has(theSession, "wait_for_completion", knownvalue.Bool(true)),
		},
	})
	requests := server.Requests()
	for i := range 2 {
		atLeast(t, 3*time.Second, requests[i], requests[i+1])
	}
}

func TestSessionAwaitedByPollInterval(t *testing.T) {
	t.Parallel()
	server := scriptixtest.NewServer(t)
	server.Add(scriptixtest.Session{SessionID: "test"})
	// A word that nobody documented is no reason to stop.
	then(server, "test", inStatus("test", "uploaded"))
	apply(t, resource.TestStep{
		Config: using(server, session(`session_id = "test"`, `wait_for_completion = true`, `poll_interval = "4s"`)),
		ConfigStateChecks: []statecheck.StateCheck{
			sent(server, 2),
			has(theSession, "status", knownvalue.StringExact("completed")),
			has(theSession, "poll_interval", knownvalue.StringExact("4s")),
		},
	})
	atLeast(t, 4*time.Second, server.Requests()[0], server.Requests()[1])
}

// atLeast checks the pause between two requests. Timers are never early, so that this does not depend on how busy
// the machine is; 5 ms are for the way to the server, which differs from request to request.
func atLeast(t *testing.T, pause time.Duration, first, second scriptixtest.Request) {
	t.Helper()
	if got := second.Time.Sub(first.Time); got < pause-5*time.Millisecond {
		t.Errorf("the second request came %s after the first, want at least %s", got, pause)
	}
}

func TestSessionThatFailsWhileAwaitedIsAnError(t *testing.T) {
	t.Parallel()
	server := scriptixtest.NewServer(t)
	server.Add(scriptixtest.Session{SessionID: "test", Filename: "talk.mp3", Error: "Audio file is too short"})
	then(server, "test", inStatus("test", "processing"))
	config := using(server, session(`session_id = "test"`, `wait_for_completion = true`))
	words := says(`Session Failed`,
		`Session "test" ("talk.mp3") failed: "Audio file is too short"`,
		`Scriptix needs at least one second of audio. Upload a longer recording.`,
		`To accept failed sessions, set allow_failed = true, and check their status.`)
	apply(t,
		resource.TestStep{Config: config, ExpectError: words},
		resource.TestStep{
			PreConfig: func() {
				if got := len(server.Requests()); got != 2 {
					t.Errorf("%d requests were sent, want 2", got)
				}
			},
			Config: config, ExpectError: words,
		},
		resource.TestStep{
			Config: using(server, session(`session_id = "test"`, `wait_for_completion = true`, `allow_failed = false`)), ExpectError: words,
		},
		resource.TestStep{
			Config: using(server, session(`session_id = "test"`, `wait_for_completion = true`, `allow_failed = true`)),
			ConfigStateChecks: []statecheck.StateCheck{
				has(theSession, "status", knownvalue.StringExact("failed")),
				has(theSession, "error", knownvalue.StringExact("Audio file is too short")),
				has(theSession, "allow_failed", knownvalue.Bool(true)),
			},
		},
	)
	if got := len(server.Requests()); got < 4 {
		t.Errorf("%d requests were sent, want at least one for each step", got)
	}
}

func TestSessionThatFailedUnderAStatusNobodyDocumentedIsAnError(t *testing.T) {
	t.Parallel()
	server := scriptixtest.NewServer(t)
	server.Add(scriptixtest.Session{SessionID: "test", FinalStatus: "broken", Error: "Processing timeout"})
	expectError(t, using(server, session(`session_id = "test"`, `wait_for_completion = true`)),
		"Session Failed", `"test"`, `failed: "Processing timeout"`, "Contact Scriptix support with the session ID")
}

func TestSessionThatOutlastsTheTimeoutIsAnError(t *testing.T) {
	t.Parallel()
	server := scriptixtest.NewServer(t)
	server.Add(scriptixtest.Session{SessionID: "test", Processing: forever})
	// The poll meets a failure that may pass: it does not end the wait, and the error tells of it.
	server.Inject(scriptixtest.Fault{After: 1, Status: http.StatusServiceUnavailable, Body: scriptixtest.ProxyPage})
	config := using(server, session(`session_id = "test"`, `wait_for_completion = true`, `timeouts = { read = "5s" }`))
	expectError(t, config, "Session Still Processing",
		`Session "test" has not finished: its status is still processing. The wait reached its timeout of 5s after 1 poll.`,
		`The last poll that failed reported: "status 503 Service Unavailable".`,
		"To wait longer, raise timeouts.read.", "up to 22 minutes for an hour of audio", "up to 65 minutes for three hours",
		"Run Terraform again to continue the wait")
	if got := len(server.Requests()); got != 2 {
		t.Errorf("%d requests were sent, want 2", got)
	}
}

func TestSessionRefusedWhileAwaitedEndsTheWait(t *testing.T) {
	t.Parallel()
	server := scriptixtest.NewServer(t)
	server.Add(scriptixtest.Session{SessionID: "test", Processing: forever})
	server.Inject(scriptixtest.Fault{After: 1, Status: http.StatusUnauthorized, Body: scriptixtest.KeyRevokedBody})
	expectError(t, using(server, session(`session_id = "test"`, `wait_for_completion = true`, soon)),
		"Invalid API Token", `session "test"`, `"KEY_REVOKED"`)
	if got := len(server.Requests()); got != 2 {
		t.Errorf("%d requests were sent, want 2", got)
	}
}

func TestSessionErrorsSayWhatToDo(t *testing.T) {
	t.Parallel()
	answer := func(status int, body string) scriptixtest.Fault {
		return scriptixtest.Fault{Status: status, Body: body}
	}
	const (
		asOfAProxy   = "The answer is not JSON, so it may come from a proxy instead of Scriptix."
		checkBaseURL = "Check base_url in the provider block"
	)
	tests := map[string]struct {
		fault scriptixtest.Fault
		words []string
	}{
		"401, no token": {
			answer(401, `{"error":"Unauthorized","message":"API key is missing","error_code":"MISSING_API_KEY"}`),
			[]string{
				"Invalid API Token", `Reading session "test" failed: HTTP 401 (Unauthorized), error code "MISSING_API_KEY", "API key is missing".`,
				"Check that SCRIPTIX_API_TOKEN or api_token holds a complete batch token of your account, and that the token has not been revoked.",
			},
		},
		"401, wrong token": {
			answer(401, `{"error":"Unauthorized","message":"API key is invalid","error_code":"INVALID_API_KEY"}`),
			[]string{"Invalid API Token", `HTTP 401 (Unauthorized), error code "INVALID_API_KEY", "API key is invalid".`, "SCRIPTIX_API_TOKEN"},
		},
		"401, revoked token": {
			answer(401, scriptixtest.KeyRevokedBody),
			[]string{"Invalid API Token", `error code "KEY_REVOKED", "API key has been revoked".`, "SCRIPTIX_API_TOKEN"},
		},
		"401, empty body": {
			answer(401, ""), []string{"Invalid API Token", "HTTP 401 (Unauthorized).", "SCRIPTIX_API_TOKEN"},
		},
		"402": {
			answer(402, `{"error":"Payment Required","message":"Monthly quota is used up"}`),
			[]string{"Quota Exceeded", `HTTP 402 (Payment Required), "Monthly quota is used up".`, "Extend it, or wait for its next period"},
		},
		"403": {
			answer(403, scriptixtest.DescriptionErrorBody),
			[]string{
				"Access Denied", `HTTP 403 (Forbidden), "The request is not valid".`,
				`The token has no access to session "test". Use the token that created the session.`,
			},
		},
		"404": {
			answer(404, scriptixtest.NotFoundJSON),
			[]string{
				"Session Not Found", `in data "scriptix_session" "test"`, `session_id = "test"`,
				`HTTP 404 (Not Found), error code "SESSION_NOT_FOUND", "Session not found".`,
				"The session ID is wrong, the session was deleted, or the session belongs to another organization or token",
			},
		},
		"404, no API there": {
			answer(404, scriptixtest.ProxyPage),
			[]string{"Unable to Read Session", asOfAProxy, "There seems to be no Scriptix API at this address. " + checkBaseURL},
		},
		"404 of nothing": {
			answer(404, ""), []string{"Unable to Read Session", "There seems to be no Scriptix API at this address. " + checkBaseURL},
		},
		"404 of a gateway": {
			answer(404, `{"message":"no Route matched with those values"}`),
			[]string{"Unable to Read Session", `"no Route matched with those values"`, "There seems to be no Scriptix API at this address. " + checkBaseURL},
		},
		"400": {
			answer(400, scriptixtest.DetailErrorBody), []string{"Unable to Read Session", `HTTP 400 (Bad Request), "The request is not valid".`, "Check base_url"},
		},
		"422": {
			answer(422, scriptixtest.NestedErrorBody),
			[]string{
				"Unable to Read Session", `HTTP 422 (Unprocessable Entity), error code "422", "Validation failed", details`,
				`limit`, `must be at most 100`, "Check base_url in the provider block.",
			},
		},
		"429, later than the timeout": {
			scriptixtest.Fault{Status: 429, Header: http.Header{"Retry-After": {"3600"}}, Body: scriptixtest.RateLimitedBody},
			[]string{
				"Rate Limit Reached", `HTTP 429 (Too Many Requests), error code "RATE_LIMIT_EXCEEDED", "Too many requests".`,
				"Scriptix accepts requests again at", "(in 1h)", "requests_per_minute",
			},
		},
		"500": {
			answer(500, scriptixtest.DetailedErrorBody),
			[]string{
				"Unable to Read Session", `HTTP 500 (Internal Server Error), error code "INVALID_REQUEST", "Invalid request", details`,
				"This may be temporary. Run Terraform again later.", "raise max_retries",
			},
		},
		"503 of a proxy": {
			answer(503, scriptixtest.ProxyPage), []string{"Unable to Read Session", "HTTP 503 (Service Unavailable).", asOfAProxy, "This may be temporary."},
		},
		"a status nobody knows": {
			answer(599, ""), []string{"Unable to Read Session", "HTTP 599.", "This may be temporary.", "check base_url", "The provider does not retry this status."},
		},
		"redirect": {
			scriptixtest.Fault{Status: 302, Header: http.Header{"Location": {"https://elsewhere.example/login"}}, Body: " "},
			[]string{
				"Redirect Refused", `Reading session "test" failed: HTTP 302 redirects to "https://elsewhere.example/login".`,
				"The provider does not follow redirects, because it would send the token there.", "set base_url in the provider block",
			},
		},
		"HTML": {
			answer(200, scriptixtest.ProxyPage),
			[]string{
				"Unexpected API Answer", `Reading session "test" failed: the answer is not JSON (`, ` bytes) and begins with: "<!DOCTYPE html>`,
				`(content type "text/html; charset=utf-8")`,
				"Something other than Scriptix may have answered. Check base_url in the provider block, and the proxies between this machine and Scriptix.",
			},
		},
		"empty": {
			scriptixtest.Fault{Status: 200}, []string{"Unexpected API Answer", "failed: the answer is empty."},
		},
		"null": {
			answer(200, "null"), []string{"Unexpected API Answer", `failed: the answer is null instead of an object.`},
		},
		"array": {
			answer(200, "[]"), []string{"Unexpected API Answer", `failed: the answer is an array instead of an object.`},
		},
		"error in a 200": {
			answer(200, `{"error":"Unauthorized","message":"API key is invalid","error_code":"INVALID_API_KEY"}`),
			[]string{
				"Unable to Read Session", `Reading session "test" failed: HTTP 200, but the answer reports an error,`,
				`"Unauthorized", error code "INVALID_API_KEY", "API key is invalid".`,
				"If the error is about the token, check SCRIPTIX_API_TOKEN or api_token. Otherwise contact Scriptix support",
			},
		},
		"error without a code in a 200": {
			answer(200, `{"error":"Unauthorized","message":"Unknown key"}`), []string{`but the answer reports an error, "Unauthorized", "Unknown key".`},
		},
		"another session": {
			answer(200, inStatus("other", "completed")),
			[]string{
				"Unexpected API Answer", `the field "session_id" of the answer is that of another session: "other".`,
				"The API may have changed. Update the provider, or report this to its maintainers.",
			},
		},
		"no status": {
			answer(200, `{"session_id":"test"}`), []string{"Unexpected API Answer", `the field "status" of the answer is missing.`},
		},
		"wrong type of what is essential": {
			answer(200, `{"session_id":"test","status":["completed"]}`),
			[]string{"Unexpected API Answer", `the field "status" of the answer is an array instead of a string.`},
		},
		"cut off in the middle of the text": {
			answer(200, scriptixtest.CompletedSessionJSON[:100]),
			[]string{"Unexpected API Answer", "failed: the answer is not valid JSON: it breaks off after 100 bytes", "Something other than Scriptix"},
		},
		"truncated": {
			scriptixtest.Fault{Truncate: true},
			[]string{
				"Unable to Read Session", `Reading session "test" failed: the request brought no answer:`, "the answer broke off", "The provider sent the request 1 time.",
				"Check that this machine can reach base_url",
			},
		},
		"too large": {
			answer(200, strings.Repeat(" ", 11<<20)), []string{"Unexpected API Answer", "failed: the answer is larger than 10 MiB."},
		},
		"connection closed": {
			scriptixtest.Fault{Reset: true}, []string{"Unable to Read Session", "brought no answer", "The provider sent the request 1 time."},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := scriptixtest.NewServer(t)
			server.Add(scriptixtest.Session{SessionID: "test"})
			server.Inject(test.fault)
			expectError(t, using(server, session(`session_id = "test"`), "max_retries = 0"), test.words...)
			if got := len(server.Requests()); got != 1 {
				t.Errorf("%d requests were sent, want 1", got)
			}
		})
	}
}

func TestSessionUnknownToTheAPIIsNotFound(t *testing.T) {
	t.Parallel()
	server := scriptixtest.NewServer(t)
	config := using(server, session(`session_id = "test"`))
	waiting := using(server, session(`session_id = "test"`, `wait_for_completion = true`))
	apply(t,
		resource.TestStep{Config: config, ExpectError: says("Session Not Found", `"SESSION_NOT_FOUND"`)},
		// The first read of a wait must succeed.
		resource.TestStep{Config: waiting, ExpectError: says("Session Not Found", `"SESSION_NOT_FOUND"`)},
	)
	if got := len(server.Requests()); got != 2 {
		t.Errorf("%d requests were sent, want 2", got)
	}
}

func TestSessionIsReadAgainAfterAFailureThatPasses(t *testing.T) {
	t.Parallel()
	server := scriptixtest.NewServer(t)
	server.Add(scriptixtest.Session{SessionID: "test"})
	server.Inject(scriptixtest.Fault{Times: 1, Status: http.StatusInternalServerError})
	apply(t, resource.TestStep{
		Config: using(server, session(`session_id = "test"`)),
		ConfigStateChecks: []statecheck.StateCheck{
			sent(server, 2),
			has(theSession, "status", knownvalue.StringExact("completed")),
		},
	})
}

func TestSessionOutOfReachIsAnError(t *testing.T) {
	t.Parallel()
	server := scriptixtest.NewServer(t)
	server.Close()
	expectError(t, using(server, session(`session_id = "test"`), "max_retries = 0"),
		"Unable to Read Session", `Reading session "test" failed: the request brought no answer:`, "connection refused",
		"Check that this machine can reach base_url. Check HTTPS_PROXY and NO_PROXY.")
}

func TestSessionReadBoundByTheTimeout(t *testing.T) {
	t.Parallel()
	server := scriptixtest.NewServer(t)
	server.Inject(scriptixtest.Fault{Hang: true})
	expectError(t, using(server, session(`session_id = "test"`, `timeouts = { read = "200ms" }`)),
		"Reading Timed Out", `Reading session "test" did not end within the timeout of 200ms.`, "raise timeouts.read")
}
