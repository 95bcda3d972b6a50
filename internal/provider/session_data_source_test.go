package provider_test

import (
	"context"
	"fmt"
	"math"
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
				isSensitive(t, theSession, "media_url"),
				hasExactly(theSession, contractSession(map[string]knownvalue.Check{
					"media_url":           knownvalue.StringExact("https://storage.scriptix.io/media/abc123def456/meeting.mp3"),
					"wait_for_completion": knownvalue.Null(),
					"allow_failed":        knownvalue.Null(),
					"allow_unfinished":    knownvalue.Null(),
					"poll_interval":       knownvalue.Null(),
					"timeouts":            knownvalue.Null(),
				})),
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

// isSensitive checks that Terraform hides an attribute, if the CLI says so of states.
func isSensitive(t *testing.T, address, attribute string) statecheck.StateCheck {
	t.Helper()
	if product, minor := versionOf(t, defaultCLI(t)); !sensitiveStates.in(product, minor) {
		return stateCheck(func(context.Context, statecheck.CheckStateRequest, *statecheck.CheckStateResponse) {})
	}
	return statecheck.ExpectSensitiveValue(address, tfjsonpath.New(attribute))
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
		Config: using(server, session(`session_id = "test"`, `wait_for_completion = true`, `poll_interval = "4s"`)),
		ConfigStateChecks: []statecheck.StateCheck{
			sent(server, 3),
			has(theSession, "status", knownvalue.StringExact("completed")),
			has(theSession, "document", knownvalue.NotNull()),
			has(theSession, "wait_for_completion", knownvalue.Bool(true)),
			has(theSession, "poll_interval", knownvalue.StringExact("4s")),
		},
	})
}

func TestSessionThatFailsWhileAwaitedIsAnError(t *testing.T) {
	t.Parallel()
	server := scriptixtest.NewServer(t)
	server.Add(scriptixtest.Session{SessionID: "test", Filename: "talk.mp3", Error: "Audio file is too short"})
	then(server, "test", inStatus("test", "processing"))
	apply(t,
		resource.TestStep{
			Config: using(server, session(`session_id = "test"`, `wait_for_completion = true`)),
			ExpectError: says(`Session Failed`, `in data "scriptix_session" "test"`,
				`Session "test" ("talk.mp3") failed: "Audio file is too short"`, `set allow_failed = true`),
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
}
