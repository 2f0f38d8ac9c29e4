package edge

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/recorder"
)

const (
	typeWebACL  = "aws:wafv2/webAcl:WebAcl"
	typeIPSet   = "aws:wafv2/ipSet:IpSet"
	typeWAFLogs = "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration"
)

func buildWebACL(t *testing.T, change func(*WebACLArgs)) (*recorder.Recorder, *WebACL, error) {
	t.Helper()
	var acl *WebACL
	r, err := recorded(t,
		func(ctx *pulumi.Context, usEast1 pulumi.ProviderResource, opts ...pulumi.ResourceOption) error {
			args := &WebACLArgs{Config: validConfig().WebACL, Stack: recorder.Production, UsEast1: usEast1}
			if change != nil {
				change(args)
			}
			var err error
			acl, err = NewWebACL(ctx, "waf", args, opts...)
			return err
		})
	return r, acl, err
}

func TestWebACLLivesInUsEast1(t *testing.T) {
	r, acl, err := buildWebACL(t, nil)
	require.NoError(t, err)
	assert.Empty(t, r.Orphans())
	want := map[string]string{}
	for _, key := range []string{
		typeIPSet + " waf-allow-ipv4", typeIPSet + " waf-allow-ipv6", typeIPSet + " waf-deny-ipv4",
		typeIPSet + " waf-deny-ipv6",
		typeLogGroup + " waf-logs", typeLogPolicy + " waf-logs", typeWAFLogs + " waf-logs", typeWebACL + " waf-acl",
	} {
		want[key] = "us-east-1"
	}
	assert.Equal(t, want, providers(r))
	made := one(t, r, typeWebACL, "waf-acl")
	assert.Equal(t, "CLOUDFRONT", made.Input("scope"))
	assert.Equal(t, map[string]any{"allow": map[string]any{}}, made.Input("defaultAction"))
	assert.Equal(t, map[string]any{
		"metricName":               "bookmark-manager-production-waf",
		"cloudwatchMetricsEnabled": true,
		"sampledRequestsEnabled":   true,
	}, made.Input("visibilityConfig"))
	assert.Equal(t, "bookmark-manager-production-waf", acl.MetricName)
	assert.Equal(t, "arn:aws:test:ap-northeast-1:111122223333:waf-acl", value[string](t, acl.Arn))
}

// A rule is watched under its own name: what it counts, and samples of what it stopped.
func TestEveryRuleHasAMetric(t *testing.T) {
	r, _, err := buildWebACL(t, nil)
	require.NoError(t, err)
	all, _ := one(t, r, typeWebACL, "waf-acl").Input("rules").([]any)
	require.Len(t, all, 17)
	for _, each := range all {
		made, _ := each.(map[string]any)
		assert.Equal(t, map[string]any{
			"metricName":               made["name"],
			"cloudwatchMetricsEnabled": true,
			"sampledRequestsEnabled":   true,
		}, made["visibilityConfig"])
	}
}

func TestAddressListsAreByFamily(t *testing.T) {
	r, _, err := buildWebACL(t, nil)
	require.NoError(t, err)
	for name, want := range map[string][]any{
		"waf-allow-ipv4": {"IPV4", []any{"203.0.113.7/32"}},
		"waf-allow-ipv6": {"IPV6", []any{}},
		"waf-deny-ipv4":  {"IPV4", []any{"198.51.100.0/24"}},
		"waf-deny-ipv6":  {"IPV6", []any{"2001:db8:bad::/48"}},
	} {
		set := one(t, r, typeIPSet, name)
		assert.Equal(t, "CLOUDFRONT", set.Input("scope"))
		assert.Equal(t, want, []any{set.Input("ipAddressVersion"), set.Input("addresses")}, name)
	}
}

func TestWebACLLogsWithoutSessions(t *testing.T) {
	r, acl, err := buildWebACL(t, nil)
	require.NoError(t, err)
	group := one(t, r, typeLogGroup, "waf-logs")
	assert.Equal(t, "aws-waf-logs-bookmark-manager-production", group.Input("name"))
	assert.Equal(t, 30.0, group.Input("retentionInDays"))
	assert.Equal(t, "aws-waf-logs-bookmark-manager-production", value[string](t, acl.LogGroupName))
	assert.Equal(t, parse(t, `{"Version":"2012-10-17","Statement":[
		{"Effect":"Allow","Principal":{"Service":["delivery.logs.amazonaws.com"]},"Action":["logs:CreateLogStream",
		 "logs:PutLogEvents"],
		 "Resource":["arn:aws:test:ap-northeast-1:111122223333:waf-logs:*"],
		 "Condition":{"StringEquals":{"aws:SourceAccount":["111122223333"]},
		  "ArnLike":{"aws:SourceArn":["arn:aws:logs:us-east-1:111122223333:*"]}}}]}`),
		document(t, one(t, r, typeLogPolicy, "waf-logs"), "policyDocument"))
	logs := one(t, r, typeWAFLogs, "waf-logs")
	assert.Equal(t, []any{"arn:aws:test:ap-northeast-1:111122223333:waf-logs"}, logs.Input("logDestinationConfigs"))
	assert.Equal(t, []any{
		map[string]any{"singleHeader": map[string]any{"name": "authorization"}},
		map[string]any{"singleHeader": map[string]any{"name": "cookie"}},
		map[string]any{"singleHeader": map[string]any{"name": "x-maintenance-pass"}},
	}, logs.Input("redactedFields"))
	assert.Nil(t, logs.Input("loggingFilter"), "every request is logged")
	assert.Contains(t, logs.DependsOn, "urn:pulumi:test::bookmark-manager::"+WebACLType+"$"+typeLogPolicy+"::waf-logs",
		"WAF refuses a log group that it may not write to")
}

func TestWebACLRefuses(t *testing.T) {
	for want, change := range map[string]func(*WebACLArgs){
		"UsEast1 is required":        func(a *WebACLArgs) { a.UsEast1 = nil },
		`groups.common: found "off"`: func(a *WebACLArgs) { a.Config.Groups.Common = GroupOff },
	} {
		r, _, err := buildWebACL(t, change)
		require.ErrorContains(t, err, want)
		assert.Empty(t, r.Keys())
	}
}
