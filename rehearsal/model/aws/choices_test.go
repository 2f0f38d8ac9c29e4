package aws

// choiceInputs are, for each closed set and range, inputs that AWS refuses, in which words, and inputs that it takes.
var choiceInputs = map[string]struct {
	typ, want string
	bad, good in
}{
	"values of protocol of " + targetGroupType: {
		targetGroupType, `expected protocol to be one of ["GENEVE" "HTTP" "HTTPS" "QUIC" "TCP" "TCP_QUIC" "TCP_UDP" "TLS" "UDP"], got HTPP`,
		targetGroup("", in{"vpcId": unknown, "protocol": "HTPP"}), targetGroup("", in{"vpcId": unknown, "protocol": "HTTPS"}),
	},
	"values of targetType of " + targetGroupType: {
		targetGroupType, `expected targetType to be one of ["alb" "instance" "ip" "lambda"], got task`,
		targetGroup("", in{"vpcId": unknown, "targetType": "task"}), targetGroup("", in{"vpcId": unknown}),
	},
	"range of deregistrationDelay of " + targetGroupType: {
		targetGroupType, "expected deregistrationDelay to be in the range (0 - 3600), got 3601",
		targetGroup("", in{"vpcId": unknown, "deregistrationDelay": 3601}), targetGroup("", in{"vpcId": unknown, "deregistrationDelay": 3600}),
	},
	"values of defaultActions.redirect.statusCode of " + listenerType: {
		listenerType, `expected defaultActions.redirect.statusCode to be one of ["HTTP_301" "HTTP_302"], got HTTP_303`,
		in{"loadBalancerArn": unknown, "defaultActions": redirect("HTTP_303")}, in{"loadBalancerArn": unknown, "defaultActions": redirect("HTTP_301")},
	},
	"values of actions.redirect.statusCode of " + listenerRuleType: {
		listenerRuleType, `expected actions.redirect.statusCode to be one of ["HTTP_301" "HTTP_302"], got HTTP_303`,
		in{"listenerArn": unknown, "conditions": paths("/*"), "actions": redirect("HTTP_303")},
		in{"listenerArn": unknown, "conditions": paths("/*"), "actions": redirect("HTTP_302")},
	},
	"values of type of " + recordType: {
		recordType, `expected type to be one of ["A" "AAAA" "CAA" "CNAME" "DS" "HTTPS" "MX" "NAPTR" "NS" "PTR" "SOA" "SPF" "SRV" "SSHFP" "SVCB" "TLSA" "TXT"], got AAAAA`,
		in{"zoneId": unknown, "name": "www", "aliases": unknown, "type": "AAAAA"}, in{"zoneId": unknown, "name": "www", "aliases": unknown, "type": "AAAA"},
	},
	"values of validationMethod of " + certificateType: {
		certificateType, `expected validationMethod to be one of ["DNS" "EMAIL" "HTTP"], got POST`,
		in{"domainName": "example.com", "validationMethod": "POST"}, in{"domainName": "example.com", "validationMethod": "DNS"},
	},
	"values of priceClass of " + distributionType: {
		distributionType, `expected priceClass to be one of ["None" "PriceClass_100" "PriceClass_200" "PriceClass_All"], got PriceClass_300`,
		plainSite(in{"priceClass": "PriceClass_300"}), plainSite(in{"priceClass": "PriceClass_200"}),
	},
	"values of httpVersion of " + distributionType: {
		distributionType, `expected httpVersion to be one of ["http1.1" "http2" "http2and3" "http3"], got http4`,
		plainSite(in{"httpVersion": "http4"}), plainSite(in{"httpVersion": "http2and3"}),
	},
	"values of defaultCacheBehavior.viewerProtocolPolicy of " + distributionType: {
		distributionType, `expected defaultCacheBehavior.viewerProtocolPolicy to be one of ["allow-all" "https-only" "redirect-to-https"], got redirect-to-http`,
		plainSite(in{"defaultCacheBehavior": behavior(in{"viewerProtocolPolicy": "redirect-to-http"})}), plainSite(nil),
	},
	"values of orderedCacheBehaviors.viewerProtocolPolicy of " + distributionType: {
		distributionType, `expected orderedCacheBehaviors.viewerProtocolPolicy to be one of ["allow-all" "https-only" "redirect-to-https"], got none`,
		plainSite(in{"orderedCacheBehaviors": []any{behavior(in{"pathPattern": "/a"}), behavior(in{"pathPattern": "/b", "viewerProtocolPolicy": "none"})}}),
		plainSite(in{"orderedCacheBehaviors": []any{behavior(in{"pathPattern": "/a"})}}),
	},
	"values of origins.customOriginConfig.originProtocolPolicy of " + distributionType: {
		distributionType, `expected origins.customOriginConfig.originProtocolPolicy to be one of ["http-only" "https-only" "match-viewer"], got https`,
		plainSite(in{"origins": []any{origin(in{"customOriginConfig": in{"httpPort": 80, "httpsPort": 443, "originProtocolPolicy": "https", "originSslProtocols": []any{"TLSv1.2"}}})}}),
		plainSite(nil),
	},
	"values of imageTagMutability of " + repositoryType: {
		repositoryType, `expected imageTagMutability to be one of ["IMMUTABLE" "IMMUTABLE_WITH_EXCLUSION" "MUTABLE" "MUTABLE_WITH_EXCLUSION"], got HALF`,
		in{"name": "web", "imageTagMutability": "HALF"}, in{"name": "web", "imageTagMutability": "IMMUTABLE"},
	},
	"values of engine of " + clusterType: {
		clusterType, `expected engine to be one of ["aurora-mysql" "aurora-postgresql" "mysql" "postgres"], got aurora-postgres`,
		aurora(in{"engine": "aurora-postgres"}), aurora(nil),
	},
	"values of timeUnit of " + budgetType: {
		budgetType, `expected timeUnit to be one of ["ANNUALLY" "CUSTOM" "DAILY" "MONTHLY" "QUARTERLY"], got WEEKLY`,
		in{"budgetType": "COST", "limitAmount": "373", "limitUnit": "USD", "timeUnit": "WEEKLY"},
		in{"budgetType": "COST", "limitAmount": "373", "limitUnit": "USD", "timeUnit": "MONTHLY"},
	},
	"values of serviceNamespace of " + scalingTargetType: {
		scalingTargetType, `expected serviceNamespace to be one of ["appstream" "cassandra" "comprehend" "custom-resource" "dynamodb" "ec2" "ecs" "elasticache" "elasticmapreduce" "kafka" "lambda" "neptune" "rds" "sagemaker" "workspaces"], got ecss`,
		in{"serviceNamespace": "ecss", "resourceId": unknown, "scalableDimension": unknown, "minCapacity": 2, "maxCapacity": 10},
		in{"serviceNamespace": "ecs", "resourceId": unknown, "scalableDimension": unknown, "minCapacity": 2, "maxCapacity": 10},
	},
	"range of evaluationPeriods of " + alarmType: {
		alarmType, "expected evaluationPeriods to be in the range (1 - 86400), got 0",
		in{"name": "cpu", "comparisonOperator": "GreaterThanThreshold", "metricQueries": unknown, "evaluationPeriods": 0},
		in{"name": "cpu", "comparisonOperator": "GreaterThanThreshold", "metricQueries": unknown, "evaluationPeriods": 1},
	},
}

func redirect(status string) []any {
	return []any{in{"type": "redirect", "redirect": in{"port": "443", "protocol": "HTTPS", "statusCode": status}}}
}

// plainSite is a distribution under CloudFront's own name.
func plainSite(more in) in {
	return with(in{
		"enabled": true, "origins": []any{origin(nil)}, "defaultCacheBehavior": behavior(nil),
		"restrictions": in{"geoRestriction": in{"restrictionType": "none"}}, "viewerCertificate": in{"cloudfrontDefaultCertificate": true},
	}, more)
}

// choicePairs makes a pair of each closed set and range.
func choicePairs() map[string]pair {
	all := map[string]pair{}
	for name, c := range choiceInputs {
		ask := func(inputs in) func(*world) error {
			return func(w *world) error {
				_, err := w.check(c.typ, "thing", inputs)
				return err
			}
		}
		all[name] = pair{want: c.want, refuses: ask(c.bad), passes: ask(c.good)}
	}
	return all
}
