package main

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// Outcomes of a test, as go test names them.
const (
	passed  = "pass"
	skipped = "skip"
)

// Attributes that the acceptance tests give themselves.
const (
	usesCLI = "cli"
	lacking = "lacks"
)

// results are those of one run of go test, by the name of the test.
type results struct {
	outcomes map[string]string
	outputs  map[string]string // of the package, too, whose name is empty
	withCLI  map[string]bool   // whether the test has asked for a CLI
	parents  map[string]bool   // whether the test has subtests
	lacks    []string          // what the CLI lacks
}

// readResults reads what "go test -json" prints: https://pkg.go.dev/cmd/test2json
func readResults(text string) results {
	read := results{map[string]string{}, map[string]string{}, map[string]bool{}, map[string]bool{}, nil}
	for line := range strings.Lines(text) {
		var event struct{ Action, Test, Key, Value, Output string }
		if json.Unmarshal([]byte(line), &event) != nil {
			event.Output = line // the go command itself
		}
		for _, parent := range ancestors(event.Test) {
			read.parents[parent] = true
		}
		read.outputs[event.Test] += event.Output
		switch event.Action {
		case passed, skipped, "fail":
			read.outcomes[event.Test] = event.Action
		case "attr":
			read.withCLI[event.Test] = read.withCLI[event.Test] || event.Key == usesCLI
			if event.Key == lacking {
				read.lacks = append(read.lacks, event.Value)
			}
		}
	}
	return read
}

// ancestors returns the names of the tests of which this is a subtest.
func ancestors(test string) []string {
	var found []string
	for i, letter := range test {
		if letter == '/' {
			found = append(found, test[:i])
		}
	}
	return found
}

// with returns the sorted names of the tests with this outcome that asked for a CLI. A test with subtests is not one of
// them: its subtests are.
func (r results) with(outcome string) []string {
	var found []string
	for test, got := range r.outcomes {
		usesCLI := r.withCLI[test] || slices.ContainsFunc(ancestors(test), func(parent string) bool { return r.withCLI[parent] })
		if got == outcome && usesCLI && !r.parents[test] {
			found = append(found, test)
		}
	}
	slices.Sort(found)
	return found
}

// shown returns what go test prints without -v: the output of what has failed or never ended, and of the package.
func (r results) shown() string {
	var shown strings.Builder
	for _, test := range slices.Sorted(maps.Keys(r.outputs)) {
		if outcome := r.outcomes[test]; test != "" && outcome != passed && outcome != skipped {
			shown.WriteString(r.outputs[test])
		}
	}
	return shown.String() + r.outputs[""]
}
