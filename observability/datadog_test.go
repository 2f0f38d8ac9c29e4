package observability

import (
	"strconv"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/recorder"
)

const (
	ddMonitorType   = "datadog:index/monitor:Monitor"
	ddObjectiveType = "datadog:index/serviceLevelObjective:ServiceLevelObjective"
	ddCheckType     = "datadog:index/syntheticsTest:SyntheticsTest"
	ddDashboardType = "datadog:index/dashboardJson:DashboardJson"
	ddAccountType   = "datadog:aws/integrationAccount:IntegrationAccount"
	firehoseType    = "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream"
	subscribeType   = "aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter"
)

func datadogConfig() DatadogConfig {
	return DatadogConfig{
		Enabled:     true,
		Site:        "ap1.datadoghq.com",
		Integration: Create,
		Logs:        true,
		Notify:      []string{"@slack-alerts", "@ops@example.com"},
		Services: map[string]DatadogService{
			"api": {
				Operation:      "express.request",
				ErrorRate:      ErrorRates{0.03, 0.05},
				LatencySeconds: Latencies{0.5, 1},
				Availability:   99.9,
				FastEnough:     99,
			},
			"web": {
				Operation:      "next.request",
				ErrorRate:      ErrorRates{0.03, 0.05},
				LatencySeconds: Latencies{1, 2},
				Availability:   99.9,
				FastEnough:     95,
			},
		},
		Checks: map[string]DatadogCheck{"home": {Path: "/"}, "api": {Path: "/api/health", Milliseconds: 2000}},
	}
}

func buildDatadog(change func(*DatadogArgs)) (*recorder.Recorder, *Datadog, error) {
	args := &DatadogArgs{
		Config: datadogConfig(),
		Stack:  recorder.Production,
		Services: map[string]DatadogTarget{
			"api": {Tag: "bookmark-manager-api", Running: true}, "web": {Tag: "bookmark-manager-web", Running: true},
		},
		SiteURL:     "https://www.example.com",
		RunbookBase: "https://example.com/operations.md",
		APIKey:      pulumi.String("key"),
		LogGroups: map[string]pulumi.StringInput{
			"api": pulumi.String("/ecs/bookmark-manager-production-api"),
			"vpc": pulumi.String("/bookmark-manager/production/vpc-flow-logs"),
		},
		LogBucketArn: pulumi.String("arn:aws:s3:::logs"),
	}
	if change != nil {
		change(args)
	}
	var made *Datadog
	r, err := inComponent(func(
		ctx *pulumi.Context, _ pulumi.ProviderResource, opts ...pulumi.ResourceOption,
	) (err error) {
		made, err = NewDatadog(ctx, "datadog", args, opts...)
		return err
	}, "aws", "datadog")
	return r, made, err
}

func mustBuildDatadog(t *testing.T, change func(*DatadogArgs)) *recorder.Recorder {
	t.Helper()
	r, _, err := buildDatadog(change)
	require.NoError(t, err)
	return r
}

func TestDatadogChildren(t *testing.T) {
	assert.Equal(t, map[string][]string{
		DatadogType:     {"datadog"},
		ddAccountType:   {"account"},
		ddDashboardType: {"dashboard"},
		ddCheckType:     {"check-api", "check-home"},
		ddMonitorType: {
			"api-availability-fast-burn", "api-availability-slow-burn", "api-error-rate", "api-fast-enough-fast-burn",
			"api-fast-enough-slow-burn",
			"api-latency", "api-no-data", "web-availability-fast-burn", "web-availability-slow-burn", "web-error-rate",
			"web-fast-enough-fast-burn",
			"web-fast-enough-slow-burn", "web-latency", "web-no-data",
		},
		ddObjectiveType:                 {"api-availability", "api-fast-enough", "web-availability", "web-fast-enough"},
		"aws:iam/role:Role":             {"account", "delivery", "subscriptions"},
		"aws:iam/rolePolicy:RolePolicy": {"account", "delivery", "subscriptions"},
		firehoseType:                    {"delivery"},
		subscribeType:                   {"logs-api", "logs-vpc"},
	}, listed(t, mustBuildDatadog(t, nil), DatadogType, "datadog-"))
}

func TestErrorRateMonitorOfTheOriginalDesign(t *testing.T) {
	monitor := get(t, mustBuildDatadog(t, nil), ddMonitorType, "datadog-api-error-rate")
	assert.Equal(t,
		"sum(last_30m):sum:trace.express.request.errors{env:production,service:bookmark-manager-api}.as_count() / "+
			"sum:trace.express.request.hits{env:production,service:bookmark-manager-api}.as_count() > 0.05",
		monitor.Input("query"))
	assert.Equal(t, map[string]any{"critical": "0.05", "warning": "0.03"}, monitor.Input("monitorThresholds"))
	assert.Equal(t, "default", monitor.Input("onMissingData"))
	assert.Equal(t, "bookmark-manager-production api error rate", monitor.Input("name"))
	assert.Equal(t, "First: open the service's traces with errors and compare with the latest deploy.\n"+
		"Runbook: https://example.com/operations.md#server-errors\n@slack-alerts @ops@example.com",
		monitor.Input("message"))
	assert.Equal(t, []any{"env:production", "project:bookmark-manager", "service:bookmark-manager-api"},
		monitor.Input("tags"))
}

// Datadog refuses a monitor whose query ends in another number than its critical threshold.
func TestEachMonitorsQueryEndsInItsThreshold(t *testing.T) {
	for _, one := range mustBuildDatadog(t, nil).OfType(ddMonitorType) {
		query := one.Input("query").(string)
		assert.Equal(t, one.Input("monitorThresholds.critical"), query[strings.LastIndex(query, " ")+1:], one.Name)
		message := one.Input("message").(string)
		assert.Contains(t, message, "@slack-alerts", one.Name)
		_, section, _ := strings.Cut(message, "#")
		section, _, _ = strings.Cut(section, "\n")
		assert.Contains(t, RunbookSections(), section, one.Name)
	}
}

func TestLatencyAndSilenceMonitors(t *testing.T) {
	r := mustBuildDatadog(t, nil)
	latency := get(t, r, ddMonitorType, "datadog-web-latency")
	assert.Equal(t, "percentile(last_10m):p95:trace.next.request{env:production,service:bookmark-manager-web} > 2",
		latency.Input("query"))
	assert.Equal(t, map[string]any{"critical": "2", "warning": "1"}, latency.Input("monitorThresholds"))
	silence := get(t, r, ddMonitorType, "datadog-web-no-data")
	assert.Equal(t,
		"sum(last_15m):sum:trace.next.request.hits{env:production,service:bookmark-manager-web}.as_count() < 1",
		silence.Input("query"))
	assert.Equal(t, "show_and_notify_no_data", silence.Input("onMissingData"))
	assert.Equal(t, map[string]any{"critical": "1"}, silence.Input("monitorThresholds"))
}

func TestObjectives(t *testing.T) {
	r := mustBuildDatadog(t, nil)
	availability := get(t, r, ddObjectiveType, "datadog-api-availability")
	assert.Equal(t, "metric", availability.Input("type"))
	hits := "sum:trace.express.request.hits{env:production,service:bookmark-manager-api}.as_count()"
	assert.Equal(t, map[string]any{
		"numerator": hits +
			" - sum:trace.express.request.errors{env:production,service:bookmark-manager-api}.as_count()",
		"denominator": hits,
	}, availability.Input("query"))
	assert.Equal(t, []any{map[string]any{"timeframe": "30d", "target": 99.9}}, availability.Input("thresholds"))
	fast := get(t, r, ddObjectiveType, "datadog-api-fast-enough")
	assert.Equal(t, "time_slice", fast.Input("type"))
	assert.Equal(t, "<", fast.Input("sliSpecification.timeSlice.comparator"))
	assert.Equal(t, 0.5, fast.Input("sliSpecification.timeSlice.threshold"))
	assert.Equal(t, "p95:trace.express.request{env:production,service:bookmark-manager-api}",
		fast.Input("sliSpecification.timeSlice.query.queries[0].metricQuery.query"))
	assert.Equal(t, "latency", fast.Input("sliSpecification.timeSlice.query.formula.formulaExpression"))
	burning := get(t, r, ddMonitorType, "datadog-api-availability-fast-burn")
	assert.Equal(t, "slo alert", burning.Input("type"))
	assert.Equal(t, `burn_rate("datadog-api-availability-id").over("30d").long_window("1h").short_window("5m") > 14.4`,
		burning.Input("query"))
	slow := get(t, r, ddMonitorType, "datadog-api-availability-slow-burn")
	assert.Equal(t, `burn_rate("datadog-api-availability-id").over("30d").long_window("6h").short_window("30m") > 6`,
		slow.Input("query"))
}

func TestBurnRatesThatCannotBeReachedHaveNoMonitor(t *testing.T) {
	r := mustBuildDatadog(t, func(a *DatadogArgs) {
		service := a.Config.Services["api"]
		service.FastEnough = 90 // everything failing burns at a rate of 10
		a.Config.Services["api"] = service
	})
	_, fast := r.Get(ddMonitorType, "datadog-api-fast-enough-fast-burn")
	_, slow := r.Get(ddMonitorType, "datadog-api-fast-enough-slow-burn")
	assert.False(t, fast)
	assert.True(t, slow)
}

func TestChecksFromOutside(t *testing.T) {
	r := mustBuildDatadog(t, nil)
	check := get(t, r, ddCheckType, "datadog-check-api")
	assert.Equal(t, []any{"aws:ap-northeast-1"}, check.Input("locations"), "Tokyo")
	assert.Equal(t, "https://www.example.com/api/health", check.Input("requestDefinition.url"))
	assert.Equal(t, map[string]any{
		"tickEvery":          300.0,
		"retry":              map[string]any{"count": 2.0, "interval": 1000.0},
		"minLocationFailed":  1.0,
		"minFailureDuration": 0.0,
		"monitorPriority":    1.0,
	}, check.Input("optionsList"))
	assert.Equal(t, "live", check.Input("status"))
	assert.Equal(t, []any{
		map[string]any{"type": "statusCode", "operator": "is", "target": "200"},
		map[string]any{"type": "responseTime", "operator": "lessThan", "target": "2000"},
	}, check.Input("assertions"))
	home := get(t, r, ddCheckType, "datadog-check-home")
	assert.Equal(t, "https://www.example.com/", home.Input("requestDefinition.url"))
	assert.Equal(t, "5000", home.Input("assertions[1].target"))
}

func TestASiteThatSleepsIsNotCheckedAtNight(t *testing.T) {
	r := mustBuildDatadog(t, func(a *DatadogArgs) {
		a.Hours = tokyo()
		a.Services["web"] = DatadogTarget{Tag: "bookmark-manager-web", Running: true, Sleeps: true}
	})
	assert.NotContains(t, r.Keys(), ddMonitorType+" datadog-web-no-data", "no traffic is how it sleeps")
	assert.Contains(t, r.Keys(), ddMonitorType+" datadog-api-no-data")
	frame := func(day float64) any { return map[string]any{"day": day, "from": "07:15", "to": "22:00"} }
	assert.Equal(t, map[string]any{
		"timezone": "Asia/Tokyo", "timeframes": []any{frame(1), frame(2), frame(3), frame(4), frame(5)},
	}, get(t, r, ddCheckType, "datadog-check-home").Input("optionsList.scheduling"))
	assert.Nil(t, get(t, mustBuildDatadog(t, nil), ddCheckType, "datadog-check-home").Input("optionsList.scheduling"))

	_, _, err := buildDatadog(func(a *DatadogArgs) {
		a.Services["web"] = DatadogTarget{Tag: "bookmark-manager-web", Running: true, Sleeps: true}
	})
	require.ErrorContains(t, err, "Services.web sleeps: Hours are required")
}

func TestIntegrationOfTheAccount(t *testing.T) {
	r := mustBuildDatadog(t, nil)
	account := get(t, r, ddAccountType, "datadog-account")
	assert.Equal(t, "111122223333", account.Input("awsAccountId"))
	assert.Equal(t, "bookmark-manager-production-datadog", account.Input("authConfig.awsAuthConfigRole.roleName"))
	assert.Equal(t, []any{"ap-northeast-1", "us-east-1"}, account.Input("awsRegions.includeOnlies"))
	// alarms and custom metrics are ours alone, and each metric that Datadog reads costs
	assert.Equal(t, map[string]any{
		"enabled": true, "automuteEnabled": true, "collectCloudwatchAlarms": false, "collectCustomMetrics": false,
		"namespaceFilters": map[string]any{"includeOnlies": []any{
			"AWS/ApplicationELB", "AWS/CloudFront", "AWS/NATGateway", "AWS/RDS", "AWS/WAFV2",
		}},
	}, account.Input("metricsConfig"))
	assert.Equal(t, map[string]any{"cloudSecurityPostureManagementCollection": false, "extendedCollection": false},
		account.Input("resourcesConfig"))
	role := get(t, r, "aws:iam/role:Role", "datadog-account")
	assert.Equal(t, "bookmark-manager-production-datadog", role.Input("name"))
	sameJSON(t, document(
		`{"Effect": "Allow", "Principal": {"AWS": ["arn:aws:iam::417141415827:root"]}, "Action": ["sts:AssumeRole"],
		"Condition": {"StringEquals": {"sts:ExternalId": ["external-id"]}}}`,
	), role.Input("assumeRolePolicy"), "trust")
	sameJSON(t, document(`{"Sid": "ReadMetrics", "Effect": "Allow", "Resource": ["*"], "Action": [
		"cloudfront:ListDistributions", "cloudfront:ListTagsForResource", "cloudwatch:GetMetricData",
		"cloudwatch:ListMetrics", "ec2:DescribeNatGateways", "ec2:DescribeRegions",
		"elasticloadbalancing:DescribeLoadBalancers",
		"elasticloadbalancing:DescribeTags", "elasticloadbalancing:DescribeTargetGroups", "rds:DescribeDBClusters",
		"rds:DescribeDBInstances", "rds:ListTagsForResource", "tag:GetResources", "tag:GetTagKeys", "tag:GetTagValues",
		 "wafv2:ListWebACLs"]}`),
		get(t, r, "aws:iam/rolePolicy:RolePolicy", "datadog-account").Input("policy"), "policy")
	for site, want := range map[DatadogSite]string{
		"datadoghq.com":     "464622532012",
		"datadoghq.eu":      "464622532012",
		"ap2.datadoghq.com": "412381753143",
	} {
		assert.Equal(t, want, site.account(), site)
	}
}

func TestIntegrationModes(t *testing.T) {
	for mode, c := range map[Mode]struct{ account, widgets bool }{
		Create: {true, true},
		Adopt:  {false, true},
		Off:    {false, false},
	} {
		r := mustBuildDatadog(t, func(a *DatadogArgs) { a.Config.Integration = mode })
		assert.Equal(t, c.account, len(r.OfType(ddAccountType)) == 1, mode)
		board := get(t, r, ddDashboardType, "datadog-dashboard").Input("dashboard").(string)
		assert.Equal(t, c.widgets,
			strings.Contains(board, "aws.applicationelb.request_count{aws_account:111122223333}"), mode)
	}
}

func TestLogsReachDatadog(t *testing.T) {
	r := mustBuildDatadog(t, nil)
	stream := get(t, r, firehoseType, "datadog-delivery")
	for property, want := range map[string]any{
		"destination":                   "http_endpoint",
		"httpEndpointConfiguration.url": "https://aws-kinesis-http-intake.logs.ap1.datadoghq.com/v1/input",
		"httpEndpointConfiguration.requestConfiguration": map[string]any{
			"contentEncoding": "GZIP", "commonAttributes": []any{map[string]any{"name": "env", "value": "production"}},
		},
		"httpEndpointConfiguration.s3BackupMode":              "FailedDataOnly",
		"httpEndpointConfiguration.s3Configuration.bucketArn": "arn:aws:s3:::logs",
		"httpEndpointConfiguration.s3Configuration.prefix":    "datadog/",
		"serverSideEncryption.enabled":                        true,
	} {
		assert.Equal(t, want, stream.Input(property), property)
	}
	assert.True(t, stream.IsSecret("httpEndpointConfiguration.accessKey"))
	filter := get(t, r, subscribeType, "datadog-logs-api")
	assert.Equal(t, "/ecs/bookmark-manager-production-api", filter.Input("logGroup"))
	assert.Equal(t, "arn:aws:test:ap-northeast-1:111122223333:datadog-delivery", filter.Input("destinationArn"))
	assert.Equal(t, "arn:aws:test:ap-northeast-1:111122223333:datadog-subscriptions", filter.Input("roleArn"))
}

func TestRolesOfTheLogDelivery(t *testing.T) {
	r := mustBuildDatadog(t, nil)
	for name, want := range map[string]struct{ trust, allowed string }{
		"datadog-delivery": {
			`{"Effect": "Allow", "Principal": {"Service": ["firehose.amazonaws.com"]}, "Action": ["sts:AssumeRole"],
				"Condition": {"StringEquals": {"aws:SourceAccount": ["111122223333"]}}}`,
			`{"Sid": "KeepUndelivered", "Effect": "Allow", "Action": ["s3:AbortMultipartUpload", "s3:PutObject"],
			 "Resource": ["arn:aws:s3:::logs/datadog/*"]},
			{"Sid": "FindTheBucket", "Effect": "Allow", "Action": ["s3:GetBucketLocation", "s3:ListBucket",
			 "s3:ListBucketMultipartUploads"], "Resource": ["arn:aws:s3:::logs"]}`,
		},
		"datadog-subscriptions": {
			`{"Effect": "Allow", "Principal": {"Service": ["logs.amazonaws.com"]}, "Action": ["sts:AssumeRole"],
				"Condition": {"StringEquals": {"aws:SourceAccount": ["111122223333"]},
				 "ArnLike": {"aws:SourceArn": ["arn:aws:logs:ap-northeast-1:111122223333:*"]}}}`,
			`{"Sid": "PutLines", "Effect": "Allow", "Action": ["firehose:PutRecord", "firehose:PutRecordBatch"],
				"Resource": ["arn:aws:test:ap-northeast-1:111122223333:datadog-delivery"]}`,
		},
	} {
		sameJSON(t, document(want.trust), get(t, r, "aws:iam/role:Role", name).Input("assumeRolePolicy"), name)
		sameJSON(t, document(want.allowed), get(t, r, "aws:iam/rolePolicy:RolePolicy", name).Input("policy"), name)
	}
	// CloudWatch Logs tries the role when the filter is made, and Firehose the bucket when the
	// stream is.
	urn := func(typ, name string) string {
		return "urn:pulumi:test::bookmark-manager::" + DatadogType + "$" + typ + "::" + name
	}
	assert.Contains(t, get(t, r, subscribeType, "datadog-logs-api").DependsOn,
		urn("aws:iam/rolePolicy:RolePolicy", "datadog-subscriptions"))
	assert.Contains(t, get(t, r, firehoseType, "datadog-delivery").DependsOn,
		urn("aws:iam/rolePolicy:RolePolicy", "datadog-delivery"))
}

func TestDatadogDashboard(t *testing.T) {
	board := decoded(t, get(t, mustBuildDatadog(t, nil), ddDashboardType, "datadog-dashboard").Input("dashboard"))
	assert.Equal(t, "bookmark-manager-production overview", board["title"])
	var groups []string
	queries, objectives := 0, []any{}
	for _, one := range board["widgets"].([]any) {
		definition := one.(map[string]any)["definition"].(map[string]any)
		groups = append(groups, definition["title"].(string))
		for _, widget := range definition["widgets"].([]any) {
			inner := widget.(map[string]any)["definition"].(map[string]any)
			if inner["type"] == "slo" {
				objectives = append(objectives, inner["slo_id"])
				continue
			}
			for _, request := range inner["requests"].([]any) {
				named := map[string]bool{}
				for _, query := range request.(map[string]any)["queries"].([]any) {
					named[query.(map[string]any)["name"].(string)] = true
					assert.Equal(t, "metrics", query.(map[string]any)["data_source"])
					queries++
				}
				for _, formula := range request.(map[string]any)["formulas"].([]any) {
					for _, name := range strings.Split(formula.(map[string]any)["formula"].(string), " / ") {
						assert.True(t, named[name], "%s uses %s, which is no query", inner["title"], name)
					}
				}
			}
		}
	}
	assert.Equal(t, []string{"Service api", "Service web", "AWS"}, groups)
	assert.Equal(t, 19, queries)
	assert.Equal(t, []any{"datadog-api-availability-id", "datadog-api-fast-enough-id", "datadog-web-availability-id",
		"datadog-web-fast-enough-id"}, objectives)
}

func TestWhatDoesNotRunHasNoMonitors(t *testing.T) {
	r, made, err := buildDatadog(func(a *DatadogArgs) {
		a.Services["web"] = DatadogTarget{Tag: "bookmark-manager-web"}
		a.Config.Logs, a.Config.Checks = false, nil
		a.APIKey, a.LogGroups, a.LogBucketArn = nil, nil, nil
	})
	require.NoError(t, err)
	for _, one := range r.OfType(ddMonitorType) {
		assert.Contains(t, one.Name, "-api-")
	}
	assert.Len(t, r.OfType(ddMonitorType), 7)
	assert.Empty(t, r.OfType(firehoseType))
	assert.Empty(t, r.OfType(ddCheckType))
	assert.ElementsMatch(t, []string{"api-availability", "api-fast-enough"}, keysOf(made.ObjectiveIDs))
}

func TestDatadogRefuses(t *testing.T) {
	service := func(change func(*DatadogService)) func(*DatadogArgs) {
		return func(a *DatadogArgs) {
			one := a.Config.Services["api"]
			change(&one)
			a.Config.Services["api"] = one
		}
	}
	for want, change := range map[string]func(*DatadogArgs){
		"Environment, Region and AccountID are required": func(a *DatadogArgs) { a.Region = "" },
		"datadog.enabled is false":                       func(a *DatadogArgs) { a.Config.Enabled = false },
		`SiteURL is "https://example.com/"`:              func(a *DatadogArgs) { a.SiteURL = "https://example.com/" },
		"RunbookBase and Services are required":          func(a *DatadogArgs) { a.Services = nil },
		"are required with logs":                         func(a *DatadogArgs) { a.APIKey = nil },
		"Services.web.Tag is required": func(a *DatadogArgs) {
			a.Services["web"] = DatadogTarget{Running: true}
		},
		`services.api: found "a service", want one of "web"`: func(a *DatadogArgs) {
			a.Services = map[string]DatadogTarget{"web": {Tag: "bookmark-manager-web", Running: true}}
		},
		`site: found "datadog.com", want one of "datadoghq.com"`: func(a *DatadogArgs) {
			a.Config.Site = "datadog.com"
		},
		"integration: found nothing":                     func(a *DatadogArgs) { a.Config.Integration = "" },
		"notify: found 0, want 1 or more, each a handle": func(a *DatadogArgs) { a.Config.Notify = nil },
		`notify[0]: found "slack"`:                       func(a *DatadogArgs) { a.Config.Notify = []string{"slack"} },
		"services: found 0, want the traced services":    func(a *DatadogArgs) { a.Config.Services = nil },
		`services.api.operation: found "Express Request"`: service(func(s *DatadogService) {
			s.Operation = "Express Request"
		}),
		"services.api.errorRate.warning: found 0": service(func(s *DatadogService) { s.ErrorRate.Warning = 0 }),
		"services.api.errorRate.critical: found 0.02": service(func(s *DatadogService) {
			s.ErrorRate.Critical = 0.02
		}),
		"services.api.latencySeconds.critical: found 61": service(func(s *DatadogService) {
			s.LatencySeconds.Critical = 61
		}),
		"services.api.availability: found 100": service(func(s *DatadogService) { s.Availability = 100 }),
		"services.api.fastEnough: found 40":    service(func(s *DatadogService) { s.FastEnough = 40 }),
		"checks.home.path: found nothing": func(a *DatadogArgs) {
			a.Config.Checks = map[string]DatadogCheck{"home": {}}
		},
		"checks.home.status: found 99": func(a *DatadogArgs) {
			a.Config.Checks = map[string]DatadogCheck{"home": {Path: "/", Status: 99}}
		},
		"checks.home.milliseconds: found 60001": func(a *DatadogArgs) {
			a.Config.Checks = map[string]DatadogCheck{"home": {Path: "/", Milliseconds: 60001}}
		},
		`checkLocation: found "Tokyo"`: func(a *DatadogArgs) { a.Config.CheckLocation = "Tokyo" },
		"checkMinutes: found 61":       func(a *DatadogArgs) { a.Config.CheckMinutes = 61 },
	} {
		t.Run(want, func(t *testing.T) {
			r, _, err := buildDatadog(change)
			require.ErrorContains(t, err, want)
			assert.Empty(t, r.All())
		})
	}
}

func TestDatadogKeyIsSecret(t *testing.T) {
	var made *DatadogKey
	build := func(args *DatadogKeyArgs) (*recorder.Recorder, error) {
		return inComponent(func(
			ctx *pulumi.Context, _ pulumi.ProviderResource, opts ...pulumi.ResourceOption,
		) (err error) {
			made, err = NewDatadogKey(ctx, "key", args, opts...)
			if err != nil {
				return err
			}
			if !pulumi.IsSecret(made.Key) {
				t.Error("the key is not secret")
			}
			return nil
		}, "aws", "datadog")
	}
	r, err := build(&DatadogKeyArgs{Stack: recorder.Production, Site: "ap1.datadoghq.com"})
	require.NoError(t, err)
	assert.Equal(t, map[string][]string{DatadogKeyType: {"key"}, "datadog:index/apiKey:ApiKey": {"agents"}},
		listed(t, r, DatadogKeyType, "key-"))
	assert.Equal(t, "bookmark-manager-production-agents",
		get(t, r, "datadog:index/apiKey:ApiKey", "key-agents").Input("name"))

	r, err = build(&DatadogKeyArgs{})
	require.ErrorContains(t, err, "Environment, Region and AccountID are required")
	assert.Empty(t, r.All())
	r, err = build(&DatadogKeyArgs{Stack: recorder.Production})
	require.ErrorContains(t, err, "Site is required")
	assert.Empty(t, r.All())
}

// Each phrase is a term that a line must not have; a source without any sends all lines.
func TestLinesThatAreNotSent(t *testing.T) {
	r := mustBuildDatadog(t, func(a *DatadogArgs) {
		a.Config.LogExclusions = []DatadogLogExclusion{
			{"api", "GET /api/health"}, {"web", "HEAD /"}, {"api", "OPTIONS"},
		}
	})
	for name, want := range map[string]string{"api": `-"GET /api/health" -"OPTIONS"`, "vpc": ""} {
		assert.Equal(t, want, get(t, r, subscribeType, "datadog-logs-"+name).Input("filterPattern"), name)
	}
	var many []DatadogLogExclusion
	for i := range 6 {
		many = append(many, DatadogLogExclusion{"api", strings.Repeat("x", 199) + strconv.Itoa(i)})
	}
	for want, exclusions := range map[string][]DatadogLogExclusion{
		`logExclusions[0].phrase: found "say \"no\""`:                               {{"api", `say "no"`}},
		`logExclusions[0].phrase: found "100%"`:                                     {{"api", "100%"}},
		`logExclusions[0].phrase: found " "`:                                        {{"api", " "}},
		`logExclusions[0].phrase: found nothing`:                                    {{"api", ""}},
		`logExclusions[0].from: found "Api"`:                                        {{"Api", "x"}},
		`logExclusions[1]: found {"from":"api","phrase":"x"}, want each value once`: {{"api", "x"}, {"api", "x"}},
		`together they are a pattern of 1223 characters, and CloudWatch takes 1024`: many,
	} {
		_, _, err := buildDatadog(func(a *DatadogArgs) { a.Config.LogExclusions = exclusions })
		require.ErrorContains(t, err, want)
	}
}

// Flow records are many and tell Datadog little: they are sent where a stack asks for them.
func TestWhatIsSentToDatadog(t *testing.T) {
	for sentence, c := range map[string]struct {
		config DatadogConfig
		want   []DatadogLogSource
	}{
		"by default": {DatadogConfig{Logs: true}, []DatadogLogSource{LogsOfServices, LogsOfDatabase}},
		"as it is asked": {DatadogConfig{Logs: true, LogSources: []DatadogLogSource{LogsOfVPC}},
			[]DatadogLogSource{LogsOfVPC}},
		"without logs": {DatadogConfig{LogSources: []DatadogLogSource{LogsOfVPC}}, nil},
	} {
		var got []DatadogLogSource
		for _, source := range []DatadogLogSource{LogsOfServices, LogsOfDatabase, LogsOfVPC} {
			if c.config.Sends(source) {
				got = append(got, source)
			}
		}
		assert.Equal(t, c.want, got, sentence)
	}
}
