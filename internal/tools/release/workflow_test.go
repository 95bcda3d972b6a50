package main

import (
	"os"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// What builds runs the code of all dependencies, so it gets no secret. What has the key cannot write to GitHub, and what
// can has no key.
func TestJobsOfAReleaseShareNoPower(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../../.github/workflows/release.yml")
	if err != nil {
		t.Fatal(err)
	}
	var workflow struct {
		Permissions map[string]string
		Jobs        map[string]yaml.Node
	}
	if err := yaml.Unmarshal(text, &workflow); err != nil {
		t.Fatal(err)
	}
	if len(workflow.Permissions) != 1 || workflow.Permissions["contents"] != "read" {
		t.Errorf("all jobs have the permissions %v, want to read the contents only", workflow.Permissions)
	}
	for name, want := range map[string]struct{ secrets, writes bool }{
		"build":   {false, false},
		"sign":    {true, false},
		"publish": {false, true},
	} {
		node, exists := workflow.Jobs[name]
		if !exists {
			t.Errorf("no job is named %s", name)
			continue
		}
		job, err := yaml.Marshal(&node)
		if err != nil {
			t.Fatal(err)
		}
		if has := strings.Contains(string(job), "secrets."); has != want.secrets {
			t.Errorf("%s has secrets: %t, want %t", name, has, want.secrets)
		}
		if has := strings.Contains(string(job), ": write"); has != want.writes {
			t.Errorf("%s may write: %t, want %t", name, has, want.writes)
		}
	}
	if len(workflow.Jobs) != 3 {
		t.Errorf("%d jobs make a release, want 3", len(workflow.Jobs))
	}
}
