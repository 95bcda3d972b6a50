package main

import (
	"testing"
)

func TestCleanTakesChanceOut(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"listens at http://127.0.0.1:45295.":                        "listens at http://127.0.0.1:8080.",
		"complete [id=3d739aa9-7288-2c8a-0a9d-192712d739a3]":        "complete [id=f81d4fae-7dec-11d0-a765-00a0c91e6bf6]",
		"Read complete after 10s":                                   "Read complete after 10s",
		"board-meeting.mp3 Transcript (document 100001) 63 minutes": "board-meeting.mp3 Transcript (document 100001) 63 minutes",
	} {
		lines := []line{{runs: []run{{text: text}}}}
		clean(lines)
		if got := lines[0].runs[0].text; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestRevealsNothing(t *testing.T) {
	t.Parallel()
	folders := []string{"/home/somebody"}
	told := []line{{runs: []run{{text: "in /home/"}, {text: "somebody/work"}}}}
	if revealsNothing(told, folders) == nil {
		t.Error("a folder that is written in two styles went through")
	}
	if err := revealsNothing([]line{{runs: []run{{text: "in a temporary folder"}}}}, folders); err != nil {
		t.Error(err)
	}
}

func TestSecretsOfThisMachineHasTheCheckout(t *testing.T) {
	t.Parallel()
	for _, folder := range secretsOfThisMachine(".") {
		if folder == "" || folder == "/" {
			t.Errorf("%q would be found in every line with a path", folder)
		}
	}
}
