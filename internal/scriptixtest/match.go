package scriptixtest

import "net/http"

// ForSession matches requests for the session with this ID.
func ForSession(sessionID string) func(*http.Request) bool {
	return func(r *http.Request) bool {
		return requestedSession(r) == sessionID
	}
}

// ForList matches every list request.
func ForList() func(*http.Request) bool {
	return isList
}

// ForListStatus matches list requests with this status filter, or without any for "".
func ForListStatus(status string) func(*http.Request) bool {
	return func(r *http.Request) bool {
		return isList(r) && r.URL.Query().Get("status") == status
	}
}

// ForOffset matches list requests for the page at this offset, in sessions. A request without an offset asks for offset 0.
func ForOffset(offset int) func(*http.Request) bool {
	return func(r *http.Request) bool {
		requested, err := number(r.URL.Query(), "offset", 0, 0)
		return isList(r) && err == nil && requested == offset
	}
}
