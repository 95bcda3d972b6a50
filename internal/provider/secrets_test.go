package provider_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
)

// recording is part of the media_url that the fake API makes for session "test".
const recording = "https://storage.scriptix.io/media/test/"

func TestSecretsAreInNoOutput(t *testing.T) {
	t.Parallel()
	server := scriptixtest.NewServer(t)
	server.Add(scriptixtest.Session{SessionID: "test"})
	terraform := newCLI(t, server, session(`session_id = "test"`, `wait_for_completion = true`)+sessions()+`
output "status" { value = data.scriptix_session.test.status }
output "listed" { value = data.scriptix_sessions.test.sessions }
output "session" {
  value     = data.scriptix_session.test
  sensitive = true
}
`)
	log := filepath.Join(terraform.directory, "trace.log")
	terraform.environment = append(terraform.environment, "TF_LOG=TRACE", "TF_LOG_PATH="+log)

	var outputs []string
	for _, arguments := range [][]string{
		{"validate", "-no-color"},
		{"plan", "-no-color", "-out=saved.tfplan"},
		{"show", "-no-color", "saved.tfplan"},
		{"apply", "-no-color", "saved.tfplan"},
		{"show", "-no-color"},
		{"output", "-no-color"},
		{"plan", "-no-color"},
		{"apply", "-no-color", "-auto-approve"},
	} {
		outputs = append(outputs, terraform.run(true, arguments...))
	}
	for _, output := range outputs {
		lacks(t, "the output", output, scriptixtest.Token)
		lacks(t, "the output", output, recording)
	}
	// Unless the sessions were read and shown, there was nothing to hide.
	contains(t, outputs[1], "completed", "(sensitive value)")
	contains(t, outputs[4], `session_id`, `"test"`, "(sensitive value)")
	searched := noFileHolds(t, terraform.directory, scriptixtest.Token)
	for _, name := range []string{"trace.log", "terraform.tfstate", "saved.tfplan", "saved.tfplan/tfplan", "saved.tfplan/tfstate"} {
		if !searched[name] {
			t.Errorf("%s was not searched, but %v", name, searched)
		}
	}
	story := read(t, log)
	contains(t, story, "path=/api/v3/speech-to-text/session/test", "status=200")
	lacks(t, "the log", story, "Bearer")
	contains(t, read(t, filepath.Join(terraform.directory, "terraform.tfstate")), recording)
}

func TestSecretsAreInNoOutputOfAnError(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		fault scriptixtest.Fault
		words string
	}{
		// An API, or a proxy, that repeats what it was sent.
		"refusal": {scriptixtest.Fault{
			Status: 401,
			Body:   `{"error":"Unauthorized","message":"Bearer ` + scriptixtest.Token + ` is not valid","details":{"token":"` + scriptixtest.Token + `"}}`,
		}, "Invalid API Token"},
		"redirect": {scriptixtest.Fault{
			Status: 302, Header: map[string][]string{"Location": {"https://login.example/?token=" + scriptixtest.Token}}, Body: " ",
		}, "Redirect Refused"},
		"failure":   {scriptixtest.Fault{Reset: true}, "Unable to Read Session"},
		"in a 200":  {repeating(200), "Unable to Read Session"},
		"cut":       {scriptixtest.Fault{Status: 200, Body: scriptixtest.Token + scriptixtest.Token, Truncate: true}, "Unable to Read Session"},
		"quota":     {repeating(402), "Quota Exceeded"},
		"forbidden": {repeating(403), "Access Denied"},
		"not found": {scriptixtest.Fault{
			Status: 404, Body: `{"error_code":"SESSION_NOT_FOUND","error":"` + scriptixtest.Token + `","message":"` + scriptixtest.Token + `"}`,
		}, "Session Not Found"},
		"address": {repeating(404), "Unable to Read Session"},
		"failing": {repeating(500), "Unable to Read Session"},
		"proxy":   {scriptixtest.Fault{Status: 502, Body: "<html>Authorization: Bearer " + scriptixtest.Token}, "Unable to Read Session"},
	}
	refused := map[string]struct {
		fault scriptixtest.Fault
		words string
	}{
		"too many": {repeating(429), "Rate Limit Reached"}, // ends all other reads, and so has a run of its own
	}
	for name, cases := range map[string]map[string]struct {
		fault scriptixtest.Fault
		words string
	}{"errors": tests, "rate limit": refused} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			// One run of Terraform reads a session for each case.
			server := scriptixtest.NewServer(t)
			config := providerBlock("max_retries = 0")
			for name, test := range cases {
				id := strings.ReplaceAll(name, " ", "-")
				test.fault.Match = scriptixtest.ForSession(id)
				server.Inject(test.fault)
				config += dataSource("scriptix_session", id, []string{`session_id = "` + id + `"`})
			}
			terraform := newCLI(t, server, config)
			terraform.environment = append(terraform.environment, "TF_LOG=TRACE", "TF_LOG_PATH="+filepath.Join(terraform.directory, "trace.log"))
			output := terraform.run(false, "plan", "-no-color")
			for name, test := range cases {
				id := strings.ReplaceAll(name, " ", "-")
				if !says("Error: "+test.words, "with data.scriptix_session."+id+",").MatchString(output) {
					t.Errorf("%s: %q is missing in:\n%s", name, test.words, output)
				}
			}
			lacks(t, "the output", output, scriptixtest.Token)
			if searched := noFileHolds(t, terraform.directory, scriptixtest.Token); !searched["trace.log"] {
				t.Errorf("the log was not searched, but %v", searched)
			}
			contains(t, read(t, filepath.Join(terraform.directory, "trace.log")), "path=/api/v3/speech-to-text/session/")
		})
	}
}

// The variables of the token and of a session are swapped, or a secret is no session ID. Terraform hides what is sensitive in a
// plan, but prints an error as the provider words it.
func TestSecretsAreInNoOutputOfARefusedArgument(t *testing.T) {
	t.Parallel()
	const malformed = "sensitive/value"
	resources := `
variable "secret" { sensitive = true }
resource "scriptix_session_completion" "test" { session_id = var.secret }
resource "scriptix_session_completions" "test" { session_ids = ["first", "second", var.secret] }
`
	dataSources := `
variable "secret" { sensitive = true }
data "scriptix_session" "test" { session_id = var.secret }
data "scriptix_sessions" "test" { session_ids = ["first", "second", var.secret] }
`
	wrong := `
variable "secret" { sensitive = true }
data "scriptix_session" "timeout" {
  session_id = "test"
  timeouts   = { read = var.secret }
}
data "scriptix_session" "interval" {
  session_id          = "test"
  wait_for_completion = true
  poll_interval       = var.secret
}
data "scriptix_sessions" "created" { created_after = var.secret }
`
	for name, test := range map[string]struct {
		config, secret string
		errors         int
		words          string
	}{
		"token, resources":     {resources, scriptixtest.Token, 2, "must not contain the API token."},
		"token, data sources":  {dataSources, scriptixtest.Token, 2, "must not contain the API token."},
		"no ID, resources":     {resources, malformed, 2, "must not contain a slash."},
		"no ID, data sources":  {dataSources, malformed, 2, "must not contain a slash."},
		"no duration, no date": {wrong, malformed, 3, "must be"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := scriptixtest.NewServer(t)
			terraform := newCLI(t, server, test.config)
			log := filepath.Join(terraform.directory, "provider.log")
			terraform.environment = append(terraform.environment, "TF_VAR_secret="+test.secret, "TF_LOG_PROVIDER=DEBUG", "TF_LOG_PATH="+log)
			output := terraform.run(false, "apply", "-no-color", "-auto-approve")
			if got := strings.Count(output, "Error: Invalid Argument"); got != test.errors || strings.Count(output, test.words) < test.errors {
				t.Errorf("%d arguments are refused, want %d:\n%s", got, test.errors, output)
			}
			lacks(t, "the output", output, test.secret)
			lacks(t, "the log", read(t, log), test.secret)
			nothingSent(t, server)
		})
	}
}

// repeating is a refusal that repeats the token wherever it can.
func repeating(status int) scriptixtest.Fault {
	return scriptixtest.Fault{
		Status: status,
		Header: map[string][]string{"X-Debug": {"Bearer " + scriptixtest.Token}, "Retry-After": {"3600"}},
		Body: `{"error":"` + scriptixtest.Token + `","message":"` + scriptixtest.Token + `","error_code":"` + scriptixtest.Token +
			`","details":["` + scriptixtest.Token + `"]}`,
	}
}

// The answer is text like any other, and may quote the token where it is valid JSON but not a session.
func TestSecretsAreInNoOutputOfAnAnswerThatMakesNoSense(t *testing.T) {
	t.Parallel()
	bodies := map[string]string{
		"HTML":          "<html>" + scriptixtest.Token,
		"other-session": `{"session_id":"` + scriptixtest.Token + `","status":"queued"}`,
		"no-status":     `{"session_id":"no-status","status":["` + scriptixtest.Token + `"]}`,
		"escaped":       `Bearer ` + percentEscaped(scriptixtest.Token),
	}
	server := scriptixtest.NewServer(t)
	config := ""
	for id, body := range bodies {
		server.Inject(scriptixtest.Fault{Match: scriptixtest.ForSession(id), Body: body})
		config += dataSource("scriptix_session", id, []string{`session_id = "` + id + `"`})
	}
	output := newCLI(t, server, config).run(false, "plan", "-no-color")
	for id := range bodies {
		if !says("Error: Unexpected API Answer", "with data.scriptix_session."+id+",").MatchString(output) {
			t.Errorf("%s: the error is missing in:\n%s", id, output)
		}
	}
	lacks(t, "the output", output, scriptixtest.Token)
}

// percentEscaped writes a text as an address may.
func percentEscaped(text string) string {
	var escaped strings.Builder
	for i := range len(text) {
		fmt.Fprintf(&escaped, "%%%02X", text[i])
	}
	return escaped.String()
}

// A session may repeat the token in any of its fields, and in any spelling. The state keeps all of them.
func TestSecretsInFieldsOfASessionReachNoState(t *testing.T) {
	t.Parallel()
	const token = `tok/en"with\much%2Fto&escape`
	server := scriptixtest.NewServer(t, scriptixtest.WithToken(token))
	config := sessions()
	secrets := []string{"much"}
	for i, spelling := range []string{token, percentEscaped(token), url.QueryEscape(token), html.EscapeString(token)} {
		quoted, err := json.Marshal(spelling)
		if err != nil {
			t.Fatal(err)
		}
		secrets = append(secrets, spelling, strings.Trim(string(quoted), `"`))
		echo := strings.ReplaceAll(string(quoted), "/", `\/`)
		name := fmt.Sprintf("spelling-%d", i)
		server.Add(scriptixtest.Session{SessionID: name, JSON: `{"session_id":"` + name + `","status":"completed","id":` + echo + `,"filename":` + echo +
			`,"language":` + echo + `,"media_type":` + echo + `,"media_url":` + echo + `,"error":` + echo + `,"created_at":` + echo +
			`,"session_mode":` + echo + `,"document":{"id":` + echo + `,"name":` + echo + `,"type":` + echo + `}}`})
		config += dataSource("scriptix_session", name, []string{`session_id = "` + name + `"`}) +
			strings.Replace(completion(`session_id = "`+name+`"`), `"test"`, `"`+name+`"`, 1) +
			"output \"" + name + "\" { value = data.scriptix_session." + name + ".filename }\n"
	}
	terraform := newCLI(t, server, config)
	log := filepath.Join(terraform.directory, "trace.log")
	terraform.environment = append(terraform.environment, "SCRIPTIX_API_TOKEN="+token, "TF_LOG=TRACE", "TF_LOG_PATH="+log)
	output := terraform.run(true, "apply", "-no-color", "-auto-approve")
	contains(t, output, `spelling-0 = "(redacted)"`, `spelling-3 = "(redacted)"`, "Unexpected Field in API Answer", `"(redacted)"`)
	state := read(t, filepath.Join(terraform.directory, "terraform.tfstate"))
	contains(t, state, `"spelling-0"`, `"spelling-3"`)
	for _, secret := range secrets {
		lacks(t, "the output", output, secret)
		searched := noFileHolds(t, terraform.directory, secret)
		if !searched["terraform.tfstate"] || !searched["trace.log"] {
			t.Errorf("searched %v", searched)
		}
	}
}

// noFileHolds searches all files below a directory, and what is in archives such as saved plans. It returns what
// it has searched.
func noFileHolds(t *testing.T, directory, secret string) map[string]bool {
	t.Helper()
	searched := map[string]bool{}
	search := func(name string, content []byte) {
		searched[name] = true
		lacks(t, name, string(content), secret)
	}
	err := filepath.WalkDir(directory, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(directory, path)
		if err != nil {
			return err
		}
		search(name, content)
		archive, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
		if errors.Is(err, zip.ErrFormat) {
			return nil // it is no archive
		}
		if err != nil {
			return err
		}
		for _, member := range archive.File {
			reader, err := member.Open()
			if err != nil {
				return err
			}
			content, err := io.ReadAll(reader)
			if err != nil {
				return err
			}
			search(name+"/"+member.Name, content)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return searched
}

func read(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func lacks(t *testing.T, what, text, secret string) {
	t.Helper()
	if at := strings.Index(text, secret); at >= 0 {
		t.Errorf("%s holds %q: …%s", what, secret, text[max(0, at-200):min(len(text), at+len(secret)+50)])
	}
}

func contains(t *testing.T, text string, words ...string) {
	t.Helper()
	for _, word := range words {
		if !strings.Contains(text, word) {
			t.Errorf("%q is missing in:\n%s", word, text[:min(len(text), 5000)])
		}
	}
}
