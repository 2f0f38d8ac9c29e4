package cost

import "slices"

func zone(e *estimator, r resource) {
	e.charge(route53, r, "hosted zone", "route53.zone", 1)
	// Queries of alias records that lead to AWS's resources are free, and those are nearly all.
	e.charge(route53, r, "queries that no alias record answers", "route53.queryMillion",
		e.want("route53.queriesMillion"))
}

// healthCheck asks a site behind CloudFront, which counts as an endpoint on AWS. Each feature on
// top has a price of its own.
func healthCheck(e *estimator, r resource) {
	kind := r.text("type")
	e.charge(route53, r, "health check of an AWS endpoint", "route53.healthCheck", 1)
	features := 0.0
	for _, on := range []bool{
		slices.Contains([]string{"HTTPS", "HTTPS_STR_MATCH"}, kind),
		slices.Contains([]string{"HTTP_STR_MATCH", "HTTPS_STR_MATCH"}, kind),
		r.Inputs["requestInterval"] != nil && r.number("requestInterval") == 10,
		r.on("measureLatency"),
	} {
		if on {
			features++
		}
	}
	e.charge(route53, r, "features: HTTPS, string match, fast interval, latency", "route53.healthCheckFeature",
		features)
}

// distribution is priced by where viewers are served from. The price class decides: only
// PriceClass_100 serves Japan from elsewhere.
func distribution(e *estimator, r resource) {
	japan := "japan"
	if r.textOr("priceClass", "PriceClass_All") == "PriceClass_100" {
		japan = "us"
	}
	// The free tier is one for all places. Japan's traffic takes it first, being all but the rest.
	for _, one := range []struct{ viewers, place string }{{"japan", japan}, {"elsewhere", "us"}} {
		out, requests := e.want("cloudfront."+one.viewers+".outGB"),
			e.want("cloudfront."+one.viewers+".requestsMillion")
		e.chargeIn("cloudfront-"+one.place, cloudFront, r, "data out to viewers: "+one.viewers, "cloudfront.outGB", out)
		e.chargeIn("cloudfront-"+one.place, cloudFront, r, "HTTPS requests: "+one.viewers, "cloudfront.requestMillion",
			requests)
	}
	e.chargeIn("cloudfront-"+japan, cloudFront, r, "data to the origin", "cloudfront.toOriginGB",
		e.want("cloudfront.toOriginGB"))
}

func edgeFunction(e *estimator, r resource) {
	e.charge(cloudFront, r, "invocations", "cloudfront.functionMillion", e.want("cloudfront.functionMillion"))
}

// additionalMetrics are the eight that CloudFront adds to a distribution, each charged as a custom
// metric.
func additionalMetrics(e *estimator, r resource) {
	e.charge(watch, r, "CloudFront's additional metrics", "cloudwatch.metric", 8)
}

// webACL has a price for itself, for each of its rules and rule groups, and for each request.
func webACL(e *estimator, r resource) {
	e.charge(waf, r, "web ACL", "waf.acl", 1)
	e.charge(waf, r, "rules and rule groups", "waf.rule", float64(len(r.list("rules"))))
	e.charge(waf, r, "requests", "waf.requestMillion", e.want("waf.requestsMillion"))
	for _, rule := range r.list("rules") {
		group := rule.At("statement.managedRuleGroupStatement")
		switch group.At("name").Text() {
		case "AWSManagedRulesBotControlRuleSet":
			e.charge(waf, r, "Bot Control", "waf.botControl", 1)
			level := "waf.botControl.commonMillion"
			if group.At("managedRuleGroupConfigs[0].awsManagedRulesBotControlRuleSet.inspectionLevel").
				Text() == "TARGETED" {
				level = "waf.botControl.targetedMillion"
			}
			e.charge(waf, r, "requests that Bot Control looks at", level, e.want("waf.requestsMillion"))
		case "AWSManagedRulesATPRuleSet":
			e.charge(waf, r, "account takeover prevention", "waf.accountTakeover", 1)
			e.charge(waf, r, "sign-ins that it looks at", "waf.accountTakeover.signInThousand",
				e.want("waf.signInsThousand"))
		}
	}
}
