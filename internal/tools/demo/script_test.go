package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestDescribeTellsWhatWillHappen(t *testing.T) {
	t.Parallel()
	got, err := describe([]byte(`[
		{"session_id": "a", "filename": "a.mp3", "queued": "0s", "processing": "0s"},
		{"session_id": "long", "filename": "long.mp3", "queued": "2s", "processing": "6s"},
		{"session_id": "bad", "filename": "bad.mp3", "queued": "0s", "processing": "3s", "error": "too short"}
	]`))
	want := "" +
		"a      a.mp3      has completed\n" +
		"long   long.mp3   completes after 8s\n" +
		"bad    bad.mp3    fails after 3s"
	if err != nil || got != want {
		t.Errorf("got\n%s\n%v, want\n%s", got, err, want)
	}
}

func TestDescribeRefusesAScriptThatCannotBePlayed(t *testing.T) {
	t.Parallel()
	for name, script := range map[string]string{
		"no list":       `{}`,
		"no queued":     `[{"session_id": "a", "queued": "", "processing": "1s"}]`,
		"no processing": `[{"session_id": "a", "queued": "1s", "processing": "soon"}]`,
	} {
		if _, err := describe([]byte(script)); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

// The story needs a session for each of its turns, and the second apply waits for all of them.
func TestScriptHasAllThatTheStoryTells(t *testing.T) {
	t.Parallel()
	description, err := describe(script)
	if err != nil {
		t.Fatal(err)
	}
	for _, turn := range []string{"has completed", "completes after 13s", "fails after 20s"} {
		if !strings.Contains(description, turn) {
			t.Errorf("no session %s:\n%s", turn, description)
		}
	}
	var sessions []scripted
	if err := json.Unmarshal(script, &sessions); err != nil {
		t.Fatal(err)
	}
	variables, err := os.ReadFile(filepath.Join("..", "..", "..", "examples", "demo", "six.tfvars"))
	if err != nil {
		t.Fatal(err)
	}
	for _, session := range sessions {
		if !strings.Contains(string(variables), `"`+session.SessionID+`"`) {
			t.Errorf("the second apply does not wait for %s", session.SessionID)
		}
	}
}
