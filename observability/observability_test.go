package observability

import (
	"encoding/json"
	"fmt"
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
			LogGroupName:         pulumi.String("/ecs/bookmark-manager-production-" + name),
			MinTasks:             2,
			UnhealthySeconds:     35,
		}
	}
	return &ObservabilityArgs{
		Config:                Config{RunbookBase: "https://example.com/operations.md"},
		Stack:                 recorder.Production,
		TopicArn:              pulumi.String(topicArn),
		UsEast1TopicArn:       pulumi.String(globalTopicArn),
		ClusterName:           pulumi.String("bookmark-manager-production-cluster"),
		Services:              map[string]Service{"web": service("web"), "api": service("api")},
		Prober:                "api",
		LoadBalancerArnSuffix: pulumi.String("app/lb/1"),
		CertificateArn:        pulumi.String("arn:aws:acm:ap-northeast-1:111122223333:certificate/alb"),
		Database: Database{
			ClusterIdentifier: pulumi.String("bookmark-manager-production-aurora"),
			MinACU:            0.5,
			MaxACU:            16,
			Reader:            true,
		},
		Edge: Edge{
			DistributionID:     pulumi.String("E123"),
			WebACLMetricName:   pulumi.String("web-acl"),
			HealthCheckID:      pulumi.String("health"),
			CertificateArn:     pulumi.String("arn:aws:acm:us-east-1:111122223333:certificate/edge"),
			WebACLLogGroupName: pulumi.String("aws-waf-logs-bookmark-manager-production"),
		},
		NatGatewayIDs:    map[string]pulumi.StringOutput{"ap-northeast-1a": pulumi.String("nat-1").ToStringOutput()},
		FlowLogGroupName: pulumi.String("/bookmark-manager/production/vpc-flow-logs"),
		Logs: Logs{
			BucketName:         pulumi.String("logs-bucket"),
			LoadBalancerPrefix: "alb",
			DistributionPrefix: "cloudfront",
			DistributionFields: []string{"date", "time", "c-ip", "cs(User-Agent)", "sc-status", "sc-bytes",
				"time-taken"},
		},
		Backups:       Backups{VaultName: pulumi.String("vault"), CopyVaultName: pulumi.String("copies")},
		LogStreamName: pulumi.String("delivery"),
	}
}

func buildObservability(change func(*ObservabilityArgs)) (*recorder.Recorder, *Observability, error) {
	args := stackToWatch()
	var made *Observability
	r, err := inComponent(func(
		ctx *pulumi.Context, global pulumi.ProviderResource, opts ...pulumi.ResourceOption,
	) (err error) {
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
		Type:          {"watch"},
		compositeType: {"api-trouble", "application-trouble", "site-down", "web-trouble"},
		dashboardType: {"dashboard"},
		filterType:    {"api-error-lines", "web-error-lines"},
		insightsType: {
			"api-error-rate", "api-errors", "vpc-rejected", "vpc-talkers", "waf-blocked-clients", "waf-blocked-rules",
			"web-error-rate", "web-errors",
		},
		"aws:glue/catalogDatabase:CatalogDatabase": {"logs"},
		tableType:     {"logs-distribution", "logs-load_balancer"},
		workgroupType: {"logs"},
		"aws:cloudwatch/eventRule:EventRule": {
			"certificate-action", "certificate-action-us-east-1", "deployment-failed", "task-out-of-memory",
			"task-stopped",
		},
		"aws:cloudwatch/eventTarget:EventTarget": {
			"certificate-action", "certificate-action-us-east-1", "deployment-failed", "task-out-of-memory",
			"task-stopped",
		},
		namedType: {"alb-clients", "alb-errors", "alb-slowest", "cloudfront-cache", "cloudfront-errors"},
	}, all)
}

func TestEveryAlarmCallsTheTopicOfItsRegionAndNamesAResource(t *testing.T) {
	r := mustBuild(t)
	known := []any{
		"bookmark-manager-production-cluster", "bookmark-manager-production-web", "bookmark-manager-production-api",
		"targetgroup/web/1",
		"targetgroup/api/1", "app/lb/1", "arn:aws:acm:ap-northeast-1:111122223333:certificate/alb",
		"bookmark-manager-production-aurora", "E123",
		"web-acl", "health", "arn:aws:acm:us-east-1:111122223333:certificate/edge", "nat-1", "vault", "delivery",
		"copies", "ALL", "Global",
	}
	parts := map[string]bool{}
	for _, one := range composites(stackToWatch().watched(), planned(t, stackToWatch().watched())) {
		parts[one.suppressor] = true
		for _, child := range one.of {
			parts[child] = true
		}
	}
	for _, one := range r.OfType(alarmType) {
		topic := topicArn
		if isGlobal(one) {
			topic = globalTopicArn
		}
		if parts[strings.TrimPrefix(one.Name, "watch-")] {
			assert.Nil(t, one.Input("alarmActions"), one.Name)
			assert.Nil(t, one.Input("okActions"), one.Name)
		} else {
			assert.Equal(t, []any{topic}, one.Input("alarmActions"), one.Name)
			assert.Equal(t, []any{topic}, one.Input("okActions"), one.Name)
		}
		assert.Equal(t, "bookmark-manager-production-"+strings.TrimPrefix(one.Name, "watch-"), one.Input("name"))
		assert.Regexp(t, regexp.MustCompile(`^[A-Z].*\. Told within [0-9]+ (minutes|hours)\. First: .*\. Runbook: `+
			`https://example.com/operations.md#[a-z-]+$`), one.Input("alarmDescription"), one.Name)
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
	cpu := get(t, r, alarmType, "watch-api-cpu-high")
	for property, want := range map[string]any{
		"namespace":          "AWS/ECS",
		"metricName":         "CPUUtilization",
		"statistic":          "Average",
		"period":             300.0,
		"evaluationPeriods":  2.0,
		"threshold":          80.0,
		"datapointsToAlarm":  2.0,
		"comparisonOperator": "GreaterThanThreshold",
		"treatMissingData":   "notBreaching",
		"dimensions": map[string]any{
			"ClusterName": "bookmark-manager-production-cluster",
			"ServiceName": "bookmark-manager-production-api",
		},
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
			"namespace":  "AWS/ApplicationELB",
			"metricName": "RequestCount",
			"stat":       "Sum",
			"period":     300.0,
			"dimensions": map[string]any{"LoadBalancer": "app/lb/1"},
		},
	}, queries[1])
}

// One incident is one message: the alarms that see it tell nobody, and one over them does, in each
// region. While the site is down, its own alarm in us-east-1 tells of what the region's would.
func TestCompositeAlarmsTell(t *testing.T) {
	r := mustBuild(t)
	rule := func(alarms ...string) string {
		var parts []string
		for _, one := range alarms {
			parts = append(parts, `ALARM("bookmark-manager-production-`+one+`")`)
		}
		return strings.Join(parts, " OR ")
	}
	for key, c := range map[string]struct {
		topic any
		rule  string
	}{
		"site-down": {[]any{globalTopicArn}, rule("cloudfront-5xx-rate-high", "site-health")},
		"api-trouble": {nil, rule(
			"api-cpu-high", "api-memory-high", "api-unhealthy-targets", "api-tasks-missing", "api-error-lines")},
		"application-trouble": {[]any{topicArn}, rule(
			"api-trouble", "web-trouble", "alb-5xx-rate-high", "alb-latency-high", "aurora-connections-high",
			"aurora-capacity-high",
			"aurora-memory-low", "aurora-deadlocks", "aurora-replica-lag-high")},
	} {
		one := get(t, r, compositeType, "watch-"+key)
		assert.Equal(t, c.topic, one.Input("alarmActions"), key)
		assert.Equal(t, c.topic, one.Input("okActions"), key)
		assert.Equal(t, c.rule, one.Input("alarmRule"), key)
		assert.Equal(t, key == "site-down", isGlobal(one), key)
		assert.Regexp(t,
			`^[A-Z].*\. (Told within \d+ minutes of the first of them|On as soon as the first of them is)\. First: `+
				`.*#[a-z-]+$`, one.Input("alarmDescription"), key)
	}
	assert.Equal(t, map[string]any{
		"alarm": "bookmark-manager-production-health-check-unanswered", "waitPeriod": 360.0, "extensionPeriod": 1200.0,
	}, get(t, r, compositeType, "watch-application-trouble").Input("actionsSuppressor"))
}

// CloudFront answers with 503 while the site is closed by hand; the path of the health check goes
// on.
func TestASiteThatIsClosedByHandIsNotReportedAsDown(t *testing.T) {
	r, _, err := buildObservability(func(a *ObservabilityArgs) { a.Edge.Closed = true })
	require.NoError(t, err)
	assert.Equal(t, `ALARM("bookmark-manager-production-site-health")`,
		get(t, r, compositeType, "watch-site-down").Input("alarmRule"))
}

func TestWithoutAServiceThatAnswersTheHealthCheckNothingIsSuppressed(t *testing.T) {
	r, _, err := buildObservability(func(a *ObservabilityArgs) { a.Prober = "" })
	require.NoError(t, err)
	assert.Nil(t, get(t, r, compositeType, "watch-application-trouble").Input("actionsSuppressor"))
	_, made := r.Get(alarmType, "watch-health-check-unanswered")
	assert.False(t, made)
}

// CloudWatch takes a hundred alarms in a rule: those of a service are one of them.
func TestManyServicesFitIntoTheRule(t *testing.T) {
	w := everything()
	for i := range 60 {
		w.services[fmt.Sprintf("extra-%02d", i)] = watchedService{minTasks: 1, targets: true, logs: true}
	}
	for _, one := range composites(w, planned(t, w)) {
		assert.LessOrEqual(t, len(one.of), mostChildren, one.key)
	}
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
	assert.Equal(t, "(second0>=26100)&&(second0<=79140)&&(((day0+3)-(7*FLOOR((day0+3)/7)))<5)&&"+
		"(day0!=20454)&&(day0!=20465)&&(day0!=20941)", health.Input("metricQueries[5].expression"))
	missing := get(t, r, alarmType, "watch-web-tasks-missing")
	assert.Equal(t, "IF(awake,FILL(tasks,0),2)", missing.Input("metricQueries[0].expression"))
	assert.Equal(t, "notBreaching", missing.Input("treatMissingData"))

	_, _, err = buildObservability(func(a *ObservabilityArgs) {
		a.Services["web"] = Service{Name: pulumi.String("web"), Sleeps: true}
	})
	require.ErrorContains(t, err, "Services.web sleeps: Hours are required")
}

// The task says when a dump is there, and its log is where that is counted.
func TestDumpsAreCounted(t *testing.T) {
	r, _, err := buildObservability(func(a *ObservabilityArgs) {
		a.Backups.DumpLogGroupName = pulumi.String("/ecs/bookmark-manager-production-dump")
	})
	require.NoError(t, err)
	filter := get(t, r, filterType, "watch-dumps-completed")
	assert.Equal(t, `"dump: completed"`, filter.Input("pattern"))
	assert.Equal(t, "/ecs/bookmark-manager-production-dump", filter.Input("logGroupName"))
	alarm := get(t, r, alarmType, "watch-dump-missing")
	assert.Equal(t, "dumps-completed", alarm.Input("metricName"))
	assert.Equal(t, filter.Input("metricTransformation.name"), alarm.Input("metricName"))
	assert.Equal(t, filter.Input("metricTransformation.namespace"), alarm.Input("namespace"))
	assert.Equal(t, 26.0, alarm.Input("evaluationPeriods"))
	assert.Equal(t, 3600.0, alarm.Input("period"))
	assert.Equal(t, "breaching", alarm.Input("treatMissingData"))
	_, made := mustBuild(t).Get(alarmType, "watch-dump-missing")
	assert.False(t, made, "without dumps")
}

func TestErrorLinesAreCounted(t *testing.T) {
	filter := get(t, mustBuild(t), filterType, "watch-api-error-lines")
	assert.Equal(t, "/ecs/bookmark-manager-production-api", filter.Input("logGroupName"))
	assert.Equal(t, `?ERROR ?FATAL ?"⨯"`, filter.Input("pattern"))
	assert.Equal(t, map[string]any{
		"namespace":    "bookmark-manager/production",
		"name":         "api-error-lines",
		"value":        "1",
		"defaultValue": "0",
		"unit":         "Count",
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
	require.NoError(t,
		json.Unmarshal([]byte(get(t, r, dashboardType, "watch-dashboard").Input("dashboardBody").(string)), &body))
	return body.Widgets
}

func TestDashboardShowsWhatTheOriginalDesignNames(t *testing.T) {
	shown := map[string]placed{}
	for _, one := range widgets(t, mustBuild(t)) {
		shown[one.Properties.Title] = one
	}
	for title, want := range map[string][]any{
		"CPU": {"AWS/ECS", "CPUUtilization", "ClusterName",
			"bookmark-manager-production-cluster", "ServiceName", "bookmark-manager-production-api",
			map[string]any{"label": "api", "stat": "Average"}},
		"Memory": {"AWS/ECS", "MemoryUtilization", "ClusterName",
			"bookmark-manager-production-cluster", "ServiceName", "bookmark-manager-production-api",
			map[string]any{"label": "api", "stat": "Average"}},
		"Requests": {"AWS/ApplicationELB", "RequestCount", "LoadBalancer", "app/lb/1",
			map[string]any{"label": "all", "stat": "Sum"}},
		"Latency": {"AWS/ApplicationELB", "TargetResponseTime", "LoadBalancer", "app/lb/1",
			map[string]any{"label": "p50", "stat": "p50"}},
		"Connections": {"AWS/RDS", "DatabaseConnections", "DBClusterIdentifier",
			"bookmark-manager-production-aurora", map[string]any{"label": "most of an instance", "stat": "Maximum"}},
		"Query performance: latency": {"AWS/RDS", "CommitLatency", "DBClusterIdentifier",
			"bookmark-manager-production-aurora", map[string]any{"label": "commit (ms)", "stat": "Average"}},
		"Query performance: load": {"AWS/RDS", "DBLoad", "DBClusterIdentifier", "bookmark-manager-production-aurora",
			map[string]any{"label": "active sessions", "stat": "Average"}},
		"Web ACL": {"AWS/WAFV2", "AllowedRequests", "Rule", "ALL", "WebACL", "web-acl",
			map[string]any{"label": "allowed", "stat": "Sum"}},
		"Error lines": {"bookmark-manager/production", "api-error-lines",
			map[string]any{"label": "api", "stat": "Sum"}},
	} {
		require.NotEmpty(t, shown[title].Properties.Metrics, title)
		assert.Equal(t, want, shown[title].Properties.Metrics[0], title)
	}
	assert.Equal(t, "ap-northeast-1", shown["CPU"].Properties.Region)
	assert.Equal(t, "us-east-1", shown["Web ACL"].Properties.Region)
	assert.Equal(t, []horizontal{{"alarm", 1600}}, shown["Connections"].Properties.Annotations.Horizontal)
	assert.Len(t, shown["production alarms"].Properties.Alarms, len(mustBuild(t).OfType(alarmType))-4,
		"those of us-east-1 cannot be shown")
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
	assert.Equal(t,
		"fields @timestamp, @message, @logStream\n| filter @message like /ERROR|FATAL|⨯/ or level >= 50\n| sort "+
			"@timestamp desc\n| limit 100",
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
		"Services.web.Name is required": func(a *ObservabilityArgs) {
			a.Services["web"] = Service{TargetGroupArnSuffix: pulumi.String("x")}
		},
		"Services.web has a target group: UnhealthySeconds are required": func(a *ObservabilityArgs) {
			one := a.Services["web"]
			one.UnhealthySeconds = 0
			a.Services["web"] = one
		},
		"DistributionFields are required": func(a *ObservabilityArgs) { a.Logs.DistributionFields = nil },
		"the database has 2 to 1 ACU":     func(a *ObservabilityArgs) { a.Database.MinACU, a.Database.MaxACU = 2, 1 },
		"runbookBase: found nothing":      func(a *ObservabilityArgs) { a.Config.RunbookBase = "" },
	} {
		t.Run(want, func(t *testing.T) {
			r, _, err := buildObservability(change)
			require.ErrorContains(t, err, want)
			assert.Empty(t, r.All())
		})
	}
}

func TestAServiceWithALoggerOfItsOwnHasItsPattern(t *testing.T) {
	r, _, err := buildObservability(func(a *ObservabilityArgs) {
		a.Config.ErrorPatterns = map[string]string{"api": "{ $.level >= 50 }"}
	})
	require.NoError(t, err)
	assert.Equal(t, "{ $.level >= 50 }", get(t, r, filterType, "watch-api-error-lines").Input("pattern"))
	assert.Equal(t, `?ERROR ?FATAL ?"⨯"`, get(t, r, filterType, "watch-web-error-lines").Input("pattern"))
}

// What no metric shows is an event, in words, with its section of the runbook.
func TestEventsAreSentToTheTopicOfTheirRegion(t *testing.T) {
	r := mustBuild(t)
	for key, want := range map[string]struct {
		topic   any
		pattern string
		says    string
	}{
		"deployment-failed": {topicArn, `{"source":["aws.ecs"],"detail-type":["ECS Deployment State Change"],
			"resources":[{"prefix":"arn:aws:ecs:ap-northeast-1:111122223333:service/bookmark-manager-production-cluster/"}],
			"detail":{"eventName":["SERVICE_DEPLOYMENT_FAILED"]}}`,
			`{"version":"1.0","source":"custom","content":{"title":"bookmark-manager-production: A deployment of ` +
				`<service> has failed; ECS goes back to the one before, where it is told to.",` +
				`"description":<reason>,"nextSteps":["First: read the reasons of its stopped tasks, or which of its ` +
				`rollback alarms was on.","Runbook: https://example.com/operations.md#failed-deployments"]}}`},
		"task-stopped": {topicArn, `{"source":["aws.ecs"],"detail-type":["ECS Task State Change"],
			"detail":{"clusterArn":["arn:aws:ecs:ap-northeast-1:111122223333:cluster/bookmark-manager-production-cluster"],
			 "lastStatus":["STOPPED"],
			 "stoppedReason":[{"prefix":"CannotCreate"},{"prefix":"CannotPull"},{"prefix":"CannotStart"},
			 {"prefix":"ResourceInitializationError"}]}}`, ""},
		"task-out-of-memory": {topicArn, `{"source":["aws.ecs"],"detail-type":["ECS Task State Change"],
			"detail":{"clusterArn":["arn:aws:ecs:ap-northeast-1:111122223333:cluster/bookmark-manager-production-cluster"],
			 "lastStatus":["STOPPED"],"stopCode":["EssentialContainerExited"],
			 "containers":{"reason":[{"prefix":"OutOfMemoryError"}]}}}`, ""},
		"certificate-action": {topicArn,
			`{"source":["aws.acm"],"detail-type":["ACM Certificate Renewal Action Required"]}`, ""},
		"certificate-action-us-east-1": {globalTopicArn,
			`{"source":["aws.acm"],"detail-type":["ACM Certificate Renewal Action Required"]}`, ""},
	} {
		rule, target := get(t, r, "aws:cloudwatch/eventRule:EventRule", "watch-"+key),
			get(t, r, "aws:cloudwatch/eventTarget:EventTarget", "watch-"+key)
		sameJSON(t, want.pattern, rule.Input("eventPattern"), key)
		assert.Equal(t, want.topic, target.Input("arn"), key)
		assert.Equal(t, want.topic == globalTopicArn, isGlobal(rule), key)
		template := target.Input("inputTransformer.inputTemplate").(string)
		if want.says != "" {
			assert.Equal(t, want.says, template)
		}
		for _, name := range regexp.MustCompile(`<([a-z]+)>`).FindAllStringSubmatch(template, -1) {
			assert.NotNil(t, target.Input("inputTransformer.inputPaths."+name[1]), "%s: %s has no path", key, name[1])
		}
	}
}
