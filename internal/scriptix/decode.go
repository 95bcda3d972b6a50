package scriptix

import (
	"encoding/json"
	"fmt"
)

// decodePage reads the answer of the list endpoint. An error is always an *AnswerError.
func decodePage(body []byte) (*Page, error) {
	var answer struct {
		TotalResults *int64             `json:"total_results"`
		Result       *[]json.RawMessage `json:"result"`
	}
	if err := decodeJSON(body, &answer); err != nil {
		return nil, err
	}
	if answer.TotalResults == nil {
		return nil, &AnswerError{Field: "total_results", Problem: "is missing"}
	}
	if *answer.TotalResults < 0 {
		return nil, &AnswerError{Field: "total_results", Problem: "is negative"}
	}
	if answer.Result == nil {
		return nil, &AnswerError{Field: "result", Problem: "is missing"}
	}
	page := &Page{Items: len(*answer.Result), TotalResults: *answer.TotalResults}
	for place, item := range *answer.Result {
		var session Session
		err := decodeJSON(item, &session)
		if err == nil {
			err = session.check()
		}
		if err == nil {
			page.Sessions, page.places = append(page.Sessions, session), append(page.places, place)
		} else if page.Malformed == nil {
			page.Malformed = fmt.Errorf("result[%d]: %w", place, err)
		}
	}
	return page, nil
}
