package edge

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudfront"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bookmark-manager/infrastructure/internal/settings"
)

// HeadersConfig are the security headers that CloudFront adds to every response, errors included.
type HeadersConfig struct {
	// HSTS tells browsers to use HTTPS alone. Browsers hold the site to it: start with a day and raise it.
	HSTS HSTSConfig `json:"hsts"`
	// FrameOption is who may show the site in a frame.
	FrameOption string `json:"frameOption" enum:"DENY,SAMEORIGIN"`
	// ReferrerPolicy is how much of a page's address the next site learns.
	ReferrerPolicy ReferrerPolicy `json:"referrerPolicy"`
	// ContentSecurityPolicy goes out with what has none of its own: the application may send a stricter one with nonces. It must leave
	// the maintenance page its inline style.
	ContentSecurityPolicy string `json:"contentSecurityPolicy" settings:"optional" pattern:"^[ -~]*$" want:"one line of printable ASCII"`
}

// ReferrerPolicy is a value of the header Referrer-Policy.
type ReferrerPolicy string

// Rule implements settings.Ruled. unsafe-url is left out.
func (ReferrerPolicy) Rule() settings.Rule {
	return settings.Set[ReferrerPolicy](
		"no-referrer", "no-referrer-when-downgrade", "origin", "origin-when-cross-origin", "same-origin", "strict-origin",
		"strict-origin-when-cross-origin")
}

// HSTSConfig is Strict-Transport-Security. Browsers hold the site to it for MaxAgeSeconds, so start with a day and raise it.
type HSTSConfig struct {
	// MaxAgeSeconds is how long browsers hold the site to it; two years at most.
	MaxAgeSeconds int `json:"maxAgeSeconds" range:"300..63072000" unit:"seconds"`
	// IncludeSubdomains holds every name below the domain to it.
	IncludeSubdomains bool `json:"includeSubdomains"`
	// Preload asks browsers to ship with the rule, which takes months to undo. Needs a year or more and IncludeSubdomains.
	Preload bool `json:"preload"`
}

// preloadHSTS is what the browsers' list asks for: https://hstspreload.org.
const preloadHSTS = 31536000

// Validate reports every problem, with paths relative to the headers.
func (c HeadersConfig) Validate() settings.Problems {
	p := settings.Check(c)
	p.Want(!c.HSTS.Preload || (c.HSTS.MaxAgeSeconds >= preloadHSTS && c.HSTS.IncludeSubdomains), "hsts.preload", c.HSTS.Preload,
		"false, or maxAgeSeconds of %d or more with includeSubdomains", preloadHSTS)
	p.Want(allowsStyle(c.ContentSecurityPolicy, maintenanceStyle), "contentSecurityPolicy", c.ContentSecurityPolicy,
		"'unsafe-inline' or '%s' in style-src, or the maintenance page loses its style", maintenanceStyle)
	return p
}

// allowsStyle says whether a policy lets a page use the inline style with a hash.
func allowsStyle(contentPolicy, hash string) bool {
	directives := map[string][]string{}
	for directive := range strings.SplitSeq(contentPolicy, ";") {
		if words := strings.Fields(directive); len(words) > 0 {
			directives[strings.ToLower(words[0])] = words[1:]
		}
	}
	for _, name := range []string{"style-src-elem", "style-src", "default-src"} {
		sources, ok := directives[name]
		if !ok {
			continue
		}
		if slices.Contains(sources, "'"+hash+"'") {
			return true
		}
		// A hash or a nonce makes browsers ignore 'unsafe-inline'.
		strict := slices.ContainsFunc(sources, func(s string) bool { return strings.HasPrefix(s, "'sha") || strings.HasPrefix(s, "'nonce-") })
		return slices.Contains(sources, "'unsafe-inline'") && !strict
	}
	return true
}

func newHeadersPolicy(ctx *pulumi.Context, name string, c HeadersConfig, opts ...pulumi.ResourceOption) (*cloudfront.ResponseHeadersPolicy, error) {
	security := cloudfront.ResponseHeadersPolicySecurityHeadersConfigArgs{
		StrictTransportSecurity: cloudfront.ResponseHeadersPolicySecurityHeadersConfigStrictTransportSecurityArgs{
			AccessControlMaxAgeSec: pulumi.Int(c.HSTS.MaxAgeSeconds), IncludeSubdomains: pulumi.Bool(c.HSTS.IncludeSubdomains),
			Preload: pulumi.Bool(c.HSTS.Preload), Override: pulumi.Bool(true),
		},
		ContentTypeOptions: cloudfront.ResponseHeadersPolicySecurityHeadersConfigContentTypeOptionsArgs{Override: pulumi.Bool(true)},
		FrameOptions: cloudfront.ResponseHeadersPolicySecurityHeadersConfigFrameOptionsArgs{
			FrameOption: pulumi.String(c.FrameOption), Override: pulumi.Bool(true),
		},
		ReferrerPolicy: cloudfront.ResponseHeadersPolicySecurityHeadersConfigReferrerPolicyArgs{
			ReferrerPolicy: pulumi.String(c.ReferrerPolicy), Override: pulumi.Bool(true),
		},
	}
	if c.ContentSecurityPolicy != "" {
		security.ContentSecurityPolicy = cloudfront.ResponseHeadersPolicySecurityHeadersConfigContentSecurityPolicyArgs{
			ContentSecurityPolicy: pulumi.String(c.ContentSecurityPolicy), Override: pulumi.Bool(false),
		}
	}
	headers, err := cloudfront.NewResponseHeadersPolicy(ctx, name+"-security", &cloudfront.ResponseHeadersPolicyArgs{
		SecurityHeadersConfig: security,
		RemoveHeadersConfig: cloudfront.ResponseHeadersPolicyRemoveHeadersConfigArgs{
			Items: cloudfront.ResponseHeadersPolicyRemoveHeadersConfigItemArray{
				cloudfront.ResponseHeadersPolicyRemoveHeadersConfigItemArgs{Header: pulumi.String("X-Powered-By")},
			},
		},
	}, opts...)
	if err != nil {
		return nil, fmt.Errorf("create security headers of distribution %q: %w", name, err)
	}
	return headers, nil
}
