package main

import (
	"bytes"
	"encoding/json"
	"strconv"
	"time"
)

// kind is what a JSON value is, as far as the client cares.
type kind string

const (
	missing   kind = "missing"
	null      kind = "null"
	text      kind = "text"
	timestamp kind = "timestamp"
	integer   kind = "integer"
	fraction  kind = "fraction"
	object    kind = "object"
	array     kind = "array"
	boolean   kind = "boolean"
)

func kindOf(value json.RawMessage) kind {
	value = bytes.TrimSpace(value)
	if len(value) == 0 {
		return missing
	}
	switch value[0] {
	case 'n':
		return null
	case 't', 'f':
		return boolean
	case '{':
		return object
	case '[':
		return array
	case '"':
		return kindOfText(value)
	}
	if _, err := strconv.ParseInt(string(value), 10, 64); err == nil {
		return integer
	}
	return fraction
}

func kindOfText(value json.RawMessage) kind {
	if _, err := time.Parse(time.RFC3339, plain(value)); err == nil {
		return timestamp
	}
	return text
}

// plain is a JSON string's text, and empty for any other value.
func plain(value json.RawMessage) string {
	var result string
	if json.Unmarshal(value, &result) != nil {
		return ""
	}
	return result
}

// whole is a JSON integer, and -1 for any other value.
func whole(value json.RawMessage) int {
	number, err := strconv.Atoi(string(value))
	if err != nil {
		return -1
	}
	return number
}
