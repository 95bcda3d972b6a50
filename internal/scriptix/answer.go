package scriptix

import "errors"

// answer is an answer with status 200. Nothing that it returns holds the token.
type answer struct {
	body        []byte
	contentType string
	token       Token
	attempts    int // how often the request was sent
}

// session returns the session with this ID. The error is an *AnswerError, or an *APIError if the answer holds an error of
// the API.
func (a *answer) session(sessionID string) (*Session, error) {
	session, err := decodeSession(a.body, a.token.redactor(), sessionID)
	if err != nil {
		return nil, a.explain(err)
	}
	return session, nil
}

// page returns a page of a list. Its errors are those of session.
func (a *answer) page() (decodedPage, error) {
	page, err := decodePage(a.body, a.token.redactor())
	if err != nil {
		return page, a.explain(err)
	}
	page.malformed = a.explain(page.malformed)
	return page, nil
}

// explain completes an error of the decoder. If the answer holds an error of the API, explain returns that instead,
// because it says more than which field is missing.
func (a *answer) explain(err error) error {
	problem, ok := errors.AsType[*AnswerError](err)
	if !ok {
		return err
	}
	if apiError := parseErrorWithin(a.body); apiError != nil {
		apiError.Attempts = a.attempts
		a.token.redactError(apiError)
		return apiError
	}
	problem.Value = cut(a.token.redact(problem.Value))
	if problem.NotJSON {
		problem.ContentType = cut(a.token.redact(a.contentType))
	}
	return problem
}
