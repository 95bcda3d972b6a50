package scriptixtest

import (
	"net/http"
	"net/url"
	"strings"
	"time"
)

const sessionsPath = "/api/v3/speech-to-text/session"

// sessionIn returns the unescaped ID in the path of a session.
func sessionIn(address *url.URL) (sessionID string, ok bool) {
	escaped, ok := strings.CutPrefix(address.EscapedPath(), sessionsPath+"/")
	if !ok || escaped == "" || strings.Contains(escaped, "/") {
		return "", false
	}
	sessionID, err := url.PathUnescape(escaped)
	return sessionID, err == nil
}

// requestedSession returns the ID of the session that a request reads; "" for any other request.
func requestedSession(r *http.Request) string {
	sessionID, ok := sessionIn(r.URL)
	if !ok || r.Method != http.MethodGet {
		return ""
	}
	return sessionID
}

func isList(r *http.Request) bool {
	return r.Method == http.MethodGet && r.URL.Path == sessionsPath
}

// route answers a request that was admitted.
//
// The contract has only two endpoints. It is unknown what the API answers elsewhere. 404 and 405 without an error_code are
// a choice.
func (a *API) route(r *http.Request) *answer {
	sessionID, single := sessionIn(r.URL)
	switch {
	case !single && r.URL.Path != sessionsPath:
		return newErrorAnswer(http.StatusNotFound, apiError{Error: "Not Found", Message: "No such endpoint"})
	case r.Method != http.MethodGet:
		reply := newErrorAnswer(http.StatusMethodNotAllowed, apiError{Error: "Method Not Allowed", Message: "Use GET"})
		reply.header.Set("Allow", http.MethodGet)
		return reply
	case single:
		return a.single(tokenOf(r), sessionID)
	}
	return a.list(tokenOf(r), r.URL.Query())
}

// single answers with one session. A session of another token is not found, as one that does not exist.
func (a *API) single(token, sessionID string) *answer {
	now := time.Now()
	session, found := a.sessions.get(sessionID, now)
	if !found || session.Token != token {
		return newAnswer(http.StatusNotFound, NotFoundJSON)
	}
	if session.JSON != "" {
		return newAnswer(http.StatusOK, session.JSON)
	}
	return newAnswer(http.StatusOK, a.envelope.around(toJSON(session.objectAt(now, a.skew))))
}

func (e Envelope) around(session string) string {
	switch e {
	case Wrapped:
		return `{"result":` + session + `}`
	case WrappedWithCount:
		return `{"count":1,"total_results":1,"result":` + session + `}`
	case Flat:
	}
	return session
}
