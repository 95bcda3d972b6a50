package scriptixtest

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

const sessionsPath = "/api/v3/speech-to-text/session"

// Paging. The API's public page gives the default and the maximum.
const (
	defaultLimit = 25
	maximumLimit = 100
)

// sessionIn is the id in the path of a session, unescaped.
func sessionIn(address *url.URL) (sessionID string, ok bool) {
	escaped, ok := strings.CutPrefix(address.EscapedPath(), sessionsPath+"/")
	if !ok || escaped == "" || strings.Contains(escaped, "/") {
		return "", false
	}
	sessionID, err := url.PathUnescape(escaped)
	return sessionID, err == nil
}

// requestedSession is the id of the session that a request reads, and empty for any other request.
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

// number reads a query parameter that counts something.
func number(query url.Values, name string, absent, smallest int) (int, error) {
	text := query.Get(name)
	if text == "" {
		return absent, nil
	}
	value, err := strconv.Atoi(text)
	if err != nil || value < smallest {
		return 0, fmt.Errorf("%s must be a whole number of at least %d", name, smallest)
	}
	return value, nil
}

// route answers a request that was let in.
//
// The contract knows two endpoints only. What the API answers elsewhere is unknown; 404 and 405 without an
// error_code are a choice.
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
		return a.single(sessionID)
	}
	return a.list(r.URL.Query())
}

// single answers with one session.
func (a *API) single(sessionID string) *answer {
	now := time.Now()
	session, found := a.sessions.get(sessionID, now)
	if !found {
		return newAnswer(http.StatusNotFound, NotFoundJSON)
	}
	text := session.textAt(now, a.skew)
	if session.JSON == "" {
		text = a.envelope.around(text)
	}
	return newAnswer(http.StatusOK, text)
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

// list answers with one page of sessions.
//
// Three choices: an offset or limit that is no count is a 400; a limit over the maximum is taken for the
// maximum, and count tells; and a status the contract does not name is compared like any other, so that
// nothing is found unless a session has just that status.
func (a *API) list(query url.Values) *answer {
	offset, offsetErr := number(query, "offset", 0, 0)
	limit, limitErr := number(query, "limit", defaultLimit, 1)
	if err := errors.Join(offsetErr, limitErr); err != nil {
		return newErrorAnswer(http.StatusBadRequest, apiError{Error: "Bad Request", Message: err.Error()})
	}
	status := query.Get("status")
	if a.ignoresStatusFilter {
		status = ""
	}
	moment := time.Now().Add(-a.listLag)
	page, total := a.sessions.page(moment, status, offset, min(limit, maximumLimit))
	texts := make([]string, len(page))
	for i, session := range page {
		texts[i] = session.textAt(moment, a.skew)
	}
	// Put together by hand: encoding/json would reformat the exact texts, and refuse those that are no JSON.
	return newAnswer(http.StatusOK, fmt.Sprintf(`{"count":%d,"total_results":%d,"result":[%s]}`,
		len(page), total, strings.Join(texts, ",")))
}
