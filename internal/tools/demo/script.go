package main

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"
)

// script is what the fake API plays.
//
//go:embed sessions.json
var script []byte

// scripted is the part of a session in the script that people are told about.
type scripted struct {
	SessionID  string `json:"session_id"`
	Filename   string `json:"filename"`
	Queued     string `json:"queued"`
	Processing string `json:"processing"`
	Error      string `json:"error"`
}

// describe tells what is going to happen to the sessions of a script, a line each.
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
		return fmt.Sprintf("will fail after %s", total), nil
	case total == 0:
		return "is ready at once", nil
	default:
		return fmt.Sprintf("will be ready after %s", total), nil
	}
}
