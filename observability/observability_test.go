package observability

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/recorder"
)

const (
	alarmType     = "aws:cloudwatch/metricAlarm:MetricAlarm"
	compositeType = "aws:cloudwatch/compositeAlarm:CompositeAlarm"
	dashboardType = "aws:cloudwatch/dashboard:Dashboard"
	filterType    = "aws:cloudwatch/logMetricFilter:LogMetricFilter"
	insightsType  = "aws:cloudwatch/queryDefinition:QueryDefinition"
	tableType     = "aws:glue/catalogTable:CatalogTable"
	workgroupType = "aws:athena/workgroup:Workgroup"
	namedType     = "aws:athena/namedQuery:NamedQuery"
)

func stackToWatch() *ObservabilityArgs {
	service := func(name string) Service {
		return Service{
			Name:                 pulumi.String("bookmark-manager-production-" + name),
			TargetGroupArnSuffix: pulumi.String("targetgroup/" + name + "/1"),
			LogGroupName:         pulumi.String("/ecs/bookmark-manager-production-" + name), MinTasks: 2,
		}
	}
	return &ObservabilityArgs{
		Config:   Config{RunbookBase: "https://example.com/operations.md"},
		Stack:    recorder.Production,
		TopicArn: pulumi.String(topicArn), UsEast1TopicArn: pulumi.String(globalTopicArn),
		ClusterName:           pulumi.String("bookmark-manager-production-cluster"),
		Services:              map[string]Service{"web": service("web"), "api": service("api")},
		LoadBalancerArnSuffix: pulumi.String("app/lb/1"), CertificateArn: pulumi.String("arn:aws:acm:ap-northeast-1:111122223333:certificate/alb"),
		Database: Database{ClusterIdentifier: pulumi.String("bookmark-manager-production-aurora"), MinACU: 0.5, MaxACU: 16, Reader: true},
		Edge: Edge{
			DistributionID: pulumi.String("E123"), WebACLMetricName: pulumi.String("web-acl"), HealthCheckID: pulumi.String("health"),
			CertificateArn:     pulumi.String("arn:aws:acm:us-east-1:111122223333:certificate/edge"),
			WebACLLogGroupName: pulumi.String("aws-waf-logs-bookmark-manager-production"),
		},
		NatGatewayIDs:    map[string]pulumi.StringOutput{"ap-northeast-1a": pulumi.String("nat-1").ToStringOutput()},
		FlowLogGroupName: pulumi.String("/bookmark-manager/production/vpc-flow-logs"),
		Logs: Logs{
			BucketName: pulumi.String("logs-bucket"), LoadBalancerPrefix: "alb", DistributionPrefix: "cloudfront",
			DistributionFields: []string{"date", "time", "c-ip", "cs(User-Agent)", "sc-status", "sc-bytes", "time-taken"},
		},
		Backups:       Backups{VaultName: pulumi.String("vault"), CopyVaultName: pulumi.String("copies")},
		LogStreamName: pulumi.String("delivery"),
	}
}

func buildObservability(change func(*ObservabilityArgs)) (*recorder.Recorder, *Observability, error) {
	args := stackToWatch()
	var made *Observability
	r, err := inComponent(func(ctx *pulumi.Context, global pulumi.ProviderResource, opts ...pulumi.ResourceOption) (err error) {
		args.UsEast1 = global
		if change != nil {
			change(args)
		}
		made, err = NewObservability(ctx, "watch", args, opts...)
		return err
	}, "aws")
	return r, made, err
}

func mustBuild(t *testing.T) *recorder.Recorder {
	t.Helper()
	r, _, err := buildObservability(nil)
	require.NoError(t, err)
	return r
}

func TestObservabilityChildren(t *testing.T) {
	all := listed(t, mustBuild(t), Type, "watch-")
	table := keys(planned(t, stackToWatch().watched()))
	slices.Sort(table)
	assert.Equal(t, table, all[alarmType])
	delete(all, alarmType)
	assert.Equal(t, map[string][]string{
		Type: {"watch"}, compositeType: {"site-down"}, dashboardType: {"dashboard"}, filterType: {"api-error-lines", "web-error-lines"},
		insightsType: {
			"api-error-rate", "api-errors", "vpc-rejected", "vpc-talkers", "waf-blocked-clients", "waf-blocked-rules", "web-error-rate", "web-errors",
		},
		"aws:glue/catalogDatabase:CatalogDatabase": {"logs"}, tableType: {"logs-distribution", "logs-load_balancer"}, workgroupType: {"logs"},
		namedType: {"alb-clients", "alb-errors", "alb-slowest", "cloudfront-cache", "cloudfront-errors"},
	}, all)
}

func TestEveryAlarmCallsTheTopicOfItsRegionAndNamesAResource(t *testing.T) {
	r := mustBuild(t)
	known := []any{
		"bookmark-manager-production-cluster", "bookmark-manager-production-web", "bookmark-manager-production-api", "targetgroup/web/1",
		"targetgroup/api/1", "app/lb/1", "arn:aws:acm:ap-northeast-1:111122223333:certificate/alb", "bookmark-manager-production-aurora", "E123",
		"web-acl", "health", "arn:aws:acm:us-east-1:111122223333:certificate/edge", "nat-1", "vault", "delivery",
		"copies", "ALL", "Global",
	}
	for _, one := range r.OfType(alarmType) {
		topic := topicArn
		if isGlobal(one) {
			topic = globalTopicArn
		}
		assert.Equal(t, []any{topic}, one.Input("alarmActions"), one.Name)
		assert.Equal(t, []any{topic}, one.Input("okActions"), one.Name)
		assert.Equal(t, "bookmark-manager-production-"+strings.TrimPrefix(one.Name, "watch-"), one.Input("name"))
		assert.Regexp(t, regexp.MustCompile(`^[A-Z].*\. First: .*\. Runbook: https://example.com/operations.md#[a-z-]+$`), one.Input("alarmDescription"), one.Name)
		dimensions := []any{one.Input("dimensions")}
		if queries, ok := one.Input("metricQueries").([]any); ok {
			dimensions = nil
			for _, query := range queries {
				if of, ok := query.(map[string]any)["metric"].(map[string]any); ok {
					dimensions = append(dimensions, of["dimensions"])
				}
			}
			require.NotEmpty(t, dimensions, one.Name)
		}
		for _, set := range dimensions {
			if strings.HasSuffix(one.Name, "-error-lines") { // a metric of a filter has none
				assert.Empty(t, set, one.Name)
				continue
			}
			require.NotEmpty(t, set, one.Name)
			for name, value := range set.(map[string]any) {
				assert.Contains(t, known, value, "%s %s", one.Name, name)
			}
		}
	}
}

func TestAlarmsInCloudWatchsTerms(t *testing.T) {
	r := mustBuild(t)
	latency := get(t, r, alarmType, "watch-alb-latency-high")
	assert.Equal(t, "p95", latency.Input("extendedStatistic"))
	assert.Nil(t, latency.Input("statistic"))
	assert.Equal(t, "ignore", latency.Input("evaluateLowSampleCountPercentiles"))

	cpu := get(t, r, alarmType, "watch-api-cpu-high")
	for property, want := range map[string]any{
		"namespace": "AWS/ECS", "metricName": "CPUUtilization", "statistic": "Average", "period": 300.0, "evaluationPeriods": 2.0, "threshold": 80.0,
		"datapointsToAlarm": 2.0, "comparisonOperator": "GreaterThanThreshold", "treatMissingData": "notBreaching",
		"dimensions": map[string]any{"ClusterName": "bookmark-manager-production-cluster", "ServiceName": "bookmark-manager-production-api"},
	} {
		assert.Equal(t, want, cpu.Input(property), property)
	}

	rate := get(t, r, alarmType, "watch-alb-5xx-rate-high")
	assert.Nil(t, rate.Input("metricName"))
	assert.Nil(t, rate.Input("period"))
	queries := rate.Input("metricQueries").([]any)
	require.Len(t, queries, 7)
	for i, query := range queries {
		assert.Equal(t, i == 0, query.(map[string]any)["returnData"])
	}
	assert.Equal(t, map[string]any{
		"id": "all", "returnData": false, "expression": "FILL(routed,0)+FILL(unrouted,0)",
	}, queries[5])
	assert.Equal(t, map[string]any{
		"id": "routed", "returnData": false, "metric": map[string]any{
			"namespace": "AWS/ApplicationELB", "metricName": "RequestCount", "stat": "Sum", "period": 300.0, "dimensions": map[string]any{"LoadBalancer": "app/lb/1"},
		},
	}, queries[1])
}

func TestSiteDown(t *testing.T) {
	down := get(t, mustBuild(t), compositeType, "watch-site-down")
	for _, event := range []string{"alarmActions", "okActions"} {
		assert.Equal(t, []any{globalTopicArn}, down.Input(event), event)
	}
	assert.True(t, isGlobal(down), "its parts are in us-east-1")
	assert.Equal(t, `ALARM("bookmark-manager-production-site-health") OR ALARM("bookmark-manager-production-cloudfront-5xx-rate-high")`, down.Input("alarmRule"))
	assert.Contains(t, down.Input("alarmDescription"), "https://example.com/operations.md#site-down")
}

// The alarms of a site that sleeps are those of the table, as CloudWatch takes them.
func TestAlarmsOfASiteThatSleeps(t *testing.T) {
	r, _, err := buildObservability(func(a *ObservabilityArgs) {
		a.Hours = tokyo()
		for name, service := range a.Services {
			service.Sleeps = true
			a.Services[name] = service
		}
	})
	require.NoError(t, err)
	health := get(t, r, alarmType, "watch-site-health")
	var ids []any
	for _, query := range health.Input("metricQueries").([]any) {
		ids = append(ids, query.(map[string]any)["id"])
	}
	assert.Equal(t, []any{"result", "watched", "local0", "day0", "second0", "awake"}, ids)
	assert.Equal(t, "IF(awake,watched,1)", health.Input("metricQueries[0].expression"))
	assert.Equal(t, "HealthCheckStatus", health.Input("metricQueries[1].metric.metricName"))
	assert.Equal(t, "EPOCH(watched)+(32400)", health.Input("metricQueries[2].expression"))
	assert.Equal(t, "second0>=26100&&second0<79200&&(day0+3)-7*FLOOR((day0+3)/7)<5&&"+
		"day0!=20454&&day0!=20465&&day0!=20941", health.Input("metricQueries[5].expression"))
	missing := get(t, r, alarmType, "watch-web-tasks-missing")
	assert.Equal(t, "IF(healthy+unhealthy>0,healthy,2)", missing.Input("metricQueries[0].expression"))
	assert.Equal(t, "notBreaching", missing.Input("treatMissingData"))

	_, _, err = buildObservability(func(a *ObservabilityArgs) {
		a.Services["web"] = Service{Name: pulumi.String("web"), Sleeps: true}
	})
	require.ErrorContains(t, err, "Services.web sleeps: Hours are required")
}

func TestErrorLinesAreCounted(t *testing.T) {
	filter := get(t, mustBuild(t), filterType, "watch-api-error-lines")
	assert.Equal(t, "/ecs/bookmark-manager-production-api", filter.Input("logGroupName"))
	assert.Equal(t, "?ERROR ?FATAL", filter.Input("pattern"))
	assert.Equal(t, map[string]any{
		"namespace": "bookmark-manager/production", "name": "api-error-lines", "value": "1", "defaultValue": "0", "unit": "Count",
	}, filter.Input("metricTransformation"))
	alarm := get(t, mustBuild(t), alarmType, "watch-api-error-lines")
	assert.Equal(t, "bookmark-manager/production", alarm.Input("namespace"))
	assert.Equal(t, "api-error-lines", alarm.Input("metricName"))
}

func TestDashboardIsWhatCloudWatchDocuments(t *testing.T) {
	dashboard := get(t, mustBuild(t), dashboardType, "watch-dashboard")
	assert.Equal(t, "bookmark-manager-production", dashboard.Input("dashboardName"))
	raw := dashboard.Input("dashboardBody").(string)
	file, err := os.Open("testdata/dashboard.schema.json")
	require.NoError(t, err)
	defer func() { require.NoError(t, file.Close()) }()
	parsed, err := jsonschema.UnmarshalJSON(file)
	require.NoError(t, err)
	compiler := jsonschema.NewCompiler()
	require.NoError(t, compiler.AddResource("dashboard.json", parsed))
	schema, err := compiler.Compile("dashboard.json")
	require.NoError(t, err)
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(raw))
	require.NoError(t, err)
	require.NoError(t, schema.Validate(value))

	broken, err := jsonschema.UnmarshalJSON(strings.NewReader(strings.Replace(raw, `"metrics"`, `"metric"`, 1)))
	require.NoError(t, err)
	require.Error(t, schema.Validate(broken), "a misspelt field must not pass")
}

// placed is a widget as the dashboard's body has it.
type placed struct {
	Type                string
	X, Y, Width, Height int
	Properties          struct {
		Title, Region string
		Alarms        []string
		Metrics       [][]any
		Annotations   struct{ Horizontal []horizontal }
	}
}

func widgets(t *testing.T, r *recorder.Recorder) []placed {
	t.Helper()
	var body struct{ Widgets []placed }
	require.NoError(t, json.Unmarshal([]byte(get(t, r, dashboardType, "watch-dashboard").Input("dashboardBody").(string)), &body))
	return body.Widgets
}

func TestDashboardShowsWhatTheOriginalDesignNames(t *testing.T) {
	shown := map[string]placed{}
	for _, one := range widgets(t, mustBuild(t)) {
		shown[one.Properties.Title] = one
	}
	for title, want := range map[string][]any{
		"CPU":                        {"AWS/ECS", "CPUUtilization", "ClusterName", "bookmark-manager-production-cluster", "ServiceName", "bookmark-manager-production-api", map[string]any{"label": "api", "stat": "Average"}},
		"Memory":                     {"AWS/ECS", "MemoryUtilization", "ClusterName", "bookmark-manager-production-cluster", "ServiceName", "bookmark-manager-production-api", map[string]any{"label": "api", "stat": "Average"}},
		"Requests":                   {"AWS/ApplicationELB", "RequestCount", "LoadBalancer", "app/lb/1", map[string]any{"label": "all", "stat": "Sum"}},
		"Latency":                    {"AWS/ApplicationELB", "TargetResponseTime", "LoadBalancer", "app/lb/1", map[string]any{"label": "p50", "stat": "p50"}},
		"Connections":                {"AWS/RDS", "DatabaseConnections", "DBClusterIdentifier", "bookmark-manager-production-aurora", map[string]any{"label": "most of an instance", "stat": "Maximum"}},
		"Query performance: latency": {"AWS/RDS", "CommitLatency", "DBClusterIdentifier", "bookmark-manager-production-aurora", map[string]any{"label": "commit (ms)", "stat": "Average"}},
		"Query performance: load":    {"AWS/RDS", "DBLoad", "DBClusterIdentifier", "bookmark-manager-production-aurora", map[string]any{"label": "active sessions", "stat": "Average"}},
		"Web ACL":                    {"AWS/WAFV2", "AllowedRequests", "Rule", "ALL", "WebACL", "web-acl", map[string]any{"label": "allowed", "stat": "Sum"}},
		"Error lines":                {"bookmark-manager/production", "api-error-lines", map[string]any{"label": "api", "stat": "Sum"}},
	} {
		require.NotEmpty(t, shown[title].Properties.Metrics, title)
		assert.Equal(t, want, shown[title].Properties.Metrics[0], title)
	}
	assert.Equal(t, "ap-northeast-1", shown["CPU"].Properties.Region)
	assert.Equal(t, "us-east-1", shown["Web ACL"].Properties.Region)
	assert.Equal(t, []horizontal{{"alarm", 1600}}, shown["Connections"].Properties.Annotations.Horizontal)
	assert.Len(t, shown["production alarms"].Properties.Alarms, len(mustBuild(t).OfType(alarmType))-4, "those of us-east-1 cannot be shown")
}

func TestDashboardsWidgetsDoNotOverlap(t *testing.T) {
	taken := map[[2]int]string{}
	for _, one := range widgets(t, mustBuild(t)) {
		assert.LessOrEqual(t, one.X+one.Width, 24, one.Properties.Title)
		for x := one.X; x < one.X+one.Width; x++ {
			for y := one.Y; y < one.Y+one.Height; y++ {
				assert.NotContains(t, taken, [2]int{x, y}, "%s lies on %s", one.Properties.Title, taken[[2]int{x, y}])
				taken[[2]int{x, y}] = one.Properties.Title
			}
		}
	}
}

func TestSavedQueries(t *testing.T) {
	r := mustBuild(t)
	for name, group := range map[string]string{
		"watch-api-errors":        "/ecs/bookmark-manager-production-api",
		"watch-vpc-rejected":      "/bookmark-manager/production/vpc-flow-logs",
		"watch-waf-blocked-rules": "aws-waf-logs-bookmark-manager-production",
	} {
		query := get(t, r, insightsType, name)
		assert.Equal(t, []any{group}, query.Input("logGroupNames"), name)
		assert.Equal(t, strings.HasPrefix(name, "watch-waf"), isGlobal(query), name)
		// The AWS provider refuses colons and asterisks, and a slash at either end.
		assert.Regexp(t, `^bookmark-manager-production/[^:*/]+$`, query.Input("name"))
	}
	assert.Equal(t, "fields @timestamp, @message, @logStream\n| filter @message like /ERROR|FATAL/ or level >= 50\n| sort @timestamp desc\n| limit 100",
		get(t, r, insightsType, "watch-api-errors").Input("queryString"))
}

func TestObservabilityBeforeTheFirstImage(t *testing.T) {
	r, _, err := buildObservability(func(a *ObservabilityArgs) {
		a.Services, a.NatGatewayIDs, a.Backups, a.LogStreamName = nil, nil, Backups{}, nil
	})
	require.NoError(t, err)
	all := listed(t, r, Type, "watch-")
	assert.Empty(t, all[filterType])
	assert.Len(t, all[alarmType], 12)
	for _, one := range widgets(t, r) {
		if one.Type == "metric" {
			assert.NotEmpty(t, one.Properties.Metrics, "CloudWatch refuses an empty graph: %s", one.Properties.Title)
		}
	}
}

func TestObservabilityRefuses(t *testing.T) {
	for want, change := range map[string]func(*ObservabilityArgs){
		"Environment, Region and AccountID are required": func(a *ObservabilityArgs) { a.Environment = "" },
		"UsEast1 is required":                            func(a *ObservabilityArgs) { a.UsEast1 = nil },
		"TopicArn is required":                           func(a *ObservabilityArgs) { a.TopicArn = nil },
		"ClusterName is required":                        func(a *ObservabilityArgs) { a.ClusterName = nil },
		"Edge.HealthCheckID is required":                 func(a *ObservabilityArgs) { a.Edge.HealthCheckID = nil },
		"Services.web.Name is required":                  func(a *ObservabilityArgs) { a.Services["web"] = Service{TargetGroupArnSuffix: pulumi.String("x")} },
		"DistributionFields are required":                func(a *ObservabilityArgs) { a.Logs.DistributionFields = nil },
		"the database has 2 to 1 ACU":                    func(a *ObservabilityArgs) { a.Database.MinACU, a.Database.MaxACU = 2, 1 },
		"runbookBase: found nothing":                     func(a *ObservabilityArgs) { a.Config.RunbookBase = "" },
	} {
		t.Run(want, func(t *testing.T) {
			r, _, err := buildObservability(change)
			require.ErrorContains(t, err, want)
			assert.Empty(t, r.All())
		})
	}
}
