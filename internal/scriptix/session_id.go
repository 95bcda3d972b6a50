package scriptix

import (
	"errors"
	"strings"
	"unicode"
)

// ValidateSessionID refuses what cannot be a session's identifier and would change the request's path:
// an empty one, one with white space, control characters or a slash, and the path segments "." and "..".
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

// isUnprintable also catches what reorders or hides text on a terminal: format characters such as U+202E.
func isUnprintable(r rune) bool {
	return unicode.Is(unicode.C, r) || r == unicode.ReplacementChar
}
