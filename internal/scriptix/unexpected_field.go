package scriptix

// UnexpectedField is a field of a session whose value has another type or form than the API's page promises. The session
// has nil in this field. It never decides an outcome.
type UnexpectedField struct {
	Field    string // such as "duration" or "document.id"
	Expected string // what the API's page promises, with its article: "a number"
	Kind     string // the JSON type of the value, with its article: "a string"
	Value    string // the beginning of the string or number; empty for other types and for media_url
}
