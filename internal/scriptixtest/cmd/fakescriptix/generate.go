package main

import (
	"fmt"
	"time"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptixtest"
)

// failures are the error texts of the API's page on session status.
var failures = []string{
	"Audio format could not be decoded",
	"Audio file is too short",
	"Language detection failed",
	"Processing timeout",
}

// generate makes sessions, the same ones every time: spread evenly from one that has finished at once to one
// that takes the whole pace, a quarter of it in the queue, and with the failures spread evenly among them.
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

// spread is the share of pace that the session at index takes. A session on its own takes all of it.
func spread(index, count int, pace time.Duration) time.Duration {
	if count == 1 {
		return pace
	}
	return time.Duration(float64(pace) * float64(index) / float64(count-1))
}

// failure is the error of the session at index, and empty when it is not one of those that fail.
func failure(index, count, failed int) string {
	before, after := index*failed/count, (index+1)*failed/count
	if before == after {
		return ""
	}
	return failures[before%len(failures)]
}
