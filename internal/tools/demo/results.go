package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
)

// results are the outputs of examples/demo.
type results struct {
	Transcripts output[transcript] `json:"transcripts"`
	Failed      output[string]     `json:"failed"`
}

// output is one output as "terraform output -json" prints it: here always a map with a session each.
type output[T any] struct {
	Value map[string]T `json:"value"`
}

type transcript struct {
	Filename string  `json:"filename"`
	Minutes  float64 `json:"minutes"`
	Document string  `json:"document"`
}

func parseResults(text string) (results, error) {
	var parsed results
	if err := json.Unmarshal([]byte(text), &parsed); err != nil {
		return parsed, fmt.Errorf("reading Terraform's outputs: %w", err)
	}
	return parsed, nil
}

// table has a line for each session: first those with a transcript, then those without.
func (r results) table() string {
	var text strings.Builder
	table := tabwriter.NewWriter(&text, 0, 0, 3, ' ', 0)
	for _, id := range slices.Sorted(maps.Keys(r.Transcripts.Value)) {
		t := r.Transcripts.Value[id]
		fmt.Fprintf(table, "transcribed\t%s\t%.0f minutes\t%s\n", id, t.Minutes, t.Document)
	}
	for _, id := range slices.Sorted(maps.Keys(r.Failed.Value)) {
		fmt.Fprintf(table, "failed\t%s\t\t%s\n", id, r.Failed.Value[id])
	}
	// Writing to a strings.Builder does not fail.
	_ = table.Flush()
	return strings.TrimSuffix(text.String(), "\n")
}
