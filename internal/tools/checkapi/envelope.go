package main

import "encoding/json"

// page reads a page of the list, as far as it is one.
func page(reply *answer) (envelope fields, sessions []fields) {
	if json.Unmarshal(reply.body, &envelope) != nil || json.Unmarshal(envelope["result"], &sessions) != nil {
		return envelope, nil
	}
	return envelope, sessions
}

// unwrap returns the session that an answer holds, and nil if it holds none.
func unwrap(reply *answer) (session fields, wrapped bool) {
	if json.Unmarshal(reply.body, &session) != nil {
		return nil, false
	}
	if _, flat := session["session_id"]; flat {
		return session, false
	}
	var inner fields
	if json.Unmarshal(session["result"], &inner) != nil {
		return nil, false
	}
	return inner, true
}
