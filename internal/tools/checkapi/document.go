package main

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

const (
	// deepestField bounds how deep the shape of a document is shown: below it are the words that people said.
	deepestField = 4
	// mostFields bounds the fields of an object that are shown: one with more is a table, and its names are content.
	mostFields = 30
)

// checkDocumentIDs reports the types of document.id. The client takes numbers and texts.
func checkDocumentIDs(where string, sessions []fields, findings *table) {
	const field = "document.id"
	var documents []fields
	for _, session := range sessions {
		var document fields
		if json.Unmarshal(session["document"], &document) == nil && document != nil {
			documents = append(documents, fields{field: document["id"]})
		}
	}
	if len(documents) == 0 {
		findings.notSeen(where+", "+field, string(integer), "no documents")
		return
	}
	checkField(where, documents, assumption{field, []kind{integer, text}}, findings)
}

// checkDocument reads the document of a completed session, at the address that the API's page on documents names. The
// client does not read documents. Names and types of fields are shown, and never a value.
func checkDocument(ctx context.Context, api *reader, all []fields, findings *table) error {
	const subject = "document"
	at := slices.IndexFunc(all, func(session fields) bool { return plain(session["status"]) == "completed" })
	if at < 0 {
		findings.notSeen(subject, "nothing", "no completed session")
		return nil
	}
	sessionID := plain(all[at]["session_id"])
	reply, err := api.session(ctx, sessionID)
	if err != nil {
		return err
	}
	session, _ := unwrap(reply)
	documentID := idOfDocument(session)
	if documentID == "" {
		findings.notSeen(subject, "nothing", "no document.id")
		return nil
	}
	reply, err = api.document(ctx, sessionID, documentID)
	if err != nil {
		return err
	}
	if reply.status != http.StatusOK || !json.Valid(reply.body) {
		findings.note(subject, "nothing", "status "+strconv.Itoa(reply.status)+", no document in JSON")
		return nil
	}
	shape := map[string]map[string]int{}
	addShape(subject, reply.body, 0, shape)
	for _, path := range slices.Sorted(maps.Keys(shape)) {
		findings.note(path, "nothing", counted(shape[path]))
	}
	return nil
}

// idOfDocument is the ID as it stands in a path, and empty if there is none.
func idOfDocument(session fields) string {
	var document fields
	if json.Unmarshal(session["document"], &document) != nil {
		return ""
	}
	if kindOf(document["id"]) == integer {
		return string(document["id"])
	}
	return plain(document["id"])
}

// addShape counts the types of a value, and of the fields and elements in it, by their paths.
func addShape(path string, value json.RawMessage, depth int, shape map[string]map[string]int) {
	if shape[path] == nil {
		shape[path] = map[string]int{}
	}
	found := kindOf(value)
	shape[path][string(found)]++
	if depth == deepestField {
		return
	}
	var members fields
	if found == object && json.Unmarshal(value, &members) == nil && len(members) <= mostFields {
		for name, member := range members {
			addShape(path+"."+fieldName(name), member, depth+1, shape)
		}
	}
	var elements []json.RawMessage
	if found == array && json.Unmarshal(value, &elements) == nil {
		for _, element := range elements {
			addShape(path+"[]", element, depth+1, shape)
		}
	}
}

// fieldName shows a name only if it looks like one that a program chose: a person's name may be a field as well.
func fieldName(name string) string {
	if strings.Contains(name, " ") || strings.IndexFunc(name, unicode.IsUpper) == 0 {
		return "(a name of " + strconv.Itoa(len(name)) + " bytes)"
	}
	return word(name)
}
