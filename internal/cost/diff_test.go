package cost

import (
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/catalog"
	"github.com/bookmark-manager/infrastructure/internal/plan"
)

func TestCompare(t *testing.T) {
	usage := &Usage{values: map[string]float64{"nat.processedGB": 10, "nat.internetOutGB": 0, "sentry.teamPlans": 1}}
	prices := table(t, map[string]float64{
		"nat.hour":             0.1,
		"nat.processedGB":      1,
		"transfer.internetGB":  1,
		"cloudwatch.dashboard": 3,
	})
	one := append(providers(), made(catalog.NATGateway, "a", nil), made("aws:cloudwatch/dashboard:Dashboard", "d", nil))
	two := append(providers(), made(catalog.NATGateway, "a", nil), made(catalog.NATGateway, "b", nil),
		made("aws:cloudwatch/dashboard:Dashboard", "d", nil))
	d, err := Compare(one, two, usage, prices)
	require.NoError(t, err)
	assert.InDelta(t, 73, d.ChangeUSD, 1e-9)
	require.Len(t, d.Systems, 1, "the dashboard stays")
	assert.Equal(t, natGateways, d.Systems[0].Name)
	assert.InDelta(t, 83, d.Systems[0].BeforeUSD, 1e-9)
	assert.Equal(t, []LineDelta{{"b", "hours", 73}, {"a", "data processed", -5}, {"b", "data processed", 5}},
		d.Systems[0].Lines)
	assert.Equal(t, []string{"sentry.teamPlans"}, d.Unused)
	assert.Equal(t, `### Cost: +73.00 USD a month, 159.00 after

| system | before | after | change |
| --- | ---: | ---: | ---: |
| NAT gateways | 83.00 | 156.00 | +73.00 |

- 0 % of the amount after rest on prices that no source confirmed.
- The plan has no budget.
- 1 entries of the usage file are used by nothing in this plan.
`, d.Markdown())
	assert.Contains(t, d.Text("prod"), "    +73.00  b: hours\n")

	back, err := Compare(two, one, usage, prices)
	require.NoError(t, err)
	assert.InDelta(t, -73, back.ChangeUSD, 1e-9)
}

// What a change takes away may take its usage and its price away too; what it adds must have both.
func TestWhatIsGoneNeedNoLongerBePriced(t *testing.T) {
	known := made("aws:cloudwatch/dashboard:Dashboard", "d", nil)
	strange := made("aws:a/b:B", "strange", nil)
	key := made("aws:kms/key:Key", "old", nil)
	prices := table(t, map[string]float64{"cloudwatch.dashboard": 3, "kms.key": 1, "kms.requestThousand": 1})
	d, err := Compare(append(providers(), known, strange, key), append(providers(), known), &Usage{}, prices)
	require.NoError(t, err)
	require.Len(t, d.Unknown, 2)
	assert.Contains(t, d.Markdown(), "- Not counted before: strange: the type aws:a/b:B has no price")
	assert.Contains(t, d.Markdown(), `- Not counted before: the usage entry "kms.requestsThousand" is missing`)

	_, err = Compare(append(providers(), known), append(providers(), known, strange), &Usage{}, prices)
	assert.ErrorContains(t, err, "strange: the type aws:a/b:B has no price")
}

func TestWhatTheReductionsSave(t *testing.T) {
	secret := made("aws:ssm/parameter:Parameter", "key", in{"name": "/x/JWT_SECRET"})
	definition := made(catalog.TaskDefinition, "web", in{"cpu": "1024", "memory": "1024"}, secret)
	service := made(catalog.ECSService, "web", nil, definition)
	target := made(catalog.ScalingTarget, "web", in{"minCapacity": 2.0, "maxCapacity": 10.0}, service)
	action := func(name, cron string, least, most float64) plan.State {
		return made(catalog.ScheduledAction, name, in{
			"schedule":             cron,
			"timezone":             zoneName,
			"scalableTargetAction": in{"minCapacity": least, "maxCapacity": most},
		}, target)
	}
	group := made("aws:cloudwatch/logGroup:LogGroup", "web", in{"retentionInDays": 30.0})
	resources := append(providers(), secret, definition, service, target, group,
		action("lower", "cron(0 18 * * ? *)", 2, 2), action("raise", "cron(0 6 * * ? *)", 2, 10),
		made(catalog.NATGateway, "nat", nil),
		made(catalog.VPCEndpoint, "logs", in{
			"vpcEndpointType": "Interface",
			"serviceName":     "com.amazonaws.ap-northeast-1.logs",
			"subnetIds":       []any{"a", "b"},
		}),
		made(catalog.VPCEndpoint, "atlas",
			in{"vpcEndpointType": "Interface", "serviceName": plan.Unknown, "subnetIds": []any{"a", "b"}}),
		made(catalog.VPCEndpoint, "s3",
			in{"vpcEndpointType": "Gateway", "serviceName": "com.amazonaws.ap-northeast-1.s3"}))
	usage := &Usage{values: map[string]float64{
		"schedule.year":              2025,
		"service.web.busyTasks":      4,
		"nat.processedGB":            5,
		"nat.internetOutGB":          0,
		"logs.web.ingestedGB":        10,
		"logs.storedPerIngestedGB":   1,
		"endpoint.logs.processedGB":  20,
		"endpoint.atlas.processedGB": 30,
		"endpoint.s3.processedGB":    40,
	}}
	prices := table(t, map[string]float64{
		"nat.hour":                       1,
		"nat.processedGB":                0.5,
		"transfer.internetGB":            1,
		"endpoint.interface.hour":        0.01,
		"endpoint.interface.processedGB": 0.1,
		"endpoint.gateway.processedGB":   0,
		"fargate.x86.vcpuHour":           0.1,
		"fargate.x86.gbHour":             0,
		"logs.ingestedGB":                1,
		"logs.storedGB":                  1,
		"ssm.advancedParameter":          1,
	})
	got, err := Reductions(resources, usage, prices)
	require.NoError(t, err)
	saves := map[string]float64{}
	for _, one := range got {
		saves[one.Name] = one.SavesUSD
		assert.InDelta(t, one.SavesUSD, one.WithoutUSD-one.WithUSD, 1e-9)
		assert.Equal(t, one.Name != "logs kept for 7 days", one.InForce, one.Name)
	}
	for name, want := range map[string]float64{
		// Without it 20 GB pass NAT at 0.5; with it they cost 0.1, and two subnets 0.01 an hour.
		// Atlas's endpoint is none of AWS's.
		"interface endpoints instead of NAT traffic": 20*0.5 - (20*0.1 + 2*730*0.01),
		"S3 gateway endpoint instead of NAT traffic": 40 * 0.5,
		// Half of the hours at two tasks instead of four.
		"fewer tasks at night, on weekends and on holidays": 365 * 2 * 0.1,
		"logs kept for 7 days":                              10 * (30 - 7) / daysPerMonth,
	} {
		assert.InDelta(t, want, saves[name], 1e-6, name)
	}
	assert.InDelta(t, 30.0, group.Inputs["retentionInDays"], 0, "the plan itself is left alone")

	result, err := Estimate(resources, usage, prices)
	require.NoError(t, err)
	assert.InDelta(t, result.MonthlyUSD, got[0].WithUSD, 1e-9)
	committed, err := os.Open("../../cost/prices.yaml")
	require.NoError(t, err)
	t.Cleanup(func() { _ = committed.Close() })
	list, err := ReadPrices(committed)
	require.NoError(t, err)
	rows, err := CompareToOriginal(result, list)
	require.NoError(t, err)
	text := ComparisonMarkdown(result, rows, got)
	assert.Contains(t, text, "| ECS Fargate | 35 | 44.98 | ", "two tasks of 0.5 vCPU and 1 GB")
	_, err = CompareToOriginal(result, prices)
	assert.ErrorContains(t, err, "price the original design's Aurora: the price \"aurora.acuHour\" is not in the table")
	assert.Contains(t, text, "| interface endpoints instead of NAT traffic | 30 | -6.60 (costs more) | in force: ")
	assert.Contains(t, text, "The original's reductions add up to 43, which leaves 330 of its 373; it says 320.")
}

func TestTheOriginalsLinesAddUp(t *testing.T) {
	total := 0.0
	for _, line := range original {
		total += line.usd
		assert.Contains(t, order, line.system)
		assert.NotContains(t, leftOut, line.system)
	}
	assert.InDelta(t, OriginalUSD, total, 0)
	for _, name := range order {
		_, out := leftOut[name]
		listed := false
		for _, line := range original {
			listed = listed || line.system == name
		}
		assert.True(t, out || listed, "%s is beside the original's lines, or is said to be left out", name)
	}
}
