package scriptix

import "net/http"

// NewTransport returns the transport of clients that have none of their own.
func NewTransport() *http.Transport {
	return newTransport().(*http.Transport) //nolint:forcetypeassert // tests replace no default
}
