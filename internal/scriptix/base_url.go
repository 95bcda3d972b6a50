package scriptix

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
)

// DefaultBaseURL is where the API's page says the API is.
const DefaultBaseURL = "https://api.scriptix.io"

// ParseBaseURL reads the address of the API. It must be https, or http to a loopback address, since
// every request carries the token. A path is kept as a prefix; credentials, a query and a fragment are refused.
func ParseBaseURL(text string) (*url.URL, error) {
	base, err := url.Parse(text)
	if err == nil {
		// net/url reads some IPv6 zones that it writes in a way it cannot read.
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

// withoutTrailingSlash leaves a slash that is escaped, which is a part of a name.
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
		return errors.New("must be https: over plain http the token could be read on its way; http is accepted for loopback addresses only")
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
