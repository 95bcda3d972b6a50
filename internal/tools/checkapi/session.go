package main

import (
	"fmt"
	"slices"
	"strings"
)

// assumption is what the client takes a field of the session object to be.
type assumption struct {
	field string
	kinds []kind
}

// optional is a field that may be null or missing.
func optional(field string, kinds ...kind) assumption {
	return assumption{field, append(kinds, null, missing)}
}

func assumptions() []assumption {
	return []assumption{
		{"session_id", []kind{text}},
		{"status", []kind{text}},
		optional("id", integer),
		optional("filename", text, timestamp),
		optional("duration", integer, fraction),
		optional("language", text),
		optional("media_type", text),
		optional("media_url", text),
		optional("error", text),
		optional("created_at", timestamp),
		optional("started_at", timestamp),
		optional("finished_at", timestamp),
		optional("document", object),
		optional("session_mode", text),
		optional("custom_model_id", integer),
	}
}

// statuses are those of the API's page on session status, and those that other pages show.
func statuses() []string {
	return []string{"queued", "processing", "completed", "failed", "new", "created", "uploaded", "done"}
}

// checkSessions compares every field of every session. Values are never shown, only what kind they are.
func checkSessions(where string, sessions []fields, findings *table) {
	if len(sessions) == 0 {
		findings.notSeen(where+" sessions", "the fields of a session", "no sessions")
		return
	}
	known := map[string]bool{}
	for _, assumed := range assumptions() {
		known[assumed.field] = true
		checkField(where, sessions, assumed, findings)
	}
	checkWords(where+", status", "status", statuses(), sessions, findings)
	checkWords(where+", session_mode", "session_mode", []string{"decode", "align", "upload"}, sessions, findings)
	checkDocumentIDs(where, sessions, findings)
	checkConsistency(where, sessions, findings)
	checkAdditions(where, known, sessions, findings)
}

// checkWords compares the words in a field that has a fixed vocabulary.
func checkWords(subject, field string, assumed []string, sessions []fields, findings *table) {
	seen := map[string]int{}
	holds := true
	for _, session := range sessions {
		if kindOf(session[field]) != text {
			continue
		}
		found := plain(session[field])
		seen[word(found)]++
		holds = holds && slices.Contains(assumed, found)
	}
	if len(seen) > 0 {
		findings.add(subject, strings.Join(assumed, ", "), counted(seen), holds)
	}
}

// checkConsistency holds the fields that tell how far a session is against its status.
func checkConsistency(where string, sessions []fields, findings *table) {
	rules := []struct {
		assumed string
		holds   func(status string, has func(string) bool) bool
	}{
		{"error only when failed", func(status string, has func(string) bool) bool { return status == "failed" || !has("error") }},
		{"document only when completed", func(status string, has func(string) bool) bool { return status == "completed" || !has("document") }},
		{"finished_at only at the end", func(status string, has func(string) bool) bool { return !running(status) || !has("finished_at") }},
		{"started_at not while queued", func(status string, has func(string) bool) bool { return status != "queued" || !has("started_at") }},
	}
	for _, rule := range rules {
		breaches := 0
		for _, session := range sessions {
			if !rule.holds(plain(session["status"]), session.has) {
				breaches++
			}
		}
		findings.add(where+", consistency", rule.assumed, fmt.Sprintf("%d of %d do not", breaches, len(sessions)), breaches == 0)
	}
}

func (f fields) has(name string) bool {
	return !slices.Contains([]kind{null, missing}, kindOf(f[name]))
}

func running(status string) bool { return status == "queued" || status == "processing" }

func checkAdditions(where string, known map[string]bool, sessions []fields, findings *table) {
	added := map[string]int{}
	for _, session := range sessions {
		for name := range session {
			if !known[name] {
				added[word(name)]++
			}
		}
	}
	if len(added) > 0 {
		findings.note(where+", other fields", "none", counted(added))
	}
}
