package scriptixtest

import _ "embed"

// The examples of the API's own page on session status, byte for byte as they stand there.
var (
	// CompletedSessionJSON is the session object the page shows: a completed session, abc123def456, with
	// every field there is.
	//
	//go:embed contract/completed_session.json
	CompletedSessionJSON string

	// FailedSessionJSON is the page's failed session, abc123def456. It carries five fields only.
	//
	//go:embed contract/failed_session.json
	FailedSessionJSON string

	// NotFoundJSON is the body of the page's 404 answer for a session that is unknown.
	//
	//go:embed contract/not_found.json
	NotFoundJSON string

	// OpenAPI describes the contract in OpenAPI 3.1. It holds the three examples above.
	//
	//go:embed contract/openapi.yaml
	OpenAPI string
)
