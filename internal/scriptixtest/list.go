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

// Paging. The API's public page gives the default and the maximum.
const (
	defaultLimit = 25
	maximumLimit = 100
)

// listBehavior is how lists behave, and how they differ from the sessions.
type listBehavior struct {
	lag            time.Duration
	ignoresStatus  bool
	ignoresOffset  bool
	abbreviates    bool
	hidesMedia     bool
	sorts          bool
	oldestFirst    bool
	maximum        int
	totalResultsOf func(actual int) int
}

// contractLists returns the default behavior of lists.
func contractLists() listBehavior {
	return listBehavior{
		maximum:        maximumLimit,
		totalResultsOf: func(actual int) int { return actual },
	}
}

// pageRequest is a request for a page, after all defaults and limits.
type pageRequest struct {
	token         string
	lag           time.Duration
	status        string // empty: any
	offset, limit int
	oldestFirst   bool
}

// list answers with one page of the sessions of a token.
//
// Three behaviors are choices. An offset or limit that is no count is a 400. A limit over the maximum means the maximum,
// which count shows. A status that the contract does not have finds only sessions with this very status.
func (a *API) list(token string, query url.Values) *answer {
	request, err := a.lists.read(query)
	if err != nil {
		return newErrorAnswer(http.StatusBadRequest, apiError{Error: "Bad Request", Message: err.Error()})
	}
	request.token = token
	page, total := a.sessions.page(time.Now(), request)
	texts := make([]string, len(page))
	for i, row := range page {
		texts[i] = a.rowText(row)
	}
	// encoding/json would reformat the exact texts, and fail for those that are no JSON.
	return newAnswer(http.StatusOK, fmt.Sprintf(`{"count":%d,"total_results":%d,"result":[%s]}`,
		len(page), a.lists.totalResultsOf(total), strings.Join(texts, ",")))
}

// read returns the page that a query asks for. An ignored parameter may have any value.
func (l listBehavior) read(query url.Values) (pageRequest, error) {
	offset, offsetErr := number(query, "offset", 0, 0)
	if l.ignoresOffset {
		offset, offsetErr = 0, nil
	}
	limit, limitErr := number(query, "limit", defaultLimit, 1)
	status := query.Get("status")
	if l.ignoresStatus {
		status = ""
	}
	return pageRequest{
		lag:    l.lag,
		status: status,
		offset: offset,
		limit:  min(limit, l.maximum),

		oldestFirst: l.oldestFirst || l.sorts && query.Get("sort") == "created_at" && query.Get("direction") == "asc",
	}, errors.Join(offsetErr, limitErr)
}

// number reads a query parameter that is a count.
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

// rowText returns the element of a list. An exact text is never abbreviated.
func (a *API) rowText(row row) string {
	session := row.session
	if session.JSON != "" {
		return session.JSON
	}
	if a.lists.abbreviates {
		return toJSON(session.abbreviatedAt(row.moment))
	}
	object := session.objectAt(row.moment, a.skew)
	if a.lists.hidesMedia {
		object.MediaURL = ""
	}
	return toJSON(object)
}
