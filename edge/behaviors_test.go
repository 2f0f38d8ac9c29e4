package edge

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/recorder"
)

// cloudFront answers what CloudFront would do with a request, from the distribution as it was built and nothing else.
type cloudFront struct {
	behaviors []map[string]any          // in CloudFront's order, the default one last
	policies  map[string]cacheKey       // by id
	headers   map[string]map[string]any // of custom origins, by origin id
}

// cacheKey is what a cache policy keeps responses by.
type cacheKey struct {
	caches         bool
	headers        string // none or whitelist
	cookies, query string
	encodings      bool
}

// verdict is what becomes of a request.
type verdict struct {
	behavior  string // its path pattern; "*" for the default one
	refused   bool   // 403: the behaviour does not take the method
	origin    string
	cached    bool
	forwarded bool   // every header of the viewer, cookies and the query reach the origin
	secret    bool   // the origin gets the secret header
	varies    string // what makes two requests for one path different in the cache
}

func readCloudFront(t *testing.T, r *recorder.Recorder) cloudFront {
	t.Helper()
	made := one(t, r, typeDistribution, "cdn-distribution")
	c := cloudFront{
		headers: map[string]map[string]any{},
		// What AWS documents of the managed policies, so that this does not share the program's own table.
		policies: map[string]cacheKey{
			"4135ea2d-6df8-44a3-9df3-4b5a84be39ad": {caches: false},
			"658327ea-f89d-4fab-a63d-7e88639e58f6": {caches: true, headers: "none", cookies: "none", query: "none", encodings: true},
		},
	}
	for _, policy := range r.OfType(typeCachePolicy) {
		const in = "parametersInCacheKeyAndForwardedToOrigin."
		c.policies[policy.Name+"-id"] = cacheKey{
			caches:    policy.Input("maxTtl").(float64) > 0,
			headers:   listed(policy.Input(in+"headersConfig.headerBehavior"), policy.Input(in+"headersConfig.headers.items")),
			cookies:   policy.Input(in + "cookiesConfig.cookieBehavior").(string),
			query:     listed(policy.Input(in+"queryStringsConfig.queryStringBehavior"), policy.Input(in+"queryStringsConfig.queryStrings.items")),
			encodings: policy.Input(in+"enableAcceptEncodingGzip") == true && policy.Input(in+"enableAcceptEncodingBrotli") == true,
		}
	}
	for _, origin := range made.Input("origins").([]any) {
		origin := origin.(map[string]any)
		sent := map[string]any{}
		custom, _ := origin["customHeaders"].([]any)
		for _, header := range custom {
			sent[header.(map[string]any)["name"].(string)] = header.(map[string]any)["value"]
		}
		c.headers[origin["originId"].(string)] = sent
	}
	for _, ordered := range made.Input("orderedCacheBehaviors").([]any) {
		c.behaviors = append(c.behaviors, ordered.(map[string]any))
	}
	other := made.Input("defaultCacheBehavior").(map[string]any)
	other["pathPattern"] = "*"
	c.behaviors = append(c.behaviors, other)
	return c
}

// listed is which of them a policy takes, with their names.
func listed(behavior, items any) string {
	if items == nil {
		return fmt.Sprint(behavior)
	}
	return fmt.Sprint(items)
}

func (c cloudFront) handle(t *testing.T, method, path string) verdict {
	t.Helper()
	path, _, _ = strings.Cut(path, "?")
	i := slices.IndexFunc(c.behaviors, func(b map[string]any) bool { return matches(b["pathPattern"].(string), path) })
	require.GreaterOrEqual(t, i, 0, "no behaviour for %s", path)
	b := c.behaviors[i]
	v := verdict{behavior: b["pathPattern"].(string), origin: b["targetOriginId"].(string)}
	if !slices.Contains(b["allowedMethods"].([]any), any(method)) {
		return verdict{behavior: v.behavior, refused: true}
	}
	key, known := c.policies[b["cachePolicyId"].(string)]
	require.True(t, known, "cache policy %v", b["cachePolicyId"])
	v.cached = key.caches && slices.Contains(b["cachedMethods"].([]any), any(method))
	v.forwarded = b["originRequestPolicyId"] == "216adef6-5c7f-47e2-b989-5492eafa07d3"
	_, v.secret = c.headers[v.origin]["X-Origin-Verify"]
	if v.cached {
		v.varies = strings.Join([]string{"headers " + key.headers, "cookies " + key.cookies, "query " + key.query}, ", ")
		if key.encodings {
			v.varies += ", encoding"
		}
	}
	return v
}

// matches is CloudFront's: * is any run of characters, ? any one, case counts.
func matches(pattern, path string) bool {
	quoted := regexp.QuoteMeta(pattern)
	expression := "^" + strings.NewReplacer(`\*`, ".*", `\?`, ".").Replace(quoted) + "$"
	return regexp.MustCompile(expression).MatchString(path)
}

func TestWhatIsCachedAndWhereItComesFrom(t *testing.T) {
	r, _, err := buildDistribution(t, nil)
	require.NoError(t, err)
	c := readCloudFront(t, r)
	const byPathAlone = "headers none, cookies none, query none, encoding"
	var (
		page    = verdict{behavior: "*", origin: "load-balancer", forwarded: true, secret: true}
		api     = verdict{behavior: "/api/*", origin: "load-balancer", forwarded: true, secret: true}
		bundle  = verdict{behavior: "/_next/static/*", origin: "load-balancer", cached: true, secret: true, varies: byPathAlone}
		asset   = verdict{behavior: "/assets/*", origin: "assets", cached: true, varies: byPathAlone}
		outage  = verdict{behavior: "/maintenance/*", origin: "assets", cached: true, varies: byPathAlone}
		picture = verdict{
			behavior: "/_next/image", origin: "load-balancer", cached: true, secret: true, varies: "headers [Accept], cookies none, query [q url w]",
		}
		refused = func(behavior string) verdict { return verdict{behavior: behavior, refused: true} }
	)
	for _, row := range []struct {
		method, path string
		want         verdict
	}{
		{"GET", "/", page},
		{"GET", "/bookmarks?tag=go", page},
		{"GET", "/bookmarks?_rsc=1a2b3", page}, // the router's own requests vary on headers that CloudFront does not know
		{"HEAD", "/login", page},
		{"POST", "/login", page}, // a server action
		{"GET", "/_next/image?url=%2Fa.png&w=64", picture},
		{"POST", "/_next/image", refused("/_next/image")},
		{"GET", "/_next/data/build/index.json", page},
		{"GET", "/assets", page},
		{"GET", "/API/users", page}, // paths are case-sensitive
		{"GET", "/apis", page},
		{"GET", "/api/bookmarks", api},
		{"GET", "/api/", api},
		{"POST", "/api/auth/login", api},
		{"PUT", "/api/bookmarks/1", api},
		{"PATCH", "/api/bookmarks/1", api},
		{"DELETE", "/api/bookmarks/1", api},
		{"OPTIONS", "/api/bookmarks", api},
		{"GET", "/api/_next/static/x.js", api},
		{"GET", "/_next/static/chunks/main-0a1b2c.js", bundle},
		{"HEAD", "/_next/static/css/app-0a1b2c.css", bundle},
		{"POST", "/_next/static/chunks/main-0a1b2c.js", refused("/_next/static/*")},
		{"GET", "/assets/logo-0a1b2c.svg", asset},
		{"GET", "/assets/logo-0a1b2c.svg?cache=buster", asset},
		{"PUT", "/assets/logo-0a1b2c.svg", refused("/assets/*")},
		{"GET", "/maintenance/index.html", outage},
		{"DELETE", "/maintenance/index.html", refused("/maintenance/*")},
	} {
		assert.Equal(t, row.want, c.handle(t, row.method, row.path), "%s %s", row.method, row.path)
	}
}

func TestEveryBehaviorRedirectsAndAddsHeaders(t *testing.T) {
	r, _, err := buildDistribution(t, nil)
	require.NoError(t, err)
	c := readCloudFront(t, r)
	require.Len(t, c.behaviors, 6)
	for _, b := range c.behaviors {
		assert.Equal(t, "redirect-to-https", b["viewerProtocolPolicy"], b["pathPattern"])
		assert.Equal(t, "cdn-security-id", b["responseHeadersPolicyId"], b["pathPattern"])
		assert.Equal(t, []any{map[string]any{"eventType": "viewer-request", "functionArn": "arn:aws:test:ap-northeast-1:111122223333:cdn-redirect"}},
			b["functionAssociations"], b["pathPattern"])
	}
}

func TestStaticFilesAreKeptForAYear(t *testing.T) {
	r, _, err := buildDistribution(t, nil)
	require.NoError(t, err)
	policy := one(t, r, typeCachePolicy, "cdn-immutable")
	assert.Equal(t, []any{0.0, 31536000.0, 31536000.0}, []any{policy.Input("minTtl"), policy.Input("defaultTtl"), policy.Input("maxTtl")})
}
