package observability

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/recorder"
)

func buildGuards(change func(*GuardsArgs)) (*recorder.Recorder, *Guards, error) {
	args := &GuardsArgs{
		Config:          GuardsConfig{GuardDuty: Create, CloudTrail: Create, CostAnomalies: Create},
		Stack:           recorder.Production,
		TopicArn:        pulumi.String(topicArn),
		UsEast1TopicArn: pulumi.String(globalTopicArn),
		RunbookBase:     "https://example.com/operations.md",
	}
	var made *Guards
	r, err := inComponent(func(
		ctx *pulumi.Context, global pulumi.ProviderResource, opts ...pulumi.ResourceOption,
	) (err error) {
		args.UsEast1 = global
		if change != nil {
			change(args)
		}
		made, err = NewGuards(ctx, "guards", args, opts...)
		return err
	}, "aws")
	return r, made, err
}

var (
	trailTypes = []string{
		"aws:cloudtrail/trail:Trail", "aws:s3/bucketV2:BucketV2", "aws:s3/bucketPolicy:BucketPolicy",
		"aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
		"aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2",
		"aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2",
	}
	ruleType       = "aws:cloudwatch/eventRule:EventRule"
	targetType     = "aws:cloudwatch/eventTarget:EventTarget"
	detectorType   = "aws:guardduty/detector:Detector"
	monitorType    = "aws:costexplorer/anomalyMonitor:AnomalyMonitor"
	subscriptionOf = "aws:costexplorer/anomalySubscription:AnomalySubscription"
	adoptedMonitor = "arn:aws:ce::111122223333:anomalymonitor/0a1b2c3d-0000-0000-0000-000000000000"
	guardsOff      = func(a *GuardsArgs) {
		a.Config = GuardsConfig{GuardDuty: Off, CloudTrail: Off, CostAnomalies: Off}
	}
	guardsAreAdopted = func(a *GuardsArgs) {
		a.Config = GuardsConfig{
			GuardDuty:             Adopt,
			CloudTrail:            Adopt,
			CostAnomalies:         Adopt,
			CostAnomalyMonitorArn: AnomalyMonitorARN(adoptedMonitor),
		}
	}
)

func TestGuardsByMode(t *testing.T) {
	created := map[string][]string{
		GuardsType:     {"guards"},
		detectorType:   {"guardduty"},
		monitorType:    {"costs"},
		subscriptionOf: {"costs"},
		ruleType:       {"guardduty-findings", "root-sign-in"},
		targetType:     {"guardduty-findings", "root-sign-in"},
	}
	for _, typ := range trailTypes {
		created[typ] = []string{"trail"}
	}
	for name, c := range map[string]struct {
		change func(*GuardsArgs)
		want   map[string][]string
	}{
		"created guards report to the topics": {nil, created},
		"adopted guards report and no more": {guardsAreAdopted, map[string][]string{
			GuardsType:     {"guards"},
			subscriptionOf: {"costs"},
			ruleType:       {"guardduty-findings", "root-sign-in"},
			targetType:     {"guardduty-findings", "root-sign-in"},
		}},
		"guards that are off are left alone":              {guardsOff, map[string][]string{GuardsType: {"guards"}}},
		"a bucket is emptied and unprotected on teardown": {func(a *GuardsArgs) { a.Teardown = true }, created},
	} {
		t.Run(name, func(t *testing.T) {
			r, _, err := buildGuards(c.change)
			require.NoError(t, err)
			assert.Equal(t, c.want, listed(t, r, GuardsType, "guards-"))
		})
	}
}

func TestFindingsReachTheTopicOfTheirRegion(t *testing.T) {
	r, _, err := buildGuards(nil)
	require.NoError(t, err)
	sameJSON(t, `{"source": ["aws.guardduty"], "detail-type": ["GuardDuty Finding"], "detail": {"severity": `+
		`[{"numeric": [">=", 4]}]}}`,
		get(t, r, ruleType, "guards-guardduty-findings").Input("eventPattern"), "findings")
	sameJSON(t, `{"detail-type": ["AWS Console Sign In via CloudTrail"], "detail": {"userIdentity": {"type": `+
		`["Root"]}}}`,
		get(t, r, ruleType, "guards-root-sign-in").Input("eventPattern"), "root")
	assert.Equal(t, topicArn, get(t, r, targetType, "guards-guardduty-findings").Input("arn"))
	assert.Equal(t, globalTopicArn, get(t, r, targetType, "guards-root-sign-in").Input("arn"))
	detector := get(t, r, detectorType, "guards-guardduty")
	assert.Equal(t, true, detector.Input("enable"))
	assert.Equal(t, "FIFTEEN_MINUTES", detector.Input("findingPublishingFrequency"), "the default is six hours")
	assert.False(t, isGlobal(get(t, r, ruleType, "guards-guardduty-findings")))
	assert.True(t, isGlobal(get(t, r, ruleType, "guards-root-sign-in")), "root signs in at the endpoint of us-east-1")
	assert.True(t, isGlobal(get(t, r, targetType, "guards-root-sign-in")))
	for part, want := range map[string]string{
		"guardduty-findings": `"description":<description>,`,
		"root-sign-in":       `"description":"It was from <address>, at <time>.",`,
	} {
		template := get(t, r, targetType, "guards-"+part).Input("inputTransformer.inputTemplate")
		assert.Contains(t, template, want, part)
		assert.Contains(t, template, `"Runbook: https://example.com/operations.md#findings"`, part)
	}
}

func TestTrailAndItsBucket(t *testing.T) {
	r, guards, err := buildGuards(nil)
	require.NoError(t, err)
	assert.NotNil(t, guards.TrailBucketName)
	trail := get(t, r, trailTypes[0], "guards-trail")
	assert.Equal(t, "bookmark-manager-production-account", trail.Input("name"))
	for _, property := range []string{"isMultiRegionTrail", "includeGlobalServiceEvents", "enableLogFileValidation"} {
		assert.Equal(t, true, trail.Input(property), property)
	}
	policyURN := "urn:pulumi:test::bookmark-manager::" + GuardsType + "$" + trailTypes[2] + "::guards-trail"
	assert.Contains(t, trail.DependsOn, policyURN, "CloudTrail tries the bucket when the trail is made")

	bucket := get(t, r, trailTypes[1], "guards-trail")
	assert.Equal(t, "bookmark-manager-production-cloudtrail-111122223333", bucket.Input("bucket"))
	assert.True(t, bucket.Protect)
	assert.Equal(t, false, bucket.Input("forceDestroy"))
	closed := get(t, r, trailTypes[3], "guards-trail")
	for _, property := range []string{"blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls",
		"restrictPublicBuckets"} {
		assert.Equal(t, true, closed.Input(property), property)
	}
	assert.Equal(t, []any{map[string]any{
		"id":         "expire",
		"status":     "Enabled",
		"filter":     map[string]any{"prefix": ""},
		"expiration": map[string]any{"days": 365.0},
	}}, get(t, r, trailTypes[4], "guards-trail").Input("rules"), "of every record")
	sameJSON(t, document(
		`{"Sid": "RefusePlainHTTP", "Effect": "Deny", "Principal": {"AWS": ["*"]}, "Action": ["s3:*"],
			"Resource": ["arn:aws:test:ap-northeast-1:111122223333:guards-trail/*",
			 "arn:aws:test:ap-northeast-1:111122223333:guards-trail"],
			"Condition": {"Bool": {"aws:SecureTransport": ["false"]}}}`,
		`{"Sid": "TrailChecksTheBucket", "Effect": "Allow", "Principal": {"Service": ["cloudtrail.amazonaws.com"]},
		 "Action": ["s3:GetBucketAcl"],
			"Resource": ["arn:aws:test:ap-northeast-1:111122223333:guards-trail"],
			"Condition": {"StringEquals": {"aws:SourceArn": ["arn:aws:cloudtrail:ap-northeast-1:111122223333:trail/bookmark-manager-production-account"]}}}`,
		`{"Sid": "TrailWrites", "Effect": "Allow", "Principal": {"Service": ["cloudtrail.amazonaws.com"]},
		 "Action": ["s3:PutObject"],
			"Resource": ["arn:aws:test:ap-northeast-1:111122223333:guards-trail/AWSLogs/111122223333/*"],
			"Condition": {"StringEquals": {"aws:SourceArn": ["arn:aws:cloudtrail:ap-northeast-1:111122223333:trail/bookmark-manager-production-account"],
				"s3:x-amz-acl": ["bucket-owner-full-control"]}}}`,
	), get(t, r, trailTypes[2], "guards-trail").Input("policy"), "bucket policy")

	r, _, err = buildGuards(func(a *GuardsArgs) { a.Teardown = true })
	require.NoError(t, err)
	bucket = get(t, r, trailTypes[1], "guards-trail")
	assert.False(t, bucket.Protect)
	assert.Equal(t, true, bucket.Input("forceDestroy"))
}

func TestCostAnomalies(t *testing.T) {
	r, _, err := buildGuards(nil)
	require.NoError(t, err)
	made := get(t, r, subscriptionOf, "guards-costs")
	assert.True(t, isGlobal(made))
	assert.Equal(t, "IMMEDIATE", made.Input("frequency"))
	assert.Equal(t, []any{map[string]any{"type": "SNS", "address": globalTopicArn}}, made.Input("subscribers"))
	assert.Equal(t, []any{"arn:aws:test:ap-northeast-1:111122223333:guards-costs"}, made.Input("monitorArnLists"))
	assert.Equal(t, map[string]any{
		"key": "ANOMALY_TOTAL_IMPACT_ABSOLUTE", "matchOptions": []any{"GREATER_THAN_OR_EQUAL"}, "values": []any{"20"},
	}, made.Input("thresholdExpression.dimension"))

	r, _, err = buildGuards(guardsAreAdopted)
	require.NoError(t, err)
	assert.Equal(t, []any{adoptedMonitor}, get(t, r, subscriptionOf, "guards-costs").Input("monitorArnLists"))
}

func TestGuardsRefuse(t *testing.T) {
	for want, change := range map[string]func(*GuardsArgs){
		"Environment, Region and AccountID are required":                  func(a *GuardsArgs) { a.Region = "" },
		"UsEast1, TopicArn, UsEast1TopicArn and RunbookBase are required": func(a *GuardsArgs) { a.TopicArn = nil },
		`guardDuty: found nothing, want one of "create", "adopt", "off"`: func(a *GuardsArgs) {
			a.Config.GuardDuty = ""
		},
		`cloudTrail: found "on", want one of "create", "adopt", "off"`: func(a *GuardsArgs) {
			a.Config.CloudTrail = "on"
		},
		`costAnomalies: found "yes"`: func(a *GuardsArgs) {
			a.Config.CostAnomalies = "yes"
		},
		"costAnomalyMonitorArn: found nothing, want the monitor's ARN": func(a *GuardsArgs) {
			a.Config.CostAnomalies = Adopt
		},
		"want nothing unless costAnomalies is adopt": func(a *GuardsArgs) {
			a.Config.CostAnomalyMonitorArn = AnomalyMonitorARN(adoptedMonitor)
		},
		"costAnomalyUsd: found -1, want more than 0 (US dollars)": func(a *GuardsArgs) { a.Config.CostAnomalyUSD = -1 },
		"findingSeverity: found 9, want 1 to 8.9":                 func(a *GuardsArgs) { a.Config.FindingSeverity = 9 },
		"trailRetentionDays: found 30, want 90 to 3653 (days)": func(a *GuardsArgs) {
			a.Config.TrailRetentionDays = 30
		},
	} {
		t.Run(want, func(t *testing.T) {
			r, _, err := buildGuards(change)
			require.ErrorContains(t, err, want)
			assert.Empty(t, r.All())
		})
	}
}

func TestOwnGuardsAreThoseThatTheStackMakes(t *testing.T) {
	own := func(c GuardsConfig) []string { return c.Own(recorder.Production) }
	assert.Equal(t, []string{
		"arn:aws:cloudtrail:ap-northeast-1:111122223333:trail/bookmark-manager-production-account",
		"arn:aws:guardduty:ap-northeast-1:111122223333:detector/*", "arn:aws:ce::111122223333:anomalymonitor/*",
	}, own(GuardsConfig{GuardDuty: Create, CloudTrail: Create, CostAnomalies: Create}))
	assert.Empty(t, own(GuardsConfig{GuardDuty: Adopt, CloudTrail: Adopt, CostAnomalies: Adopt}))
	assert.Empty(t, own(GuardsConfig{GuardDuty: Off, CloudTrail: Off, CostAnomalies: Off}))
}
