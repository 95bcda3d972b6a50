package provider

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
	"github.com/scriptix/terraform-provider-scriptix/internal/wait"
)

// progressMessage returns the progress of a wait in one line: "3 of 5 finished, 2 processing, 40 s".
func progressMessage(progress wait.Progress) string {
	parts := []string{fmt.Sprintf("%d of %d finished", progress.Finished, progress.Finished+len(progress.Pending))}
	parts = append(parts, countedByStatus(progress.Pending)...)
	return strings.Join(append(parts, elapsed(progress.Waited)), ", ")
}

// countedByStatus returns the number of sessions of each status, the status nearest to the end first.
func countedByStatus(sessions []scriptix.Session) []string {
	numbers := map[scriptix.Status]int{}
	for i := range sessions {
		numbers[sessions[i].Status]++
	}
	nearness := []scriptix.Status{scriptix.StatusFailed, scriptix.StatusCompleted, scriptix.StatusProcessing, scriptix.StatusQueued}
	statuses := slices.SortedFunc(maps.Keys(numbers), func(a, b scriptix.Status) int {
		return cmp.Or(cmp.Compare(place(nearness, a), place(nearness, b)), cmp.Compare(a, b))
	})
	var parts []string
	for _, status := range statuses {
		parts = append(parts, fmt.Sprintf("%d %s", numbers[status], statusWord(status)))
	}
	return parts
}

// place returns the index of a status, or the number of statuses if it is not among them.
func place(statuses []scriptix.Status, status scriptix.Status) int {
	if at := slices.Index(statuses, status); at >= 0 {
		return at
	}
	return len(statuses)
}

// finishedMessage returns the end of a wait in one line: "5 of 5 finished, 1 failed, 1 min 10 s".
func finishedMessage(sessions []scriptix.Session, waited time.Duration) string {
	if len(sessions) == 0 {
		return "No session to wait for: session_ids is empty"
	}
	failed := 0
	for i := range sessions {
		if sessions[i].Outcome() == scriptix.Failed {
			failed++
		}
	}
	parts := []string{fmt.Sprintf("%d of %d finished", len(sessions), len(sessions))}
	if failed > 0 {
		parts = append(parts, fmt.Sprintf("%d failed", failed))
	}
	return strings.Join(append(parts, elapsed(waited)), ", ")
}

// elapsed returns a growing duration in few words: "40 s", "2 min 5 s", "1 h 2 min".
func elapsed(d time.Duration) string {
	seconds := int(d.Seconds())
	switch {
	case seconds < 60:
		return fmt.Sprintf("%d s", seconds)
	case seconds < 3600:
		return fmt.Sprintf("%d min %d s", seconds/60, seconds%60)
	}
	return fmt.Sprintf("%d h %d min", seconds/3600, seconds%3600/60)
}
