package aws

import (
	"strconv"
	"strings"
	"time"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/provider"
)

const (
	topicType               = "aws:sns/topic:Topic"
	topicPolicyType         = "aws:sns/topicPolicy:TopicPolicy"
	topicSubscriptionType   = "aws:sns/topicSubscription:TopicSubscription"
	slackType               = "aws:chatbot/slackChannelConfiguration:SlackChannelConfiguration"
	alarmType               = "aws:cloudwatch/metricAlarm:MetricAlarm"
	compositeType           = "aws:cloudwatch/compositeAlarm:CompositeAlarm"
	dashboardType           = "aws:cloudwatch/dashboard:Dashboard"
	metricFilterType        = "aws:cloudwatch/logMetricFilter:LogMetricFilter"
	subscriptionFilterType  = "aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter"
	insightsQueryType       = "aws:cloudwatch/queryDefinition:QueryDefinition"
	eventRuleType           = "aws:cloudwatch/eventRule:EventRule"
	eventTargetType         = "aws:cloudwatch/eventTarget:EventTarget"
	firehoseType            = "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream"
	glueDatabaseType        = "aws:glue/catalogDatabase:CatalogDatabase"
	glueTableType           = "aws:glue/catalogTable:CatalogTable"
	workgroupType           = "aws:athena/workgroup:Workgroup"
	namedQueryType          = "aws:athena/namedQuery:NamedQuery"
	budgetType              = "aws:budgets/budget:Budget"
	detectorType            = "aws:guardduty/detector:Detector"
	trailType               = "aws:cloudtrail/trail:Trail"
	anomalyMonitorType      = "aws:costexplorer/anomalyMonitor:AnomalyMonitor"
	anomalySubscriptionType = "aws:costexplorer/anomalySubscription:AnomalySubscription"
)

// observabilityKinds are topics, alarms, log processing, queries and what is one per account.
var observabilityKinds = map[string]*provider.Kind{
	topicType: {
		ID:       "{arn}",
		ARN:      "arn:aws:sns:{region}:{account}:{name}",
		Naming:   provider.Naming{Property: "name", Max: 256},
		Defaults: map[string]any{"fifoTopic": false, "contentBasedDeduplication": false, "displayName": ""},
		Compute: func(r *provider.Request, o *provider.Outputs) {
			o.Set("owner", r.Account)
			o.Default("policy", func() any {
				return `{"Version":"2008-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":` +
					`"SNS:Publish","Resource":"` + o.Text("arn") +
					`","Condition":{"StringEquals":{"AWS:SourceOwner":"` + r.Account + `"}}}]}`
			})
		},
		Absent: []string{"beginningArchiveTime"},
	},
	topicPolicyType: {
		ID: "{arn}", Within: &provider.Containment{Type: topicType, Property: "arn"},
		Compute: func(r *provider.Request, o *provider.Outputs) { o.Set("owner", r.Account) },
	},
	topicSubscriptionType: {
		ID:     "{arn}",
		ARN:    "{topic}:{uuid}",
		Within: &provider.Containment{Type: topicType, Property: "topic"},
		Defaults: map[string]any{
			"confirmationTimeoutInMinutes": 1.0,
			"endpointAutoConfirms":         false,
			"rawMessageDelivery":           false,
		},
		Compute: func(_ *provider.Request, o *provider.Outputs) {
			// A person confirms an address by the link in a mail; until then nothing is sent there.
			pending := o.Text("protocol") == "email" || o.Text("protocol") == "email-json"
			o.Once("pendingConfirmation", func() any { return pending })
			o.Once("confirmationWasAuthenticated", func() any { return !pending })
		},
	},
	slackType: {
		ID:       "arn:aws:chatbot::{account}:chat-configuration/slack-channel/{configurationName}",
		Scope:    provider.Global,
		Naming:   provider.Naming{Property: "configurationName", Max: 128, Fixed: true},
		Defaults: map[string]any{"loggingLevel": "NONE", "userAuthorizationRequired": false},
		Compute: func(_ *provider.Request, o *provider.Outputs) {
			o.Set("chatConfigurationArn", o.Text("id"))
			o.Set("slackChannelName", "alarms")
			o.Set("slackTeamName", "workspace")
		},
	},
	alarmType: {
		ID:       "{name}",
		ARN:      "arn:aws:cloudwatch:{region}:{account}:alarm:{name}",
		Naming:   provider.Naming{Property: "name", Max: 255},
		Defaults: map[string]any{"actionsEnabled": true, "treatMissingData": "missing"},
	},
	compositeType: {
		ID:       "{alarmName}",
		ARN:      "arn:aws:cloudwatch:{region}:{account}:alarm:{alarmName}",
		Naming:   provider.Naming{Property: "alarmName", Fixed: true},
		Defaults: map[string]any{"actionsEnabled": true},
	},
	dashboardType: {
		ID: "{dashboardName}", Naming: provider.Naming{Property: "dashboardName", Fixed: true},
		Compute: func(r *provider.Request, o *provider.Outputs) {
			o.Set("dashboardArn", "arn:aws:cloudwatch::"+r.Account+":dashboard/"+o.Text("dashboardName"))
		},
	},
	metricFilterType: {
		ID:     "{name}",
		Naming: provider.Naming{Property: "name", Max: 512},
		Within: &provider.Containment{Type: logGroupType, Property: "logGroupName"},
	},
	subscriptionFilterType: {
		ID:       "cwlsf-{hex10}",
		Naming:   provider.Naming{Property: "name", Max: 512},
		Within:   &provider.Containment{Type: logGroupType, Property: "logGroup"},
		Defaults: map[string]any{"distribution": "ByLogStream"},
	},
	insightsQueryType: {
		ID:      "{uuid}",
		Naming:  provider.Naming{Property: "name", Max: 255},
		Compute: func(_ *provider.Request, o *provider.Outputs) { o.Set("queryDefinitionId", o.Text("id")) },
	},
	eventRuleType: {
		ID:       "{name}",
		ARN:      "arn:aws:events:{region}:{account}:rule/{name}",
		Naming:   provider.Naming{Property: "name", Max: 64},
		Defaults: map[string]any{"eventBusName": "default", "state": "ENABLED", "forceDestroy": false},
	},
	eventTargetType: {
		ID:       "{rule}-{hex26}",
		Within:   &provider.Containment{Type: eventRuleType, Property: "rule"},
		Defaults: map[string]any{"eventBusName": "default"},
		Compute: func(_ *provider.Request, o *provider.Outputs) {
			o.Default("targetId", func() any { return strings.TrimPrefix(o.Text("id"), o.Text("rule")+"-") })
		},
	},
	firehoseType: {
		ID:       "{arn}",
		ARN:      "arn:aws:firehose:{region}:{account}:deliverystream/{name}",
		Naming:   provider.Naming{Property: "name", Max: 64},
		Defaults: map[string]any{"destinationId": "destinationId-000000000001"},
		Compute: func(r *provider.Request, o *provider.Outputs) {
			version := 1.0
			if r.Old != nil {
				before, _ := provider.Values(r.Old.Outputs).Number("versionId")
				version = before + 1
			}
			o.Set("versionId", strconv.FormatFloat(version, 'f', -1, 64))
		},
	},
	glueDatabaseType: {
		ID:     "{account}:{name}",
		ARN:    "arn:aws:glue:{region}:{account}:database/{name}",
		Naming: provider.Naming{Property: "name", Max: 255, Lower: true},
		Compute: func(r *provider.Request, o *provider.Outputs) {
			o.Default("catalogId", func() any { return r.Account })
		},
	},
	glueTableType: {
		ID:     "{account}:{databaseName}:{name}",
		ARN:    "arn:aws:glue:{region}:{account}:table/{databaseName}/{name}",
		Naming: provider.Naming{Property: "name", Max: 255, Lower: true},
		Compute: func(r *provider.Request, o *provider.Outputs) {
			o.Default("catalogId", func() any { return r.Account })
		},
	},
	workgroupType: {
		ID:       "{name}",
		ARN:      "arn:aws:athena:{region}:{account}:workgroup/{name}",
		Naming:   provider.Naming{Property: "name", Max: 128},
		Defaults: map[string]any{"forceDestroy": false, "state": "ENABLED"},
	},
	namedQueryType: {
		ID:       "{uuid}",
		Naming:   provider.Naming{Property: "name", Max: 128},
		Within:   &provider.Containment{Type: workgroupType, Property: "workgroup"},
		Defaults: map[string]any{"workgroup": "primary"},
	},
	budgetType: {
		ID:     "{account}:{name}",
		ARN:    "arn:aws:budgets::{account}:budget/{name}",
		Scope:  provider.Global,
		Naming: provider.Naming{Property: "name", Max: 100},
		Compute: func(r *provider.Request, o *provider.Outputs) {
			o.Default("accountId", func() any { return r.Account })
			o.Default("timePeriodEnd", func() any { return "2087-06-15_00:00" })
			o.Default("timePeriodStart", func() any { return time.Now().UTC().Format("2006-01") + "-01_00:00" })
		},
	},
	detectorType: {
		ID:       "{hex32}",
		ARN:      "arn:aws:guardduty:{region}:{account}:detector/{id}",
		Defaults: map[string]any{"enable": true, "findingPublishingFrequency": "SIX_HOURS"},
		Compute:  func(r *provider.Request, o *provider.Outputs) { o.Set("accountId", r.Account) },
	},
	trailType: {
		ID:     "{arn}",
		ARN:    "arn:aws:cloudtrail:{region}:{account}:trail/{name}",
		Naming: provider.Naming{Property: "name", Max: 128},
		Defaults: map[string]any{
			"enableLogging":              true,
			"includeGlobalServiceEvents": true,
			"isMultiRegionTrail":         false,
			"isOrganizationTrail":        false,
			"enableLogFileValidation":    false,
		},
		Compute: func(r *provider.Request, o *provider.Outputs) {
			o.Once("homeRegion", func() any { return r.Region })
			topic := ""
			if name := o.Text("snsTopicName"); name != "" {
				topic = "arn:aws:sns:" + r.Region + ":" + r.Account + ":" + name[strings.LastIndex(name, ":")+1:]
			}
			o.Set("snsTopicArn", topic)
		},
	},
	anomalyMonitorType: {
		ID:     "{arn}",
		ARN:    "arn:aws:ce::{account}:anomalymonitor/{uuid}",
		Scope:  provider.Global,
		Naming: provider.Naming{Property: "name", Max: 1024},
	},
	anomalySubscriptionType: {
		ID:     "{arn}",
		ARN:    "arn:aws:ce::{account}:anomalysubscription/{uuid}",
		Scope:  provider.Global,
		Naming: provider.Naming{Property: "name", Max: 1024},
		Compute: func(r *provider.Request, o *provider.Outputs) {
			o.Default("accountId", func() any { return r.Account })
		},
	},
}
