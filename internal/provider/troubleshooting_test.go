package provider_test

import (
	"flag"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
)

var updateGuide = flag.Bool("update-guide", false, "put what Terraform prints now into the troubleshooting guide")

// The guide's source; docs/ has a copy of it.
const troubleshootingGuide = "../../templates/guides/troubleshooting.md"

// Sections of the guide in which every heading is the summary of a diagnostic.
const (
	ownSection       = "What the Provider Says"
	terraformSection = "What Terraform Says About Arguments and Values"
)

// trouble is what makes Terraform print a diagnostic, with its summary as the key of a map.
type trouble struct {
	config      string
	sessions    []scriptixtest.Session
	fault       *scriptixtest.Fault
	environment []string // added
	unset       string   // taken away
}

// refusedBy is a request for a session that a proxy, or the API, answers with this.
func refusedBy(fault scriptixtest.Fault) trouble {
	return trouble{config: meeting(), fault: &fault}
}

// meeting is the data source that the guide's readers know from the other pages.
func meeting(arguments ...string) string {
	return dataSource("scriptix_session", "meeting", append([]string{`session_id = "abc123def456"`}, arguments...))
}

// batch is a list of sessions.
func batch(arguments ...string) string { return dataSource("scriptix_sessions", "batch", arguments) }

const waits = `wait_for_completion = true`

var unavailable = scriptixtest.Fault{Status: 503, Body: `{"error": "Service Unavailable", "message": "Try again later"}`}

// ownTroubles has every summary of the provider, "Cancelled" excepted, which takes a signal.
var ownTroubles = map[string]trouble{
	"Missing API Token": {config: meeting(), unset: "SCRIPTIX_API_TOKEN"},
	"Invalid API Token": {config: meeting(), environment: []string{"SCRIPTIX_API_TOKEN=not-a-token-of-this-account"}},
	"Invalid Argument":  {config: dataSource("scriptix_session", "meeting", []string{`session_id = "abc 123"`})},
	"Unknown Provider Argument": {
		config: "resource \"terraform_data\" \"token\" {\n  input = \"made by this run\"\n}\n\n" +
			providerBlock("api_token = terraform_data.token.output") + "\n" + meeting(),
	},
	"Quota Exceeded":    refusedBy(scriptixtest.Fault{Status: 402, Body: `{"error": "Payment Required", "message": "Quota exceeded"}`}),
	"Access Denied":     refusedBy(scriptixtest.Fault{Status: 403, Body: `{"error": "Forbidden", "message": "Access denied"}`}),
	"Session Not Found": {config: meeting()},
	"Session Failed": {config: meeting(waits), sessions: []scriptixtest.Session{{
		SessionID: "abc123def456", Filename: "corrupted.mp3", Error: "Audio format could not be decoded. Please check file integrity.",
	}}},
	"Session Still Processing": {
		config:   meeting(waits, `timeouts = { read = "4s" }`),
		sessions: []scriptixtest.Session{{SessionID: "abc123def456", Processing: forever}},
	},
	"Sessions Not Finished": {
		config:   meeting(waits, `allow_unfinished = true`, `timeouts = { read = "4s" }`),
		sessions: []scriptixtest.Session{{SessionID: "abc123def456", Processing: forever}},
	},
	"Reading Timed Out": {config: meeting(`timeouts = { read = "1s" }`), fault: &scriptixtest.Fault{Hang: true}},
	"Rate Limit Reached": refusedBy(scriptixtest.Fault{
		Status: 429, Header: map[string][]string{"Retry-After": {"3600"}}, Body: scriptixtest.RateLimitedBody,
	}),
	"Unable to Read Session":  {config: providerBlock("max_retries = 1") + "\n" + meeting(), fault: &unavailable},
	"Unable to List Sessions": {config: providerBlock("max_retries = 1") + "\n" + batch(), fault: &unavailable},
	"Unexpected API Answer":   refusedBy(scriptixtest.Fault{Status: 200, Body: "<!DOCTYPE html><title>Please log in</title>"}),
	"Redirect Refused": refusedBy(scriptixtest.Fault{
		Status: 302, Header: map[string][]string{"Location": {"https://login.example.com/"}}, Body: " ",
	}),
	"Session List Kept Changing": {config: batch(), fault: &scriptixtest.Fault{
		Body: `{"count": 1, "total_results": 2, "result": [{"session_id": "abc123def456", "status": "completed"}]}`,
	}},
	"Unexpected Field in API Answer": {
		config:   meeting(),
		sessions: []scriptixtest.Session{{SessionID: "abc123def456", JSON: `{"session_id": "abc123def456", "status": "completed", "duration": "1 h"}`}},
	},
	"No Timeout Set": {config: meeting(`timeouts = { raed = "30m" }`), sessions: []scriptixtest.Session{{SessionID: "abc123def456"}}},
	"Unrecognised Session Status": {
		config:   meeting(waits),
		sessions: []scriptixtest.Session{{SessionID: "abc123def456", FinalStatus: "done"}},
	},
}

// terraformTroubles are what Terraform, or the framework that the provider is built on, says of values.
var terraformTroubles = map[string]trouble{
	"Invalid provider configuration":               {config: meeting(), environment: []string{"SCRIPTIX_BASE_URL=api.scriptix.io"}},
	"Invalid Attribute Combination":                {config: meeting(`poll_interval = "10s"`)},
	"Invalid Attribute Value Match":                {config: batch(`status = "done"`)},
	"Null List Value":                              {config: batch(`session_ids = ["abc123def456", null]`)},
	"Missing Configuration for Required Attribute": {config: dataSource("scriptix_session", "meeting", []string{`session_id = null`})},
	"Attempt to get attribute from null value": {
		config:   meeting() + "\noutput \"document\" {\n  value = data.scriptix_session.meeting.document.id\n}\n",
		sessions: []scriptixtest.Session{{SessionID: "abc123def456", Processing: forever}},
	},
}

func TestTroubleshootingGuideBeginsWithAnIndex(t *testing.T) {
	t.Parallel()
	index, _, _ := strings.Cut(read(t, troubleshootingGuide), "\n## ")
	var linked []string
	for _, row := range regexp.MustCompile(`(?m)^\| \[(.+)\]\(#(.+)\) \| (?:error|warning) \| .+ \|$`).FindAllStringSubmatch(index, -1) {
		if anchor := strings.ReplaceAll(strings.ToLower(row[1]), " ", "-"); row[2] != anchor {
			t.Errorf("%q links to #%s, want #%s", row[1], row[2], anchor)
		}
		linked = append(linked, row[1])
	}
	compareWords(t, "messages of the index", linked, "headings of the guide", append(headings(t, ownSection), headings(t, terraformSection)...))
}

func TestTroubleshootingGuideShowsWhatTerraformPrints(t *testing.T) {
	t.Parallel()
	for section, troubles := range map[string]map[string]trouble{ownSection: ownTroubles, terraformSection: terraformTroubles} {
		var produced []string
		for summary, trouble := range troubles {
			produced = append(produced, summary)
			t.Run(summary, func(t *testing.T) {
				t.Parallel()
				if strings.Contains(trouble.config, "terraform_data") {
					needsUsualCLI(t, terraformData)
				}
				if strings.Contains(trouble.config, "document.id") {
					needsUsualCLI(t, attributesOfAttributes) // TestOldTerraformsLookIntoAnAttributeThroughALocal
				}
				holdGuide(t, summary, trouble.plan(t))
			})
		}
		if section == ownSection {
			produced = append(produced, "Cancelled") // see TestTroubleshootingGuideShowsAnInterrupt
		}
		compareWords(t, "summaries that this test produces", produced, "headings of the guide", headings(t, section))
	}
}

// plan returns what Terraform prints when it plans.
func (r trouble) plan(t *testing.T) string {
	t.Helper()
	server := scriptixtest.NewServer(t)
	server.Add(r.sessions...)
	if r.fault != nil {
		server.Inject(*r.fault)
	}
	terraform := newCLI(t, server, "\n"+r.config)
	terraform.environment = slices.DeleteFunc(terraform.environment, func(setting string) bool {
		return r.unset != "" && strings.HasPrefix(setting, r.unset+"=")
	})
	terraform.environment = append(terraform.environment, r.environment...)
	command, output := terraform.command("plan", "-input=false")
	_ = command.Run() // fails for an error, and succeeds with a warning: what counts is the output
	return output.String()
}

// holdGuide compares the diagnostic in Terraform's output with the one that the guide shows.
func holdGuide(t *testing.T, summary, output string) {
	t.Helper()
	printed := diagnosticIn(t, summary, output)
	if *updateGuide {
		replaceOutput(t, summary, printed)
		return
	}
	_, shown, _ := aroundOutput(t, read(t, troubleshootingGuide), summary)
	if steady(printed) != steady(shown) {
		t.Errorf("the guide shows\n%s\nwhile Terraform prints\n%s\nTo take that over: go test ./internal/provider -run Troubleshooting -update-guide, then make docs",
			shown, printed)
	}
}

var (
	colours       = regexp.MustCompile(`\x1b\[[0-9;]*m`)
	boxes         = regexp.MustCompile(`(?s)╷\n.*?╵\n`) // without -no-color only
	trailingSpace = regexp.MustCompile(` +\n`)
)

// diagnosticIn finds the box that Terraform draws around a diagnostic.
func diagnosticIn(t *testing.T, summary, output string) string {
	t.Helper()
	plain := colours.ReplaceAllString(output, "")
	for _, box := range boxes.FindAllString(plain, -1) {
		if strings.HasPrefix(box, "╷\n│ Error: "+summary+"\n") || strings.HasPrefix(box, "╷\n│ Warning: "+summary+"\n") {
			return trailingSpace.ReplaceAllString(box, "\n")
		}
	}
	t.Fatalf("Terraform does not say %q:\n%s", summary, plain)
	return ""
}

// What differs from run to run, or from one Terraform to the next, and would not change what a reader learns.
var unsteady = []struct {
	pattern *regexp.Regexp
	instead string
}{
	{regexp.MustCompile(`[╷│╵\s]+`), " "},
	{regexp.MustCompile(`[0-9-]+ [0-9:]+ UTC \(in \w+\)`), "a moment"},
	{regexp.MustCompile(`after \d+ polls?( in \w+)?`), "after some polls"},
	{regexp.MustCompile(`was interrupted after \w+`), "was interrupted after a while"},
	{regexp.MustCompile(`\(and one more similar warning elsewhere\) `), ""}, // Terraform validates twice
	// In OpenTofu's words.
	{regexp.MustCompile(`registry\.opentofu\.org`), "registry.terraform.io"},
	{regexp.MustCompile(`on \S+ with no configuration line 1:`), "on <empty> line 0:"},
	{regexp.MustCompile(`├─+ Diff: \S+ -> \S+ `), ""},
}

func steady(text string) string {
	for _, replacement := range unsteady {
		text = replacement.pattern.ReplaceAllString(text, replacement.instead)
	}
	return text
}

// headings are those of one section of the guide.
func headings(t *testing.T, section string) []string {
	t.Helper()
	_, rest, found := strings.Cut(read(t, troubleshootingGuide), "\n## "+section+"\n")
	if !found {
		t.Fatalf("the guide has no section %q", section)
	}
	body, _, _ := strings.Cut(rest, "\n## ")
	var words []string
	for _, match := range regexp.MustCompile(`(?m)^### (.+)$`).FindAllStringSubmatch(body, -1) {
		words = append(words, match[1])
	}
	return words
}

var guideLock sync.Mutex

func replaceOutput(t *testing.T, summary, output string) {
	t.Helper()
	guideLock.Lock()
	defer guideLock.Unlock()
	before, _, after := aroundOutput(t, read(t, troubleshootingGuide), summary)
	if err := os.WriteFile(troubleshootingGuide, []byte(before+output+after), 0o600); err != nil {
		t.Fatal(err)
	}
}

// aroundOutput cuts the guide at the output that it shows for a summary.
func aroundOutput(t *testing.T, guide, summary string) (before, output, after string) {
	t.Helper()
	const fence = "```text\n"
	heading, rest, found := strings.Cut(guide, "\n### "+summary+"\n\n"+fence)
	if !found {
		t.Fatalf("the guide shows no output right after the heading %q", summary)
	}
	output, after, _ = strings.Cut(rest, "```\n")
	return heading + "\n### " + summary + "\n\n" + fence, output, "```\n" + after
}

// compareWords reports what is only in one of two lists.
func compareWords(t *testing.T, firstName string, first []string, secondName string, second []string) {
	t.Helper()
	for _, word := range first {
		if !slices.Contains(second, word) {
			t.Errorf("%q is among the %s, but not among the %s", word, firstName, secondName)
		}
	}
	for _, word := range second {
		if !slices.Contains(first, word) {
			t.Errorf("%q is among the %s, but not among the %s", word, secondName, firstName)
		}
	}
}
