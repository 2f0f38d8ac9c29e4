package observability

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/settings"
)

// everything is a stack with all that can be watched.
func everything() watched {
	return watched{
		services: map[string]watchedService{
			"web": {minTasks: 2, targets: true, logs: true}, "api": {minTasks: 2, targets: true, logs: true},
			"web-canary": {targets: true}, "worker": {minTasks: 1, logs: true},
		},
		queues:       map[string]float64{"worker": 600},
		natZones:     []string{"ap-northeast-1c", "ap-northeast-1a"},
		minACU:       0.5,
		maxACU:       16,
		reader:       true,
		signed:       true,
		backups:      true,
		dumps:        true,
		scheduled:    true,
		copies:       true,
		logStream:    true,
		logMetrics:   "bookmark-manager/production",
		prober:       "api",
		extraMetrics: true,
	}
}

func defaults() Thresholds { return settings.WithDefaults(Config{}).Thresholds }

// planned is the table of a stack's alarms.
func planned(t *testing.T, w watched) []alarm {
	t.Helper()
	all, err := alarms(w, defaults())
	require.NoError(t, err)
	return all
}

func keys(all []alarm) []string {
	var out []string
	for _, one := range all {
		out = append(out, one.key)
	}
	return out
}

func TestAlarmsOfAStack(t *testing.T) {
	assert.Equal(t, []string{
		"api-cpu-high", "api-memory-high", "api-unhealthy-targets", "api-tasks-missing", "api-error-lines",
		"web-cpu-high", "web-memory-high", "web-unhealthy-targets", "web-tasks-missing", "web-error-lines",
		"web-canary-cpu-high", "web-canary-memory-high", "web-canary-unhealthy-targets",
		"worker-cpu-high", "worker-memory-high", "worker-tasks-missing", "worker-error-lines",
		"worker-messages-late", "worker-dead-letters",
		"alb-5xx-rate-high", "alb-latency-high", "health-check-unanswered",
		"aurora-connections-high", "aurora-capacity-high", "aurora-memory-low", "aurora-deadlocks",
		"aurora-replica-lag-high",
		"nat-port-errors-ap-northeast-1a", "nat-port-errors-ap-northeast-1c",
		"waf-blocked-high", "cloudfront-5xx-rate-high", "site-health", "dnssec-internal-failure",
		"dnssec-key-needs-action",
		"alb-certificate-expires", "cloudfront-certificate-expires",
		"backup-missing", "backup-copy-missing", "dump-missing", "scheduled-tasks-not-started", "datadog-logs-refused",
	}, keys(planned(t, everything())))
	assert.Equal(t, []string{
		"alb-5xx-rate-high", "alb-latency-high",
		"aurora-connections-high", "aurora-capacity-high", "aurora-memory-low", "aurora-deadlocks",
		"waf-blocked-high", "cloudfront-5xx-rate-high", "site-health",
		"alb-certificate-expires", "cloudfront-certificate-expires",
	}, keys(planned(t, watched{minACU: 0.5, maxACU: 2})),
		"before the first image, without NAT, reader, backups and Datadog")
}

func TestAlarmsOfTheOriginalDesign(t *testing.T) {
	all := map[string]alarm{}
	for _, one := range planned(t, everything()) {
		all[one.key] = one
	}
	for name, c := range map[string]struct {
		key, namespace, metric, stat string
		comparison                   comparison
		threshold                    float64
	}{
		"CPU over 80 %":    {"api-cpu-high", "AWS/ECS", "CPUUtilization", "Average", above, 80},
		"memory over 80 %": {"web-memory-high", "AWS/ECS", "MemoryUtilization", "Average", above, 80},
		"connections over 80 % of the limit": {"aurora-connections-high", "AWS/RDS", "DatabaseConnections", "Maximum",
			above, 1600},
		"fewer tasks than the minimum": {
			"web-tasks-missing", "AWS/ApplicationELB", "HealthyHostCount", "Minimum", below, 2,
		},
		"fewer tasks behind no load balancer": {
			"worker-tasks-missing", "AWS/ECS", "CPUUtilization", "SampleCount", below, 1,
		},
		"a message that waits too long": {"worker-messages-late", "AWS/SQS",
			"ApproximateAgeOfOldestMessage", "Maximum", above, 600},
		"any dead letter": {"worker-dead-letters", "AWS/SQS",
			"ApproximateNumberOfMessagesVisible", "Maximum", above, 0},
		"any unhealthy target": {"api-unhealthy-targets", "AWS/ApplicationELB",
			"UnHealthyHostCount", "Maximum", above, 0},
		"a site that cannot be opened": {"site-health", "AWS/Route53", "HealthCheckStatus", "Minimum",
			below, 1},
		"less memory than a tenth of 32 GiB": {"aurora-memory-low", "AWS/RDS", "FreeableMemory", "Minimum",
			below, 3435973836.8},
		"a deadlock a minute, as a rate by second": {"aurora-deadlocks", "AWS/RDS", "Deadlocks", "Average", above,
			1.0 / 60},
	} {
		one := all[c.key]
		assert.Equal(t, c.namespace, one.metric.namespace, name)
		assert.Equal(t, c.metric, one.metric.name, name)
		assert.Equal(t, c.stat, one.metric.stat, name)
		assert.Equal(t, c.comparison, one.comparison, name)
		assert.InDelta(t, c.threshold, one.threshold, 1e-6, name)
	}
	rate := all["alb-5xx-rate-high"]
	assert.Equal(t, "IF(all>=20,(100*errors)/all,0)", rate.expression)
	assert.Equal(t, []step{
		{"all", "FILL(routed,0)+FILL(unrouted,0)"}, {"errors", "FILL(targets,0)+FILL(balancer,0)"},
	}, rate.steps)
	assert.Equal(t, 5.0, rate.threshold)
	assert.Equal(t, above, rate.comparison)
	var inputs []string
	for _, input := range rate.inputs {
		inputs = append(inputs, input.id+"="+input.metric.name+" "+input.metric.stat)
	}
	assert.Equal(t, []string{
		"routed=RequestCount Sum", "unrouted=HTTPCode_ELB_503_Count Sum",
		"targets=HTTPCode_Target_5XX_Count Sum", "balancer=HTTPCode_ELB_5XX_Count Sum",
	}, inputs)
	slow := all["alb-latency-high"]
	assert.Equal(t, "IF(requests>=20,slow,0)", slow.expression, "one slow page at night is no alarm, and keeps none up")
	assert.Equal(t, metric{"AWS/ApplicationELB", "TargetResponseTime", "p95", slow.inputs[1].metric.dimensions},
		slow.inputs[1].metric)
	assert.Equal(t, 1.0, slow.threshold)
}

func TestEachAlarmIsFitForUse(t *testing.T) {
	const base = "https://github.com/bookmark-manager/infrastructure/blob/main/docs/operations.md"
	sentence := regexp.MustCompile(`^[A-Z].*\.$`)
	first := regexp.MustCompile(`^[a-z].*\.$`)
	seen := map[string]bool{}
	for _, one := range planned(t, everything()) {
		assert.False(t, seen[one.key], "%s is in the table twice", one.key)
		seen[one.key] = true
		assert.Regexp(t, sentence, one.means, one.key)
		assert.Regexp(t, first, one.first, one.key)
		assert.Contains(t, RunbookSections(), one.section, one.key)
		assert.True(t, strings.HasSuffix(one.description(base), "Runbook: "+base+"#"+one.section), one.key)
		assert.LessOrEqual(t, len(one.description(strings.Repeat("x", 300))), 1024, one.key)
		assert.Contains(t, []missing{missingIsGood, missingIsBad, missingIsKept}, one.missing, one.key)
		// CloudWatch takes periods of whole minutes, and looks back a day at most, or a week with
		// periods of an hour or more.
		assert.Zero(t, one.period%60, one.key)
		longest := day
		if one.period >= hour {
			longest = 7 * day
		}
		assert.LessOrEqual(t, one.period*one.periods, longest, one.key)
		assert.Positive(t, one.periods, one.key)
		assert.NotEqual(t, one.expression == "", one.metric.name == "", "%s watches a metric or an expression", one.key)
	}
}

// Metrics of CloudFront, its web ACL and certificate, and Route53's health checks exist in
// us-east-1 alone.
func TestAlarmsLiveWhereTheirMetricsAre(t *testing.T) {
	var global []string
	for _, one := range planned(t, everything()) {
		if one.global {
			global = append(global, one.key)
		}
	}
	assert.Equal(t, []string{
		"waf-blocked-high", "cloudfront-5xx-rate-high", "site-health", "dnssec-internal-failure",
		"dnssec-key-needs-action",
		"cloudfront-certificate-expires",
	}, global)
}

func TestTargetsResolve(t *testing.T) {
	table := targets{cluster: pulumi.String("c")}
	got, err := table.resolve(metric{
		name:       "CPUUtilization",
		dimensions: map[string]dimension{"ClusterName": on(cluster), "Rule": fixed("ALL")},
	})
	require.NoError(t, err)
	assert.Equal(t, pulumi.StringMap{"ClusterName": pulumi.String("c"), "Rule": pulumi.String("ALL")}, got)
	_, err = table.resolve(metric{
		name:       "CPUUtilization",
		dimensions: map[string]dimension{"ServiceName": on(serviceTarget("web"))},
	})
	require.EqualError(t, err, "the stack has no service:web for dimension ServiceName of metric CPUUtilization")
}

func TestConnectionLimit(t *testing.T) {
	for name, c := range map[string]struct{ minimum, maximum, want float64 }{
		"1 ACU, as AWS documents":                 {0.5, 1, 189},
		"4 ACU, as AWS documents":                 {0.5, 4, 823},
		"8 ACU, as AWS documents":                 {0.5, 8, 1669},
		"16 ACU, as AWS documents":                {1, 16, 3360},
		"32 ACU and more, as AWS documents":       {1, 32, 5000},
		"256 ACU":                                 {1, 256, 5000},
		"16 ACU that fall to half a unit":         {0.5, 16, 2000},
		"16 ACU that pause":                       {0, 16, 2000},
		"2 ACU of staging, between the documents": {0.5, 2, 400},
	} {
		assert.Equal(t, c.want, connectionLimit(c.minimum, c.maximum), name)
	}
}

func TestConfigDefaultsAreValidAndComplete(t *testing.T) {
	config := Config{RunbookBase: "https://example.com/operations.md"}
	require.NoError(t, config.Validate().Err())
	assert.Equal(t, Config{
		RunbookBase:  "https://example.com/operations.md",
		ErrorPattern: `?ERROR ?FATAL ?"⨯"`,
		QueryLimitGB: 10,
		Thresholds: Thresholds{
			CPUPercent:             80,
			MemoryPercent:          80,
			ErrorLines:             10,
			ServerErrorPercent:     5,
			ServerErrorMinRequests: 20,
			LatencySeconds:         1,
			ConnectionsPercent:     80,
			CapacityPercent:        90,
			FreeMemoryPercent:      10,
			ReplicaLagMilliseconds: 1000,
			DeadlocksPerMinute:     1,
			BlockedRequests:        1000,
			EdgeErrorPercent:       5,
			CertificateDays:        30,
			BackupHours:            26,
			DumpHours:              26,
			LogDeliveryPercent:     90,
		},
	}, settings.WithDefaults(config))
	custom := config
	custom.Thresholds.CPUPercent = 70
	assert.Equal(t, 70.0, settings.WithDefaults(custom).Thresholds.CPUPercent)
}

func TestConfigRefuses(t *testing.T) {
	for want, change := range map[string]func(*Config){
		"runbookBase: found nothing":              func(c *Config) { c.RunbookBase = "" },
		`runbookBase: found "http://example.com"`: func(c *Config) { c.RunbookBase = "http://example.com" },
		"want an https URL without a fragment": func(c *Config) {
			c.RunbookBase = "https://example.com/#top"
		},
		"errorPattern: found": func(c *Config) {
			c.ErrorPattern = strings.Repeat("x", 1025)
		},
		"queryLimitGb: found 1001, want 1 to 1000 (GB)":      func(c *Config) { c.QueryLimitGB = 1001 },
		"thresholds.cpuPercent: found 100, want more than 0": func(c *Config) { c.Thresholds.CPUPercent = 100 },
		"thresholds.edgeErrorPercent: found -1":              func(c *Config) { c.Thresholds.EdgeErrorPercent = -1 },
		"thresholds.latencySeconds: found -2":                func(c *Config) { c.Thresholds.LatencySeconds = -2 },
		"thresholds.certificateDays: found 45, want 1 to 44": func(c *Config) { c.Thresholds.CertificateDays = 45 },
	} {
		t.Run(want, func(t *testing.T) {
			config := Config{RunbookBase: "https://example.com/operations.md"}
			change(&config)
			var problems settings.Problems = config.Validate()
			require.ErrorContains(t, problems.Err(), want)
			assert.Len(t, problems, 1)
		})
	}
}

func TestRunbookSectionsAreSorted(t *testing.T) {
	sections := RunbookSections()
	assert.True(t, slices.IsSorted(sections))
	assert.Len(t, slices.Compact(sections), 27, fmt.Sprint(sections))
}
