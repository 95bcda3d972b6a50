package scriptixtest

// MalformedItems returns list items that break the contract. Each is valid JSON, so that the list around it can be read. To
// list one, add a [Session] with its text as JSON, and CreatedAt for its place. Without a SessionID, nobody can read it by
// ID.
//
// An item with a string as its status also appears in lists with that filter. The others appear only in unfiltered lists.
// No page of the API shows such items. It is a choice that they exist, and which filters they match.
func MalformedItems() []string {
	return []string{
		`{"id":900001,"status":"completed","filename":"no-session-id.mp3"}`,
		`{"id":900002,"session_id":null,"status":"queued","filename":"null-session-id.mp3"}`,
		`{"id":900003,"session_id":900003,"status":"processing","filename":"number-for-session-id.mp3"}`,
		`{"id":900004,"session_id":"","status":"failed","filename":"empty-session-id.mp3"}`,
		`{"id":900005,"session_id":"no-status","filename":"no-status.mp3"}`,
		`{"id":900006,"session_id":"null-status","status":null,"filename":"null-status.mp3"}`,
		`{"id":900007,"session_id":"number-for-status","status":4,"filename":"number-for-status.mp3"}`,
		`{}`,
		`null`,
		`"no object"`,
		`[]`,
		`7`,
	}
}
