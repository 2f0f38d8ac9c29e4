package aws

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/provider"
)

// choice is a closed set of values: what a property below a path may be.
type choice struct {
	typ    string
	path   string // through objects and lists, such as "defaultActions.redirect.statusCode"
	values []string
}

// bound is a range of numbers, both ends included.
type bound struct {
	typ, path string
	min, max  float64
}

// choices and bounds are from AWS's API reference of each service. The provider checks most of them itself, before AWS does.
var (
	choices = []choice{
		{targetGroupType, "protocol", []string{"GENEVE", "HTTP", "HTTPS", "QUIC", "TCP", "TCP_QUIC", "TCP_UDP", "TLS", "UDP"}},
		{targetGroupType, "targetType", []string{"alb", "instance", "ip", "lambda"}},
		{listenerType, "defaultActions.redirect.statusCode", []string{"HTTP_301", "HTTP_302"}},
		{listenerRuleType, "actions.redirect.statusCode", []string{"HTTP_301", "HTTP_302"}},
		{recordType, "type", []string{"A", "AAAA", "CAA", "CNAME", "DS", "HTTPS", "MX", "NAPTR", "NS", "PTR", "SOA", "SPF", "SRV", "SSHFP", "SVCB", "TLSA", "TXT"}},
		{certificateType, "validationMethod", []string{"DNS", "EMAIL", "HTTP"}},
		{distributionType, "priceClass", []string{"None", "PriceClass_100", "PriceClass_200", "PriceClass_All"}},
		{distributionType, "httpVersion", []string{"http1.1", "http2", "http2and3", "http3"}},
		{distributionType, "defaultCacheBehavior.viewerProtocolPolicy", viewerProtocols},
		{distributionType, "orderedCacheBehaviors.viewerProtocolPolicy", viewerProtocols},
		{distributionType, "origins.customOriginConfig.originProtocolPolicy", []string{"http-only", "https-only", "match-viewer"}},
		{repositoryType, "imageTagMutability", []string{"IMMUTABLE", "IMMUTABLE_WITH_EXCLUSION", "MUTABLE", "MUTABLE_WITH_EXCLUSION"}},
		{clusterType, "engine", []string{"aurora-mysql", auroraPostgres, "mysql", "postgres"}},
		{budgetType, "timeUnit", []string{"ANNUALLY", "CUSTOM", "DAILY", "MONTHLY", "QUARTERLY"}},
		{scalingTargetType, "serviceNamespace", []string{
			"appstream", "cassandra", "comprehend", "custom-resource", "dynamodb", "ec2", "ecs", "elasticache", "elasticmapreduce", "kafka", "lambda", "neptune",
			"rds", "sagemaker", "workspaces",
		}},
	}
	viewerProtocols = []string{"allow-all", "https-only", "redirect-to-https"}

	bounds = []bound{
		{targetGroupType, "deregistrationDelay", 0, 3600},
		{alarmType, "evaluationPeriods", 1, 86400},
	}
)

// choiceRules makes a rule of each choice and bound.
func choiceRules() []provider.Rule {
	var rules []provider.Rule
	const why = "the API reference of the service"
	for _, c := range choices {
		rules = append(rules, provider.Rule{Name: "values of " + c.path + " of " + c.typ, Types: []string{c.typ}, When: provider.OnCheck, Why: why, Check: c.check})
	}
	for _, b := range bounds {
		rules = append(rules, provider.Rule{Name: "range of " + b.path + " of " + b.typ, Types: []string{b.typ}, When: provider.OnCheck, Why: why, Check: b.check})
	}
	return rules
}

func (c choice) check(r *provider.Request) error {
	above, property := parents(r.Inputs, c.path)
	for _, v := range above {
		if value := v.Text(property); value != "" && !slices.Contains(c.values, value) {
			return fmt.Errorf("expected %s to be one of %q, got %s", c.path, c.values, value)
		}
	}
	return nil
}

func (b bound) check(r *provider.Request) error {
	above, property := parents(r.Inputs, b.path)
	for _, v := range above {
		if value, ok := v.Number(property); ok && (value < b.min || value > b.max) {
			return fmt.Errorf("expected %s to be in the range (%g - %g), got %g", b.path, b.min, b.max, value)
		}
	}
	return nil
}

// parents are the objects that hold the last property of a path.
func parents(inputs provider.Values, path string) (above []provider.Values, property string) {
	above = []provider.Values{inputs}
	steps := strings.Split(path, ".")
	for _, step := range steps[:len(steps)-1] {
		var below []provider.Values
		for _, v := range above {
			if listed := v.Objects(step); len(listed) > 0 {
				below = append(below, listed...)
			} else {
				below = append(below, v.Object(step))
			}
		}
		above = below
	}
	return above, steps[len(steps)-1]
}
