package observability

import "fmt"

// edgeAlarms watch what CloudFront, its web ACL and Route53 report, in us-east-1 alone.
func edgeAlarms(t Thresholds) []alarm {
	ofDistribution := map[string]dimension{"DistributionId": on(distribution), "Region": fixed("Global")}
	return []alarm{
		{
			key:     "waf-blocked-high",
			global:  true,
			section: sectionFirewall,
			means:   fmt.Sprintf("The web ACL has blocked more than %g requests in 5 minutes.", t.BlockedRequests),
			first:   "see which rule blocks and whom: an attack needs nothing, a false positive needs an exception.",
			// Metrics of a web ACL for CloudFront have no Region dimension.
			metric: metric{"AWS/WAFV2", "BlockedRequests", "Sum",
				map[string]dimension{"WebACL": on(webACL), "Rule": fixed("ALL")}},
			period:     fiveMinutes,
			periods:    1,
			comparison: above,
			threshold:  t.BlockedRequests,
			missing:    missingIsGood,
		},
		{
			key:     keyEdgeErrors,
			global:  true,
			section: sectionEdgeErrors,
			silent:  true,
			means: fmt.Sprintf("More than %g %% of CloudFront's requests end in a 5xx status.",
				t.EdgeErrorPercent),
			first:      "compare with the load balancer's own rate: without errors there, CloudFront cannot reach it.",
			expression: fmt.Sprintf("IF(requests>=%g,rate,0)", t.ServerErrorMinRequests),
			inputs: []idMetric{
				{"requests", metric{"AWS/CloudFront", "Requests", "Sum", ofDistribution}},
				{"rate", metric{"AWS/CloudFront", "5xxErrorRate", "Average", ofDistribution}},
			},
			// Half an hour: the region's own alarms report the same errors earlier. This one is for
			// errors that they cannot see, and for those that are not mended by then.
			period:     fiveMinutes,
			periods:    6,
			comparison: above,
			threshold:  t.EdgeErrorPercent,
			missing:    missingIsGood,
		},
		{
			key:     keySiteHealth,
			global:  true,
			section: sectionSite,
			silent:  true,
			means:   "Route53's health checkers cannot open the site.",
			first:   "open the site yourself, then follow the request: DNS, CloudFront, load balancer, tasks.",
			metric: metric{"AWS/Route53", "HealthCheckStatus", "Minimum",
				map[string]dimension{"HealthCheckId": on(healthCheck)}},
			period:     60,
			periods:    3,
			comparison: below,
			threshold:  1,
			missing:    missingIsBad,
		},
	}
}

// signingAlarms watch the zone's signatures. Resolvers that check them find no name of the domain
// once they fail. Route53 reports every four hours.
// https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/monitoring-hosted-zones-with-cloudwatch.html
func signingAlarms() []alarm {
	reported := func(name string) metric {
		return metric{"AWS/Route53", name, "Maximum", map[string]dimension{"HostedZoneId": on(signedZone)}}
	}
	return []alarm{
		{
			key:     "dnssec-internal-failure",
			global:  true,
			section: sectionSigning,
			means:   "Route53 cannot sign the hosted zone.",
			first: "look at the zone's DNSSEC status and at the KMS key in us-east-1, then take the DS record " +
				"out at the registrar.",
			metric:     reported("DNSSECInternalFailure"),
			period:     fourHours,
			periods:    1,
			comparison: above,
			threshold:  0,
			missing:    missingIsKept,
		},
		{
			key:        "dnssec-key-needs-action",
			global:     true,
			section:    sectionSigning,
			means:      "A key-signing key of the hosted zone needs somebody: Route53 can no longer use its KMS key.",
			first:      "check that the KMS key in us-east-1 is enabled and that its policy lets Route53 sign.",
			metric:     reported("DNSSECKeySigningKeysNeedingAction"),
			period:     fourHours,
			periods:    1,
			comparison: above,
			threshold:  0,
			missing:    missingIsKept,
		},
	}
}

func certificateAlarms(t Thresholds) []alarm {
	daysLeft := func(use certificateUse, key string, global bool) alarm {
		return alarm{
			key:     key,
			global:  global,
			section: sectionCertificate,
			means: fmt.Sprintf("The certificate of the %s has less than %g days left: its renewal has failed.",
				use.words(), t.CertificateDays),
			first: "check that the validation records are still in the zone.",
			metric: metric{"AWS/CertificateManager", "DaysToExpiry", "Minimum", map[string]dimension{
				"CertificateArn": on(certificate(use)),
			}},
			period:     day,
			periods:    1,
			comparison: below,
			threshold:  t.CertificateDays,
			missing:    missingIsKept,
		}
	}
	return []alarm{
		daysLeft(loadBalancerCertificate, "alb-certificate-expires", false),
		daysLeft(cloudFrontCertificate, "cloudfront-certificate-expires", true),
	}
}

func (u certificateUse) words() string {
	if u == cloudFrontCertificate {
		return "distribution"
	}
	return "load balancer"
}
