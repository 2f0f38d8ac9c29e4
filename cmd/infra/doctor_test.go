package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestThePlatformsThatTheProviderWouldTake(t *testing.T) {
	var asked []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.URL.Path)
		if r.URL.Path != "/go.json" && r.URL.Path != "/node/nestjs.json" {
			http.NotFound(w, r)
		}
	}))
	defer server.Close()
	for platforms, c := range map[string]struct {
		code       int
		out, wrong string
		asked      []string
	}{
		"{api: go}":          {0, "sentry.platforms.api: the provider takes go\n", "", []string{"/go.json"}},
		"{api: node-nestjs}": {0, "takes node-nestjs", "", []string{"/node-nestjs.json", "/node/nestjs.json"}},
		"{api: other}":       {0, "takes other", "", nil},
		"{}":                 {0, "no platform is set", "", nil},
		"{api: next}": {1, "", `sentry.platforms.api: found "next", whose page the provider does not find (` +
			server.URL + "/next.json answers 404",
			[]string{"/next.json", "/next.json"}},
		"{api: 1}":    {1, "", "/1.json answers 404", []string{"/1.json", "/1.json"}},
		"[api]":       {1, "", "want a platform by service", nil},
		"{api: [go]}": {1, "", "want a platform by service", nil},
	} {
		asked = nil
		file := filepath.Join(t.TempDir(), "Pulumi.prod.yaml")
		require.NoError(t,
			os.WriteFile(file, []byte("config:\n  bookmark-manager:sentry:\n    platforms: "+platforms+"\n"), 0o600))
		code, out, wrong := call(t, "", "doctor", "--sentry-pages", server.URL+"/", file)
		assert.Equal(t, c.code, code, platforms)
		assert.Contains(t, out, c.out, platforms)
		assert.Contains(t, wrong, c.wrong, platforms)
		assert.Equal(t, c.asked, asked, platforms)
	}
	server.Close()
	file := filepath.Join(t.TempDir(), "Pulumi.prod.yaml")
	require.NoError(t,
		os.WriteFile(file, []byte("config:\n  bookmark-manager:sentry:\n    platforms: {api: go}\n"), 0o600))
	code, _, wrong := call(t, "", "doctor", "--sentry-pages", server.URL+"/", file)
	assert.Equal(t, 1, code)
	assert.Contains(t, wrong, `ask for the page of "go"`)
	code, _, wrong = call(t, "", "doctor")
	assert.Equal(t, 2, code)
	assert.Contains(t, wrong, "found no stack file")
}
