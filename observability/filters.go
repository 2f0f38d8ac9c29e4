package observability

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// metricFilters count each service's error lines, and dumps.
func (b *builder) metricFilters() error {
	for _, service := range slices.Sorted(maps.Keys(b.args.Services)) {
		group := b.args.Services[service].LogGroupName
		if group == nil {
			continue
		}
		if _, err := cloudwatch.NewLogMetricFilter(b.Ctx, b.Child(errorLines(service)), &cloudwatch.LogMetricFilterArgs{
			LogGroupName: group,
			Pattern:      pulumi.String(cmp.Or(b.args.Config.ErrorPatterns[service], b.args.Config.ErrorPattern)),
			MetricTransformation: cloudwatch.LogMetricFilterMetricTransformationArgs{
				Namespace:    pulumi.String(b.args.metricNamespace()),
				Name:         pulumi.String(errorLines(service)),
				Value:        pulumi.String("1"),
				DefaultValue: pulumi.String("0"),
				Unit:         pulumi.String("Count"),
			},
		}, b.options(false)...); err != nil {
			return b.Wrap("create", "metric filter of "+service, err)
		}
	}
	return b.dumpFilter()
}

// dumpFilter counts the dumps that the task says it has written.
func (b *builder) dumpFilter() error {
	if b.args.Backups.DumpLogGroupName == nil {
		return nil
	}
	_, err := cloudwatch.NewLogMetricFilter(b.Ctx, b.Child(dumpsCompleted), &cloudwatch.LogMetricFilterArgs{
		LogGroupName: b.args.Backups.DumpLogGroupName,
		Pattern:      pulumi.String(`"dump: completed"`),
		MetricTransformation: cloudwatch.LogMetricFilterMetricTransformationArgs{
			Namespace: pulumi.String(b.args.metricNamespace()),
			Name:      pulumi.String(dumpsCompleted),
			Value:     pulumi.String("1"),
			Unit:      pulumi.String("Count"),
		},
	}, b.options(false)...)
	return b.Wrap("create", "metric filter of dumps", err)
}

// savedQuery is a query of CloudWatch Logs Insights.
type savedQuery struct {
	key    string
	title  string // colons and asterisks are refused; a slash makes a folder
	global bool
	query  string
}

// insights are lines of a query, joined the way the editor shows them.
func insights(lines ...string) string { return strings.Join(lines, "\n| ") }

// serviceQueries find lines of NestJS's logger and of Next.js and, by their level, JSON lines of
// pino.
func serviceQueries(service string) []savedQuery {
	return []savedQuery{
		{service + "-errors", service + " errors", false, insights(
			"fields @timestamp, @message, @logStream", "filter @message like /ERROR|FATAL|⨯/ or level >= 50",
			"sort @timestamp desc", "limit 100")},
		{service + "-error-rate", service + " errors by 5 minutes", false, insights(
			"filter @message like /ERROR|FATAL|⨯/ or level >= 50", "stats count(*) as errors by bin(5m)")},
	}
}

func flowLogQueries() []savedQuery {
	return []savedQuery{
		{"vpc-rejected", "VPC who was refused", false, insights(
			`filter action = "REJECT"`, "stats count(*) as refused by srcAddr, dstAddr, dstPort", "sort refused desc",
			"limit 50")},
		{"vpc-talkers", "VPC most traffic", false, insights(
			"stats sum(bytes) as bytes by srcAddr, dstAddr", "sort bytes desc", "limit 50")},
	}
}

func webACLQueries() []savedQuery {
	return []savedQuery{
		{"waf-blocked-rules", "WAF blocked by rule", true, insights(
			`filter action = "BLOCK"`, "stats count(*) as blocked by terminatingRuleId, httpRequest.uri",
			"sort blocked desc", "limit 50")},
		{"waf-blocked-clients", "WAF blocked by client", true, insights(
			`filter action = "BLOCK"`, "stats count(*) as blocked by httpRequest.clientIp, httpRequest.country",
			"sort blocked desc", "limit 50")},
	}
}

func (b *builder) savedQueries() error {
	save := func(queries []savedQuery, group pulumi.StringInput) error {
		for _, one := range queries {
			if _, err := cloudwatch.NewQueryDefinition(b.Ctx, b.Child(one.key), &cloudwatch.QueryDefinitionArgs{
				Name:          pulumi.String(b.args.Environment.Name() + "/" + one.title),
				LogGroupNames: pulumi.StringArray{group},
				QueryString:   pulumi.String(one.query),
			}, b.options(one.global)...); err != nil {
				return b.Wrap("save", "query "+one.key, err)
			}
		}
		return nil
	}
	for _, service := range slices.Sorted(maps.Keys(b.args.Services)) {
		if group := b.args.Services[service].LogGroupName; group != nil {
			if err := save(serviceQueries(service), group); err != nil {
				return err
			}
		}
	}
	if err := save(flowLogQueries(), b.args.FlowLogGroupName); err != nil {
		return err
	}
	return save(webACLQueries(), b.args.Edge.WebACLLogGroupName)
}
