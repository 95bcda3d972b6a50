package scriptixtest

import _ "embed"

// The examples of the API's page on session status, byte for byte.
var (
	// CompletedSessionJSON is the page's session object: the completed session abc123def456 with every field.
	//
	//go:embed contract/completed_session.json
	CompletedSessionJSON string

	// FailedSessionJSON is the page's failed session abc123def456. It has only five fields.
	//
	//go:embed contract/failed_session.json
	FailedSessionJSON string

	// NotFoundJSON is the body of the page's 404 answer for an unknown session.
	//
	//go:embed contract/not_found.json
	NotFoundJSON string

	// OpenAPI describes the contract in OpenAPI 3.1. It holds the three examples above.
	//
	//go:embed contract/openapi.yaml
	OpenAPI string
)
