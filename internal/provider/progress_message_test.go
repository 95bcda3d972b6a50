package provider

import (
	"testing"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
	"github.com/scriptix/terraform-provider-scriptix/internal/wait"
)

func inStatuses(statuses ...scriptix.Status) []scriptix.Session {
	var sessions []scriptix.Session
	for _, status := range statuses {
		sessions = append(sessions, scriptix.Session{SessionID: "abc", Status: status})
	}
	return sessions
}

func TestProgressIsToldInOneLine(t *testing.T) {
	tests := map[string]struct {
		progress wait.Progress
		want     string
	}{
		"some finished": {
			wait.Progress{Finished: 3, Pending: inStatuses("processing", "processing"), Waited: 40 * time.Second},
			"3 of 5 finished, 2 processing, 40 s",
		},
		"some queued, the ones nearer to the end first": {
			wait.Progress{Pending: inStatuses("queued", "processing", "queued"), Waited: 100 * time.Second},
			"0 of 3 finished, 1 processing, 2 queued, 1 min 40 s",
		},
		"words nobody documented": {
			wait.Progress{Pending: inStatuses("uploaded", "new", "queued", "up\x1bloaded"), Waited: time.Hour + 125*time.Second},
			`0 of 4 finished, 1 queued, 1 "new", 1 "up\x1bloaded", 1 "uploaded", 1 h 2 min`,
		},
		"finished in a list that leaves out the rest": {
			wait.Progress{Pending: inStatuses("completed", "processing", "failed"), Waited: 999 * time.Millisecond},
			"0 of 3 finished, 1 failed, 1 completed, 1 processing, 0 s",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := progressMessage(test.progress); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestTheEndIsToldInOneLine(t *testing.T) {
	tests := map[string]struct {
		sessions []scriptix.Session
		want     string
	}{
		"all well":    {inStatuses("completed", "completed"), "2 of 2 finished, 59 s"},
		"some failed": {inStatuses("completed", "failed", "failed"), "3 of 3 finished, 2 failed, 59 s"},
		"none":        {nil, "No session to wait for: session_ids is empty"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := finishedMessage(test.sessions, 59900*time.Millisecond); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}
