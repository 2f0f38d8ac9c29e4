package compliance

import (
	"slices"
	"strings"

	"github.com/bookmark-manager/infrastructure/internal/catalog"
)

var (
	distributions = []string{catalog.Distribution}
	webACLs       = []string{catalog.WebACL}
	zones         = []string{catalog.Zone}
	certificates  = []string{catalog.Certificate}
)

var edgeControls = []Control{
	{
		ID:       "CloudFront.1",
		Title:    "Distributions have a default root object",
		Severity: High,
		Types:    distributions,
		About:    "CloudFront distribution",
		check:    wantsSet("defaultRootObject"),
	},
	{
		ID:       "CloudFront.3",
		Title:    "Distributions redirect to HTTPS or accept nothing else",
		Severity: Medium,
		Types:    distributions,
		About:    "CloudFront distribution",
		check:    httpsForViewers,
	},
	{
		ID:       "CloudFront.4",
		Title:    "Distributions have origin failover",
		Severity: Low,
		Types:    distributions,
		About:    "CloudFront distribution",
		check: func(_ *stack, r *resource) string {
			if len(r.at("originGroups").list()) == 0 {
				return "originGroups is not set"
			}
			return ""
		},
	},
	{
		ID:       "CloudFront.5",
		Title:    "Distributions log requests",
		Severity: Medium,
		Types:    distributions,
		About:    "CloudFront distribution",
		check:    accessLogs,
	},
	{
		ID:       "CloudFront.6",
		Title:    "Distributions have a web ACL",
		Severity: Medium,
		Types:    distributions,
		About:    "CloudFront distribution",
		check:    wantsSet("webAclId"),
	},
	{
		ID:       "CloudFront.7",
		Title:    "Distributions use a certificate of their own",
		Severity: Medium,
		Types:    distributions,
		About:    "CloudFront distribution",
		check: func(_ *stack, r *resource) string {
			if r.at("viewerCertificate.acmCertificateArn").present() ||
				r.at("viewerCertificate.iamCertificateId").present() {
				return ""
			}
			return "viewerCertificate has no certificate, so CloudFront's own is used"
		},
	},
	{
		ID:       "CloudFront.8",
		Title:    "Distributions serve HTTPS by SNI",
		Severity: Low,
		Types:    distributions,
		About:    "CloudFront distribution",
		check:    wantsOneOf("viewerCertificate.sslSupportMethod", "", "sni-only"),
	},
	{
		ID:       "CloudFront.9",
		Title:    "Distributions encrypt traffic to custom origins",
		Severity: Medium,
		Types:    distributions,
		About:    "CloudFront distribution",
		check:    originProtocol,
	},
	{
		ID:       "CloudFront.10",
		Title:    "Distributions use no deprecated SSL protocol to custom origins",
		Severity: Medium,
		Types:    distributions,
		About:    "CloudFront distribution",
		check:    originTLS,
	},
	{
		ID:       "CloudFront.12",
		Title:    "Distributions point to no S3 bucket that does not exist",
		Severity: High,
		Types:    distributions,
		About:    "CloudFront distribution",
		check:    originBucketsExist,
	},
	{
		ID:       "CloudFront.13",
		Title:    "Distributions reach S3 by origin access control",
		Severity: Medium,
		Types:    distributions,
		About:    "CloudFront distribution",
		check:    originAccessControl,
	},
	{
		ID:       "CloudFront.15",
		Title:    "Distributions use the recommended TLS policy",
		Severity: Medium,
		Types:    distributions,
		About:    "CloudFront distribution",
		check: wantsOneOf("viewerCertificate.minimumProtocolVersion", "TLSv1", "TLSv1.2_2021", "TLSv1.2_2025",
			"TLSv1.3_2025"),
	},
	{
		ID:       "CloudFront.17",
		Title:    "Distributions want URLs or cookies that a trusted key group has signed",
		Severity: Medium,
		Types:    distributions,
		About:    "CloudFront distribution",
		check:    signedByKeyGroups,
	},
	{
		ID:       "WAF.10",
		Title:    "Web ACLs have a rule",
		Severity: Medium,
		Types:    webACLs,
		About:    "web ACL",
		check: func(_ *stack, r *resource) string {
			if len(r.at("rules").list()) == 0 {
				return "rules is empty"
			}
			return ""
		},
	},
	{
		ID:       "WAF.11",
		Title:    "Web ACLs log requests",
		Severity: Low,
		Types:    webACLs,
		About:    "web ACL",
		check:    wantsReferrer(catalog.WebACLLogging, "resourceArn", "logging configuration"),
	},
	{
		ID:       "WAF.12",
		Title:    "Rules of web ACLs have CloudWatch metrics",
		Severity: Medium,
		Types:    webACLs,
		About:    "web ACL",
		check: func(_ *stack, r *resource) string {
			for _, rule := range r.at("rules").list() {
				if !rule.at("visibilityConfig.cloudwatchMetricsEnabled").yes() {
					return "the rule " + rule.at("name").text() + " has no metrics"
				}
			}
			return ""
		},
	},
	{
		ID:       "Route53.2",
		Title:    "Public zones log queries",
		Severity: Medium,
		Types:    zones,
		About:    "public zone",
		applies:  func(r *resource) bool { return len(r.at("vpcs").list()) == 0 },
		check:    wantsReferrer(catalog.QueryLog, "zoneId", "query log"),
	},
	{
		ID:       "ACM.2",
		Title:    "Certificates have RSA keys of 2,048 bits or more, or elliptic ones",
		Severity: High,
		Types:    certificates,
		About:    "ACM certificate",
		applies:  func(r *resource) bool { return !r.at("certificateBody").present() },
		check: wantsOneOf("keyAlgorithm", "RSA_2048", "RSA_2048", "RSA_3072", "RSA_4096", "EC_prime256v1",
			"EC_secp384r1", "EC_secp521r1"),
	},
}

func behaviors(r *resource) []value {
	return append([]value{r.at("defaultCacheBehavior")}, r.at("orderedCacheBehaviors").list()...)
}

func httpsForViewers(_ *stack, r *resource) string {
	for _, behavior := range behaviors(r) {
		if found := behavior.at("viewerProtocolPolicy").text(); found != "redirect-to-https" && found != "https-only" {
			return behavior.path() + ".viewerProtocolPolicy is " + orNone(found) +
				", want redirect-to-https or https-only"
		}
	}
	return ""
}

// signedByKeyGroups wants a key group in each behavior: what is public fails, and so does what the
// keys of an account's root user sign.
func signedByKeyGroups(_ *stack, r *resource) string {
	for _, behavior := range behaviors(r) {
		switch {
		case len(behavior.at("trustedSigners").list()) > 0:
			return behavior.path() + ".trustedSigners is set, want trustedKeyGroups"
		case len(behavior.at("trustedKeyGroups").list()) == 0:
			return behavior.path() + ".trustedKeyGroups is not set"
		}
	}
	return ""
}

// accessLogs looks for either kind of access log: the old one in the distribution, and the one that
// CloudWatch delivers.
func accessLogs(s *stack, r *resource) string {
	if r.at("loggingConfig.bucket").present() {
		return ""
	}
	for _, source := range s.refer(r, catalog.LogDeliverySource, "resourceArn") {
		if source.at("logType").text() == "ACCESS_LOGS" &&
			len(s.whose(r, catalog.LogDelivery, "deliverySourceName", source.at("name").text())) > 0 {
			return ""
		}
	}
	return "neither loggingConfig nor a log delivery takes its access logs"
}

func originProtocol(_ *stack, r *resource) string {
	for _, origin := range r.at("origins").list() {
		policy := origin.at("customOriginConfig.originProtocolPolicy").text()
		if origin.at("customOriginConfig").present() && policy != "https-only" &&
			(policy != "match-viewer" || httpsForViewers(nil, r) != "") {
			return "the origin " + origin.at("originId").text() + " is reached by " + orNone(policy) +
				", want https-only"
		}
	}
	return ""
}

func originTLS(_ *stack, r *resource) string {
	for _, origin := range r.at("origins").list() {
		for _, protocol := range origin.at("customOriginConfig.originSslProtocols").texts() {
			if !strings.HasPrefix(protocol, "TLSv1.2") && !strings.HasPrefix(protocol, "TLSv1.3") {
				return "the origin " + origin.at("originId").text() + " may be reached by " + protocol +
					", want TLSv1.2"
			}
		}
	}
	return ""
}

// bucketOrigins are the origins that are S3 buckets, but not their websites.
func bucketOrigins(r *resource) []value {
	return slices.DeleteFunc(r.at("origins").list(), func(origin value) bool {
		domain := origin.at("domainName").text()
		return !strings.Contains(domain, ".s3.") && !strings.Contains(domain, ".s3-") ||
			origin.at("customOriginConfig").present()
	})
}

func originBucketsExist(s *stack, r *resource) string {
	for _, origin := range bucketOrigins(r) {
		domain := origin.at("domainName").text()
		found := len(s.whose(r, catalog.Bucket, "bucketRegionalDomainName", domain)) +
			len(s.whose(r, catalog.Bucket, "bucketDomainName", domain))
		if found == 0 {
			return "the origin " + origin.at("originId").text() + " is " + domain + ", and the stack has no such bucket"
		}
	}
	return ""
}

func originAccessControl(_ *stack, r *resource) string {
	for _, origin := range bucketOrigins(r) {
		if !origin.at("originAccessControlId").present() {
			return "the origin " + origin.at("originId").text() + " has no originAccessControlId"
		}
	}
	return ""
}
