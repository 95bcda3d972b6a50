package scriptix

import (
	"errors"
	"strings"
	"unicode"
)

// ValidateSessionID returns an error if a text cannot be the ID of a session, because it would change the path of the
// request: it is empty, "." or "..", or it has white space, control characters, or slashes.
func ValidateSessionID(sessionID string) error {
	if sessionID == "" {
		return errors.New("must not be empty")
	}
	if sessionID == "." || sessionID == ".." {
		return errors.New(`must not be "." or "..", which are parts of a path`)
	}
	if strings.ContainsAny(sessionID, `/\`) {
		return errors.New("must not contain a slash")
	}
	if strings.ContainsFunc(sessionID, unicode.IsSpace) {
		return errors.New("must not contain white space")
	}
	if strings.ContainsFunc(sessionID, isUnprintable) {
		return errors.New("must not contain control characters")
	}
	return nil
}

// errTokenAsID says that a session ID holds the API token, for example because two variables were swapped. It repeats neither.
var errTokenAsID = errors.New("must not contain the API token")

// CheckSessionIDs returns an error if the client must not send a request for one of the sessions. Requests, their log, and
// errors about them name the session, so none of them may hold the token.
func (c *Client) CheckSessionIDs(sessionIDs ...string) error {
	for _, sessionID := range sessionIDs {
		if c.config.Token.redact(sessionID) != sessionID {
			return errTokenAsID
		}
	}
	return nil
}

// isUnprintable reports whether a character is a control character, or a format character such as U+202E, which reorders
// or hides text on a terminal.
func isUnprintable(r rune) bool {
	return unicode.Is(unicode.C, r) || r == unicode.ReplacementChar
}
