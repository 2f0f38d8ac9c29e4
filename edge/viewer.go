package edge

import (
	"bytes"
	_ "embed" // the function's source
	"encoding/json"
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudfront"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bookmark-manager/infrastructure/internal/settings"
)

//go:embed viewer.js
var viewerSource string

// passHeader carries the pass by which staff see the site while it is closed.
const passHeader = "x-maintenance-pass"

// proxyHeaders are the headers that only a proxy before the application may set, and internal
// headers of Next.js. Next.js trusts both: a viewer that sends them could choose the host that
// redirects and server actions are checked against, or skip the middleware. Host, X-Forwarded-For,
// X-Forwarded-Proto and X-Real-IP are not among them: CloudFront writes or removes those by itself,
// and functions may not touch them.
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/edge-function-restrictions-all.html
var proxyHeaders = []string{
	"forwarded", "x-forwarded-host", "x-forwarded-port", "x-forwarded-server", "x-forwarded-prefix", "x-host",
	"x-original-host",
	"x-original-url", "x-rewrite-url", "x-http-method-override",
	"x-http-method", "x-method-override",
	"x-middleware-subrequest", "x-middleware-subrequest-id", "x-middleware-invoke", "x-middleware-rewrite",
	"x-middleware-redirect", "x-middleware-set-cookie", "x-middleware-skip", "x-middleware-override-headers",
	"x-middleware-next", "x-now-route-matches",
	"x-invoke-path",
	"x-invoke-query", "x-invoke-output", "x-invoke-status", "x-matched-path", passHeader,
}

// viewerSettings are what the function knows.
type viewerSettings struct {
	Site       string          `json:"site"`
	Hosts      []Domain        `json:"hosts"` // further names, which are not redirected either
	HSTS       string          `json:"hsts"`
	PassHeader string          `json:"passHeader"`
	Drop       []string        `json:"drop"`
	Images     string          `json:"images,omitempty"`
	Closed     *closedSettings `json:"closed,omitempty"`
}

// closedSettings are what it answers with while the site is closed.
type closedSettings struct {
	PassHash   string        `json:"passHash,omitempty"`
	Health     string        `json:"health"`
	API        []PathPattern `json:"api"`
	RetryAfter int           `json:"retryAfter"` // seconds
	Page       string        `json:"page"`
	JSON       string        `json:"json"`
}

// maxFunctionBytes is the longest code that CloudFront takes.
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html
const maxFunctionBytes = 10240

const (
	closedRetrySeconds = 300
	closedJSON         = `{"error":"maintenance","message":"The service is being maintained. Please try again later."}`
)

// viewerCode is the function's source with its settings before it.
func viewerCode(c DistributionConfig, domain Domain, hosts []Domain, healthPath string) (string, error) {
	known := viewerSettings{
		Site:       domain.WWW(),
		Hosts:      append([]Domain{}, hosts...),
		HSTS:       c.Headers.HSTS.value(),
		PassHeader: passHeader,
		Drop:       proxyHeaders,
	}
	if c.Images != nil {
		known.Images = string(c.Images.Path)
	}
	if c.Maintenance.Closed {
		known.Closed = &closedSettings{
			PassHash:   c.Maintenance.PassHash,
			Health:     healthPath,
			API:        c.APIPaths,
			RetryAfter: closedRetrySeconds,
			Page:       maintenanceHTML,
			JSON:       closedJSON,
		}
	}
	var code bytes.Buffer
	code.WriteString("const settings = ")
	encoder := json.NewEncoder(&code)
	encoder.SetEscapeHTML(false) // the page would grow by a half
	if err := encoder.Encode(known); err != nil {
		return "", fmt.Errorf("encode the viewer function's settings: %w", err)
	}
	code.WriteString("\n" + viewerSource)
	return code.String(), nil
}

// newViewerFunction makes the function that every behaviour asks first. Its logical name dates from
// when it only redirected: another name would replace the function.
func newViewerFunction(
	ctx *pulumi.Context, name string, args *EdgeDistributionArgs, opts ...pulumi.ResourceOption,
) (*cloudfront.Function, error) {
	code, err := viewerCode(args.Config, args.Domain, args.Hosts, args.HealthPath)
	if err != nil {
		return nil, err
	}
	function, err := cloudfront.NewFunction(ctx, name+"-redirect", &cloudfront.FunctionArgs{
		Runtime: pulumi.String("cloudfront-js-2.0"),
		Comment: pulumi.Sprintf("Redirects to %s", args.Domain.WWW()),
		Code:    pulumi.String(code),
		Publish: pulumi.Bool(true), // a distribution runs what is published
	}, opts...)
	if err != nil {
		return nil, fmt.Errorf("create viewer function of distribution %q: %w", name, err)
	}
	return function, nil
}

// value is the header's.
func (c HSTSConfig) value() string {
	value := fmt.Sprintf("max-age=%d", c.MaxAgeSeconds)
	if c.IncludeSubdomains {
		value += "; includeSubDomains"
	}
	if c.Preload {
		value += "; preload"
	}
	return value
}

// ImagesConfig is the image optimizer of Next.js, whose answer depends on the query and on what
// picture formats the browser takes.
// https://nextjs.org/docs/app/api-reference/components/image
type ImagesConfig struct {
	// Path is where it answers, such as /_next/image.
	Path PathPattern `json:"path"`
	// MaxSeconds is the longest that an edge keeps a picture. Next.js's own Cache-Control,
	// minimumCacheTTL, says how long within it.
	MaxSeconds int `json:"maxSeconds" range:"60..31536000" unit:"seconds"`
}

// Validate reports every problem, with paths relative to the images.
func (c ImagesConfig) Validate() settings.Problems {
	p := settings.Check(c)
	p.Want(!c.Path.folder(), "path", c.Path, "a file such as /_next/image: its answers are kept by url, w and q")
	return p
}
