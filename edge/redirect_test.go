package edge

import (
	"testing"

	"github.com/dop251/goja"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// run calls the function as CloudFront does: with one event, for the request or the response that it returns.
func run(t *testing.T, event string) map[string]any {
	t.Helper()
	vm := goja.New()
	_, err := vm.RunString(redirectCode("example.com"))
	require.NoError(t, err)
	result, err := vm.RunString("handler(" + event + ")")
	require.NoError(t, err)
	out, ok := result.Export().(map[string]any)
	require.True(t, ok)
	return out
}

func TestRequestsForTheSitePassUnchanged(t *testing.T) {
	got := run(t, `{request: {method: 'GET', uri: '/a', querystring: {q: {value: '1'}}, headers: {host: {value: 'WWW.example.com'}}}}`)
	assert.Equal(t, map[string]any{
		"method": "GET", "uri": "/a", "querystring": map[string]any{"q": map[string]any{"value": "1"}},
		"headers": map[string]any{"host": map[string]any{"value": "WWW.example.com"}},
	}, got)
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
			`{request: {method: 'HEAD', uri: '/a/b', querystring: {}, headers: {host: {value: 'd111.cloudfront.net'}}}}`,
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
			`{request: {method: 'GET', uri: '//evil.example/', querystring: {}, headers: {host: {value: 'example.com'}}}}`,
			301, "https://www.example.com//evil.example/",
		},
		"no host": {
			`{request: {method: 'GET', uri: '/', querystring: {}, headers: {}}}`,
			301, "https://www.example.com/",
		},
	} {
		t.Run(name, func(t *testing.T) {
			got := run(t, c.event)
			assert.Equal(t, c.status, got["statusCode"])
			assert.Equal(t, map[string]any{"location": map[string]any{"value": c.location}}, got["headers"])
		})
	}
}

// CloudFront refuses functions of more than 10 KB.
func TestRedirectFits(t *testing.T) {
	assert.Less(t, len(redirectCode("example.com")), 10*1024)
}

func TestRedirectIsPublished(t *testing.T) {
	r, _, err := buildDistribution(t, nil)
	require.NoError(t, err)
	function := one(t, r, typeFunction, "cdn-redirect")
	assert.Equal(t, "cloudfront-js-2.0", function.Input("runtime"))
	assert.Equal(t, true, function.Input("publish"))
	assert.Equal(t, redirectCode("example.com"), function.Input("code"))
}
