package edge

import (
	"regexp"
	"slices"
	"strings"

	"github.com/bookmark-manager/infrastructure/internal/settings"
)

// DistributionConfig is what a stack may choose of CloudFront.
type DistributionConfig struct {
	// Apex is what the domain without www. does: redirect or none. Required.
	Apex ApexMode `json:"apex"`
	// PriceClass bounds the edges in use. PriceClass_100 has none in Japan. Required.
	PriceClass string `json:"priceClass"`
	// MinimumTLS is the oldest protocol and the weakest ciphers that viewers may use. Required.
	MinimumTLS string `json:"minimumTls"`
	// APIPaths go to the load balancer and are never cached, such as /api/*. Required, one or more. What is in no list is a page,
	// and is never cached either.
	APIPaths []string `json:"apiPaths"`
	// Static are the paths that are cached, by the path; their names must change with their content. Required, one or more.
	Static map[string]StaticOrigin `json:"static"`
	// OriginReadTimeoutSeconds is how long CloudFront waits for the load balancer's answer: 1 to 60. Required.
	OriginReadTimeoutSeconds int `json:"originReadTimeoutSeconds"`
	// OriginKeepaliveSeconds is how long an idle connection to the load balancer is kept: 1 to 60, and no longer than the load
	// balancer's own idle timeout, or requests meet closed connections. Required.
	OriginKeepaliveSeconds int `json:"originKeepaliveSeconds"`
	// Headers are the security headers of every response. Required.
	Headers HeadersConfig `json:"headers"`
	// Maintenance says when the maintenance page is shown. Required.
	Maintenance MaintenanceConfig `json:"maintenance"`
	// ExtraMetrics adds origin latency, cache hit rate and error rates by status code, for a monthly fee. Default false.
	ExtraMetrics bool `json:"extraMetrics"`
}

// ApexMode is what the domain without www. does.
type ApexMode string

// A second address of the same content would be bad for search engines and for cookies, so that the apex never serves it.
const (
	ApexRedirect ApexMode = "redirect" // to the same path at www.
	ApexNone     ApexMode = "none"     // no record, and the distribution does not answer to it
)

// StaticOrigin is where static files come from.
type StaticOrigin string

// The two origins of the distribution.
const (
	FromLoadBalancer StaticOrigin = "loadBalancer" // the web service's own files
	FromAssets       StaticOrigin = "assets"       // the assets bucket, where the path is the object's key
)

// MaintenanceConfig says when the maintenance page takes the place of an error.
type MaintenanceConfig struct {
	// StatusCodes are the origin's errors for which it is shown, any of 502, 503 and 504; the status is kept. They hold for every path:
	// an API client gets HTML with the status too. Required, one or more.
	StatusCodes []int `json:"statusCodes"`
	// CacheSeconds is how long an edge answers a path with the page before it asks the origin again: 0 to 60.
	CacheSeconds int `json:"cacheSeconds"`
}

// The closed sets of CloudFront. Older security policies allow ciphers or protocols that are no longer safe.
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/secure-connections-supported-viewer-protocols-ciphers.html
var (
	priceClasses = []string{"PriceClass_All", "PriceClass_200", "PriceClass_100"}
	minimumTLS   = []string{"TLSv1.2_2021", "TLSv1.2_2025", "TLSv1.3_2025"}
)

const maxOriginSeconds, maxErrorSeconds = 60, 60

// Validate reports every problem, with paths relative to the distribution.
func (c DistributionConfig) Validate() settings.Problems {
	var p settings.Problems
	p.Want(slices.Contains([]ApexMode{ApexRedirect, ApexNone}, c.Apex), "apex", settings.Given(string(c.Apex)), "%s", settings.OneOf(ApexRedirect, ApexNone))
	p.Want(slices.Contains(priceClasses, c.PriceClass), "priceClass", settings.Given(c.PriceClass), "%s", settings.OneOf(priceClasses...))
	p.Want(slices.Contains(minimumTLS, c.MinimumTLS), "minimumTls", settings.Given(c.MinimumTLS), "%s", settings.OneOf(minimumTLS...))
	checkSeconds(&p, "originReadTimeoutSeconds", c.OriginReadTimeoutSeconds, 1, maxOriginSeconds)
	checkSeconds(&p, "originKeepaliveSeconds", c.OriginKeepaliveSeconds, 1, maxOriginSeconds)
	c.validatePaths(&p)
	p.Under("headers", c.Headers.Validate())

	p.Want(len(c.Maintenance.StatusCodes) > 0, "maintenance.statusCodes", c.Maintenance.StatusCodes, "one or more of 502, 503 and 504")
	for i, code := range c.Maintenance.StatusCodes {
		p.Want(slices.Contains([]int{502, 503, 504}, code), at("maintenance.statusCodes", i), code, "502, 503 or 504")
	}
	checkUnique(&p, "maintenance.statusCodes", c.Maintenance.StatusCodes)
	checkSeconds(&p, "maintenance.cacheSeconds", c.Maintenance.CacheSeconds, 0, maxErrorSeconds)
	return p
}

func checkSeconds(p *settings.Problems, path string, found, least, most int) {
	p.Want(found >= least && found <= most, path, found, "%d to %d (seconds)", least, most)
}

// pathPattern is a file, such as /robots.txt, or everything in a folder, such as /api/*. CloudFront knows more patterns, but with these
// alone it is plain which of two matches a path.
var pathPattern = regexp.MustCompile(`^(/[A-Za-z0-9._~-]+)+(/\*)?$`)

const (
	maxPath  = 255
	pathRule = "a file such as /robots.txt or a folder such as /api/*"
)

func validPath(path string) bool { return len(path) <= maxPath && pathPattern.MatchString(path) }

// covers says whether every path of pattern b is one of pattern a.
func covers(a, b string) bool {
	folder, wild := strings.CutSuffix(a, "*")
	return a == b || (wild && strings.HasPrefix(b, folder))
}

// validatePaths also refuses two patterns of which one hides the other: the order of behaviours then decides what is cached.
func (c DistributionConfig) validatePaths(p *settings.Problems) {
	taken := []string{maintenancePattern}
	check := func(at, path string) {
		p.Want(validPath(path), at, path, pathRule)
		for _, other := range taken {
			p.Want(!covers(other, path) && !covers(path, other), at, path, "a path apart from %s, which is handled in another way", other)
		}
	}
	p.Want(len(c.APIPaths) > 0, "apiPaths", c.APIPaths, "one path or more, such as /api/*")
	for i, path := range c.APIPaths {
		check(at("apiPaths", i), path)
	}
	taken = append(taken, c.APIPaths...)
	p.Want(len(c.Static) > 0, "static", c.Static, "one path or more, such as /_next/static/*")
	for _, path := range sortedKeys(c.Static) {
		key := settings.Key("static", path)
		check(key, path)
		taken = append(taken, path)
		origin := c.Static[path]
		p.Want(slices.Contains([]StaticOrigin{FromLoadBalancer, FromAssets}, origin), key, string(origin), "%s", settings.OneOf(FromLoadBalancer, FromAssets))
	}
	checkUnique(p, "apiPaths", c.APIPaths)
}
