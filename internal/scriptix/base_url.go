package scriptix

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
)

// DefaultBaseURL is the base URL that the API's page gives.
const DefaultBaseURL = "https://api.scriptix.io"

// ParseBaseURL parses the address of the API. The address must be https, or http to a loopback address, because every
// request carries the token. A path is kept as a prefix. Credentials, a query, or a fragment are errors.
func ParseBaseURL(text string) (*url.URL, error) {
	base, err := url.Parse(text)
	if err == nil {
		// net/url parses some IPv6 zones that it then writes in a form it cannot parse.
		_, err = url.Parse(base.String())
	}
	if err != nil {
		return nil, errors.New("is not a URL")
	}
	if base.User != nil {
		return nil, errors.New("must not contain a user name or password")
	}
	if err := checkScheme(base); err != nil {
		return nil, err
	}
	if base.Hostname() == "" || strings.ContainsAny(base.Host, " \t\r\n") {
		return nil, errors.New(`must name a host, as in "` + DefaultBaseURL + `"`)
	}
	if base.RawQuery != "" || base.ForceQuery {
		return nil, errors.New("must not contain a query")
	}
	if base.Fragment != "" || strings.Contains(text, "#") {
		return nil, errors.New("must not contain a fragment")
	}
	return withoutTrailingSlash(base), nil
}

// withoutTrailingSlash removes trailing slashes. It keeps an escaped slash, which is part of a name.
func withoutTrailingSlash(base *url.URL) *url.URL {
	escaped := strings.TrimRight(base.EscapedPath(), "/")
	base.RawPath = escaped
	base.Path, _ = url.PathUnescape(escaped) // cannot fail: EscapedPath escapes well
	return base
}

func checkScheme(base *url.URL) error {
	switch {
	case base.Scheme == "https":
		return nil
	case base.Scheme == "http" && isLoopback(base.Hostname()):
		return nil
	case base.Scheme == "http":
		return errors.New("must be https, because plain http shows the token to the network; only loopback addresses may use http")
	case base.Scheme == "" || base.Opaque != "":
		return errors.New(`must begin with a scheme, as in "` + DefaultBaseURL + `"`)
	}
	return fmt.Errorf("must begin with https://, not %q", base.Scheme+"://")
}

func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
