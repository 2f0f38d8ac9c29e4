package cost

import (
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/catalog"
	"github.com/bookmark-manager/infrastructure/internal/plan"
)

func TestNothingIsLeftOutOrGuessed(t *testing.T) {
	group := func(inputs in) plan.State { return made("aws:cloudwatch/logGroup:LogGroup", "web", inputs) }
	logUsage := map[string]float64{"logs.web.ingestedGB": 1, "logs.storedPerIngestedGB": 1}
	cluster := made("aws:rds/cluster:Cluster", "db",
		in{"serverlessv2ScalingConfiguration": in{"minCapacity": 0.5, "maxCapacity": 2.0}})
	for want, one := range map[string]struct {
		resources []plan.State
		usage     map[string]float64
		prices    map[string]float64
	}{
		"lake: the type aws:lakeformation/resource:Resource has no price": {[]plan.State{made(
			"aws:lakeformation/resource:Resource", "lake", nil)}, nil, nil},
		`the usage entry "kms.requestsThousand" is missing`: {[]plan.State{made("aws:kms/key:Key", "a", nil)}, nil,
			map[string]float64{"kms.key": 1, "kms.requestThousand": 1}},
		`the usage entry "kms.requestThousands" is used by nothing in the plan`: {
			nil, map[string]float64{"kms.requestThousands": 1}, nil,
		},
		`the price "logs.ingestedGB" is not in the table for ap-northeast-1`: {
			[]plan.State{group(in{"retentionInDays": 7.0})}, logUsage,
			map[string]float64{"logs.ingestedGB@us-east-1": 1, "logs.storedGB": 1},
		},
		"it keeps its lines for ever": {
			[]plan.State{group(in{"retentionInDays": 0.0})}, logUsage,
			map[string]float64{"logs.ingestedGB": 1, "logs.storedGB": 1},
		},
		"its retentionInDays is known only when it is deployed, want a known number": {
			[]plan.State{group(in{"retentionInDays": plan.Unknown})}, logUsage,
			map[string]float64{"logs.ingestedGB": 1, "logs.storedGB": 1},
		},
		"its retentionInDays is [secret], want a known number": {
			[]plan.State{group(in{"retentionInDays": "[secret]"})}, logUsage,
			map[string]float64{"logs.ingestedGB": 1, "logs.storedGB": 1},
		},
		"it keeps its lines for ever, so what it stores has no bound": {
			[]plan.State{group(nil)}, logUsage, map[string]float64{"logs.ingestedGB": 1, "logs.storedGB": 1},
		},
		"its provider \"somewhere::" + plan.Unknown + "\" is not in the plan": {
			[]plan.State{by("somewhere", made("aws:ec2/eip:Eip", "ip", nil))}, nil,
			map[string]float64{"vpc.publicIPv4Hour": 1},
		},
		"its instanceClass is \"db.r8g.large\", and only db.serverless is priced": {
			[]plan.State{made(catalog.RDSClusterInstance, "db-1", in{"instanceClass": "db.r8g.large"})}, nil, nil,
		},
		"aurora.averageAcu is 3, want the cluster's 0.5 to 2": {
			[]plan.State{cluster,
				made(catalog.RDSClusterInstance, "db-1", in{"instanceClass": "db.serverless"}, cluster)},
			map[string]float64{
				"aurora.averageAcu": 3,
				"aurora.storedGB":   1,
				"aurora.ioMillion":  1,
				"aurora.backupGB":   1,
			},
			map[string]float64{"aurora.acuHour": 1, "aurora.storedGB": 1, "aurora.ioMillion": 1, "aurora.backupGB": 1},
		},
		"the plan does not say its subnetIds": {
			[]plan.State{made(catalog.VPCEndpoint, "e", in{"vpcEndpointType": "Interface", "subnetIds": plan.Unknown})},
			map[string]float64{"endpoint.e.processedGB": 1},
			map[string]float64{"endpoint.interface.hour": 1, "endpoint.interface.processedGB": 1},
		},
		"the plan does not say how often it runs": {
			[]plan.State{made("datadog:index/syntheticsTest:SyntheticsTest", "home",
				in{"type": "api", "optionsList": in{"tickEvery": 0.0}})}, nil, nil,
		},
		"an alarm on a Metrics Insights query or an anomaly": {
			[]plan.State{made("aws:cloudwatch/metricAlarm:MetricAlarm", "q",
				in{"metricQueries": []any{in{"expression": "SELECT AVG(x) FROM y"}}})},
			nil, map[string]float64{"cloudwatch.alarmMetric": 1},
		},
		"its metric has dimensions": {
			[]plan.State{made("aws:cloudwatch/logMetricFilter:LogMetricFilter", "f",
				in{"metricTransformation": in{"dimensions": in{"a": "b"}}})},
			nil, map[string]float64{"cloudwatch.metric": 1},
		},
		"its protocol is \"sms\"": {[]plan.State{made("aws:sns/topicSubscription:TopicSubscription", "s",
			in{"protocol": "sms"})}, nil, nil},
		"its containerInsights is enhanced": {
			[]plan.State{made("aws:ecs/cluster:Cluster", "c",
				in{"settings": []any{in{"name": "containerInsights", "value": "enhanced"}}})},
			map[string]float64{
				"insights.metricsPerCluster":    1,
				"insights.metricsPerService":    1,
				"insights.metricsPerTaskFamily": 1,
				"insights.ingestedGB":           1,
			},
			map[string]float64{"cloudwatch.metric": 1, "logs.ingestedGB": 1},
		},
		"its storageType is \"aurora-iopt1\"": {
			[]plan.State{made("aws:rds/cluster:Cluster", "db", in{"storageType": "aurora-iopt1"})},
			map[string]float64{"aurora.storedGB": 1, "aurora.ioMillion": 1, "aurora.backupGB": 1},
			map[string]float64{"aurora.storedGB": 1, "aurora.ioMillion": 1, "aurora.backupGB": 1},
		},
	} {
		t.Run(want, func(t *testing.T) {
			got, err := Estimate(append(providers(), one.resources...), &Usage{values: one.usage}, table(t, one.prices))
			require.ErrorContains(t, err, want)
			assert.Nil(t, got)
			assert.NotContains(t, err.Error(), "\n", "one mistake, one message")
		})
	}
}

func TestEveryProblemIsReportedAtOnce(t *testing.T) {
	_, err := Estimate([]plan.State{made("aws:a/b:B", "x", nil), made("aws:a/c:C", "y", nil)},
		&Usage{values: map[string]float64{"z": 1}}, table(t, nil))
	for _, want := range []string{"x: the type aws:a/b:B", "y: the type aws:a/c:C", `entry "z"`} {
		assert.ErrorContains(t, err, want)
	}
}

func TestTheBudgetIsHeldToAWSsPart(t *testing.T) {
	resources := append(providers(), made("aws:budgets/budget:Budget", "monthly", in{"limitAmount": "10"}),
		made("aws:wafv2/webAcl:WebAcl", "acl", in{"rules": []any{}}),
		made("sentry:index/sentryProject:SentryProject", "api", nil))
	usage := &Usage{values: map[string]float64{"waf.requestsMillion": 0, "sentry.teamPlans": 1}}
	prices := map[string]float64{"waf.acl": 9, "waf.rule": 1, "waf.requestMillion": 1, "sentry.teamPlan": 29}
	got, err := Estimate(resources, usage, table(t, prices))
	require.NoError(t, err)
	assert.InDelta(t, 38, got.MonthlyUSD, 1e-9)
	assert.InDelta(t, 9, got.AWSMonthlyUSD, 1e-9)
	assert.InDelta(t, 10, got.BudgetUSD, 1e-9)
	assert.False(t, got.OverBudget(), "Sentry is not on AWS's bill")
	assert.Contains(t, Text("prod", got, false), "within the budget of 10.00 USD")

	prices["waf.acl"] = 10.01
	got, err = Estimate(resources, usage, table(t, prices))
	require.NoError(t, err)
	assert.True(t, got.OverBudget())
	assert.Contains(t, Text("prod", got, false), "OVER BUDGET: AWS's part is 0.01 USD over")
}

func TestTheEstimateSaysWhatRestsOnUnverifiedPrices(t *testing.T) {
	prices := table(t, map[string]float64{"cloudwatch.dashboard": 3, "cloudwatch.compositeAlarm": 1})
	unsure := prices.byRegion[Everywhere]["cloudwatch.compositeAlarm"]
	unsure.Verified = false
	prices.byRegion[Everywhere]["cloudwatch.compositeAlarm"] = unsure
	got, err := Estimate(append(providers(), made("aws:cloudwatch/dashboard:Dashboard", "d", nil),
		made("aws:cloudwatch/compositeAlarm:CompositeAlarm", "c", nil)),
		&Usage{}, prices)
	require.NoError(t, err)
	assert.InDelta(t, 1, got.UnverifiedUSD, 1e-9)
	text := Text("prod", got, true)
	assert.Contains(t, text, "CloudWatch             4.00  *1.00\n", "the table marks it")
	assert.Contains(t, text, "Total                  4.00  *1.00\n", "and so does its sum")
	assert.NotContains(t, Text("prod", &Result{Systems: []System{{Name: waf, MonthlyUSD: 5}}, MonthlyUSD: 5}, false),
		"*0.00")
	assert.Contains(t, text, "1.00 USD of it (25 %) rest on prices that no source confirmed, marked *.")
	assert.Contains(t, text, "c: composite alarm: 1 unit × 1 *\n")
	assert.Contains(t, text, "d: dashboard: 1 unit × 3\n")
}

func TestWhatTheCatalogueHasAsPricedHasAPricer(t *testing.T) {
	var priced []string
	for _, row := range catalog.Rows() {
		if row.Priced {
			priced = append(priced, row.Type)
		}
	}
	assert.ElementsMatch(t, priced, slices.Collect(maps.Keys(pricers)),
		"internal/cost/types.go and the rows of internal/catalog")
	for _, name := range order {
		assert.NotEmpty(t, name)
	}
}
