package edge

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/dop251/goja"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// passHash is of the pass "let me in", by another tool: printf %s "let me in" | sha256sum.
const passHash = "992db5e2595725ef68eb5066e014da8c7f6baca0afa96f1021b56b66782133f2"

func codeOf(t *testing.T, change func(*DistributionConfig)) string {
	t.Helper()
	c := validConfig().Distribution
	if change != nil {
		change(&c)
	}
	code, err := viewerCode(c, "example.com", nil, "/api/health")
	require.NoError(t, err)
	return code
}

func closedSite(c *DistributionConfig) { c.Maintenance.Closed, c.Maintenance.PassHash = true, passHash }

// run calls the function as CloudFront does: with one event, for the request or the response that
// it returns.
func run(t *testing.T, code, event string) map[string]any {
	t.Helper()
	vm := goja.New()
	require.NoError(t, vm.Set("require", func(name string) any {
		require.Equal(t, "crypto", name)
		return map[string]any{"createHash": func(algorithm string) any {
			require.Equal(t, "sha256", algorithm)
			return &hash{}
		}}
	}))
	vm.SetFieldNameMapper(goja.UncapFieldNameMapper())
	_, err := vm.RunString(code)
	require.NoError(t, err)
	result, err := vm.RunString("handler(" + event + ")")
	require.NoError(t, err)
	out, ok := result.Export().(map[string]any)
	require.True(t, ok)
	return out
}

// hash is what crypto.createHash returns.
type hash struct{ text string }

func (h *hash) Update(text string) *hash { return &hash{h.text + text} }

func (h *hash) Digest(encoding string) string {
	sum := sha256.Sum256([]byte(h.text))
	if encoding != "hex" {
		return ""
	}
	return hex.EncodeToString(sum[:])
}

func TestRequestsForTheSitePassUnchanged(t *testing.T) {
	got := run(t, codeOf(t, nil),
		`{request: {method: 'GET', uri: '/a', querystring: {q: {value: '1'}}, headers: {host: {value: `+
			`'WWW.example.com'}}}}`)
	assert.Equal(t, map[string]any{
		"method": "GET", "uri": "/a", "querystring": map[string]any{"q": map[string]any{"value": "1"}},
		"headers": map[string]any{"host": map[string]any{"value": "WWW.example.com"}},
	}, got)
}

func TestRequestsForFurtherNamesPass(t *testing.T) {
	const asked = `{request: {method: 'GET', uri: '/a', querystring: {}, headers: {host: {value: 'Admin.example.com'}}}}`
	open := validConfig().Distribution
	code, err := viewerCode(open, "example.com", []Domain{"admin.example.com"}, "/api/health")
	require.NoError(t, err)
	assert.Equal(t, "/a", run(t, code, asked)["uri"])
	assert.EqualValues(t, 301, run(t, codeOf(t, nil), asked)["statusCode"], "without the name")
	closedSite(&open)
	code, err = viewerCode(open, "example.com", []Domain{"admin.example.com"}, "/api/health")
	require.NoError(t, err)
	assert.EqualValues(t, 503, run(t, code, asked)["statusCode"], "they are closed with the site")
}

func TestEveryOtherNameRedirects(t *testing.T) {
	for name, c := range map[string]struct {
		event    string
		status   int64
		location string
	}{
		"the apex": {
			`{request: {method: 'GET', uri: '/', querystring: {}, headers: {host: {value: 'example.com'}}}}`,
			301, "https://www.example.com/",
		},
		"the distribution's own name": {
			`{request: {method: 'HEAD', uri: '/a/b', querystring: {}, headers: {host: {value: ` +
				`'d111.cloudfront.net'}}}}`,
			301, "https://www.example.com/a/b",
		},
		"a query keeps its order, its escapes and its empty values": {
			`{request: {method: 'GET', uri: '/s', headers: {host: {value: 'example.com'}},
			  querystring: {q: {value: 'a%20b'}, flag: {value: ''}, t: {value: '1', multiValue: [{value: '1'}, {value: '2'}]}}}}`,
			301, "https://www.example.com/s?q=a%20b&flag&t=1&t=2",
		},
		"a form keeps its method": {
			`{request: {method: 'POST', uri: '/api/x', querystring: {}, headers: {host: {value: 'example.com'}}}}`,
			308, "https://www.example.com/api/x",
		},
		"a path that looks like a host stays a path": {
			`{request: {method: 'GET', uri: '//evil.example/', querystring: {}, headers: {host: {value: ` +
				`'example.com'}}}}`,
			301, "https://www.example.com//evil.example/",
		},
		"no host": {
			`{request: {method: 'GET', uri: '/', querystring: {}, headers: {}}}`,
			301, "https://www.example.com/",
		},
	} {
		t.Run(name, func(t *testing.T) {
			got := run(t, codeOf(t, nil), c.event)
			assert.Equal(t, c.status, got["statusCode"])
			assert.Equal(t, map[string]any{
				"location":                  map[string]any{"value": c.location},
				"strict-transport-security": map[string]any{"value": "max-age=86400"},
			}, got["headers"])
		})
	}
}

const toSite = `{request: {method: 'GET', uri: '%s', querystring: {}, headers: {host: {value: 'www.example.com'}, %s}}}`

func TestWhatOnlyAProxyMaySayIsDropped(t *testing.T) {
	got := run(t, codeOf(t, nil), fmt.Sprintf(toSite, "/", `'x-middleware-subrequest': {value: 'middleware:middleware'},
		'x-forwarded-host': {value: 'evil.example'}, 'x-maintenance-pass': {value: 'let me in'}, origin: {value: 'https://www.example.com'}`))
	assert.Equal(t, map[string]any{
		"host":   map[string]any{"value": "www.example.com"},
		"origin": map[string]any{"value": "https://www.example.com"},
	}, got["headers"])
	// A function that touches these fails in CloudFront.
	for _, refused := range []string{"host", "via", "x-forwarded-proto", "x-real-ip", "content-length",
		"transfer-encoding"} {
		assert.NotContains(t, proxyHeaders, refused)
	}
}

func TestAcceptIsReducedForPicturesAlone(t *testing.T) {
	code := codeOf(t, nil)
	accept := func(uri, header string) any {
		got := run(t, code, fmt.Sprintf(toSite, uri, header))
		value, _ := got["headers"].(map[string]any)["accept"].(map[string]any)
		return value["value"]
	}
	assert.Equal(t, "image/avif,image/webp,*/*",
		accept("/_next/image", `accept: {value: 'image/webp,image/avif,image/apng,*/*;q=0.8'}`))
	assert.Equal(t, "image/webp,*/*", accept("/_next/image", `accept: {value: 'image/webp'}`))
	assert.Equal(t, "*/*", accept("/_next/image", ``))
	assert.Equal(t, "text/html", accept("/", `accept: {value: 'text/html'}`))
}

func TestAClosedSite(t *testing.T) {
	code := codeOf(t, closedSite)
	for name, c := range map[string]struct {
		uri, headers, contentType, body string
	}{
		"a page":        {"/bookmarks", "", "text/html; charset=utf-8", maintenanceHTML},
		"an API client": {"/api/bookmarks", "", "application/json", closedJSON},
		"a wrong pass": {"/", `'x-maintenance-pass': {value: 'let me out'}`, "text/html; charset=utf-8",
			maintenanceHTML},
		"the hash as pass": {"/", `'x-maintenance-pass': {value: '` + passHash + `'}`, "text/html; charset=utf-8",
			maintenanceHTML},
	} {
		t.Run(name, func(t *testing.T) {
			got := run(t, code, fmt.Sprintf(toSite, c.uri, c.headers))
			assert.Equal(t, int64(503), got["statusCode"])
			assert.Equal(t, map[string]any{"encoding": "text", "data": c.body}, got["body"])
			assert.Equal(t, map[string]any{
				"content-type":              map[string]any{"value": c.contentType},
				"cache-control":             map[string]any{"value": "no-store"},
				"retry-after":               map[string]any{"value": "300"},
				"strict-transport-security": map[string]any{"value": "max-age=86400"},
			}, got["headers"])
		})
	}
	assert.True(t, json.Valid([]byte(closedJSON)))
	health := run(t, code, fmt.Sprintf(toSite, "/api/health", ""))
	assert.Equal(t, "/api/health", health["uri"], "the health check goes on")
	staff := run(t, code, fmt.Sprintf(toSite, "/bookmarks", `'x-maintenance-pass': {value: 'let me in'}`))
	assert.Equal(t, "/bookmarks", staff["uri"])
	assert.NotContains(t, staff["headers"], "x-maintenance-pass", "the application does not see the pass")
	apex := run(t, code,
		`{request: {method: 'GET', uri: '/', querystring: {}, headers: {host: {value: 'example.com'}}}}`)
	assert.Equal(t, int64(301), apex["statusCode"])

	nobody := codeOf(t, func(c *DistributionConfig) { c.Maintenance.Closed = true })
	assert.Equal(t, int64(503),
		run(t, nobody, fmt.Sprintf(toSite, "/", `'x-maintenance-pass': {value: ''}`))["statusCode"])
	assert.NotContains(t, codeOf(t, nil), maintenanceHTML[:15], "an open site's function is small")
}

func TestHSTSIsWrittenAsBrowsersReadIt(t *testing.T) {
	assert.Equal(t, "max-age=63072000; includeSubDomains; preload",
		HSTSConfig{MaxAgeSeconds: 63072000, IncludeSubdomains: true, Preload: true}.value())
}

// CloudFront refuses functions of more than 10 KB.
func TestTheViewerFunctionFits(t *testing.T) {
	code := codeOf(t, func(c *DistributionConfig) {
		closedSite(c)
		for i := range 20 {
			c.APIPaths = append(c.APIPaths, PathPattern(fmt.Sprintf("/a-path-of-the-api-%d/*", i)))
		}
	})
	assert.Less(t, len(code), 10*1024)
	t.Logf("%d of %d bytes while the site is closed", len(code), 10*1024)
}

func TestTheViewerFunctionIsPublished(t *testing.T) {
	r, _, err := buildDistribution(t, nil)
	require.NoError(t, err)
	function := one(t, r, typeFunction, "cdn-redirect")
	assert.Equal(t, "cloudfront-js-2.0", function.Input("runtime"))
	assert.Equal(t, true, function.Input("publish"))
	assert.Equal(t, codeOf(t, nil), function.Input("code"))
}
