package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// chance is what differs from one recording to the next, and what stands there instead.
var chance = []struct {
	pattern *regexp.Regexp
	text    string
}{
	{regexp.MustCompile(`127\.0\.0\.1:\d+`), "127.0.0.1:8080"},
	{regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`), "f81d4fae-7dec-11d0-a765-00a0c91e6bf6"},
}

// clean puts something fixed where chance had its way.
func clean(lines []line) {
	for _, line := range lines {
		for i := range line.runs {
			for _, c := range chance {
				line.runs[i].text = c.pattern.ReplaceAllString(line.runs[i].text, c.text)
			}
		}
	}
}

// secretsOfThisMachine are the folders that nobody else should read about.
func secretsOfThisMachine(checkout string) []string {
	folders := []string{filepath.Clean(os.TempDir()) + string(filepath.Separator)}
	if home, err := os.UserHomeDir(); err == nil {
		folders = append(folders, home)
	}
	if absolute, err := filepath.Abs(checkout); err == nil {
		folders = append(folders, absolute)
	}
	return folders
}

// revealsNothing refuses a recording that names one of the folders.
func revealsNothing(lines []line, folders []string) error {
	for _, line := range lines {
		var text strings.Builder
		for _, run := range line.runs {
			text.WriteString(run.text)
		}
		for _, folder := range folders {
			if strings.Contains(text.String(), folder) {
				return fmt.Errorf("a line names a folder of this machine: %s", text.String())
			}
		}
	}
	return nil
}
