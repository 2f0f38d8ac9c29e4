package cost

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/catalog"
)

func TestWhatGrowsWithTrafficAndWhatDoesNot(t *testing.T) {
	cluster := made("aws:rds/cluster:Cluster", "db",
		in{"serverlessv2ScalingConfiguration": in{"minCapacity": 0.5, "maxCapacity": 4.0}})
	instance := made(catalog.RDSClusterInstance, "db-1", in{"instanceClass": "db.serverless"}, cluster)
	resources := append(providers(), cluster, instance, made("aws:wafv2/webAcl:WebAcl", "acl", in{"rules": []any{}}))
	usage := &Usage{
		values: map[string]float64{
			"aurora.averageAcu":   1,
			"aurora.storedGB":     0,
			"aurora.ioMillion":    0,
			"aurora.backupGB":     0,
			"waf.requestsMillion": 2,
			unitRequests:          2000,
			unitUsers:             100,
		},
		grows: map[string]bool{"aurora.averageAcu": true, "waf.requestsMillion": true},
	}
	prices := table(t, map[string]float64{
		"aurora.storedGB":    1,
		"aurora.ioMillion":   1,
		"aurora.backupGB":    1,
		"aurora.acuHour":     0.1,
		"waf.acl":            5,
		"waf.rule":           1,
		"waf.requestMillion": 0.5,
	})
	all, err := Growths(resources, usage, prices)
	require.NoError(t, err)
	require.Len(t, all, 3)
	for i, want := range []float64{73 + 5 + 1, 730 + 5 + 10, 7300 + 5 + 100} {
		assert.InDelta(t, want, all[i].MonthlyUSD, 1e-6, "the web ACL itself does not grow")
		assert.InDelta(t, want/(2000*all[i].Factor), all[i].RequestsUSD, 1e-9)
		assert.InDelta(t, want/(100*all[i].Factor), all[i].UserUSD, 1e-9)
	}
	assert.Empty(t, all[0].Beyond)
	assert.Equal(t, []string{"the usage entry aurora.averageAcu is 10, want the cluster's 0.5 to 4"}, all[1].Beyond)
	text := GrowthMarkdown(all)
	assert.Contains(t, text, "| 10× | 745 | 0.0372 | 0.7450 | Aurora 730, WAF 15 |\n")
	assert.Contains(t, text,
		"\nAt 10× these bounds of the plan are exceeded, and priced as if they were raised:\n\n- the usage entry "+
			"aurora.averageAcu is 10, want")

	delete(usage.values, unitUsers)
	_, err = Growths(resources, usage, prices)
	assert.ErrorContains(t, err, `the usage entry "unit.activeUsers" is missing or 0`)
}

func TestUnitsAreNoDriversThatAPlanMustUse(t *testing.T) {
	got, err := Estimate(providers(), &Usage{values: map[string]float64{unitRequests: 1, unitUsers: 1}}, table(t, nil))
	require.NoError(t, err)
	assert.Zero(t, got.MonthlyUSD)
	_, err = Estimate(providers(), &Usage{values: map[string]float64{"unit.visits": 1}}, table(t, nil))
	assert.ErrorContains(t, err, `"unit.visits" is used by nothing`)
}

func TestUsageThatNobodyCanMeanIsRefused(t *testing.T) {
	for want, text := range map[string]string{
		"nat.processedGB.value is 6e+10, want 0 to 1e+09: another unit was meant": `nat.processedGB: {value: ` +
			`60000000000, because: "bytes"}`,
		"datadog.web.sentPercent.value is 140, want 0 to 100": `datadog.web.sentPercent: {value: 140, because: "a"}`,
		"schedule.year.grows: a year does not grow with traffic": `schedule.year: {value: 2026, because: "a", ` +
			`grows: true}`,
	} {
		_, err := ReadUsage(strings.NewReader(text))
		assert.ErrorContains(t, err, want)
	}
}

// What is counted by the request, and what is a size or a schedule.
func TestTheCommittedUsageSaysWhatGrows(t *testing.T) {
	for _, stack := range []string{"prod", "staging"} {
		raw, err := os.ReadFile("../../cost/usage." + stack + ".yaml")
		require.NoError(t, err)
		usage, err := ReadUsage(strings.NewReader(string(raw)))
		require.NoError(t, err)
		for _, name := range []string{
			"cloudfront.japan.requestsMillion", "waf.requestsMillion", "alb.lcu", "service.web.busyTasks",
			"aurora.averageAcu", "aurora.ioMillion",
			"logs.web-acl-logs.ingestedGB", "logs.web.ingestedGB",
		} {
			assert.True(t, usage.grows[name], "%s: %s", stack, name)
		}
		for _, name := range []string{"schedule.year", "task.migration.hours", "insights.metricsPerCluster",
			"sentry.teamPlans", "kms.rotations", unitUsers} {
			assert.False(t, usage.grows[name], "%s: %s", stack, name)
		}
		requests := usage.values["cloudfront.japan.requestsMillion"] +
			usage.values["cloudfront.elsewhere.requestsMillion"]
		assert.InDelta(t, requests*1000, usage.values[unitRequests], 1e-6, "%s: the unit is the site's requests", stack)
	}
}
