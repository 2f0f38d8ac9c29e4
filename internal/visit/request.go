package visit

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/http/httpguts"
)

// Request is what a visitor sends, and what the edge knows of the visitor.
type Request struct {
	Method  string      `json:"method"`
	URL     *url.URL    `json:"-"`
	Address string      `json:"url"` // URL as text
	Version string      `json:"version"`
	Headers http.Header `json:"headers"`
	Body    []byte      `json:"-"`

	// Viewer is the visitor's address, and Country where it is.
	Viewer  netip.Addr `json:"viewer"`
	Country string     `json:"country"`
	// Recent is how many requests of its kind the address has sent within the window of a limit.
	Recent int `json:"recent"`
	// Matched are rules of managed groups that are taken to match, beside those that are seen to:
	// the lists of addresses are AWS's own.
	Matched []string `json:"matched,omitempty"`
}

// ErrRequest is returned for what is no request.
var ErrRequest = errors.New("this is no request")

var versions = []string{"HTTP/1.0", "HTTP/1.1", "HTTP/2", "HTTP/3"}

// NewRequest is a request of an unknown visitor in Japan. Each header is "Name: value"; a Host
// header takes the place of the URL's host, and an empty one leaves it out. It refuses, with
// ErrRequest, a method or header that HTTP does not know and a URL that is not absolute.
func NewRequest(method, address string, headers []string, body []byte) (*Request, error) {
	refuse := func(what, found, want string) error {
		return fmt.Errorf("%w: %s: found %q, want %s", ErrRequest, what, found, want)
	}
	if !httpguts.ValidHeaderFieldName(method) || method != strings.ToUpper(method) {
		return nil, refuse("method", method, "a word in capitals such as GET")
	}
	at, err := url.Parse(address)
	if err != nil || at.Host == "" || (at.Scheme != "http" && at.Scheme != "https") {
		return nil, refuse("URL", address, "an absolute one such as https://www.example.com/path")
	}
	if at.User != nil || at.Fragment != "" {
		return nil, refuse("URL", address, "one without user, password and fragment: no client sends them")
	}
	if at.Path == "" {
		at.Path = "/"
	}
	r := &Request{
		Method:  method,
		URL:     at,
		Address: at.String(),
		Version: "HTTP/2",
		Headers: http.Header{},
		Body:    body,
		Viewer:  netip.MustParseAddr("192.0.2.1"),
		Country: "JP",
	}
	r.Headers.Set("Host", at.Host)
	seen := map[string]bool{}
	for _, header := range headers {
		name, value, ok := strings.Cut(header, ":")
		value = strings.TrimSpace(value)
		if !ok || !httpguts.ValidHeaderFieldName(name) || !httpguts.ValidHeaderFieldValue(value) {
			return nil, refuse("header", header, `"Name: value", without a line break`)
		}
		key := http.CanonicalHeaderKey(name)
		if key == "Host" && seen[key] {
			return nil, refuse("header", header, "one Host")
		}
		if key == "Host" {
			r.Headers.Del(key)
		}
		seen[key] = true
		r.Headers.Add(key, value)
	}
	if !seen["User-Agent"] {
		r.Headers.Set("User-Agent", "Mozilla/5.0")
	}
	if len(body) > 0 && !seen["Content-Length"] && !seen["Transfer-Encoding"] {
		r.Headers.Set("Content-Length", fmt.Sprint(len(body)))
	}
	if r.Headers.Get("User-Agent") == "" {
		r.Headers.Del("User-Agent")
	}
	return r, nil
}

// Speak sets the version of HTTP.
func (r *Request) Speak(version string) error {
	if !slices.Contains(versions, version) {
		return fmt.Errorf("%w: version: found %q, want one of %v", ErrRequest, version, versions)
	}
	r.Version = version
	return nil
}

// Match takes rules of managed groups for ones that match. It refuses, with ErrRequest, a name that
// no group has.
func (r *Request) Match(rules ...string) error {
	for _, name := range rules {
		if !isManagedRule(name) {
			return fmt.Errorf("%w: matched: found %q, want a rule of a managed group, such as HostingProviderIPList",
				ErrRequest, name)
		}
	}
	r.Matched = rules
	return nil
}

// From sets where the visitor is.
func (r *Request) From(address, country string) error {
	viewer, err := netip.ParseAddr(address)
	if err != nil || viewer.Is4In6() || viewer.Zone() != "" {
		return fmt.Errorf("%w: address: found %q, want one of IPv4 or IPv6", ErrRequest, address)
	}
	if len(country) != 2 || country != strings.ToUpper(country) {
		return fmt.Errorf("%w: country: found %q, want two capital letters such as JP", ErrRequest, country)
	}
	r.Viewer, r.Country = viewer, country
	return nil
}

// host is the name that the request is for, in lower case and without a port.
func (r *Request) host() string {
	name, _, _ := strings.Cut(strings.ToLower(r.Headers.Get("Host")), ":")
	return name
}

// upgrades says whether the request asks for a WebSocket.
func (r *Request) upgrades() bool {
	return strings.EqualFold(r.Headers.Get("Upgrade"), "websocket") && r.Version == "HTTP/1.1"
}

// names are the names of headers, in order.
func names(headers http.Header) []string { return slices.Sorted(maps.Keys(headers)) }
