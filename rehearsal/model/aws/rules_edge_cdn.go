package aws

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/provider"
)

// awsPolicies are those that AWS made, the same in every account.
var awsPolicies = map[string][]string{
	cachePolicyType: {
		"658327ea-f89d-4fab-a63d-7e88639e58f6", "b2884449-e4de-46a7-ac36-70bc7f1ddd6d",
		"4135ea2d-6df8-44a3-9df3-4b5a84be39ad",
		"08627262-05a9-4f76-9ded-b50ca2e3a84f", "2e54312d-136d-493c-8eb9-b001f22f67d2",
	},
	requestPolicyType: {
		"216adef6-5c7f-47e2-b989-5492eafa07d3", "b689b0a8-53d0-40ab-baf2-68738e2966ac",
		"88a5eaf4-2fd4-4709-b370-b4c650ea3fcf",
		"59781a5b-3903-41f3-afcb-af62929ccde1", "acba4595-bd28-49b8-b9fe-13317c0390fa",
		"33f36d7e-f396-46d9-90e0-52428a34d9dc",
	},
	headersPolicyType: {
		"67f7725c-6f97-4210-82d7-5512b31e9d03", "60669652-455b-4ae9-85a4-c4c02393f86c",
		"5cc3b908-e619-4b99-88e5-2cf7f45965bd",
		"e61eb60c-9c35-4d20-a928-2b84e02af89c", "eaab4381-ed33-4a86-88ca-d9558dc6cd63",
	},
}

// attached are what a behaviour refers to: the property, the type behind it, and CloudFront's
// errors.
var attached = []struct{ property, typ, absent, inUse string }{
	{"cachePolicyId", cachePolicyType, "NoSuchCachePolicy: The specified cache policy does not exist",
		"CachePolicyInUse: The cache policy is attached to one or more cache behaviors"},
	{"originRequestPolicyId", requestPolicyType,
		"NoSuchOriginRequestPolicy: The specified origin request policy does not exist",
		"OriginRequestPolicyInUse: The origin request policy is attached to one or more cache behaviors"},
	{"responseHeadersPolicyId", headersPolicyType,
		"NoSuchResponseHeadersPolicy: The specified response headers policy does not exist",
		"ResponseHeadersPolicyInUse: The response headers policy is attached to one or more cache behaviors"},
}

// cdnRules are about CloudFront.
var cdnRules = []provider.Rule{
	{
		Name:  "a distribution's certificate",
		Types: []string{distributionType},
		When:  provider.OnWrite,
		Why:   "CloudFront InvalidViewerCertificate: in us-east-1, issued, and for every alias",
		Check: viewerCertificate,
	},
	{
		Name:  "a distribution's web ACL",
		Types: []string{distributionType},
		When:  provider.OnWrite,
		Why:   "CloudFront InvalidWebACLId: of scope CLOUDFRONT, in us-east-1, by its ARN",
		Check: func(r *provider.Request) error {
			arn := r.Inputs.Text("webAclId")
			acl := r.ByARN(arn)
			if arn == "" || acl != nil && acl.Type == webACLType && acl.Text("scope") == scopeOfDistributions ||
				acl == nil && r.Preview && strings.HasPrefix(arn, "arn:aws:wafv2:us-east-1:") {
				return nil
			}
			return fmt.Errorf("InvalidWebACLId: Web ACL is not accessible by the requester: %s", arn)
		},
	},
	{
		Name:  "an alias of one distribution",
		Types: []string{distributionType},
		When:  provider.OnWrite,
		Why:   "CloudFront CNAMEAlreadyExists, across accounts",
		Check: func(r *provider.Request) error {
			for _, other := range r.Everywhere(distributionType) {
				taken := set(provider.Values(other.Inputs).Texts("aliases"))
				for _, alias := range r.Inputs.Texts("aliases") {
					if taken[alias] && !r.Itself(other) {
						return fmt.Errorf("CNAMEAlreadyExists: One or more of the CNAMEs you provided are already "+
							"associated with a different resource: %s", alias)
					}
				}
			}
			return nil
		},
	},
	{
		Name:  "behaviours of known origins",
		Types: []string{distributionType},
		When:  provider.OnCheck,
		Why:   "CloudFront NoSuchOrigin",
		Check: func(r *provider.Request) error {
			known := map[string]bool{}
			for _, origin := range append(r.Inputs.Objects("origins"), r.Inputs.Objects("originGroups")...) {
				if origin.Unknown("originId") {
					return nil
				}
				known[origin.Text("originId")] = true
			}
			for _, b := range behaviorsOf(r.Inputs) {
				if target := b.Text("targetOriginId"); target != "" && !known[target] {
					return fmt.Errorf("NoSuchOrigin: One or more of your origins or origin groups do not exist: %s",
						target)
				}
			}
			return nil
		},
	},
	{
		Name:  "an origin group serves reads",
		Types: []string{distributionType},
		When:  provider.OnCheck,
		Why:   "CloudFront: origin failover is for GET, HEAD and OPTIONS",
		Check: func(r *provider.Request) error {
			groups := map[string]bool{}
			for _, group := range r.Inputs.Objects("originGroups") {
				groups[group.Text("originId")] = true
			}
			for _, b := range behaviorsOf(r.Inputs) {
				for _, method := range b.Texts("allowedMethods") {
					if groups[b.Text("targetOriginId")] &&
						slices.Contains([]string{"POST", "PUT", "PATCH", "DELETE"}, method) {
						return fmt.Errorf("InvalidArgument: The parameter AllowedMethods cannot include POST, PUT, " +
							"PATCH, or DELETE for a cached behavior associated with an origin group")
					}
				}
			}
			return nil
		},
	},
	{
		Name:  "one behaviour a path",
		Types: []string{distributionType},
		When:  provider.OnCheck,
		Why:   "CloudFront InvalidArgument",
		Check: func(r *provider.Request) error {
			seen := map[string]bool{}
			for _, b := range r.Inputs.Objects("orderedCacheBehaviors") {
				path := b.Text("pathPattern")
				if path != "" && seen[path] {
					return fmt.Errorf("InvalidArgument: The parameter PathPattern contains a duplicate: %s", path)
				}
				seen[path] = true
			}
			return nil
		},
	},
	{
		Name:  "behaviours of a distribution",
		Types: []string{distributionType},
		When:  provider.OnCheck,
		Why: "CloudFront TooManyCacheBehaviors: a default quota of 75 for a distribution; " +
			"docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html. Whether the default " +
			"behaviour counts is not verified: it does here",
		Check: func(r *provider.Request) error {
			if n := len(behaviorsOf(r.Inputs)); n > distributionBehaviors {
				return fmt.Errorf("TooManyCacheBehaviors: Your request contains more CacheBehaviors than are allowed "+
					"per distribution: %d, of %d", n, distributionBehaviors)
			}
			return nil
		},
	},
	{
		Name:  "a page of an error has a status",
		Types: []string{distributionType},
		When:  provider.OnCheck,
		Why:   "CloudFront CustomErrorResponse: ResponsePagePath and ResponseCode together; the codes it knows",
		Check: func(r *provider.Request) error {
			known := []float64{400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504}
			for _, response := range r.Inputs.Objects("customErrorResponses") {
				if response.Has("responseCode") != response.Has("responsePagePath") {
					return fmt.Errorf("InvalidArgument: Your request must specify both ResponsePagePath and " +
						"ResponseCode together or none of them")
				}
				if code, ok := response.Number("errorCode"); ok && !slices.Contains(known, code) {
					return fmt.Errorf("InvalidArgument: The parameter ErrorCode is invalid: %g", code)
				}
			}
			return nil
		},
	},
	{
		Name:  "behaviours with known policies",
		Types: []string{distributionType},
		When:  provider.OnWrite,
		Why:   "CloudFront NoSuchCachePolicy, NoSuchOriginRequestPolicy, NoSuchResponseHeadersPolicy",
		Check: func(r *provider.Request) error {
			for _, b := range behaviorsOf(r.Inputs) {
				for _, one := range attached {
					id := b.Text(one.property)
					if id != "" && !slices.Contains(awsPolicies[one.typ], id) && r.Missing(r.Find(one.typ, id)) {
						return fmt.Errorf("%s", one.absent)
					}
				}
			}
			return nil
		},
	},
	{
		Name:  "behaviours with published functions",
		Types: []string{distributionType},
		When:  provider.OnWrite,
		Why:   "CloudFront InvalidFunctionAssociation",
		Check: func(r *provider.Request) error {
			for _, b := range behaviorsOf(r.Inputs) {
				for _, association := range b.Objects("functionAssociations") {
					arn := association.Text("functionArn")
					function := r.ByARN(arn)
					if arn != "" &&
						(r.Missing(function) ||
							function != nil && !provider.Values(function.Outputs).Is("publish", true)) {
						return fmt.Errorf("InvalidFunctionAssociation: The function ARN specified in the "+
							"association does not exist or is not published: %s", arn)
					}
				}
			}
			return nil
		},
	},
	{
		Name:  "origins with access of their kind",
		Types: []string{distributionType},
		When:  provider.OnWrite,
		Why:   "CloudFront NoSuchOriginAccessControl, InvalidArgument",
		Check: func(r *provider.Request) error {
			for _, origin := range r.Inputs.Objects("origins") {
				id := origin.Text("originAccessControlId")
				access := r.Find(originAccessType, id)
				switch {
				case id == "":
				case r.Missing(access):
					return fmt.Errorf("NoSuchOriginAccessControl: The specified origin access control does not "+
						"exist: %s", id)
				case access != nil && access.Text("originAccessControlOriginType") == "s3" &&
					origin.Has("customOriginConfig"):
					return fmt.Errorf("InvalidArgument: Illegal configuration: The origin type and OAC origin " +
						"type differ")
				}
			}
			return nil
		},
	},
	{
		Name:  "a policy in use stays",
		Types: []string{cachePolicyType, requestPolicyType, headersPolicyType},
		When:  provider.OnDelete,
		Why:   "CloudFront CachePolicyInUse, OriginRequestPolicyInUse, ResponseHeadersPolicyInUse",
		Check: func(r *provider.Request) error {
			for _, one := range attached {
				used := func(b provider.Values) bool { return one.typ == r.Type && b.Text(one.property) == r.Old.ID }
				if usedByBehavior(r, used) {
					return fmt.Errorf("%s", one.inUse)
				}
			}
			return nil
		},
	},
	{
		Name:  "a function in use stays",
		Types: []string{functionType},
		When:  provider.OnDelete,
		Why:   "CloudFront FunctionInUse",
		Check: func(r *provider.Request) error {
			used := func(b provider.Values) bool {
				return slices.ContainsFunc(b.Objects("functionAssociations"), func(a provider.Values) bool {
					return a.Text("functionArn") == r.Old.ARN
				})
			}
			if usedByBehavior(r, used) {
				return fmt.Errorf("FunctionInUse: Cannot delete the function, it is in use by one or more "+
					"distributions: %s", r.Old.ID)
			}
			return nil
		},
	},
	{
		Name:  "access to an origin in use stays",
		Types: []string{originAccessType},
		When:  provider.OnDelete,
		Why:   "CloudFront OriginAccessControlInUse",
		Check: func(r *provider.Request) error {
			for _, distribution := range r.Everywhere(distributionType) {
				for _, origin := range provider.Values(distribution.Inputs).Objects("origins") {
					if origin.Text("originAccessControlId") == r.Old.ID {
						return fmt.Errorf("OriginAccessControlInUse: The origin access control is in use: %s", r.Old.ID)
					}
				}
			}
			return nil
		},
	},
	{
		Name:  "lifetimes and key of a cache policy",
		Types: []string{cachePolicyType},
		When:  provider.OnCheck,
		Why:   "CloudFront CachePolicyConfig: InvalidArgument, TooManyHeadersInCachePolicy",
		Check: cachePolicy,
	},
	{
		Name:  "headers that a policy may add",
		Types: []string{headersPolicyType},
		When:  provider.OnCheck,
		Why: "CloudFront CreateResponseHeadersPolicy: InvalidArgument, TooManyCustomHeadersInResponseHeadersPolicy. " +
			"Security and CORS headers have their own settings; " +
			"which others are refused is the list of edge-function-restrictions-all.html, not verified for policies",
		Check: customHeaders,
	},
	{
		Name:  "size of a function",
		Types: []string{functionType},
		When:  provider.OnCheck,
		Why: "CloudFront FunctionSizeLimitExceeded: 10 KB; " +
			"docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html",
		Check: func(r *provider.Request) error {
			if size := len(r.Inputs.Text("code")); size > functionBytes {
				return fmt.Errorf("FunctionSizeLimitExceeded: The function exceeds the maximum size: %d bytes, of %d",
					size, functionBytes)
			}
			return nil
		},
	},
	{
		Name:  "metrics of a known distribution",
		Types: []string{extraMetricsType},
		When:  provider.OnWrite,
		Why:   "CloudFront CreateMonitoringSubscription: NoSuchDistribution",
		Check: references("distributionId", distributionType,
			"NoSuchDistribution: The specified distribution does not exist: %s"),
	},
}

// behaviorsOf are the behaviours of a distribution, the default one last.
func behaviorsOf(v provider.Values) []provider.Values {
	return append(v.Objects("orderedCacheBehaviors"), v.Object("defaultCacheBehavior"))
}

func usedByBehavior(r *provider.Request, used func(provider.Values) bool) bool {
	return slices.ContainsFunc(r.Everywhere(distributionType), func(d *cloud.Object) bool {
		return slices.ContainsFunc(behaviorsOf(provider.Values(d.Inputs)), used)
	})
}

func viewerCertificate(r *provider.Request) error {
	arn := r.Inputs.Object("viewerCertificate").Text("acmCertificateArn")
	certificate := r.ByARN(arn)
	switch {
	case arn == "" || certificate == nil && r.Preview && strings.HasPrefix(arn, "arn:aws:acm:us-east-1:"):
		return nil
	case certificate == nil || certificate.Region != globalRegion || !r.Preview && notIssued(r, certificate) != "":
		return fmt.Errorf("InvalidViewerCertificate: The specified SSL certificate doesn't exist, isn't in " +
			"us-east-1 region, isn't valid, or doesn't include a valid certificate chain")
	}
	for _, alias := range r.Inputs.Texts("aliases") {
		_, parent, _ := strings.Cut(alias, ".")
		domains := certificateDomains(provider.Values(certificate.Inputs))
		if !slices.Contains(domains, alias) && !slices.Contains(domains, "*."+parent) {
			return fmt.Errorf("InvalidViewerCertificate: The certificate that is attached to your distribution "+
				"doesn't cover the alternate domain name (CNAME) that you're trying to add: %s", alias)
		}
	}
	return nil
}

func cachePolicy(r *provider.Request) error {
	least, _ := r.Inputs.Number("minTtl")
	usual, given := r.Inputs.Number("defaultTtl")
	if !given {
		usual = 86400
	}
	most, given := r.Inputs.Number("maxTtl")
	if !given {
		most = 31536000
	}
	if least > usual || usual > most {
		return fmt.Errorf("InvalidArgument: The parameter MinTTL must be less than or equal to DefaultTTL, and "+
			"DefaultTTL to MaxTTL: %g, %g, %g", least, usual, most)
	}
	key := r.Inputs.Object("parametersInCacheKeyAndForwardedToOrigin")
	for _, part := range []struct{ config, behavior, items string }{
		{"headersConfig", "headerBehavior", "headers"}, {"cookiesConfig", "cookieBehavior", "cookies"},
		{"queryStringsConfig", "queryStringBehavior", "queryStrings"},
	} {
		config := key.Object(part.config)
		behavior, items := config.Text(part.behavior), config.Object(part.items).Texts("items")
		name := strings.ToUpper(part.behavior[:1]) + part.behavior[1:]
		switch {
		case most == 0 && behavior != "none" && behavior != "":
			return fmt.Errorf("InvalidArgument: The parameter %s is invalid for policy with caching disabled", name)
		case behavior == "none" && len(items) > 0,
			behavior == "whitelist" && !config.Unknown(part.items) && len(items) == 0:
			return fmt.Errorf("InvalidArgument: The parameter %s does not match its list: %s with %d items", name,
				behavior, len(items))
		case len(items) > 10:
			return fmt.Errorf("TooManyHeadersInCachePolicy: %s has %d items, of 10", part.config, len(items))
		}
	}
	for _, encoding := range []string{"enableAcceptEncodingGzip", "enableAcceptEncodingBrotli"} {
		if most == 0 && key.Is(encoding, false) {
			return fmt.Errorf("InvalidArgument: The parameter %s is invalid for policy with caching disabled",
				strings.ToUpper(encoding[:1])+encoding[1:])
		}
	}
	return nil
}

const (
	functionBytes         = 10240
	mostCustomHeaders     = 10
	distributionBehaviors = 75
)

// writtenByCloudFront are headers that no policy may add, and ends of those that begin alike.
var writtenByCloudFront = regexp.MustCompile(
	`^(connection|content-encoding|content-length|expect|host|keep-alive|proxy-.*|trailer|transfer-encoding|` +
		`upgrade|via|warning|x-cache|x-forwarded-proto|x-real-ip|x-(amz-cf|amzn|edge|accel)-.*)$`,
)

// setElsewhere are headers with a setting of their own in the policy.
var setElsewhere = regexp.MustCompile(
	`^(access-control-.*|content-security-policy|referrer-policy|strict-transport-security|` +
		`x-content-type-options|x-frame-options|x-xss-protection|server-timing)$`,
)

func customHeaders(r *provider.Request) error {
	items := r.Inputs.Object("customHeadersConfig").Objects("items")
	if len(items) > mostCustomHeaders {
		return fmt.Errorf("TooManyCustomHeadersInResponseHeadersPolicy: %d headers, of %d", len(items),
			mostCustomHeaders)
	}
	seen := map[string]bool{}
	for _, item := range items {
		name := strings.ToLower(item.Text("header"))
		if seen[name] && name != "" {
			return fmt.Errorf("InvalidArgument: The parameter CustomHeaders contains a duplicate: %s",
				item.Text("header"))
		}
		seen[name] = true
		if writtenByCloudFront.MatchString(name) || setElsewhere.MatchString(name) {
			return fmt.Errorf("InvalidArgument: The parameter CustomHeaders contains %s that is not allowed.",
				item.Text("header"))
		}
	}
	return nil
}
