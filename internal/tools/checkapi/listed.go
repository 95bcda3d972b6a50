package main

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// checkListed compares one finished session in the list with its own GET. The client expects a list item to lack fields,
// and never to contradict the GET. A media_url may be signed anew for each answer.
func checkListed(status string, listed, single fields, findings *table) {
	subject := "one " + status + " session, list and GET"
	const assumed = "equal, or the list lacks fields"
	var lacking, different []string
	names := maps.Clone(listed)
	maps.Copy(names, single)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		switch {
		case !listed.has(name) && single.has(name):
			lacking = append(lacking, word(name))
		case name != "media_url" && !equal(listed[name], single[name]):
			different = append(different, word(name))
		}
	}
	switch {
	case len(different) > 0:
		findings.add(subject, assumed, "different: "+strings.Join(different, ", "), false)
	case len(lacking) > 0:
		findings.note(subject, assumed, "the list lacks "+strings.Join(lacking, ", "))
	default:
		findings.add(subject, assumed, "equal", true)
	}
}

// equal compares values and not their texts. A missing value is null.
func equal(a, b json.RawMessage) bool {
	var left, right any
	if kindOf(a) != missing && json.Unmarshal(a, &left) != nil || kindOf(b) != missing && json.Unmarshal(b, &right) != nil {
		return false
	}
	return reflect.DeepEqual(left, right)
}
