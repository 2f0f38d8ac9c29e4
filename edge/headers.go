package edge

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudfront"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bookmark-manager/infrastructure/internal/settings"
)

// HeadersConfig are the security headers that CloudFront adds to every response, errors included.
type HeadersConfig struct {
	// HSTS tells browsers to use HTTPS alone. Browsers hold the site to it: start with a day and
	// raise it.
	HSTS HSTSConfig `json:"hsts"`
	// FrameOption is who may show the site in a frame.
	FrameOption string `json:"frameOption" enum:"DENY,SAMEORIGIN"`
	// ReferrerPolicy is how much of a page's address the next site learns.
	ReferrerPolicy ReferrerPolicy `json:"referrerPolicy"`
	// ContentSecurityPolicy goes out with what has none of its own: the application may send a
	// stricter one with nonces. It must leave the maintenance page its inline style.
	ContentSecurityPolicy string `json:"contentSecurityPolicy" settings:"optional" pattern:"^[ -~]*$" want:"one line of printable ASCII"`
	// ReportOnlyPolicy is a stricter policy on trial: browsers block nothing by it and report what
	// they would have blocked. It needs ReportURI.
	ReportOnlyPolicy string `json:"reportOnlyPolicy" settings:"optional" pattern:"^[ -~]*$" want:"one line of printable ASCII"`
	// ReportURI is where browsers send reports on both policies: sentry:web for the Sentry project
	// of the service web, where each report counts as an event, or an address.
	ReportURI string `json:"reportUri" settings:"optional" pattern:"^(https://[!-:<-~]+|sentry:[a-z][a-z0-9-]*)?$" want:"sentry:SERVICE, or an address that begins with https://, without a semicolon"`
	// PermissionsPolicy is which features of the browser the site may use.
	PermissionsPolicy string `json:"permissionsPolicy" settings:"optional" pattern:"^[ -~]*$" want:"one line of printable ASCII"`
	// OpenerPolicy keeps other sites' windows apart from the site's; same-origin-allow-popups
	// leaves those alone that it opens itself, as a sign-in with another provider does.
	OpenerPolicy OpenerPolicy `json:"openerPolicy" settings:"optional"`
	// Additional are more headers, by name, five at most. An origin that sends one of them wins.
	Additional map[HeaderName]string `json:"additional" settings:"optional" pattern:"^[ -~]+$" want:"one line of printable ASCII"`
}

// OpenerPolicy is a value of the header Cross-Origin-Opener-Policy.
type OpenerPolicy string

// Rule implements settings.Ruled.
func (OpenerPolicy) Rule() settings.Rule {
	return settings.Set[OpenerPolicy]("same-origin", "same-origin-allow-popups", "noopener-allow-popups", "unsafe-none")
}

// HeaderName is the name of a header that CloudFront adds to responses.
type HeaderName string

// Rule implements settings.Ruled.
func (HeaderName) Rule() settings.Rule {
	return settings.Rule{
		Pattern: regexp.MustCompile(`^[A-Za-z0-9-]{1,64}$`),
		Valid:   func(name string) bool { return refusedHeader(name) == "" },
		Want:    "a header that CloudFront lets a policy add and that no other setting is for",
	}
}

// connectionHeaders are those that CloudFront writes by itself and lets no policy add. The list is
// of what edge functions may not add; that policies have the same one is not verified.
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/edge-function-restrictions-all.html
var connectionHeaders = []string{
	"connection", "content-encoding", "content-length", "expect", "host", "keep-alive", "proxy-authenticate",
	"proxy-authorization",
	"proxy-connection", "trailer", "transfer-encoding", "upgrade", "via", "warning", "x-cache", "x-forwarded-proto",
	"x-real-ip",
}

// headersOfSettings have a setting each. CloudFront refuses the security headers among custom ones.
var headersOfSettings = []string{
	"content-security-policy", "content-security-policy-report-only", "cross-origin-opener-policy",
	"permissions-policy", "referrer-policy",
	"strict-transport-security", "x-content-type-options", "x-frame-options", "x-xss-protection", "server-timing",
}

// refusedHeader says why a policy cannot add a header; empty when it can.
func refusedHeader(name string) string {
	name = strings.ToLower(name)
	ofCloudFront := func(prefix string) bool { return strings.HasPrefix(name, prefix) }
	switch {
	case slices.Contains(connectionHeaders, name),
		slices.ContainsFunc([]string{"x-amz-cf-", "x-amzn-", "x-edge-", "x-accel-"}, ofCloudFront):
		return "CloudFront writes it"
	case slices.Contains(headersOfSettings, name), ofCloudFront("access-control-"):
		return "it has a setting of its own"
	default:
		return ""
	}
}

// ReferrerPolicy is a value of the header Referrer-Policy.
type ReferrerPolicy string

// Rule implements settings.Ruled. unsafe-url is left out.
func (ReferrerPolicy) Rule() settings.Rule {
	return settings.Set[ReferrerPolicy](
		"no-referrer", "no-referrer-when-downgrade", "origin", "origin-when-cross-origin", "same-origin",
		"strict-origin",
		"strict-origin-when-cross-origin")
}

// HSTSConfig is Strict-Transport-Security. Browsers hold the site to it for MaxAgeSeconds, so start
// with a day and raise it.
type HSTSConfig struct {
	// MaxAgeSeconds is how long browsers hold the site to it; two years at most.
	MaxAgeSeconds int `json:"maxAgeSeconds" range:"300..63072000" unit:"seconds"`
	// IncludeSubdomains holds every name below the domain to it.
	IncludeSubdomains bool `json:"includeSubdomains"`
	// Preload asks browsers to ship with the rule, which takes months to undo. Needs a year or more
	// and IncludeSubdomains.
	Preload bool `json:"preload"`
}

// maxAdditional leaves the settings above their places among the ten headers that a policy may add.
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html
const maxAdditional = 5

// preloadHSTS is what the browsers' list asks for: https://hstspreload.org.
const preloadHSTS = 31536000

// Validate reports every problem, with paths relative to the headers.
func (c HeadersConfig) Validate() settings.Problems {
	p := settings.Check(c)
	p.Want(!c.HSTS.Preload || (c.HSTS.MaxAgeSeconds >= preloadHSTS && c.HSTS.IncludeSubdomains), "hsts.preload",
		c.HSTS.Preload,
		"false, or maxAgeSeconds of %d or more with includeSubdomains", preloadHSTS)
	p.Want(allowsStyle(c.ContentSecurityPolicy, maintenanceStyle), "contentSecurityPolicy", c.ContentSecurityPolicy,
		"'unsafe-inline' or '%s' in style-src, or the maintenance page loses its style", maintenanceStyle)
	seen := map[string]HeaderName{}
	for _, name := range sortedKeys(c.Additional) {
		other, twice := seen[strings.ToLower(string(name))]
		p.Want(!twice, settings.Key("additional", string(name)), name,
			"a header once: %s is the same one, and CloudFront refuses the policy", other)
		seen[strings.ToLower(string(name))] = name
	}
	p.Want(len(c.Additional) <= maxAdditional, "additional", len(c.Additional), "%d headers at most", maxAdditional)
	p.WantBeside("reportUri", c.ReportOnlyPolicy == "" || c.ReportURI != "", "reportOnlyPolicy", c.ReportOnlyPolicy,
		"nothing, or an address in reportUri: without one nobody learns what it would have blocked")
	for field, policy := range map[string]string{
		"contentSecurityPolicy": c.ContentSecurityPolicy,
		"reportOnlyPolicy":      c.ReportOnlyPolicy,
	} {
		p.Want(len(directivesOf(policy)["report-uri"]) == 0, field, policy, "no report-uri: the address is added to it")
	}
	return p
}

// directivesOf are the directives of a policy, by name.
func directivesOf(contentPolicy string) map[string][]string {
	directives := map[string][]string{}
	for directive := range strings.SplitSeq(contentPolicy, ";") {
		if words := strings.Fields(directive); len(words) > 0 {
			directives[strings.ToLower(words[0])] = words[1:]
		}
	}
	return directives
}

// ReportService is the service whose Sentry project gets the reports; empty when they go elsewhere.
func (c HeadersConfig) ReportService() string {
	service, ok := strings.CutPrefix(c.ReportURI, "sentry:")
	if !ok {
		return ""
	}
	return service
}

// reported adds the report's address to a policy; nil adds none.
func reported(contentPolicy string, address pulumi.StringInput) pulumi.StringInput {
	if address == nil {
		return pulumi.String(contentPolicy)
	}
	return pulumi.Sprintf("%s; report-uri %s", strings.TrimRight(contentPolicy, "; "), address)
}

// reportAddress is where browsers report to: nil for nowhere.
func (a *EdgeDistributionArgs) reportAddress() pulumi.StringInput {
	c := a.Config.Headers
	switch {
	case c.ReportURI == "":
		return nil
	case c.ReportService() != "":
		return a.ReportAddress
	default:
		return pulumi.String(c.ReportURI)
	}
}

// allowsStyle says whether a policy lets a page use the inline style with a hash.
func allowsStyle(contentPolicy, hash string) bool {
	directives := directivesOf(contentPolicy)
	for _, name := range []string{"style-src-elem", "style-src", "default-src"} {
		sources, ok := directives[name]
		if !ok {
			continue
		}
		if slices.Contains(sources, "'"+hash+"'") {
			return true
		}
		// A hash or a nonce makes browsers ignore 'unsafe-inline'.
		strict := slices.ContainsFunc(sources, func(s string) bool {
			return strings.HasPrefix(s, "'sha") || strings.HasPrefix(s, "'nonce-")
		})
		return slices.Contains(sources, "'unsafe-inline'") && !strict
	}
	return true
}

func newHeadersPolicy(
	ctx *pulumi.Context, name string, c HeadersConfig, reports pulumi.StringInput, opts ...pulumi.ResourceOption,
) (*cloudfront.ResponseHeadersPolicy, error) {
	security := cloudfront.ResponseHeadersPolicySecurityHeadersConfigArgs{
		StrictTransportSecurity: cloudfront.ResponseHeadersPolicySecurityHeadersConfigStrictTransportSecurityArgs{
			AccessControlMaxAgeSec: pulumi.Int(c.HSTS.MaxAgeSeconds),
			IncludeSubdomains:      pulumi.Bool(c.HSTS.IncludeSubdomains),
			Preload:                pulumi.Bool(c.HSTS.Preload),
			Override:               pulumi.Bool(true),
		},
		ContentTypeOptions: cloudfront.ResponseHeadersPolicySecurityHeadersConfigContentTypeOptionsArgs{
			Override: pulumi.Bool(true),
		},
		FrameOptions: cloudfront.ResponseHeadersPolicySecurityHeadersConfigFrameOptionsArgs{
			FrameOption: pulumi.String(c.FrameOption), Override: pulumi.Bool(true),
		},
		ReferrerPolicy: cloudfront.ResponseHeadersPolicySecurityHeadersConfigReferrerPolicyArgs{
			ReferrerPolicy: pulumi.String(c.ReferrerPolicy), Override: pulumi.Bool(true),
		},
	}
	if c.ContentSecurityPolicy != "" {
		security.ContentSecurityPolicy = cloudfront.ResponseHeadersPolicySecurityHeadersConfigContentSecurityPolicyArgs{
			ContentSecurityPolicy: reported(c.ContentSecurityPolicy, reports), Override: pulumi.Bool(false),
		}
	}
	headers, err := cloudfront.NewResponseHeadersPolicy(ctx, name+"-security", &cloudfront.ResponseHeadersPolicyArgs{
		SecurityHeadersConfig: security,
		CustomHeadersConfig:   c.custom(reports),
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

// custom are the headers that CloudFront has no setting for, in the order of their names.
func (c HeadersConfig) custom(reports pulumi.StringInput) cloudfront.ResponseHeadersPolicyCustomHeadersConfigPtrInput {
	type header struct {
		value    pulumi.StringInput
		override bool
	}
	all := map[HeaderName]header{}
	for name, value := range c.Additional {
		all[name] = header{pulumi.String(value), false}
	}
	if c.PermissionsPolicy != "" {
		all["Permissions-Policy"] = header{pulumi.String(c.PermissionsPolicy), true}
	}
	if c.OpenerPolicy != "" {
		all["Cross-Origin-Opener-Policy"] = header{pulumi.String(c.OpenerPolicy), true}
	}
	if c.ReportOnlyPolicy != "" {
		all["Content-Security-Policy-Report-Only"] = header{reported(c.ReportOnlyPolicy, reports), false}
	}
	if len(all) == 0 {
		return nil
	}
	var items cloudfront.ResponseHeadersPolicyCustomHeadersConfigItemArray
	for _, name := range sortedKeys(all) {
		items = append(items, cloudfront.ResponseHeadersPolicyCustomHeadersConfigItemArgs{
			Header:   pulumi.String(name),
			Value:    all[name].value,
			Override: pulumi.Bool(all[name].override),
		})
	}
	return cloudfront.ResponseHeadersPolicyCustomHeadersConfigArgs{Items: items}
}
