package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

func checkField(where string, sessions []fields, assumed assumption, findings *table) {
	seen := map[string]int{}
	holds := true
	for _, session := range sessions {
		found := kindOf(session[assumed.field])
		seen[string(found)]++
		holds = holds && slices.Contains(assumed.kinds, found)
	}
	findings.add(where+", "+assumed.field, join(assumed.kinds), counted(seen), holds)
}

// counted lists what was seen, how often.
func counted(seen map[string]int) string {
	parts := make([]string, 0, len(seen))
	for _, name := range slices.Sorted(maps.Keys(seen)) {
		parts = append(parts, fmt.Sprintf("%s (%d)", name, seen[name]))
	}
	return strings.Join(parts, ", ")
}

func join(kinds []kind) string {
	words := make([]string, len(kinds))
	for i, one := range kinds {
		words[i] = string(one)
	}
	return strings.Join(words, ", ")
}
