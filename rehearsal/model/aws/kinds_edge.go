package aws

import (
	"strings"
	"time"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/provider"
)

const (
	zoneType             = "aws:route53/zone:Zone"
	recordType           = "aws:route53/record:Record"
	healthCheckType      = "aws:route53/healthCheck:HealthCheck"
	signingKeyType       = "aws:route53/keySigningKey:KeySigningKey"
	zoneSigningType      = "aws:route53/hostedZoneDnsSec:HostedZoneDnsSec"
	queryLogType         = "aws:route53/queryLog:QueryLog"
	certificateType      = "aws:acm/certificate:Certificate"
	validationType       = "aws:acm/certificateValidation:CertificateValidation"
	distributionType     = "aws:cloudfront/distribution:Distribution"
	cachePolicyType      = "aws:cloudfront/cachePolicy:CachePolicy"
	requestPolicyType    = "aws:cloudfront/originRequestPolicy:OriginRequestPolicy"
	headersPolicyType    = "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy"
	functionType         = "aws:cloudfront/function:Function"
	vpcOriginType        = "aws:cloudfront/vpcOrigin:VpcOrigin"
	originAccessType     = "aws:cloudfront/originAccessControl:OriginAccessControl"
	extraMetricsType     = "aws:cloudfront/monitoringSubscription:MonitoringSubscription"
	webACLType           = "aws:wafv2/webAcl:WebAcl"
	ipSetType            = "aws:wafv2/ipSet:IpSet"
	webACLLoggingType    = "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration"
	logPolicyType        = "aws:cloudwatch/logResourcePolicy:LogResourcePolicy"
	deliverySourceType   = "aws:cloudwatch/logDeliverySource:LogDeliverySource"
	deliveryTargetType   = "aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination"
	deliveryType         = "aws:cloudwatch/logDelivery:LogDelivery"
	bucketPolicyType     = "aws:s3/bucketPolicy:BucketPolicy"
	capitals             = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	cloudFrontZone       = "Z2FDTNDATAQYW2" // of every distribution's own name
	globalRegion         = "us-east-1"      // where CloudFront looks for what it uses
	scopeOfDistributions = "CLOUDFRONT"
)

// edgeKinds are DNS, certificates, CloudFront and WAF. Of WAF only what CloudFront uses has AWS's
// form of ARN.
var edgeKinds = map[string]*provider.Kind{
	zoneType: {
		ID:     "Z{alnum20}",
		ARN:    "arn:aws:route53:::hostedzone/{id}",
		Scope:  provider.Global,
		Naming: provider.Naming{Property: "name", Fixed: true},
		Defaults: map[string]any{
			"comment":                   "Managed by Pulumi",
			"forceDestroy":              false,
			"enableAcceleratedRecovery": false,
		},
		Compute: func(_ *provider.Request, o *provider.Outputs) {
			o.Set("zoneId", o.Text("id"))
			o.Once("nameServers", func() any {
				var servers []any
				for i, domain := range []string{"com", "net", "org", "co.uk"} {
					servers = append(servers, "ns-"+provider.Random("123456789", 3)+".awsdns-"+
						[]string{"01", "17", "33", "49"}[i]+"."+domain)
				}
				return servers
			})
			o.Set("primaryNameServer", o.Texts("nameServers")[0])
		},
	},
	recordType: {
		ID:       "{zoneId}_{record}",
		Terms:    recordTerms,
		Scope:    provider.Global,
		Naming:   provider.Naming{Property: "name", Fixed: true},
		Defaults: map[string]any{"setIdentifier": ""},
		Within:   &provider.Containment{Type: zoneType, Property: "zoneId"},
		// With allowOverwrite the provider writes over what is there; without it a rule refuses.
		Put: true,
		Compute: func(r *provider.Request, o *provider.Outputs) {
			name, _ := recordName(r, o.Values)
			o.Set("fqdn", name)
		},
	},
	healthCheckType: {
		ID:       "{uuid}",
		ARN:      "arn:aws:route53:::healthcheck/{id}",
		Scope:    provider.Global,
		Defaults: map[string]any{"disabled": false, "measureLatency": false, "invertHealthcheck": false},
	},
	signingKeyType: {
		ID:       "{hostedZoneId},{name}",
		Scope:    provider.Global,
		Naming:   provider.Naming{Property: "name", Max: 128},
		Defaults: map[string]any{"status": "ACTIVE"},
		Compute:  computeSigningKey,
	},
	zoneSigningType: {
		ID:       "{hostedZoneId}",
		Scope:    provider.Global,
		Defaults: map[string]any{"signingStatus": "SIGNING"},
	},
	queryLogType: {ID: "{uuid}", ARN: "arn:aws:route53:::queryloggingconfig/{id}", Scope: provider.Global},
	certificateType: {
		ID:       "{arn}",
		ARN:      "arn:aws:acm:{region}:{account}:certificate/{uuid}",
		Defaults: map[string]any{"keyAlgorithm": "RSA_2048"},
		Compute:  computeCertificate,
		Absent:   []string{"notAfter", "notBefore"}, // an issued certificate has them, and the resource is made before
	},
	validationType: {ID: "{hex20}"},
	distributionType: {
		ID:    "E{alnum13}",
		ARN:   "arn:aws:cloudfront::{account}:distribution/{id}",
		Scope: provider.Global,
		Defaults: map[string]any{
			"httpVersion":       "http2",
			"priceClass":        "PriceClass_All",
			"isIpv6Enabled":     false,
			"retainOnDelete":    false,
			"staging":           false,
			"waitForDeployment": true,
		},
		Compute: computeDistribution,
	},
	cachePolicyType: {
		ID:       "{uuid}",
		ARN:      "arn:aws:cloudfront::{account}:cache-policy/{id}",
		Scope:    provider.Global,
		Naming:   provider.Naming{Property: "name", Max: 128},
		Compute:  computeETag,
		Defaults: map[string]any{"defaultTtl": 86400.0, "maxTtl": 31536000.0, "minTtl": 0.0},
	},
	requestPolicyType: {
		ID:      "{uuid}",
		ARN:     "arn:aws:cloudfront::{account}:origin-request-policy/{id}",
		Scope:   provider.Global,
		Naming:  provider.Naming{Property: "name", Max: 128},
		Compute: computeETag,
	},
	headersPolicyType: {
		ID:      "{uuid}",
		ARN:     "arn:aws:cloudfront::{account}:response-headers-policy/{id}",
		Scope:   provider.Global,
		Naming:  provider.Naming{Property: "name", Max: 128},
		Compute: computeETag,
	},
	originAccessType: {
		ID:       "E{alnum13}",
		ARN:      "arn:aws:cloudfront::{account}:origin-access-control/{id}",
		Scope:    provider.Global,
		Naming:   provider.Naming{Property: "name", Max: 64},
		Compute:  computeETag,
		Defaults: map[string]any{"description": "Managed by Pulumi"},
	},
	vpcOriginType: {
		ID:      "vo_{alnum22}",
		ARN:     "arn:aws:cloudfront::{account}:vpcorigin/{id}",
		Scope:   provider.Global,
		Compute: computeETag,
		Owned:   vpcOriginInterfaces,
	},
	functionType: {
		ID:       "{name}",
		ARN:      "arn:aws:cloudfront::{account}:function/{name}",
		Scope:    provider.Global,
		Naming:   provider.Naming{Property: "name", Max: 64},
		Defaults: map[string]any{"publish": true},
		Compute: func(r *provider.Request, o *provider.Outputs) {
			computeETag(r, o)
			o.Set("liveStageEtag", o.Text("etag"))
			o.Set("status", "UNASSOCIATED")
		},
	},
	extraMetricsType: {ID: "{distributionId}", Scope: provider.Global},
	webACLType: {
		ID:     "{uuid}",
		ARN:    "arn:aws:wafv2:{region}:{account}:global/webacl/{name}/{id}",
		Naming: provider.Naming{Property: "name", Max: 128},
		Compute: func(_ *provider.Request, o *provider.Outputs) {
			o.Set("capacity", float64(webACLCapacity(o.Values)))
			o.Set("lockToken", provider.UUID())
			o.Set("applicationIntegrationUrl", "")
		},
		Import: importedBy(idOf, "/", "name", "/", "scope"),
	},
	ipSetType: {
		ID:      "{uuid}",
		ARN:     "arn:aws:wafv2:{region}:{account}:global/ipset/{name}/{id}",
		Naming:  provider.Naming{Property: "name", Max: 128},
		Compute: func(_ *provider.Request, o *provider.Outputs) { o.Set("lockToken", provider.UUID()) },
		Import:  importedBy(idOf, "/", "name", "/", "scope"),
	},
	webACLLoggingType: {ID: "{resourceArn}", Put: true},
	logPolicyType:     {ID: "{policyName}"},
	deliverySourceType: {
		ID:     "{name}",
		ARN:    "arn:aws:logs:{region}:{account}:delivery-source:{name}",
		Naming: provider.Naming{Property: "name", Max: 60},
		Compute: func(_ *provider.Request, o *provider.Outputs) {
			parts := strings.Split(o.Text("resourceArn")+":::", ":")
			o.Set("service", parts[2])
		},
	},
	deliveryTargetType: {
		ID:     "{name}",
		ARN:    "arn:aws:logs:{region}:{account}:delivery-destination:{name}",
		Naming: provider.Naming{Property: "name", Max: 60},
		Compute: func(_ *provider.Request, o *provider.Outputs) {
			o.Default("deliveryDestinationType", func() any {
				if strings.HasPrefix(o.Object("deliveryDestinationConfiguration").Text("destinationResourceArn"),
					"arn:aws:s3:::") {
					return "S3"
				}
				return "CWL"
			})
		},
	},
	deliveryType: {ID: "{alnum16}", ARN: "arn:aws:logs:{region}:{account}:delivery:{id}"},
	bucketPolicyType: {
		ID:     "{bucket}",
		Scope:  provider.Worldwide,
		Within: &provider.Containment{Type: bucketType, Property: "bucket"},
	},
}

func computeETag(_ *provider.Request, o *provider.Outputs) {
	o.Set("etag", "E"+provider.Random(capitals, 13))
}

func computeDistribution(r *provider.Request, o *provider.Outputs) {
	computeETag(r, o)
	o.Once("callerReference", func() any { return "terraform-" + provider.Random("0123456789", 18) })
	o.Once("domainName", func() any {
		return "d" + provider.Random("abcdefghijklmnopqrstuvwxyz0123456789", 13) + ".cloudfront.net"
	})
	o.Set("hostedZoneId", cloudFrontZone)
	o.Set("inProgressValidationBatches", 0.0)
	o.Set("lastModifiedTime", time.Now().UTC().Format(time.RFC3339))
	o.Set("loggingV1Enabled", o.Has("loggingConfig"))
	o.Set("status", "Deployed")
	none := []any{map[string]any{"enabled": false, "items": []any{}}}
	o.Set("trustedKeyGroups", none)
	o.Set("trustedSigners", none)
}

// computeCertificate asks for one record for each domain, which is the same for all of an account's
// certificates.
func computeCertificate(r *provider.Request, o *provider.Outputs) {
	var options []any
	for _, domain := range certificateDomains(o.Values) {
		bare := strings.TrimPrefix(domain, "*.")
		options = append(options, map[string]any{
			"domainName":         domain,
			"resourceRecordName": "_" + provider.StableID("", 32, r.Account, bare, "name") + "." + bare + ".",
			"resourceRecordType": "CNAME",
			"resourceRecordValue": "_" + provider.StableID("", 32, r.Account, bare, "value") +
				".jkddzztszm.acm-validations.aws.",
		})
	}
	o.Set("domainValidationOptions", options)
	o.Set("type", "AMAZON_ISSUED")
	o.Set("status", "PENDING_VALIDATION")
	o.Set("pendingRenewal", false)
	o.Set("renewalEligibility", "INELIGIBLE")
	o.Set("renewalSummaries", []any{})
	o.Set("validationEmails", []any{})
}

func certificateDomains(v provider.Values) []string {
	return append([]string{v.Text("domainName")}, v.Texts("subjectAlternativeNames")...)
}

func computeSigningKey(_ *provider.Request, o *provider.Outputs) {
	digest := strings.ToUpper(provider.StableID("", 64, o.Text("id"), o.Text("keyManagementServiceArn")))
	o.Set("digestAlgorithmMnemonic", "SHA-256")
	o.Set("digestAlgorithmType", 2.0)
	o.Set("digestValue", digest)
	o.Set("flag", 257.0)
	o.Set("keyTag", 12345.0)
	o.Set("publicKey", digest)
	o.Set("dnskeyRecord", "257 3 13 "+digest)
	o.Set("dsRecord", "12345 13 2 "+digest)
	o.Set("signingAlgorithmMnemonic", "ECDSAP256SHA256")
	o.Set("signingAlgorithmType", 13.0)
}

// recordTerms are what a record's id has behind the zone: its name, without a dot at its end, its
// type, and the set identifier of one of several.
func recordTerms(r *provider.Request, o *provider.Outputs) map[string]string {
	name, _ := recordName(r, o.Values)
	record := name + "_" + o.Text("type")
	if set := o.Text("setIdentifier"); set != "" {
		record += "_" + set
	}
	return map[string]string{"record": record}
}

// recordName is the full name of a record, without a dot at its end, and the zone it is in. The
// provider completes a name that does not end like the zone's.
func recordName(r *provider.Request, v provider.Values) (string, *cloud.Object) {
	name := strings.ToLower(strings.TrimSuffix(v.Text("name"), "."))
	zone := r.Find(zoneType, v.Text("zoneId"))
	if zone == nil {
		return name, nil
	}
	domain := strings.TrimSuffix(zone.Text("name"), ".")
	switch {
	case strings.HasSuffix(name, domain):
		return name, zone
	case name == "":
		return domain, zone
	}
	return name + "." + domain, zone
}
