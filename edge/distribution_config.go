package edge

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/bookmark-manager/infrastructure/internal/settings"
)

// DistributionConfig is what a stack may choose of CloudFront.
type DistributionConfig struct {
	// Apex is what the domain without www. does: redirect to www., or nothing.
	Apex ApexMode `json:"apex"`
	// PriceClass bounds the edges in use. PriceClass_100 has none in Japan.
	PriceClass string `json:"priceClass" enum:"PriceClass_All,PriceClass_200,PriceClass_100"`
	// MinimumTLS is the oldest protocol and the weakest ciphers that viewers may use. Older
	// security policies allow ciphers or protocols that are no longer safe; younger ones, of 2025,
	// are refused by the AWS plugin of this SDK's version.
	// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/secure-connections-supported-viewer-protocols-ciphers.html
	MinimumTLS string `json:"minimumTls" enum:"TLSv1.2_2021"`
	// APIPaths go to the load balancer and are never cached, such as /api/*. What is in no list is
	// a page, and is never cached either.
	APIPaths []PathPattern `json:"apiPaths" settings:"unique" items:"1.."`
	// Static are the paths that are cached for a year, and where they come from; their names must
	// change with their content.
	Static map[PathPattern]StaticOrigin `json:"static" items:"1.."`
	// Images is the image optimizer, whose pictures are cached by address, width, quality and
	// format. Without it each is made again.
	Images *ImagesConfig `json:"images"`
	// OriginReadTimeoutSeconds is how long CloudFront waits for the load balancer's answer.
	OriginReadTimeoutSeconds int `json:"originReadTimeoutSeconds" range:"1..60" unit:"seconds"`
	// OriginKeepaliveSeconds is how long an idle connection to the load balancer is kept; no longer
	// than the load balancer's own idle timeout, or requests meet closed connections.
	OriginKeepaliveSeconds int `json:"originKeepaliveSeconds" range:"1..60" unit:"seconds"`
	// Headers are the security headers of every response.
	Headers HeadersConfig `json:"headers"`
	// Maintenance says when the maintenance page takes the place of an error.
	Maintenance MaintenanceConfig `json:"maintenance"`
	// ExtraMetrics adds origin latency, cache hit rate and error rates by status code, for a
	// monthly fee.
	ExtraMetrics bool `json:"extraMetrics"`
}

// ApexMode is what the domain without www. does.
type ApexMode string

// A second address of the same content would be bad for search engines and for cookies, so that the
// apex never serves it.
const (
	ApexRedirect ApexMode = "redirect" // to the same path at www.
	ApexNone     ApexMode = "none"     // no record, and the distribution does not answer to it
)

// Rule implements settings.Ruled.
func (ApexMode) Rule() settings.Rule { return settings.Set(ApexRedirect, ApexNone) }

// StaticOrigin is where static files come from.
type StaticOrigin string

// The two origins of the distribution.
const (
	FromLoadBalancer StaticOrigin = "loadBalancer" // the web service's own files
	FromAssets       StaticOrigin = "assets"       // the assets bucket, where the path is the object's key
)

// Rule implements settings.Ruled.
func (StaticOrigin) Rule() settings.Rule { return settings.Set(FromLoadBalancer, FromAssets) }

// MaintenanceConfig says when the maintenance page takes the place of an error.
type MaintenanceConfig struct {
	// StatusCodes are the origin's errors for which it is shown; the status is kept. The load
	// balancer answers 503 when no target is registered, 502 when a target closes the connection
	// and 504 when it takes too long. They hold for every path: an API client gets HTML with the
	// status too, also where the application itself has answered with one of them.
	StatusCodes []int `json:"statusCodes" settings:"unique" items:"1.." enum:"502,503,504" want:"502, 503 or 504"`
	// CacheSeconds is how long an edge answers a path with the page before it asks the origin
	// again.
	CacheSeconds int `json:"cacheSeconds" settings:"optional" range:"0..60" unit:"seconds"`
	// Closed closes the site by hand: every visitor gets the page with status 503, an API client
	// gets JSON, and the health check's path goes on as before. It changes the viewer function
	// alone, which takes seconds.
	Closed bool `json:"closed" settings:"optional"`
	// PassHash lets staff through while the site is closed: the SHA-256 of the pass that they send
	// in the header x-maintenance-pass, in hexadecimal. The function knows no more than that.
	// Without it nobody gets through.
	PassHash string `json:"passHash" settings:"optional" pattern:"^([0-9a-f]{64})?$" want:"the SHA-256 of the pass in hexadecimal, as sha256sum prints it"`
}

// Validate reports every problem, with paths relative to the distribution.
func (c DistributionConfig) Validate() settings.Problems {
	p := settings.Check(c)
	c.validatePaths(&p)
	return p
}

// PathPattern is a file, such as /robots.txt, or everything in a folder, such as /api/*. CloudFront
// knows more patterns, but with these alone it is plain which of two matches a path.
type PathPattern string

// Rule implements settings.Ruled.
func (PathPattern) Rule() settings.Rule {
	return settings.Rule{
		Pattern: regexp.MustCompile(`^(/[A-Za-z0-9._~-]+)+(/\*)?$`),
		Length:  settings.AtMost(255),
		Valid:   reachable,
		Want:    "a file such as /robots.txt or a folder such as /api/*",
	}
}

// reachable says whether a request can match a path. CloudFront compares with a path whose dot
// segments are resolved, in which none is left.
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistValuesCacheBehavior.html
func reachable(path string) bool {
	for segment := range strings.SplitSeq(path, "/") {
		if segment == "." || segment == ".." {
			return false
		}
	}
	return true
}

// folder says whether the pattern is of everything in a folder.
func (a PathPattern) folder() bool { return strings.HasSuffix(string(a), "*") }

// covers says whether every path of pattern b is one of pattern a.
func (a PathPattern) covers(b PathPattern) bool {
	return a == b || (a.folder() && strings.HasPrefix(string(b), a.searched()))
}

// validatePaths refuses two patterns of which one hides the other: the order of behaviours then
// decides what is cached.
func (c DistributionConfig) validatePaths(p *settings.Problems) {
	taken := []PathPattern{maintenancePattern}
	check := func(at string, path PathPattern) {
		for _, other := range taken {
			p.Want(!other.covers(path) && !path.covers(other), at, path,
				"a path apart from %s, which is handled in another way", other)
		}
	}
	for i, path := range c.APIPaths {
		check(at("apiPaths", i), path)
	}
	taken = append(taken, c.APIPaths...)
	for _, path := range sortedKeys(c.Static) {
		check(settings.Key("static", string(path)), path)
		for _, varies := range notStatic {
			p.Want(!varies.covers(path) && !path.covers(varies), settings.Key("static", string(path)), path,
				"a path apart from %s, whose answers depend on more than the path: kept for a year by the path alone, "+
					"everybody would get the first one", varies)
		}
		taken = append(taken, path)
	}
	if c.Images != nil {
		check("images.path", c.Images.Path)
		taken = append(taken, c.Images.Path)
	}
	p.Want(len(taken) < maxBehaviors, "apiPaths", fmt.Sprintf("%d behaviours with a path", len(taken)),
		"fewer than %d with static, images and the maintenance page: CloudFront takes so many with the default one",
		maxBehaviors)
}

// maxBehaviors is CloudFront's quota for a distribution, which AWS raises on request.
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html
const maxBehaviors = 75

// notStatic are Next.js's own paths whose answers depend on the query, on headers and on the build.
var notStatic = []PathPattern{"/_next/image", "/_next/data/*"}
