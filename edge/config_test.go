package edge

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestValidConfigurationHasNoProblem(t *testing.T) {
	assert.NoError(t, validConfig().Validate().Err())
	assert.True(t, validConfig().Delegated())
	assert.False(t, Config{}.Delegated())
}

func TestEmptyConfigurationIsReportedWhole(t *testing.T) {
	var paths []string
	for _, problem := range (Config{}).Validate() {
		paths = append(paths, problem.Path)
	}
	assert.Equal(t, []string{
		"domain", "zone.name", "originSecret.rotation",
		"distribution.apex", "distribution.priceClass", "distribution.minimumTls", "distribution.apiPaths",
		"distribution.static", "distribution.originReadTimeoutSeconds",
		"distribution.originKeepaliveSeconds", "distribution.headers.hsts.maxAgeSeconds",
		"distribution.headers.frameOption", "distribution.headers.referrerPolicy",
		"distribution.maintenance.statusCodes",
		"webAcl.rate.limit", "webAcl.rate.windowSeconds", "webAcl.groups.ipReputation", "webAcl.groups.anonymousIp",
		"webAcl.groups.knownBadInputs", "webAcl.groups.common", "webAcl.groups.sqlInjection", "webAcl.logRetentionDays",
		"records.healthCheck.path", "records.healthCheck.intervalSeconds", "records.healthCheck.failureThreshold",
		"records.mail",
	}, paths)
}

// refusal is a change of a valid section and the whole report of it.
type refusal struct {
	change func(*Config)
	want   string
}

var refusals = map[string]refusal{
	"a domain that is none": {
		func(c *Config) { c.Domain = "example" },
		`domain: found "example", want a domain name such as example.com, in lower case, at most 64 characters, ` +
			`with no dot at the end`,
	},
	"an apex outside the zone": {
		func(c *Config) { c.Domain = "example.org" },
		`domain: found "example.org", want edge.zone.name (example.com) or a name below it`,
	},
	"an apex that only ends like the zone": {
		func(c *Config) { c.Domain = "notexample.com" },
		`domain: found "notexample.com", want edge.zone.name (example.com) or a name below it`,
	},
	"a zone's id that is none": {
		func(c *Config) { c.Zone = ZoneConfig{Name: "example.com", ID: "z123"} },
		`zone.id: found "z123", want a hosted zone's id, such as Z0123456789ABCDEFGHIJ`,
	},
	"query logs of somebody else's zone": {
		func(c *Config) { c.Zone.ID, c.Zone.DNSSEC = "Z0123456789ABCDEFGHIJ", false },
		`zone.queryLogs: found {"retentionDays":30}, want nothing for an adopted zone: whoever made it logs its ` +
			`queries`,
	},
	"a retention that CloudWatch Logs does not know": {
		func(c *Config) { c.Zone.QueryLogs.RetentionDays = 31 },
		`zone.queryLogs.retentionDays: found 31, want one of [1 3 5 7 14 30 60 90 120 150 180 365 400 545 731 1096 ` +
			`1827 2192 2557 2922 3288 3653] (days)`,
	},
	"an apex mode that does not exist": {
		func(c *Config) { c.Distribution.Apex = "serve" },
		`distribution.apex: found "serve", want one of "redirect", "none"`,
	},
	"an old protocol": {
		func(c *Config) { c.Distribution.MinimumTLS = "TLSv1.1_2016" },
		`distribution.minimumTls: found "TLSv1.1_2016", want one of "TLSv1.2_2021"`,
	},
	"a timeout over CloudFront's": {
		func(c *Config) { c.Distribution.OriginReadTimeoutSeconds = 61 },
		`distribution.originReadTimeoutSeconds: found 61, want 1 to 60 (seconds)`,
	},
	"a cached path that covers the API": {
		func(c *Config) { c.WebACL.Content, c.Distribution.Static["/api/*"] = nil, FromAssets },
		`distribution.static["/api/*"]: found "/api/*", want a path apart from /api/*, which is handled in another way`,
	},
	"a cached path below the API": {
		func(c *Config) { c.Distribution.Static["/api/docs/*"] = FromAssets },
		`distribution.static["/api/docs/*"]: found "/api/docs/*", want a path apart from /api/*, which is handled ` +
			`in another way`,
	},
	"a cached path below another": {
		func(c *Config) { c.Distribution.Static["/assets/fonts/*"] = FromLoadBalancer },
		`distribution.static["/assets/fonts/*"]: found "/assets/fonts/*", want a path apart from /assets/*, which ` +
			`is handled in another way`,
	},
	"the maintenance page as API": {
		func(c *Config) { c.Distribution.APIPaths = []PathPattern{"/maintenance/index.html"} },
		`distribution.apiPaths[0]: found "/maintenance/index.html", want a path apart from /maintenance/*, which is ` +
			`handled in another way`,
	},
	"a pattern in the middle": {
		func(c *Config) { c.Distribution.Static = map[PathPattern]StaticOrigin{"/*.js": FromAssets} },
		`distribution.static["/*.js"]: found "/*.js", want a file such as /robots.txt or a folder such as /api/*`,
	},
	"an origin that does not exist": {
		func(c *Config) { c.Distribution.Static["/assets/*"] = "s3" },
		`distribution.static["/assets/*"]: found "s3", want one of "loadBalancer", "assets"`,
	},
	"a page for an error that is not the origin's": {
		func(c *Config) { c.Distribution.Maintenance.StatusCodes = []int{502, 404} },
		`distribution.maintenance.statusCodes[1]: found 404, want 502, 503 or 504`,
	},
	"a page that stays": {
		func(c *Config) { c.Distribution.Maintenance.CacheSeconds = 300 },
		`distribution.maintenance.cacheSeconds: found 300, want 0 to 60 (seconds)`,
	},
	"preload with too short an age": {
		func(c *Config) { c.Distribution.Headers.HSTS.Preload = true },
		`distribution.headers.hsts.preload: found true, want false, or maxAgeSeconds of 31536000 or more with ` +
			`includeSubdomains`,
	},
	"a frame option of old": {
		func(c *Config) { c.Distribution.Headers.FrameOption = "ALLOW-FROM" },
		`distribution.headers.frameOption: found "ALLOW-FROM", want one of "DENY", "SAMEORIGIN"`,
	},
	"a policy that takes the maintenance page's style": {
		func(c *Config) { c.Distribution.Headers.ContentSecurityPolicy = "default-src 'self'" },
		`distribution.headers.contentSecurityPolicy: found "default-src 'self'", want 'unsafe-inline' or '` +
			maintenanceStyle +
			`' in style-src, or the maintenance page loses its style`,
	},
	"a policy of two lines": {
		func(c *Config) {
			c.Distribution.Headers.ContentSecurityPolicy = "default-src *;\nstyle-src 'unsafe-inline'"
		},
		`distribution.headers.contentSecurityPolicy: found "default-src *;\nstyle-src 'unsafe-inline'", want one ` +
			`line of printable ASCII`,
	},
	"more headers than a policy may add": {
		func(c *Config) {
			c.Distribution.Headers.Additional = map[HeaderName]string{
				"A": "1",
				"B": "1",
				"C": "1",
				"D": "1",
				"E": "1",
				"F": "1",
			}
		},
		`distribution.headers.additional: found 6, want 5 headers at most`,
	},
	"the image optimizer as static files": {
		func(c *Config) { c.Distribution.Images, c.Distribution.Static["/_next/image"] = nil, FromLoadBalancer },
		`distribution.static["/_next/image"]: found "/_next/image", want a path apart from /_next/image, whose ` +
			`answers depend on more than the path: ` +
			`kept for a year by the path alone, everybody would get the first one`,
	},
	"a build's data as static files": {
		func(c *Config) { c.Distribution.Static["/_next/data/*"] = FromLoadBalancer },
		`distribution.static["/_next/data/*"]: found "/_next/data/*", want a path apart from /_next/data/*, whose ` +
			`answers depend on more than the path: ` +
			`kept for a year by the path alone, everybody would get the first one`,
	},
	"a path that no request can reach": {
		func(c *Config) { c.Distribution.Static["/assets/../public/*"] = FromAssets },
		`distribution.static["/assets/../public/*"]: found "/assets/../public/*", want a file such as /robots.txt ` +
			`or a folder such as /api/*`,
	},
	"pictures in a folder": {
		func(c *Config) { c.Distribution.Images.Path = "/pictures/*" },
		`distribution.images.path: found "/pictures/*", want a file such as /_next/image: its answers are kept by ` +
			`url, w and q`,
	},
	"a pass in the place of its hash": {
		func(c *Config) { c.Distribution.Maintenance.PassHash = "let me in" },
		`distribution.maintenance.passHash: found "let me in", want the SHA-256 of the pass in hexadecimal, as ` +
			`sha256sum prints it`,
	},
	"a policy on trial that nobody hears of": {
		func(c *Config) { c.Distribution.Headers.ReportOnlyPolicy = "default-src 'none'" },
		`distribution.headers.reportOnlyPolicy: found "default-src 'none'", want nothing, or an address in ` +
			`reportUri: without one nobody learns what it would have blocked`,
	},
	"a report's address twice": {
		func(c *Config) {
			c.Distribution.Headers.ContentSecurityPolicy = "style-src 'unsafe-inline'; report-uri https://a.example/"
		},
		`distribution.headers.contentSecurityPolicy: found "style-src 'unsafe-inline'; report-uri ` +
			`https://a.example/", want no report-uri: the address is added to it`,
	},
	"a header that CloudFront writes": {
		func(c *Config) {
			c.Distribution.Headers.Additional = map[HeaderName]string{"X-Amz-Cf-Id": "a"}
		},
		`distribution.headers.additional.X-Amz-Cf-Id: found "X-Amz-Cf-Id", want a header that CloudFront lets a ` +
			`policy add and that no other setting is for`,
	},
	"a header that has a setting": {
		func(c *Config) {
			c.Distribution.Headers.Additional = map[HeaderName]string{"x-frame-options": "DENY"}
		},
		`distribution.headers.additional.x-frame-options: found "x-frame-options", want a header that CloudFront ` +
			`lets a policy add and that no other setting is for`,
	},
	"authorities without Amazon": {
		func(c *Config) { c.Records.CertificateAuthorities = []CertificateAuthority{"letsencrypt.org"} },
		`records.certificateAuthorities: found ["letsencrypt.org"], want one of [amazon.com amazontrust.com ` +
			`awstrust.com amazonaws.com] among them: ACM could issue no certificate`,
	},
	"a health check of a pattern": {
		func(c *Config) { c.Records.HealthCheck.Path = "/api/*" },
		`records.healthCheck.path: found "/api/*", want a path such as /api/health`,
	},
	"too few regions of health checkers": {
		func(c *Config) { c.Records.HealthCheck.Regions = []CheckerRegion{"us-east-1", "eu-west-1"} },
		`records.healthCheck.regions: found 2, want 3 or more, each one of "ap-northeast-1", "ap-southeast-1", ` +
			`"ap-southeast-2", "eu-west-1", "sa-east-1", "us-east-1", "us-west-1", "us-west-2"`,
	},
	"a region without health checkers": {
		func(c *Config) {
			c.Records.HealthCheck.Regions = []CheckerRegion{"us-east-1", "eu-west-1", "ap-northeast-3"}
		},
		`records.healthCheck.regions[2]: found "ap-northeast-3", want one of "ap-northeast-1", "ap-southeast-1", ` +
			`"ap-southeast-2", ` +
			`"eu-west-1", "sa-east-1", "us-east-1", "us-west-1", "us-west-2"`,
	},
	"a secondary that is no load balancer": {
		func(c *Config) {
			c.Records.Secondary = &SecondaryConfig{DNSName: "standby.example.com", ZoneID: "Z5LXEXXYW11ES"}
		},
		`records.secondary.dnsName: found "standby.example.com", want a load balancer's own name in lower case, ` +
			`such as ` +
			`standby-1234567890.ap-northeast-3.elb.amazonaws.com`,
	},
	"no rotation": {
		func(c *Config) { c.OriginSecret.Rotation = 0 },
		`originSecret.rotation: found 0, want 1 or more; raise it by one to rotate`,
	},
}

func TestRefusals(t *testing.T) { refused(t, refusals) }

func refused(t *testing.T, refusals map[string]refusal) {
	t.Helper()
	for name, one := range refusals {
		t.Run(name, func(t *testing.T) {
			c := validConfig()
			one.change(&c)
			assert.EqualError(t, c.Validate().Err(), one.want)
		})
	}
}

func TestDomains(t *testing.T) {
	for domain, want := range map[Domain]bool{
		"example.com":                            true,
		"staging.example.co.jp":                  true,
		"xn--eckwd4c7c.xn--zckzah.jp":            true,
		"a-b.example":                            true,
		"":                                       false,
		"com":                                    false,
		"example.com.":                           false,
		"Example.com":                            false,
		"-a.com":                                 false,
		"a-.com":                                 false,
		"a..com":                                 false,
		"203.0.113.7":                            false,
		"https://example.com":                    false,
		"exa mple.com":                           false,
		"*.example.com":                          false,
		Domain(strings.Repeat("a", 63) + ".com"): false, // over 64 characters in all
		Domain(strings.Repeat("a", 60) + ".com"): true,
		Domain("a." + strings.Repeat("b", 64)):   false,
		Domain(strings.Repeat("a", 30) + "." + strings.Repeat("b", 34)): false,
	} {
		assert.Equal(t, want, domain.valid(), domain)
	}
	assert.Equal(t, []string{"example.com", "www.example.com", "origin.example.com"}, Domain("example.com").Names())
}

func TestADomainBelowTheZone(t *testing.T) {
	c := validConfig()
	c.Domain = "staging.example.com"
	assert.NoError(t, c.Validate().Err())
}

func TestCountries(t *testing.T) {
	assert.Len(t, countries, 250)
	for _, code := range countries {
		require.Regexp(t, `^[A-Z]{2}$`, code)
	}
	for _, region := range sortedKeys(checkerCountries) {
		assert.Contains(t, countries, string(checkerCountries[region]))
	}
}
