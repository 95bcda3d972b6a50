package scriptixtest

import "net/http"

// ForSession matches reading the session with this id.
func ForSession(sessionID string) func(*http.Request) bool {
	return func(r *http.Request) bool {
		return requestedSession(r) == sessionID
	}
}

// ForList matches every list request.
func ForList() func(*http.Request) bool {
	return isList
}

// ForListStatus matches list requests with this status filter; "" matches those that have none.
func ForListStatus(status string) func(*http.Request) bool {
	return func(r *http.Request) bool {
		return isList(r) && r.URL.Query().Get("status") == status
	}
}

// ForOffset matches list requests for the page at this offset, counted in sessions; a request without an
// offset asks for offset 0.
func ForOffset(offset int) func(*http.Request) bool {
	return func(r *http.Request) bool {
		requested, err := number(r.URL.Query(), "offset", 0, 0)
		return isList(r) && err == nil && requested == offset
	}
}
