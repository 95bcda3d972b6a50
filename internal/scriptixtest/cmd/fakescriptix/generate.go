package main

import (
	"fmt"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
)

// failures are the error messages of the API's page on session status.
var failures = []string{
	"Audio format could not be decoded",
	"Audio file is too short",
	"Language detection failed",
	"Processing timeout",
}

// generate returns sessions, the same for the same arguments. Their lengths range evenly from zero to pace, a quarter of it
// in the queue. The failures are spread evenly among them.
func generate(count, failed int, pace time.Duration) []scriptixtest.Session {
	sessions := make([]scriptixtest.Session, 0, count)
	for i := range count {
		total := spread(i, count, pace)
		sessions = append(sessions, scriptixtest.Session{
			SessionID:  fmt.Sprintf("session-%04d", i+1),
			Filename:   fmt.Sprintf("recording-%04d.mp3", i+1),
			Queued:     total / 4,
			Processing: total - total/4,
			Error:      failure(i, count, failed),
		})
	}
	return sessions
}

// spread returns the length of the session at index. A single session takes all of pace.
func spread(index, count int, pace time.Duration) time.Duration {
	if count == 1 {
		return pace
	}
	return time.Duration(float64(pace) * float64(index) / float64(count-1))
}

// failure returns the error of the session at index; "" if it completes.
func failure(index, count, failed int) string {
	before, after := index*failed/count, (index+1)*failed/count
	if before == after {
		return ""
	}
	return failures[before%len(failures)]
}
