package scriptix

// Oddity is a field of a session whose value has another type or form than the API's page promises. The field is nil
// then. An oddity never decides an outcome.
type Oddity struct {
	Field    string // such as "duration" or "document.id"
	Expected string // what the API's page promises, with its article: "a number"
	Kind     string // the JSON type that came, with its article: "a string"
	Value    string // the beginning of the string or number that came; empty for other types and for media_url
}
