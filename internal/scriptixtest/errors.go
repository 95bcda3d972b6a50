package scriptixtest

// Bodies of error answers in the shapes of the API's public pages, for use in a [Fault].
const (
	// KeyRevokedBody goes with 401, for a token that has been revoked.
	KeyRevokedBody = `{"error":"Unauthorized","message":"API key has been revoked","error_code":"KEY_REVOKED"}`
	// RateLimitedBody goes with 429. It asks for 60 seconds, as the public page does.
	RateLimitedBody = `{"error":"Rate Limit Exceeded","message":"Too many requests","error_code":"RATE_LIMIT_EXCEEDED","retry_after":60}`
	// DetailedErrorBody has all four members of the usual shape. It goes with 400.
	DetailedErrorBody = `{"error":"Bad Request","message":"Invalid request","error_code":"INVALID_REQUEST","details":{"field":"limit"}}`
	// NestedErrorBody has an object as "error". It goes with 422.
	NestedErrorBody = `{"error":{"code":422,"message":"Validation failed","details":{"field":"limit","issue":"must be at most 100"}}}`
	// DescriptionErrorBody explains itself in error_description.
	DescriptionErrorBody = `{"error":"invalid_request","error_description":"The request is not valid"}`
	// DetailErrorBody has only a detail.
	DetailErrorBody = `{"detail":"The request is not valid"}`
	// ProxyPage is the page of a proxy in front of the API. It goes with 502, 503, or 504.
	ProxyPage = `<!DOCTYPE html>
<html>
<head><title>503 Service Temporarily Unavailable</title></head>
<body><center><h1>503 Service Temporarily Unavailable</h1></center></body>
</html>
`
)

// apiError is the usual shape of the API's errors.
type apiError struct {
	Error      string `json:"error"`
	Message    string `json:"message"`
	ErrorCode  string `json:"error_code,omitempty"`
	RetryAfter int    `json:"retry_after,omitempty"` // seconds
}
