package provider_test

import (
	"testing"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
)

// Terraform validates resources and data sources again when it knows the values, before it uses the provider for them.
func TestLateValuesOfResourcesAndDataSourcesAreRefusedBeforeAnyRequest(t *testing.T) {
	t.Parallel()
	needsUsualCLI(t, terraformData)
	const late = "resource \"terraform_data\" \"late\" {\n  input = { text = \"1ns\", number = 5 / 2, nothing = null, ids = [\"test\", null] }\n}\n"
	waits := func(arguments ...string) []string { return append(arguments, "wait_for_completion = true") }
	for name, test := range map[string]refusal{
		"resource, poll_interval":   {[]string{completion(`session_id = "test"`, `poll_interval = terraform_data.late.output.text`)}, []string{"Invalid Argument", "must be at least"}},
		"resource, session_id":      {[]string{completion(`session_id = "a/${terraform_data.late.output.text}"`)}, []string{"Invalid Argument", "must not contain a slash"}},
		"resource, null session_id": {[]string{completion(`session_id = terraform_data.late.output.nothing`)}, []string{"session_id"}},
		"resource, timeout":         {[]string{completion(`session_id = "test"`, `timeouts = { create = "-${terraform_data.late.output.text}" }`)}, []string{"Invalid Argument", "must be more than zero"}},
		"data, poll_interval": {
			[]string{dataSource("scriptix_session", "d", waits(`session_id = "test"`, `poll_interval = terraform_data.late.output.text`))},
			[]string{"Invalid Argument", "must be at least"},
		},
		"data, null among session_ids": {
			[]string{dataSource("scriptix_sessions", "d", []string{`session_ids = terraform_data.late.output.ids`})}, []string{"Null List Value"},
		},
		"data, max_results": {
			[]string{dataSource("scriptix_sessions", "d", []string{`max_results = terraform_data.late.output.number`})}, []string{"Invalid Argument", "must be a whole number"},
		},
		"data, created_after": {
			[]string{dataSource("scriptix_sessions", "d", []string{`created_after = terraform_data.late.output.text`})}, []string{"Invalid Argument", "must be an RFC 3339 timestamp"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := scriptixtest.NewServer(t)
			server.Add(scriptixtest.Session{SessionID: "test"})
			terraform := newCLI(t, server, providerBlock()+late+test.arguments[0])
			output := terraform.run(false, "apply", "-auto-approve", "-no-color")
			contains(t, output, "terraform_data.late: Creation complete")
			if !says(test.words...).MatchString(output) {
				t.Errorf("%q is missing in:\n%s", test.words, output)
			}
			nothingSent(t, server)
		})
	}
}
