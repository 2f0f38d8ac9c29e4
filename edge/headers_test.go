package edge

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestSecurityHeaders(t *testing.T) {
	r, _, err := buildDistribution(t, func(a *EdgeDistributionArgs) {
		a.Config.Headers.HSTS = HSTSConfig{MaxAgeSeconds: 63072000, IncludeSubdomains: true, Preload: true}
	})
	require.NoError(t, err)
	headers := one(t, r, typeHeadersPolicy, "cdn-security")
	assert.Equal(t, map[string]any{
		"strictTransportSecurity": map[string]any{
			"accessControlMaxAgeSec": 63072000.0, "includeSubdomains": true, "preload": true, "override": true,
		},
		"contentTypeOptions": map[string]any{"override": true},
		"frameOptions":       map[string]any{"frameOption": "DENY", "override": true},
		"referrerPolicy":     map[string]any{"referrerPolicy": "strict-origin-when-cross-origin", "override": true},
		"contentSecurityPolicy": map[string]any{
			"contentSecurityPolicy": "default-src 'self'; style-src 'self' 'unsafe-inline'", "override": false,
		},
	}, headers.Input("securityHeadersConfig"))
	assert.Equal(t, "X-Powered-By", headers.Input("removeHeadersConfig.items[0].header"))
}

func TestHeadersWithoutASettingOfCloudFront(t *testing.T) {
	r, _, err := buildDistribution(t, func(a *EdgeDistributionArgs) {
		h := &a.Config.Headers
		h.PermissionsPolicy, h.OpenerPolicy = "camera=()", "same-origin"
		h.ReportOnlyPolicy, h.ReportURI = "default-src 'self';",
			"https://o1.ingest.sentry.io/api/2/security/?sentry_key=a"
		h.Additional = map[HeaderName]string{"X-Robots-Tag": "noindex"}
	})
	require.NoError(t, err)
	headers := one(t, r, typeHeadersPolicy, "cdn-security")
	header := func(name, value string, override bool) any {
		return map[string]any{"header": name, "value": value, "override": override}
	}
	const report = "; report-uri https://o1.ingest.sentry.io/api/2/security/?sentry_key=a"
	assert.Equal(t, []any{
		header("Content-Security-Policy-Report-Only", "default-src 'self'"+report, false),
		header("Cross-Origin-Opener-Policy", "same-origin", true),
		header("Permissions-Policy", "camera=()", true),
		header("X-Robots-Tag", "noindex", false),
	}, headers.Input("customHeadersConfig.items"))
	assert.Equal(t, "default-src 'self'; style-src 'self' 'unsafe-inline'"+report,
		headers.Input("securityHeadersConfig.contentSecurityPolicy.contentSecurityPolicy"))
}

func TestNoContentSecurityPolicyUnlessConfigured(t *testing.T) {
	r, _, err := buildDistribution(t, func(a *EdgeDistributionArgs) { a.Config.Headers.ContentSecurityPolicy = "" })
	require.NoError(t, err)
	assert.Nil(t, one(t, r, typeHeadersPolicy, "cdn-security").Input("securityHeadersConfig.contentSecurityPolicy"))
}

func TestAllowsStyle(t *testing.T) {
	const hash = "sha256-abc="
	for policy, want := range map[string]bool{
		"":                                                      true,
		"script-src 'self'":                                     true,
		"default-src 'self'":                                    false,
		"default-src 'unsafe-inline'":                           true,
		"default-src *; style-src 'self'":                       false,
		"style-src 'self' 'sha256-abc='":                        true,
		"style-src 'self' 'sha256-other='":                      false,
		"style-src 'unsafe-inline' 'sha256-x'":                  false,
		"style-src 'unsafe-inline' 'nonce-x'":                   false,
		"default-src 'none'; STYLE-SRC 'unsafe-inline'":         true,
		"style-src 'unsafe-inline'; style-src-elem 'self'":      false,
		"style-src 'none'; style-src-elem 'sha256-abc='; x y z": true,
	} {
		assert.Equal(t, want, allowsStyle(policy, hash), policy)
	}
}
