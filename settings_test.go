package main

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/recorder"
)

func TestRefusesABadConfiguration(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*testing.T, stackFile)
		want   string
	}{
		"an unknown section": {
			func(_ *testing.T, f stackFile) { f["bookmark-manager:netwrok"] = "{}" },
			`bookmark-manager:netwrok: unknown key "netwrok"; did you mean "network"?; secrets of your own are named in parameters.secrets`},
		"an unknown key": {
			func(t *testing.T, f stackFile) { f.set(t, "network", "flowLogs.retention", 3) },
			`bookmark-manager:network.flowLogs.retention: unknown key "retention"; did you mean "retentionDays"?`},
		"a wrong type": {
			func(t *testing.T, f stackFile) { f.set(t, "network", "zones.1.index", "2") },
			`bookmark-manager:network.zones[1].index: found "2", want a whole number`},
		"a missing section": {
			func(_ *testing.T, f stackFile) { delete(f, "bookmark-manager:network") },
			`bookmark-manager:network: found nothing, want the section`},
		"an empty account": {
			func(t *testing.T, f stackFile) { f.set(t, "aws", "accountId", "") },
			`bookmark-manager:aws.accountId: found "", want the account's 12 digits, in quotes`},
		"an account that YAML took for a number": {
			func(t *testing.T, f stackFile) { f.set(t, "aws", "accountId", 111122223333) },
			`bookmark-manager:aws.accountId: found 111122223333, want a string (quote it)`},
		"a region that is none": {
			func(t *testing.T, f stackFile) { f.set(t, "aws", "region", "tokyo") },
			`bookmark-manager:aws.region: found "tokyo", want one of "af-south-1", `},
		"one zone only": {
			func(t *testing.T, f stackFile) {
				f.set(t, "network", "zones", []any{map[string]any{"name": "ap-northeast-1a", "index": 1}})
			},
			`bookmark-manager:network.zones: found 1, want two zones or more`},
		"an environment that names no one can read": {
			func(_ *testing.T, f stackFile) { f["bookmark-manager:environment"] = "Production!" },
			`bookmark-manager:environment: found "Production!", want 2 to 10 lower-case letters`},
		"a secret in plain text": {
			func(t *testing.T, f stackFile) {
				f["bookmark-manager:OPENAI_API_KEY"] = "sk-plain"
				f.set(t, "parameters", "secrets", []any{"OPENAI_API_KEY"})
			},
			`bookmark-manager:OPENAI_API_KEY: found "a value in plain text", want a secret: pulumi config set --secret bookmark-manager:OPENAI_API_KEY`},
		"a missing secret": {
			func(_ *testing.T, f stackFile) { delete(f, "bookmark-manager:atlasPublicKey") },
			`bookmark-manager:atlasPublicKey: found nothing, want a secret: pulumi config set --secret bookmark-manager:atlasPublicKey`},
		"a service that reads an unknown parameter": {
			func(t *testing.T, f stackFile) { f.set(t, "services", "web.secrets", []any{"NO_SUCH_KEY"}) },
			`bookmark-manager:services.web.secrets[0]: found "NO_SUCH_KEY", want a parameter that services may read`},
		"a service that reads the database's master": {
			func(t *testing.T, f stackFile) { f.set(t, "services", "api.secrets", []any{"MASTER_DATABASE_URL"}) },
			`bookmark-manager:services.api.secrets[0]: found "MASTER_DATABASE_URL", want a parameter that services may read`},
		"no way out but Datadog": {
			func(t *testing.T, f stackFile) {
				f.set(t, "network", "nat", "none")
				f.set(t, "network", "endpoints", []any{"s3", "ecr.api", "ecr.dkr", "kms", "logs", "ssm", "ssmmessages"})
			},
			`bookmark-manager:datadog.enabled: found true, want false: without a NAT gateway`},
		"connections that CloudFront keeps longer than the load balancer": {
			func(t *testing.T, f stackFile) { f.set(t, "compute", "loadBalancer.idleTimeoutSeconds", 30) },
			`bookmark-manager:edge.distribution.originKeepaliveSeconds: found 50, want compute.loadBalancer.idleTimeoutSeconds (30) or less`},
		"a boolean that is none": {
			func(_ *testing.T, f stackFile) { f["bookmark-manager:disposable"] = "yes" },
			`bookmark-manager:disposable: found "yes", want true or false`},
		"disposable production": {
			func(_ *testing.T, f stackFile) { f["bookmark-manager:disposable"] = "true" },
			`bookmark-manager:disposable: found true, want false: production holds customers' data`},
		"a teardown of another environment": {
			func(_ *testing.T, f stackFile) { f["bookmark-manager:teardown"] = "staging" },
			`bookmark-manager:teardown: found "staging", want the environment's name, "production", or nothing`},
		"an emulator that is AWS": {
			func(_ *testing.T, f stackFile) {
				f["bookmark-manager:awsEndpoint"] = "https://ec2.ap-northeast-1.amazonaws.com"
			},
			`bookmark-manager:awsEndpoint: found "https://ec2.ap-northeast-1.amazonaws.com", want a host that is not AWS`},
		"an emulator without a scheme": {
			func(_ *testing.T, f stackFile) { f["bookmark-manager:awsEndpoint"] = "localhost:4566" },
			`bookmark-manager:awsEndpoint: found "localhost:4566", want an emulator's URL`},
	} {
		t.Run(name, func(t *testing.T) {
			f := readStack(t, "prod")
			c.change(t, f)
			r, err := f.run(t)
			require.ErrorContains(t, err, c.want)
			assert.ErrorContains(t, err, `the configuration of stack "test" is not usable, and nothing was deployed`)
			assertNothingRegistered(t, r)
		})
	}
}

func assertNothingRegistered(t *testing.T, r *recorder.Recorder) {
	t.Helper()
	assert.Empty(t, r.All())
	_, provider := r.Get("pulumi:providers:aws", "aws")
	assert.False(t, provider, "a provider was registered")
}

func TestEveryProblemIsInOneReport(t *testing.T) {
	f := readStack(t, "prod")
	f.set(t, "aws", "region", "tokyo")
	f.set(t, "network", "nat", "two")
	f.set(t, "network", "cidr", 10)
	f.set(t, "network", "flowLogs.colour", "red")
	f["bookmark-manager:disposable"] = "true"
	r, err := f.run(t)
	require.Error(t, err)
	for _, path := range []string{"aws.region", "network.nat", "network.cidr", "network.flowLogs.colour", "disposable"} {
		assert.ErrorContains(t, err, "\n  bookmark-manager:"+path+": ")
	}
	assert.Equal(t, 1, strings.Count(err.Error(), "network.cidr:"), "a value of the wrong type is one line")
	assertNothingRegistered(t, r)
}

// AWS would refuse the 61st rule in the middle of a deploy.
func TestTheRulesOfASecurityGroupAreCounted(t *testing.T) {
	_, err := withServices(t, 60).run(t)
	require.ErrorContains(t, err, `services: found "61 inbound rules of security group endpoints", want 60 at most`, "the services and the migration")
	r, err := withServices(t, 61).run(t)
	require.Error(t, err)
	for _, line := range []string{
		`services: found "62 inbound rules of security group endpoints", want 60 at most: fewer services, or network.endpoints with s3 alone`,
		`services: found "61 outbound rules of security group alb-https", want 60 at most: fewer services with paths`,
		`services.api: found "61 inbound rules of security group task-api", want 60 at most: fewer services that it calls, or that call it`,
	} {
		assert.ErrorContains(t, err, "\n  bookmark-manager:"+line+"\n")
	}
	assertNothingRegistered(t, r)
}

func TestProviders(t *testing.T) {
	r, err := readStack(t, "prod").run(t)
	require.NoError(t, err)
	provider, ok := r.Get("pulumi:providers:aws", "aws")
	require.True(t, ok)
	assert.Equal(t, "ap-northeast-1", provider.Input("region"))
	assert.Equal(t, []any{"111122223333"}, provider.Input("allowedAccountIds"))
	assert.Equal(t, map[string]any{"Project": "bookmark-manager", "Environment": "production", "ManagedBy": "pulumi", "Stack": "test"},
		provider.Input("defaultTags.tags"))
	for _, key := range []string{"endpoints", "skipRequestingAccountId", "accessKey"} {
		assert.Nil(t, provider.Input(key), key)
	}
}

func TestAnEmulatorGetsEveryServiceAndNoRealKey(t *testing.T) {
	f := readStack(t, "prod")
	f["bookmark-manager:awsEndpoint"] = "http://localhost:4566"
	r, err := f.run(t)
	require.NoError(t, err)
	provider, _ := r.Get("pulumi:providers:aws", "aws")
	assert.Nil(t, provider.Input("allowedAccountIds"), "an emulator has an account of its own")
	for key, want := range map[string]any{
		"accessKey": "emulator", "secretKey": "emulator", "skipMetadataApiCheck": true, "s3UsePathStyle": true,
	} {
		assert.Equal(t, want, provider.Input(key), key)
	}
	for _, key := range []string{"skipRequestingAccountId", "skipCredentialsValidation"} {
		assert.NotEqual(t, true, provider.Input(key), "%s: the emulator's STS says which account it is", key)
	}
	endpoints := provider.Input("endpoints[0]").(map[string]any)
	for _, one := range r.All() {
		if pkg, rest, _ := strings.Cut(one.Type, ":"); pkg == "aws" {
			module, _, _ := strings.Cut(rest, "/")
			assert.Equal(t, "http://localhost:4566", endpoints[endpointOf(module)], one.Type)
		}
	}
}

// endpointOf is the name that a module of the SDK has among the provider's endpoints.
func endpointOf(module string) string {
	if differs, ok := map[string]string{"vpc": "ec2", "lb": "elbv2", "kinesis": "firehose", "costexplorer": "ce"}[module]; ok {
		return differs
	}
	return module
}

// SNS would refuse it while the stack is deployed.
func TestPagerDutyNeedsAnAddress(t *testing.T) {
	const key = "bookmark-manager:pagerDutyUrl"
	f := readStack(t, "prod")
	f.set(t, "notifications", "pagerDuty", true)
	f[key] = "0123456789abcdef" // the integration's key alone
	r := recorder.New()
	require.ErrorContains(t, r.Run(deploy, f, append(f.secretKeys(), key)...), key+`: found "a value that does not begin with https://", want the integration's URL`)
	assertNothingRegistered(t, r)
}

func TestZonesAreLookedUpOnlyWithoutAName(t *testing.T) {
	f := readStack(t, "prod")
	f.set(t, "network", "zones.0.name", "")
	_, err := f.run(t)
	assert.ErrorContains(t, err, "unexpected look-up aws:index/getAvailabilityZones:getAvailabilityZones")

	for available, want := range map[string]string{
		"ap-northeast-1d ap-northeast-1a": "ap-northeast-1a",
		"":                                "zone index 1: the account has 0 zones in this region",
	} {
		r := atlasAnswers(recorder.New())
		r.Answer("aws:index/getAvailabilityZones:getAvailabilityZones", func(resource.PropertyMap) (resource.PropertyMap, error) {
			var found []resource.PropertyValue
			for _, name := range strings.Fields(available) {
				found = append(found, resource.NewStringProperty(name))
			}
			return resource.PropertyMap{"names": resource.NewArrayProperty(found)}, nil
		})
		err := r.Run(deploy, f, f.secretKeys()...)
		if available == "" {
			assert.ErrorContains(t, err, want)
			continue
		}
		require.NoError(t, err)
		subnet, ok := r.Get("aws:ec2/subnet:Subnet", "network-public-"+want)
		require.True(t, ok)
		assert.Equal(t, "10.0.1.0/24", subnet.Input("cidrBlock"))
	}
}
