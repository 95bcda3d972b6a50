package provider

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
)

// forever outlasts any test.
const forever = 1000 * time.Hour

// readSession reads session "test" with further arguments of the data source.
func (s *protocolServer) readSession(arguments values) (values, []*tfprotov6.Diagnostic) {
	s.t.Helper()
	all := values{"session_id": stringValue("test")}
	maps.Copy(all, arguments)
	return s.read(s.t.Context(), s.request("scriptix_session", all))
}

// problemOfSession reads session "test", which must fail with one error, and returns what that says.
func problemOfSession(t *testing.T, api *scriptixtest.Server, arguments values, block ...values) string {
	t.Helper()
	_, diagnostics := newProtocolServer(t.Context(), t, api, block...).readSession(arguments)
	return problem(t, diagnostics)
}

// problem returns what the one error says that a read must fail with.
func problem(t *testing.T, diagnostics []*tfprotov6.Diagnostic) string {
	t.Helper()
	if len(diagnostics) != 1 || diagnostics[0].Severity != tfprotov6.DiagnosticSeverityError {
		t.Errorf("want one error, got %s", texts(diagnostics))
		return ""
	}
	noteSummaries(diagnostics)
	return diagnostics[0].Summary + "\n" + diagnostics[0].Detail
}

func TestSessionErrorsSayWhatToDo(t *testing.T) {
	answer := func(status int, body string) scriptixtest.Fault {
		return scriptixtest.Fault{Status: status, Body: body}
	}
	const (
		asOfAProxy   = "The answer is not JSON, so it may come from a proxy instead of Scriptix."
		proxyFirst   = "First check base_url in the provider block, and the proxies between this machine and Scriptix."
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
		"401 of a proxy": {
			answer(401, scriptixtest.ProxyPage), []string{"Invalid API Token", asOfAProxy, proxyFirst, "SCRIPTIX_API_TOKEN"},
		},
		"402 of a proxy": {
			answer(402, scriptixtest.ProxyPage), []string{"Quota Exceeded", asOfAProxy, proxyFirst, "Extend it"},
		},
		"403 of a proxy": {
			answer(403, scriptixtest.ProxyPage), []string{"Access Denied", asOfAProxy, proxyFirst, "The token has no access"},
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
				"Session Not Found",
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
			answer(599, ""), []string{"Unable to Read Session", "HTTP 599.", "This may be temporary.", "check base_url in the provider block", "The provider does not retry this status."},
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
			answer(200, `{"session_id":"other","status":"completed"}`),
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
			synctest.Test(t, func(t *testing.T) {
				api := newPipeAPI(t)
				api.Add(scriptixtest.Session{SessionID: "test"})
				api.Inject(test.fault)
				said := problemOfSession(t, api, nil, values{"max_retries": numberValue(0)})
				saysInOrder(t, said, test.words...)
				sent(t, api, 1)
			})
		})
	}
}

// The first read of a wait must succeed, too. It asks again for ten seconds, because the upload may be a second old.
func TestSessionUnknownToTheAPIIsNotFound(t *testing.T) {
	for _, waits := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			api := newPipeAPI(t)
			began := time.Now()
			said := problemOfSession(t, api, values{"wait_for_completion": boolValue(waits)})
			saysInOrder(t, said, "Session Not Found", `"SESSION_NOT_FOUND"`)
			if took := time.Since(began); waits != (took >= 10*time.Second) {
				t.Errorf("waits %t: took %s", waits, took)
			}
			if !waits {
				sent(t, api, 1)
			}
		})
	}
}

// Terraform marks the argument that an error is about.
func TestErrorOfASessionBlamesItsID(t *testing.T) {
	t.Parallel()
	_, diagnostics := newProtocolServer(t.Context(), t, scriptixtest.NewServer(t)).readSession(nil)
	if len(diagnostics) != 1 || !diagnostics[0].Attribute.Equal(tftypes.NewAttributePath().WithAttributeName("session_id")) {
		t.Errorf("want one error of session_id, got %v", diagnostics)
	}
}

func TestSessionIsReadAgainAfterAFailureThatPasses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := newPipeAPI(t)
		api.Add(scriptixtest.Session{SessionID: "test"})
		api.Inject(scriptixtest.Fault{Times: 1, Status: http.StatusInternalServerError})
		state, diagnostics := newProtocolServer(t.Context(), t, api).readSession(nil)
		has(t, state, diagnostics, "status", stringValue("completed"))
		sent(t, api, 2)
	})
}

func TestSessionOutOfReachIsAnError(t *testing.T) {
	t.Parallel()
	api := scriptixtest.NewServer(t)
	api.Close()
	saysInOrder(t, problemOfSession(t, api, nil, values{"max_retries": numberValue(0)}),
		"Unable to Read Session", `Reading session "test" failed: the request brought no answer:`, "refused",
		"Check that this machine can reach base_url. Check HTTPS_PROXY and NO_PROXY.")
}

// has fails the test unless a read has succeeded, without a warning, and returned this attribute.
func has(t *testing.T, state values, diagnostics []*tfprotov6.Diagnostic, attribute string, want tftypes.Value) {
	t.Helper()
	if len(diagnostics) > 0 {
		t.Error(texts(diagnostics))
		return
	}
	if got := state[attribute]; !got.Equal(want) {
		t.Errorf("%s is %s, want %s", attribute, got, want)
	}
}

// limitOf is the timeouts of a block, with one operation.
func limitOf(operation, text string) tftypes.Value {
	return objectOfTexts(values{operation: stringValue(text)})
}

// By default a wait may take as long as three hours of audio do; a mere read may not.
func TestSessionReadEndsAtItsTimeout(t *testing.T) {
	for timeout, arguments := range map[time.Duration]values{
		200 * time.Millisecond: {"timeouts": limitOf("read", "200ms")},
		5 * time.Minute:        nil,
		75 * time.Minute:       {"wait_for_completion": boolValue(true)},
	} {
		synctest.Test(t, func(t *testing.T) {
			api := newPipeAPI(t)
			api.Inject(scriptixtest.Fault{Hang: true})
			began := time.Now()
			// A request that hangs for longer than request_timeout is sent again, so that it must last.
			said := problemOfSession(t, api, arguments, values{"request_timeout": stringValue("100h")})
			saysInOrder(t, said, "Reading Timed Out", `Reading session "test" did not end within the timeout of `+duration(timeout)+".", "raise timeouts.read")
			if got := time.Since(began); got != timeout {
				t.Errorf("the read ended after %s, want %s", got, timeout)
			}
		})
	}
}

// awaited are the arguments of a wait, with others.
func awaited(others values) values {
	all := values{"wait_for_completion": boolValue(true)}
	maps.Copy(all, others)
	return all
}

// Whatever the arguments of the wait are, a session that has finished is not asked for again.
func TestSessionAwaitedThoughFinishedCostsOneRequest(t *testing.T) {
	tests := map[string]struct {
		session   scriptixtest.Session
		arguments values
		status    string
		warned    bool
	}{
		"completed": {status: "completed"},
		"completed, with every argument": {
			arguments: values{
				"allow_failed": boolValue(true), "allow_unfinished": boolValue(true), "poll_interval": stringValue("1m"), "timeouts": limitOf("read", "1h"),
			},
			status: "completed",
		},
		"failed, which is allowed": {
			session: scriptixtest.Session{Error: "Processing timeout"}, arguments: values{"allow_failed": boolValue(true)}, status: "failed",
		},
		"finished under a status nobody documented": {session: scriptixtest.Session{FinalStatus: "done"}, status: "done", warned: true},
		"failed under a status nobody documented, which is allowed": {
			session: scriptixtest.Session{FinalStatus: "broken", Error: "Processing timeout"}, arguments: values{"allow_failed": boolValue(true)},
			status: "broken",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				api := newPipeAPI(t)
				test.session.SessionID = "test"
				api.Add(test.session)
				state, diagnostics := newProtocolServer(t.Context(), t, api).readSession(awaited(test.arguments))
				if test.warned {
					contains(t, texts(diagnostics), "WARNING: Unrecognised Session Status")
					diagnostics = diagnostics[1:]
				}
				has(t, state, diagnostics, "status", stringValue(test.status))
				if state["finished_at"].IsNull() {
					t.Error("finished_at is null")
				}
				sent(t, api, 1)
			})
		})
	}
}

// The pauses are those of the API's page, or the user's own.
func TestSessionIsPolledAsOftenAsItsArgumentsSay(t *testing.T) {
	tests := map[string]struct {
		arguments values
		pauses    []time.Duration
	}{
		"by the API's page": {nil, []time.Duration{3 * time.Second, 3 * time.Second, 3 * time.Second}},
		"by poll_interval":  {values{"poll_interval": stringValue("4s")}, []time.Duration{4 * time.Second, 4 * time.Second, 4 * time.Second}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				api := newPipeAPI(t)
				api.Add(scriptixtest.Session{SessionID: "test"})
				// A word that nobody documented is no reason to stop.
				then(api, "test", "uploaded", "queued", "processing")
				state, diagnostics := newProtocolServer(t.Context(), t, api).readSession(awaited(test.arguments))
				has(t, state, diagnostics, "status", stringValue("completed"))
				var pauses []time.Duration
				for i, request := range api.Requests()[1:] {
					pauses = append(pauses, request.Time.Sub(api.Requests()[i].Time))
				}
				if !slices.Equal(pauses, test.pauses) {
					t.Errorf("the pauses were %s, want %s", pauses, test.pauses)
				}
			})
		})
	}
}

func TestSessionAwaitedInVainIsAnError(t *testing.T) {
	tests := map[string]struct {
		session   scriptixtest.Session
		fault     *scriptixtest.Fault
		arguments values
		requests  int
		words     []string
	}{
		"it failed": {
			session: scriptixtest.Session{Filename: "talk.mp3", Error: "Audio file is too short"}, requests: 1,
			words: []string{
				"Session Failed", `Session "test" ("talk.mp3") failed: "Audio file is too short"`,
				"Scriptix needs at least one second of audio. Upload a longer recording.",
				"To accept failed sessions, set allow_failed = true, and check their status.",
			},
		},
		"it failed, which is not allowed": {
			session: scriptixtest.Session{Error: "Audio file is too short"}, arguments: values{"allow_failed": boolValue(false)}, requests: 1,
			words: []string{"Session Failed"},
		},
		"it fails while awaited": {
			session: scriptixtest.Session{Processing: 2 * time.Second, Error: "Audio file is too short"}, requests: 2,
			words: []string{"Session Failed", `Session "test" ("test.mp3") failed: "Audio file is too short"`},
		},
		"it failed under a status nobody documented": {
			session: scriptixtest.Session{FinalStatus: "broken", Error: "Processing timeout"}, requests: 1,
			words: []string{"Session Failed", `"test"`, `failed: "Processing timeout"`, "Contact Scriptix support with the session ID"},
		},
		// The poll meets a failure that may pass: it does not end the wait, and the error tells of it.
		"it outlasts the timeout": {
			session: scriptixtest.Session{Processing: forever}, arguments: values{"timeouts": limitOf("read", "5s")}, requests: 2,
			fault: &scriptixtest.Fault{After: 1, Status: http.StatusServiceUnavailable, Body: scriptixtest.ProxyPage},
			words: []string{
				"Session Still Processing", `Session "test" has not finished: its status is still processing. The wait reached its timeout of 5s after 1 poll.`,
				`The last poll that failed reported: "status 503 Service Unavailable".`,
				"To wait longer, raise timeouts.read.", "up to 22 minutes for an hour of audio", "up to 65 minutes for three hours",
				"Run Terraform again to continue the wait",
			},
		},
		"the token is revoked": {
			session: scriptixtest.Session{Processing: forever}, requests: 2,
			fault: &scriptixtest.Fault{After: 1, Status: http.StatusUnauthorized, Body: scriptixtest.KeyRevokedBody},
			words: []string{"Invalid API Token", `session "test"`, `"KEY_REVOKED"`},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				api := newPipeAPI(t)
				test.session.SessionID = "test"
				api.Add(test.session)
				if test.fault != nil {
					api.Inject(*test.fault)
				}
				saysInOrder(t, problemOfSession(t, api, awaited(test.arguments)), test.words...)
				sent(t, api, test.requests)
			})
		})
	}
}

// One data source times out while its request hangs, and the other continues: the answer that comes too late must not end
// the provider.
func TestADataSourceLeavesWhileItsRequestHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := newPipeAPI(t)
		api.Add(
			scriptixtest.Session{SessionID: "leaves", Processing: time.Hour},
			scriptixtest.Session{SessionID: "stays", Processing: 10 * time.Second},
		)
		api.Inject(
			scriptixtest.Fault{Match: scriptixtest.ForList(), Status: http.StatusForbidden},
			scriptixtest.Fault{Match: scriptixtest.ForSession("leaves"), After: 1, Hang: true},
		)
		server := newProtocolServer(t.Context(), t, api, values{"request_timeout": stringValue("6s")})
		var reads sync.WaitGroup
		reads.Go(func() {
			_, diagnostics := server.readSession(awaited(values{"session_id": stringValue("leaves"), "timeouts": limitOf("read", "5s")}))
			saysInOrder(t, problem(t, diagnostics), "Session Still Processing", `"leaves"`, "timeout of 5s")
		})
		reads.Go(func() {
			state, diagnostics := server.readSession(awaited(values{"session_id": stringValue("stays")}))
			has(t, state, diagnostics, "status", stringValue("completed"))
		})
		reads.Wait()
	})
}
