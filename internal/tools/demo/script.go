package main

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"
)

// script is what happens to the sessions of the fake API.
//
//go:embed sessions.json
var script []byte

// scripted is the part of a session in the script that the demo shows.
type scripted struct {
	SessionID  string `json:"session_id"`
	Filename   string `json:"filename"`
	Queued     string `json:"queued"`
	Processing string `json:"processing"`
	Error      string `json:"error"`
}

// describe says what will happen to each session of a script, one line for each.
func describe(script []byte) (string, error) {
	var sessions []scripted
	if err := json.Unmarshal(script, &sessions); err != nil {
		return "", fmt.Errorf("reading the script: %w", err)
	}
	var text strings.Builder
	table := tabwriter.NewWriter(&text, 0, 0, 3, ' ', 0)
	for _, session := range sessions {
		fate, err := session.fate()
		if err != nil {
			return "", err
		}
		fmt.Fprintf(table, "%s\t%s\t%s\n", session.SessionID, session.Filename, fate)
	}
	// Writing to a strings.Builder does not fail.
	_ = table.Flush()
	return strings.TrimSuffix(text.String(), "\n"), nil
}

func (s scripted) fate() (string, error) {
	queued, err := time.ParseDuration(s.Queued)
	if err != nil {
		return "", fmt.Errorf("the script's session %s: %w", s.SessionID, err)
	}
	processing, err := time.ParseDuration(s.Processing)
	if err != nil {
		return "", fmt.Errorf("the script's session %s: %w", s.SessionID, err)
	}
	switch total := queued + processing; {
	case s.Error != "":
		return fmt.Sprintf("fails after %s", total), nil
	case total == 0:
		return "has completed", nil
	default:
		return fmt.Sprintf("completes after %s", total), nil
	}
}
